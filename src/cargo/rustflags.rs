//! Which of rustc's flags do nothing before something is compiled.
//!
//! rustc is asked for a platform's cfgs with the flags that a tree's configuration names. Some of
//! them load code (`-Z codegen-backend`), some write files (`--print=cfg=FILE`), some hide others
//! (`@FILE`). So a flag is harmless if it is known as that.

/// Options of `-C` that tune what is compiled later.
const CODEGEN: [&str; 30] = [
    "code-model",
    "codegen-units",
    "control-flow-guard",
    "debug-assertions",
    "debuginfo",
    "default-linker-libraries",
    "dwarf-version",
    "embed-bitcode",
    "force-frame-pointers",
    "force-unwind-tables",
    "inline-threshold",
    "instrument-coverage",
    "link-arg",
    "link-args",
    "link-dead-code",
    "link-self-contained",
    "linker",
    "linker-flavor",
    "lto",
    "metadata",
    "no-redzone",
    "opt-level",
    "overflow-checks",
    "panic",
    "prefer-dynamic",
    "relocation-model",
    "split-debuginfo",
    "strip",
    "target-cpu",
    "target-feature",
];

/// Long options with a value that only say what code sees or what is warned of.
const LONG: [&str; 7] = ["allow", "cap-lints", "cfg", "check-cfg", "deny", "forbid", "warn"];

/// Short options with a value, of the same kind, and where and what to link.
const SHORT: [&str; 6] = ["-A", "-D", "-F", "-L", "-W", "-l"];

/// The first of `flags` that is not known to be harmless.
#[must_use]
pub fn first_odd<'f>(flags: &[&'f str]) -> Option<&'f str> {
    let mut rest = flags.iter();
    while let Some(flag) = rest.next() {
        // rustc opens these before it looks at anything else.
        if flag.starts_with('@') {
            return Some(flag);
        }
        let mut value = |joined: &'f str| match joined {
            "" => rest.next().copied().unwrap_or_default(),
            joined => joined,
        };
        let is_harmless = if let Some(joined) = flag.strip_prefix("-C") {
            is_codegen(value(joined))
        } else if let Some(long) = flag.strip_prefix("--") {
            match long.split_once('=') {
                Some(("codegen", option)) => is_codegen(option),
                Some((name, _)) => LONG.contains(&name),
                None if long == "codegen" => is_codegen(value("")),
                None => LONG.contains(&long) && !value("").starts_with('@'),
            }
        } else if let Some(short) = SHORT.iter().find(|short| flag.starts_with(**short)) {
            !value(&flag[short.len()..]).starts_with('@')
        } else {
            matches!(*flag, "-g" | "-O")
        };
        if !is_harmless {
            return Some(flag);
        }
    }
    None
}

fn is_codegen(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    CODEGEN.contains(&name.replace('_', "-").as_str())
}

#[cfg(test)]
mod tests {
    use super::first_odd;

    #[test]
    fn what_acts_at_once_is_odd() {
        let odd = |flags: &str| first_odd(&flags.split(' ').collect::<Vec<_>>()).map(str::to_owned);
        for flags in [
            "-C target-cpu=native -Clink-arg=-s --cfg tokio_unstable --cfg=a",
            "-C link-args=-z,now -Dwarnings -W unused -L native=/x -lfoo -g",
            "--codegen opt-level=3 -C target_feature=+crt-static --check-cfg cfg(a)",
        ] {
            assert_eq!(odd(flags), None, "{flags}");
        }
        for (flags, first) in [
            ("-g -Zcodegen-backend=/x.so", "-Zcodegen-backend=/x.so"),
            ("-Z codegen-backend=/x.so", "-Z"),
            ("--print=cfg=/x", "--print=cfg=/x"),
            ("--cfg a @flags", "@flags"),
            ("--cfg @flags", "--cfg"),
            ("-C llvm-args=-load=/x.so", "-C"),
            ("-A @flags", "-A"),
            ("-o x", "-o"),
            ("--sysroot=/x", "--sysroot=/x"),
            ("--emit dep-info", "--emit"),
        ] {
            assert_eq!(odd(flags).as_deref(), Some(first), "{flags}");
        }
    }
}
