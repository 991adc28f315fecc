//! A target unit that is checked where it would be compiled: macros run, and rustc says what it read.

use std::ffi::OsString;

use camino::Utf8Path;

use super::super::call::RustcCall;

/// Whether nothing needs the metadata of this unit: then names and macros are followed, and no more.
#[must_use]
pub fn is_last(call: &RustcCall) -> bool {
    let last = |kind: &String| matches!(kind.as_str(), "bin" | "cdylib" | "staticlib");
    call.test || call.crate_types.iter().all(last)
}

/// The arguments of the check: no code is made, and crates are found by their metadata.
#[must_use]
pub fn arguments(call: &RustcCall, words: &[String]) -> Vec<OsString> {
    let emit = if is_last(call) { "--emit=dep-info" } else { "--emit=dep-info,metadata" };
    let mut made: Vec<OsString> = Vec::with_capacity(words.len());
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        if word.starts_with("--emit=") {
            made.push(emit.into());
        } else if word == "--emit" {
            words.next();
            made.push(emit.into());
        } else if let Some(named) = words.peek().filter(|_| word == "--extern") {
            made.extend([word.into(), by_metadata(named).into()]);
            words.next();
        } else if let Some(named) = word.strip_prefix("--extern=") {
            made.push(format!("--extern={}", by_metadata(named)).into());
        } else {
            made.push(word.into());
        }
    }
    made
}

/// `NAME=PATH` with the metadata beside a file that was not made.
fn by_metadata(named: &str) -> String {
    let Some((name, path)) = named.split_once('=') else { return named.to_owned() };
    let file = Utf8Path::new(path);
    let metadata = file.with_extension("rmeta");
    if file.exists() || !metadata.exists() {
        return named.to_owned();
    }
    format!("{name}={metadata}")
}

#[cfg(test)]
mod tests {
    use super::arguments;
    use crate::verify::call::RustcCall;

    fn checked(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        let made = arguments(&RustcCall::parse(&words), &words);
        made.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn no_code_is_made() {
        assert_eq!(
            checked(
                "--crate-type lib --emit=dep-info,metadata,link a.rs --extern x=/none/libx.rlib"
            ),
            "--crate-type lib --emit=dep-info,metadata a.rs --extern x=/none/libx.rlib"
        );
        assert_eq!(
            checked("--crate-type bin --emit link a.rs"),
            "--crate-type bin --emit=dep-info a.rs"
        );
        assert_eq!(checked("--test --emit=link a.rs"), "--test --emit=dep-info a.rs");
    }
}
