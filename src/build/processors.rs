//! How busy this machine's processors are while a build runs, as Linux counts it.

use super::record::{Busy, Processors};
use crate::files::reader;

/// Where Linux counts.
const FILE: &str = "/proc/stat";

/// How far two looks are apart at first, in milliseconds.
const APART: u64 = 500;

/// The most looks that are kept: of a long build every second one goes, again and again.
const KEPT: usize = 1000;

/// The looks so far.
#[derive(Debug)]
pub struct Looks {
    last: Option<Ticks>,
    next: u64,
    apart: u64,
    seen: Vec<Busy>,
}

/// What all processors did since the machine started, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ticks {
    busy: u64,
    all: u64,
    processors: usize,
}

impl Default for Looks {
    fn default() -> Self {
        Self { last: None, next: 0, apart: APART, seen: Vec::new() }
    }
}

impl Looks {
    /// Looks, if it is time to; `now` is in milliseconds from the start.
    pub fn look(&mut self, now: u64) {
        if now >= self.next {
            self.next = now + self.apart;
            if let Some(ticks) = reader::text(FILE).ok().and_then(|text| Ticks::parse(&text)) {
                self.take(now, ticks);
            }
        }
    }

    fn take(&mut self, now: u64, ticks: Ticks) {
        if let Some(percent) = self.last.and_then(|last| ticks.percent_since(last)) {
            self.seen.push(Busy { at: now, percent });
        }
        self.last = Some(ticks);
        if self.seen.len() > KEPT {
            let mut keep = false;
            self.seen.retain(|_| {
                keep = !keep;
                keep
            });
            self.apart *= 2;
        }
    }

    /// What was seen; nothing where nobody counts.
    #[must_use]
    pub fn taken(&self) -> Option<Processors> {
        let last = self.last.filter(|_| !self.seen.is_empty())?;
        Some(Processors { count: last.processors, busy: self.seen.clone() })
    }
}

impl Ticks {
    /// The line of all processors: user, nice, system, idle, iowait, irq, softirq, steal; and one
    /// line for each processor.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let words = lines.next()?.strip_prefix("cpu ")?.split_whitespace();
        let numbers: Vec<u64> = words.take(8).map_while(|word| word.parse().ok()).collect();
        let all = numbers.iter().fold(0u64, |sum, number| sum.saturating_add(*number));
        let idle = numbers.get(3..5)?.iter().fold(0u64, |sum, number| sum.saturating_add(*number));
        let processors = lines.take_while(|line| line.starts_with("cpu")).count();
        Some(Self { busy: all.saturating_sub(idle), all, processors })
    }

    /// How busy they were since then: 100 is one whole processor.
    fn percent_since(self, before: Self) -> Option<u32> {
        let all = self.all.checked_sub(before.all).filter(|all| *all > 0)?;
        let busy = self.busy.checked_sub(before.busy)?.min(all);
        let hundred = u128::from(busy) * 100 * self.processors as u128 / u128::from(all);
        u32::try_from(hundred).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::{Busy, KEPT, Looks, Ticks};

    fn ticks(text: &str) -> Ticks {
        Ticks::parse(text).expect("a count")
    }

    #[test]
    fn two_processors_of_which_one_works() {
        let before = ticks("cpu  100 0 20 500 30 1 2 3 0 0\ncpu0 1\ncpu1 1\nintr 7\n");
        assert_eq!(before, Ticks { busy: 126, all: 656, processors: 2 });
        let after = Ticks { busy: before.busy + 50, all: before.all + 100, ..before };
        assert_eq!(after.percent_since(before), Some(100));
        assert_eq!(before.percent_since(before), None);
        assert_eq!(before.percent_since(after), None);
    }

    #[test]
    fn what_is_no_count() {
        for text in ["", "cpu", "cpu  1 2 3", "cpu  1 2 3 x 5", "intr 1"] {
            assert_eq!(Ticks::parse(text), None, "{text}");
        }
        let most = u64::MAX;
        let odd = ticks(&format!("cpu  {most} {most} {most} {most} {most}\n"));
        assert_eq!(odd.processors, 0);
    }

    #[test]
    fn a_long_build_keeps_a_thousand() {
        let mut looks = Looks::default();
        assert_eq!(looks.taken(), None);
        for at in 0..5000 {
            looks.take(at, Ticks { busy: at * 2, all: at * 4, processors: 4 });
        }
        let taken = looks.taken().expect("looks");
        assert!((KEPT / 2..=KEPT).contains(&taken.busy.len()), "{}", taken.busy.len());
        assert!(taken.busy.iter().all(|busy| busy.percent == 200));
        assert!(taken.busy.is_sorted_by_key(|Busy { at, .. }| *at));
    }
}
