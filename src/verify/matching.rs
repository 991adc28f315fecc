//! Which recorded call is which planned step.
//!
//! Names are no help: Cargo's hashes and the plan's are different, and one package may be there
//! in many variants that differ only in what they depend on. So both sides are read as graphs,
//! and nodes that look alike *and* stand alike in their graphs are the same. What is left over
//! differs somewhere; it is paired within its package and build target so that as little as
//! possible differs.

use std::collections::BTreeMap;

/// A step or a call, as far as matching asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// What must agree in any case: package, version, build target, platform.
    pub subject: String,
    /// All else that is known without the graph, sorted.
    pub facts: Vec<String>,
    /// What it needs: a word for the relation, and the node's index on its own side; `None` for
    /// something that is not there.
    pub needs: Vec<(String, Option<usize>)>,
}

/// Pairs of (index of a planned node, index of a recorded node), in order of the first; every
/// index is in at most one.
pub fn pairs(planned: &[Node], recorded: &[Node]) -> Vec<(usize, usize)> {
    let mut matched = Matched::new(planned.len(), recorded.len());
    // Two that need the same may be told apart by who needs them: packages of one name and version
    // from two sources. But a difference in who needs them is none of their own.
    for users in [true, false] {
        let (left, right) = classes(planned, recorded, users);
        matched.within(&left, &right);
    }
    pair_leftovers(planned, recorded, &mut matched);
    matched.pairs()
}

struct Matched {
    to_recorded: Vec<Option<usize>>,
    to_planned: Vec<Option<usize>>,
}

impl Matched {
    fn new(planned: usize, recorded: usize) -> Self {
        Self { to_recorded: vec![None; planned], to_planned: vec![None; recorded] }
    }

    fn add(&mut self, planned: usize, recorded: usize) {
        self.to_recorded[planned] = Some(recorded);
        self.to_planned[recorded] = Some(planned);
    }

    /// Pairs what is left in each class, in the order of both sides.
    fn within(&mut self, planned: &[usize], recorded: &[usize]) {
        let mut free: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let open = |index: &usize| self.to_planned[*index].is_none();
        for index in (0..recorded.len()).rev().filter(open) {
            free.entry(recorded[index]).or_default().push(index);
        }
        for (index, class) in planned.iter().enumerate() {
            if self.to_recorded[index].is_none()
                && let Some(twin) = free.get_mut(class).and_then(Vec::pop)
            {
                self.add(index, twin);
            }
        }
    }

    fn pairs(&self) -> Vec<(usize, usize)> {
        let pair = |(index, twin): (usize, &Option<usize>)| twin.map(|twin| (index, twin));
        self.to_recorded.iter().enumerate().filter_map(pair).collect()
    }
}

/// Divides the nodes of both sides into classes: first by what they are, then again and again by
/// the classes of what they need (and, with `users`, of what needs them), until no class falls apart
/// any more.
fn classes(planned: &[Node], recorded: &[Node], users: bool) -> (Vec<usize>, Vec<usize>) {
    let own = |node: &Node| (node.subject.clone(), node.facts.clone());
    let mut count = 0;
    let (mut left, mut right) = number(planned.iter().map(own), recorded.iter().map(own));
    loop {
        let refine = |nodes: &'_ [Node], classes: &[usize]| {
            let mut needed = vec![Vec::new(); nodes.len()];
            for (user, node) in nodes.iter().enumerate().filter(|_| users) {
                for (word, to) in &node.needs {
                    to.iter().for_each(|to| needed[*to].push((word.clone(), classes[user])));
                }
            }
            let refined = |(index, node): (usize, &Node)| {
                let mut needs: Vec<_> = node
                    .needs
                    .iter()
                    .map(|(word, to)| (word.clone(), to.map(|to| classes[to])))
                    .collect();
                needs.sort();
                needed[index].sort();
                (classes[index], needs, std::mem::take(&mut needed[index]))
            };
            nodes.iter().enumerate().map(refined).collect::<Vec<_>>()
        };
        let (next_left, next_right) =
            number(refine(planned, &left).into_iter(), refine(recorded, &right).into_iter());
        (left, right) = (next_left, next_right);
        let now = left.iter().chain(&right).max().map_or(0, |max| max + 1);
        if now <= count {
            return (left, right);
        }
        count = now;
    }
}

/// Gives equal keys equal numbers, counted from 0.
fn number<K: Ord>(
    left: impl Iterator<Item = K>,
    right: impl Iterator<Item = K>,
) -> (Vec<usize>, Vec<usize>) {
    let mut known: BTreeMap<K, usize> = BTreeMap::new();
    let mut of = |key: K| {
        let next = known.len();
        *known.entry(key).or_insert(next)
    };
    let left = left.map(&mut of).collect();
    let right = right.map(&mut of).collect();
    (left, right)
}

fn pair_leftovers(planned: &[Node], recorded: &[Node], matched: &mut Matched) {
    let mut subjects: BTreeMap<&str, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (index, node) in planned.iter().enumerate() {
        if matched.to_recorded[index].is_none() {
            subjects.entry(&node.subject).or_default().0.push(index);
        }
    }
    for (index, node) in recorded.iter().enumerate() {
        if matched.to_planned[index].is_none() {
            subjects.entry(&node.subject).or_default().1.push(index);
        }
    }
    for (left, right) in subjects.values() {
        let mut costs = Vec::new();
        for &p in left {
            for &r in right {
                costs.push((cost(&planned[p], &recorded[r], matched), p, r));
            }
        }
        costs.sort_unstable();
        for (_, p, r) in costs {
            if matched.to_recorded[p].is_none() && matched.to_planned[r].is_none() {
                matched.add(p, r);
            }
        }
    }
}

/// How much two nodes differ: first in themselves, then in what they need.
fn cost(planned: &Node, recorded: &Node, matched: &Matched) -> (usize, usize) {
    let facts = differing(&planned.facts, &recorded.facts);
    let needs = planned
        .needs
        .iter()
        .filter(|(word, to)| {
            let twin = to.and_then(|to| matched.to_recorded[to]);
            !recorded.needs.iter().any(|(other, to)| other == word && *to == twin)
        })
        .count();
    (facts, needs)
}

/// Number of elements that only one of two sorted lists has.
fn differing(left: &[String], right: &[String]) -> usize {
    let (mut l, mut r, mut differing) = (0, 0, 0);
    while l < left.len() && r < right.len() {
        match left[l].cmp(&right[r]) {
            std::cmp::Ordering::Equal => (l, r) = (l + 1, r + 1),
            std::cmp::Ordering::Less => (l, differing) = (l + 1, differing + 1),
            std::cmp::Ordering::Greater => (r, differing) = (r + 1, differing + 1),
        }
    }
    differing + (left.len() - l) + (right.len() - r)
}
