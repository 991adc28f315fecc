//! Differences of many steps, by kind: one flag that x.py gives to a mode differs in each of its steps.

use std::collections::BTreeMap;
use std::fmt;

use super::super::report::{Difference, Report, write_side};

/// A report, told by kinds.
#[derive(Debug, Clone, Copy)]
pub struct ByKind<'a>(pub &'a Report);

impl fmt::Display for ByKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = self.0;
        let mut kinds: BTreeMap<String, (&Difference, Vec<&str>)> = BTreeMap::new();
        for step in &report.different {
            for one in &step.differences {
                let kind = format!("{}\n{:?}\n{:?}", one.place, one.cargo, one.plan);
                let known = kinds.entry(kind).or_insert_with(|| (one, Vec::new()));
                known.1.push(&step.step);
            }
        }
        for (difference, steps) in kinds.values() {
            let more = match steps.len() {
                1 => String::new(),
                all => format!(" and {} more", all - 1),
            };
            let first = steps.first().copied().unwrap_or_default();
            writeln!(f, "  {first}{more}: {}", difference.place)?;
            write_side(f, "x.py", &difference.cargo)?;
            write_side(f, "plan", &difference.plan)?;
        }
        for step in &report.only_planned {
            writeln!(f, "  {step}: planned, but x.py does not run it")?;
        }
        for run in &report.only_recorded {
            writeln!(f, "  {run}: run by x.py, but not planned")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::report::{Difference, Place, Report, StepReport};
    use super::ByKind;

    #[test]
    fn what_differs_alike_is_told_once() {
        let step = |name: &str| StepReport {
            step: name.to_owned(),
            differences: vec![Difference {
                place: Place::Argument("-Z".to_owned()),
                cargo: vec!["-Z x".to_owned()],
                plan: Vec::new(),
            }],
        };
        let report = Report { different: vec![step("a"), step("b")], ..Report::default() };
        let said = ByKind(&report).to_string();
        assert_eq!(said, "  a and 1 more: -Z\n    x.py  -Z x\n    plan  (nothing)\n");
    }
}
