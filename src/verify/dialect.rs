//! What Cargo's versions say in different words, in one: `crate::cargo::versions` is the list.
//!
//! Nothing here changes what rustc makes, but for the name of its files and where metadata lies.

use super::args::Flag;

/// What says that a library's metadata lies beside it, by the names of two versions.
const METADATA_BESIDE: [&str; 1] = ["embed-metadata=no"];

/// The first of the `--check-cfg` that Cargo itself passes.
const FIRST_CHECK_CFG: &str = "cfg(docsrs,test)";

/// The value that stands for no `-C extra-filename`, in a layout where its absence is compared.
const NO_SUFFIX: &str = "extra-filename=";

/// The flags of a call as the older of two versions that differ would have them.
#[must_use]
pub fn plain(flags: &[Flag]) -> Vec<Flag> {
    let mut plain = flags.to_vec();
    plain.retain(|flag| !is_for_cargo(flag));
    without_capped_lints(&mut plain);
    metadata_within(&mut plain);
    suffix(&mut plain);
    plain
}

/// Whether a flag changes only what Cargo hears of a call: the files that it read and their digests, and
/// lints that Cargo asks for in its own name (`-Z binary-dep-depinfo`, `checksum-freshness`, `cargo-lints`
/// of a nightly).
fn is_for_cargo(flag: &Flag) -> bool {
    let is = |name: &str, is: fn(&str) -> bool| flag.value_of(name).is_some_and(is);
    is("Z", |value| value == "binary-dep-depinfo" || value.starts_with("checksum-hash-algorithm="))
        || is("force-warn", |lint| lint == "unused_crate_dependencies")
}

/// Under `--cap-lints allow` lints report nothing. Cargo 1.99 leaves `[lints]` out then; all others
/// have them before the cap (`rustflags` come behind it), and their `--check-cfg` before its own.
fn without_capped_lints(flags: &mut Vec<Flag>) {
    let at = |name: &str, value: &str| flags.iter().position(|f| f.value_of(name) == Some(value));
    let Some(cap) = at("cap-lints", "allow") else { return };
    let check = at("check-cfg", FIRST_CHECK_CFG).unwrap_or(0);
    let mut place = 0;
    flags.retain(|flag| {
        let Flag::Option { name, .. } = flag else {
            place += 1;
            return true;
        };
        let is_level = matches!(*name, "allow" | "warn" | "deny" | "forbid");
        let drop = (is_level && place < cap) || (*name == "check-cfg" && place < check);
        place += 1;
        !drop
    });
}

/// With metadata beside a library, all kinds of it are asked for a file of metadata; otherwise only
/// those are that need no other's objects.
fn metadata_within(flags: &mut Vec<Flag>) {
    let is_beside = |flag: &Flag| flag.value_of("Z").is_some_and(|v| METADATA_BESIDE.contains(&v));
    if !flags.iter().any(is_beside) {
        return;
    }
    flags.retain(|flag| !is_beside(flag));
    let kinds = || flags.iter().filter_map(|flag| flag.value_of("crate-type"));
    let is_plain = kinds().count() > 0
        && kinds().flat_map(|kinds| kinds.split(',')).all(|kind| matches!(kind, "lib" | "rlib"));
    for flag in flags.iter_mut().filter(|_| !is_plain) {
        if let Flag::Option { name: "emit", value: Some(kinds) } = flag {
            let kept: Vec<_> = kinds.split(',').filter(|kind| *kind != "metadata").collect();
            *kinds = kept.join(",");
        }
    }
}

/// Where each unit has a directory of its own, programs and dynamic libraries have no suffix; there,
/// it says nothing. Everywhere else its absence is a fact.
fn suffix(flags: &mut Vec<Flag>) {
    let is_suffix = |flag: &Flag| {
        flag.value_of("codegen").is_some_and(|value| value.starts_with("extra-filename"))
    };
    if flags.iter().filter_map(|flag| flag.value_of("out-dir")).any(is_of_one_unit) {
        return flags.retain(|flag| !is_suffix(flag));
    }
    let is_call = flags.iter().any(|flag| flag.value_of("crate-name").is_some());
    if is_call && !flags.iter().any(is_suffix) {
        flags.push(Flag::Option { name: "codegen", value: Some(NO_SUFFIX.to_owned()) });
    }
}

/// Whether a directory is one of the new layout: `build/PACKAGE/HASH/out`.
fn is_of_one_unit(dir: &str) -> bool {
    let mut parts = dir.rsplit('/');
    let is_hash = |part: &str| part.len() == 16 && part.bytes().all(|b| b.is_ascii_hexdigit());
    parts.next() == Some("out")
        && parts.next().is_some_and(is_hash)
        && parts.nth(1) == Some("build")
}

#[cfg(test)]
mod tests {
    use super::super::args::parse;
    use super::*;

    fn said(line: &str) -> String {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        plain(&parse(&words)).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn lints_before_a_cap_are_left_out() {
        let line =
            "--warn=a --check-cfg cfg(x) --check-cfg cfg(docsrs,test) --cap-lints allow -D b";
        assert_eq!(said(line), "--check-cfg=cfg(docsrs,test) --cap-lints=allow --deny=b");
        let local = "--warn=a --check-cfg=cfg(x) --check-cfg=cfg(docsrs,test)";
        assert_eq!(said(local), local);
    }

    #[test]
    fn what_only_cargo_hears_is_left_out() {
        let line = "-Z binary-dep-depinfo -Zchecksum-hash-algorithm=blake3 --force-warn=unused_crate_dependencies -Zx";
        assert_eq!(said(line), "-Z x");
    }

    #[test]
    fn metadata_beside_a_library() {
        let line = "--crate-type rlib --emit=dep-info,metadata,link -Z embed-metadata=no";
        assert_eq!(said(line), "--crate-type=rlib --emit=dep-info,metadata,link");
        let line = "--crate-type proc-macro --emit=dep-info,metadata,link -Zembed-metadata=no";
        assert_eq!(said(line), "--crate-type=proc-macro --emit=dep-info,link");
    }

    #[test]
    fn a_suffix_counts_where_directories_are_shared() {
        let own = "--crate-name=a --out-dir=/t/debug/build/a/0123456789abcdef/out";
        assert_eq!(said(&format!("{own} -C extra-filename=-1")), said(own));
        let shared = "--crate-name=a --out-dir=/t/debug/deps";
        assert_eq!(said(shared), format!("{shared} -C extra-filename="));
    }
}
