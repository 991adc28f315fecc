//! What sccache counts, as it goes over the wire: what a step reports when it is done, and the sum of it.

use std::collections::BTreeMap;

use super::wire::{Cursor, Frame, question};

/// One process of sccache's compiles one crate. What claims more is not believed.
const MOST: u64 = 1000;

/// Counters, as far as they are shown here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) errors: u64,
    pub(super) hits: u64,
    pub(super) misses: u64,
    pub(super) timeouts: u64,
    pub(super) read_errors: u64,
    pub(super) write_errors: u64,
    pub(super) compile_failures: u64,
    pub(super) not_cacheable: BTreeMap<String, u64>,
    /// Failed writes of the storages behind each other.
    pub(super) failed_writes: u64,
}

impl Figures {
    /// Reads `ServerStats`; none if it is not that.
    pub(super) fn read(cursor: &mut Cursor) -> Option<Self> {
        // Requests: all, of unsupported compilers, no compilation, not cacheable, executed.
        cursor.take(5 * 8)?;
        let mut sum = || {
            let mut total = 0_u64;
            cursor.table(|_, count| total = total.saturating_add(count))?;
            cursor.table(|_, _| {})?;
            Some(total)
        };
        let (errors, hits, misses) = (sum()?, sum()?, sum()?);
        let (timeouts, read_errors) = (cursor.u64()?, cursor.u64()?);
        // Compilations that were not cacheable, and those forced.
        cursor.take(2 * 8)?;
        let write_errors = cursor.u64()?;
        // Writes; the time of writes and reads (seconds, and four bytes of nanoseconds); compilations and
        // their time.
        cursor.take(8 + 12 + 12 + 8 + 12)?;
        let compile_failures = cursor.u64()?;
        let mut not_cacheable = BTreeMap::new();
        cursor.table(|reason, count| {
            let sum: &mut u64 = not_cacheable.entry(reason.to_owned()).or_default();
            *sum = sum.saturating_add(count);
        })?;
        // Those of other machines, and their errors.
        cursor.table(|_, _| {})?;
        cursor.take(8)?;
        let mut failed_writes = 0_u64;
        if cursor.byte()? == 1 {
            for _ in 0..cursor.u64()? {
                // Name and place; hits, misses, writes; what is wanted; entries copied from it and to it;
                // two times.
                cursor.bytes()?;
                cursor.bytes()?;
                cursor.take(3 * 8)?;
                failed_writes = failed_writes.saturating_add(cursor.u64()?);
                cursor.take(2 * 8 + 2 * 12)?;
            }
        }
        Some(Self {
            errors,
            hits,
            misses,
            timeouts,
            read_errors,
            write_errors,
            compile_failures,
            not_cacheable,
            failed_writes,
        })
    }

    /// The report for the daemon: these figures, each no more than one process can have, and no text but
    /// the reasons that `known` lets through.
    pub(super) fn report(&self, mut known: impl FnMut(&str) -> bool) -> Frame {
        let most = |count: u64| count.min(MOST);
        let mut frame = Frame::new(question::RECORD);
        frame = frame.raw(&[0; 5 * 8]);
        for count in [self.errors, self.hits, self.misses] {
            frame =
                if count == 0 { frame.u64(0) } else { frame.u64(1).text("Rust").u64(most(count)) };
            frame = frame.u64(0);
        }
        frame = frame.u64(most(self.timeouts)).u64(most(self.read_errors)).raw(&[0; 2 * 8]);
        frame = frame.u64(most(self.write_errors)).raw(&[0; 8 + 12 + 12 + 8 + 12]);
        frame = frame.u64(most(self.compile_failures));
        let reasons: Vec<_> =
            self.not_cacheable.iter().filter(|(reason, _)| known(reason)).collect();
        frame = frame.u64(reasons.len() as u64);
        for (reason, count) in reasons {
            frame = frame.text(reason).u64(most(*count));
        }
        // No other machines, no errors of theirs, no storages.
        frame.u64(0).u64(0).raw(&[0])
    }
}

#[cfg(test)]
mod tests {
    use super::{Cursor, Figures, MOST};

    #[test]
    fn a_report_is_read_as_it_was_written() {
        let figures = Figures {
            errors: 1,
            hits: 2,
            misses: 3,
            timeouts: 4,
            read_errors: 5,
            write_errors: 6,
            compile_failures: 7,
            not_cacheable: [("crate-type".to_owned(), 8)].into(),
            failed_writes: 0,
        };
        let bytes = figures.report(|_| true).bytes();
        let mut cursor = Cursor(&bytes[8..]);
        assert_eq!(Figures::read(&mut cursor), Some(figures.clone()));
        assert!(cursor.0.is_empty());
        let quiet = figures.report(|_| false).bytes();
        let read = Figures::read(&mut Cursor(&quiet[8..])).expect("a report");
        assert!(read.not_cacheable.is_empty());
        for end in 8..bytes.len() {
            assert_eq!(Figures::read(&mut Cursor(&bytes[8..end])), None, "cut off at {end}");
        }
    }

    #[test]
    fn nobody_reports_more_than_one_process_can() {
        let figures = Figures { hits: u64::MAX, timeouts: u64::MAX, ..Figures::default() };
        let bytes = figures.report(|_| true).bytes();
        let read = Figures::read(&mut Cursor(&bytes[8..])).expect("a report");
        assert_eq!((read.hits, read.timeouts), (MOST, MOST));
    }
}
