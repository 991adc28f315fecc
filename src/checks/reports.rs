//! The reports of a plan's checks, in the directory that its attribute `report` makes.

use camino::{Utf8Path, Utf8PathBuf};
use rbn_builder::report::{End, REPORT, Report};

use super::error::ChecksError;
use super::libtest::{self, Runs, Tests};
use crate::files::reader;

/// One check, and what it found.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The platform of the program: `host`, or a triple.
    pub platform: String,
    /// The package.
    pub package: String,
    /// What of it: `lib-test`, `test-cli`.
    pub part: String,
    /// Where the report is.
    pub place: Utf8PathBuf,
    /// The report.
    pub report: Report,
    /// What its last attempt said, to stdout and to stderr.
    pub said: (String, String),
    /// The tests of its last attempt, where a harness tells them.
    pub tests: Option<Tests>,
    /// Tests that failed in an earlier attempt, and passed in the last one.
    pub flaky: Vec<String>,
}

impl Checked {
    /// `app test-cli`, with the platform where that is another than `usual`.
    #[must_use]
    pub fn name(&self, usual: &str) -> String {
        let Self { platform, package, part, .. } = self;
        match platform == usual {
            true => format!("{package} {part}"),
            false => format!("{package} {part} ({platform})"),
        }
    }

    /// How its last attempt ended, in words.
    #[must_use]
    pub fn ended(&self) -> String {
        let ended = match self.report.attempts.last().map(|attempt| attempt.end) {
            Some(End::Code(code)) => format!("ended with status {code}"),
            Some(End::Signal(signal)) => {
                format!("was ended by signal {signal}{}", signal_name(signal))
            }
            Some(End::Timeout(seconds)) => {
                format!("did not end within {seconds} s (`checks.timeout`)")
            }
            None => "was not run".to_owned(),
        };
        match self.had_no_room() {
            true => format!("{ended}, with no room left on the disk of the build"),
            false => ended,
        }
    }

    /// Whether its last attempt filled the disk: it was full afterwards, or the program says so and took its
    /// files away.
    fn had_no_room(&self) -> bool {
        let says = |words: &String| words.contains("No space left on device");
        let left = self.report.attempts.last().is_some_and(|attempt| attempt.full);
        left || (!self.report.passed() && (says(&self.said.0) || says(&self.said.1)))
    }

    /// Adds another part of the same program's run.
    fn absorb(&mut self, other: Self) {
        let took = other.report.attempts.last().map_or(0, |attempt| attempt.took);
        let failed = other.report.attempts.last().filter(|_| !other.report.passed());
        let failed = failed.map(|attempt| attempt.end).filter(|_| self.report.passed());
        if let Some(last) = self.report.attempts.last_mut() {
            last.took += took;
            last.left.extend(other.report.attempts.iter().flat_map(|one| one.left.clone()));
            last.end = failed.unwrap_or(last.end);
            last.full |= other.report.attempts.last().is_some_and(|other| other.full);
        }
        // Where more of what was said is to be found.
        if failed.is_some() {
            self.place = other.place;
        }
        self.said.0.push_str(&other.said.0);
        self.said.1.push_str(&other.said.1);
        match (&mut self.tests, other.tests) {
            (Some(own), Some(tests)) => {
                // Each part leaves out what the others run.
                own.filtered = own.filtered.saturating_sub(tests.count());
                own.add(&Tests { filtered: 0, ..tests.clone() });
                own.named.extend(tests.named);
            }
            // A part that did not come to its end leaves the sums open.
            (own, _) => *own = None,
        }
        for (pattern, count) in other.report.skipped {
            let own = self.report.skipped.entry(pattern).or_insert_with(|| "0".to_owned());
            if own == "0" {
                *own = count;
            }
        }
        self.flaky.extend(other.flaky);
    }

    /// The processes that its attempts left behind.
    #[must_use]
    pub fn left(&self) -> Vec<&str> {
        let left = self.report.attempts.iter().flat_map(|attempt| &attempt.left);
        let mut left: Vec<&str> = left.map(String::as_str).collect();
        left.sort_unstable();
        left.dedup();
        left
    }
}

