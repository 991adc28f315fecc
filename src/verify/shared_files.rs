//! Files that Cargo writes more than once in one build.
//!
//! A library that is a cdylib as well has no hash in its file names. Where a build has it twice (for
//! programs that abort and for tests that unwind, or two packages whose libraries have one name), the
//! second overwrites the first, and `--extern` says only the file. Which unit Cargo meant is then told
//! by the plan: any of the file's makers that looks like what the step's twin is to get. If none does,
//! the last one stands, and is reported as what it is.

use std::collections::BTreeMap;

use super::matching::Node;

/// What a call needs, as far as the file tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The index of the call.
    pub user: usize,
    /// The word for the relation.
    pub word: String,
    /// The indices of all calls that write the file, in order.
    pub makers: Vec<usize>,
}

/// What a node is by itself.
type Looks<'a> = (&'a str, &'a [String]);

fn looks(node: &Node) -> Looks<'_> {
    (&node.subject, &node.facts)
}

/// Chooses a maker for each open need, and adds it to the needs of its user.
pub fn settle(open: &[Open], planned: &[Node], recorded: &mut [Node]) {
    // Each is given once: two crates of one name in one file are two needs of one call.
    let mut wanted: BTreeMap<(Looks<'_>, &str), Vec<Looks<'_>>> = BTreeMap::new();
    for node in planned {
        for (word, to) in &node.needs {
            if let Some(to) = to {
                wanted.entry((looks(node), word)).or_default().push(looks(&planned[*to]));
            }
        }
    }
    let mut chosen = Vec::with_capacity(open.len());
    for Open { user, word, makers } in open {
        let maker = wanted.get_mut(&(looks(&recorded[*user]), word.as_str())).and_then(|wanted| {
            let fits = |looked: &Looks<'_>| {
                makers.iter().rev().copied().find(|maker| looks(&recorded[*maker]) == *looked)
            };
            let (at, maker) =
                wanted.iter().enumerate().find_map(|(at, looked)| Some((at, fits(looked)?)))?;
            wanted.remove(at);
            Some(maker)
        });
        chosen.push(maker.or_else(|| makers.last().copied()));
    }
    for (Open { user, word, .. }, maker) in open.iter().zip(chosen) {
        recorded[*user].needs.push((word.clone(), maker));
    }
    for Open { user, .. } in open {
        recorded[*user].needs.sort();
        recorded[*user].needs.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(subject: &str, fact: &str, needs: &[usize]) -> Node {
        Node {
            subject: subject.to_owned(),
            facts: vec![fact.to_owned()],
            needs: needs.iter().map(|to| ("extern l".to_owned(), Some(*to))).collect(),
        }
    }

    fn open(user: usize) -> Open {
        Open { user, word: "extern l".to_owned(), makers: vec![0, 1] }
    }

    #[test]
    fn the_plan_tells_which_one_was_meant() {
        let planned = [
            node("lib", "abort", &[]),
            node("lib", "unwind", &[]),
            node("bin", "abort", &[0]),
            node("test", "unwind", &[1]),
        ];
        let mut recorded = planned.clone().map(|node| Node { needs: Vec::new(), ..node });
        settle(&[open(2), open(3)], &planned, &mut recorded);
        assert_eq!(recorded, planned);
    }

    #[test]
    fn two_crates_in_one_file_are_two() {
        let planned = [node("a", "", &[]), node("b", "", &[]), node("bin", "", &[0, 1])];
        let mut recorded = planned.clone().map(|node| Node { needs: Vec::new(), ..node });
        settle(&[open(2), open(2)], &planned, &mut recorded);
        assert_eq!(recorded, planned);
    }

    #[test]
    fn what_nobody_planned_is_the_last_maker() {
        let mut recorded =
            [node("lib", "x", &[]), node("lib", "y", &[]), node("bin", "abort", &[])];
        settle(&[open(2)], &[], &mut recorded);
        assert_eq!(recorded[2].needs, [("extern l".to_owned(), Some(1))]);
    }
}