/// What people call a signal.
fn signal_name(signal: i64) -> &'static str {
    match signal {
        4 => " (illegal instruction)",
        6 => " (abort)",
        7 => " (bus error)",
        8 => " (arithmetic)",
        9 => " (kill: the machine may have run out of memory)",
        11 => " (segmentation fault)",
        _ => "",
    }
}

/// Reads all reports below `dir`: `PLATFORM/PACKAGE/PART`, in the order of these names.
///
/// # Errors
/// [`ChecksError`] for what cannot be read.
pub fn read(dir: &Utf8Path) -> Result<Vec<Checked>, ChecksError> {
    let mut all = Vec::new();
    for platform in names(dir)? {
        for package in names(&dir.join(&platform))? {
            for part in names(&dir.join(&platform).join(&package))? {
                let place = dir.join(&platform).join(&package).join(&part);
                all.push(one(&place, &platform, &package, &part)?);
            }
        }
    }
    Ok(joined(all))
}

/// The parts of a program's run as one.
fn joined(all: Vec<Checked>) -> Vec<Checked> {
    let mut joined: Vec<Checked> = Vec::new();
    for mut checked in all {
        if let Some(whole) = whole(&checked).map(str::to_owned) {
            checked.part = whole;
            let same = |one: &&mut Checked| {
                one.part == checked.part
                    && one.package == checked.package
                    && one.platform == checked.platform
            };
            if let Some(first) = joined.last_mut().filter(same) {
                first.absorb(checked);
                continue;
            }
        }
        joined.push(checked);
    }
    joined
}

/// What the run is a part of: `test-cli` of `test-cli-1-of-4`. A program may be called like a part.
fn whole(checked: &Checked) -> Option<&str> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (rest, of) = checked.part.rsplit_once("-of-")?;
    let (whole, part) = rest.rsplit_once('-')?;
    let is_name = checked.report.step.ends_with(&format!("{part}-of-{of}"));
    (is_number(of) && is_number(part) && !is_name).then_some(whole)
}

fn names(dir: &Utf8Path) -> Result<Vec<String>, ChecksError> {
    let failed = |source| ChecksError::Directory { dir: dir.to_owned(), source };
    let entries = dir.read_dir_utf8().map_err(failed)?;
    let names = entries.map(|entry| Ok(entry.map_err(failed)?.file_name().to_owned()));
    let mut names = names.collect::<Result<Vec<String>, ChecksError>>()?;
    names.sort();
    Ok(names)
}

fn one(
    place: &Utf8Path,
    platform: &str,
    package: &str,
    part: &str,
) -> Result<Checked, ChecksError> {
    let file = place.join(REPORT);
    let report = Report::read(&reader::text(&file)?)
        .map_err(|reason| ChecksError::Report { file, reason })?;
    let said = |number: usize, stream: &str| -> Result<String, ChecksError> {
        let bytes = reader::bytes(place.join(format!("{number}.{stream}")))?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    };
    let last = report.attempts.len();
    let words = match last {
        0 => Default::default(),
        _ => (said(last, "stdout")?, said(last, "stderr")?),
    };
    let is_test = matches!(report.check.as_str(), "test" | "bench" | "doctest");
    let is_one = report.harness && report.check != "doctest";
    let runs = if is_one { Runs::One } else { Runs::Several };
    let tests = if is_test { libtest::parse(&words.0, runs) } else { None };
    let mut flaky = Vec::new();
    if report.passed() && is_test {
        for number in 1..last {
            let earlier = libtest::parse(&said(number, "stdout")?, runs);
            flaky.extend(earlier.iter().flat_map(Tests::failed).map(str::to_owned));
        }
        flaky.sort();
        flaky.dedup();
    }
    Ok(Checked {
        platform: platform.to_owned(),
        package: package.to_owned(),
        part: part.to_owned(),
        place: place.to_owned(),
        report,
        said: words,
        tests,
        flaky,
    })
}
