//! A rustc that costs no processor: it sleeps as long as the real one took, to where the metadata is written
//! and from there to the end, and puts down files of the recorded sizes. So Cargo and Nix run their true
//! schedules with more jobs than there are processors. What it makes of a build script is itself, which then
//! sleeps as long as the script's run took.
//!
//! Built with two variables: `REAL_RUSTC`, which is asked all else; `TIMES`, a file with a line for each crate:
//! name, version, `lib`, `bin NAME`, `build-script` or `run`, milliseconds of front and back, bytes of metadata
//! and of the library, with tabs between them.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::thread::sleep;
use std::time::Duration;

const TIMES: &str = include_str!(env!("TIMES"));

#[derive(Default)]
struct Took {
    front: u64,
    back: u64,
    metadata: u64,
    library: u64,
}

fn took(what: &str) -> Took {
    let package = |name: &str| std::env::var(format!("CARGO_PKG_{name}")).unwrap_or_default();
    let wanted = format!("{}\t{}\t{what}\t", package("NAME"), package("VERSION"));
    let numbers: Vec<u64> = TIMES
        .lines()
        .find_map(|line| line.strip_prefix(&wanted))
        .map(|rest| rest.split('\t').filter_map(|number| number.parse().ok()).collect())
        .unwrap_or_default();
    match numbers[..] {
        [front, back, metadata, library] => Took { front, back, metadata, library },
        _ => Took::default(),
    }
}

fn wait(milliseconds: u64) {
    sleep(Duration::from_millis(milliseconds));
}

/// A file of `size` bytes: under another name first, as rustc does it.
fn put(path: &Path, size: u64) {
    let part = path.with_extension("part");
    let file = File::create(&part).and_then(|file| file.set_len(size));
    file.and_then(|()| fs::rename(&part, path)).expect("an output");
}

fn main() -> ExitCode {
    let called = PathBuf::from(std::env::args_os().next().expect("a name"));
    let is_script = called.file_name().is_some_and(|name| name.to_string_lossy().starts_with("build"));
    if is_script {
        wait(took("run").front);
        return ExitCode::SUCCESS;
    }
    let args: Vec<String> = std::env::args().skip(1).collect();
    let all = |option: &str| -> Vec<String> {
        let spaced = args.windows(2).filter(|pair| pair[0] == option).map(|pair| pair[1].clone());
        let joined = args.iter().filter_map(|arg| arg.strip_prefix(&format!("{option}=")));
        spaced.chain(joined.map(str::to_owned)).collect()
    };
    let crate_name = all("--crate-name").pop().unwrap_or_default();
    let is_question = args.iter().any(|arg| arg.starts_with("--print"));
    if all("--emit").is_empty() || is_question || std::env::var("CARGO_PKG_NAME").is_err() {
        let error = Command::new(env!("REAL_RUSTC")).args(&args).exec();
        eprintln!("{}: {error}", env!("REAL_RUSTC"));
        return ExitCode::FAILURE;
    }
    let out = PathBuf::from(all("--out-dir").pop().unwrap_or_default());
    let extra = all("-C").iter().find_map(|option| option.strip_prefix("extra-filename=").map(str::to_owned));
    let stem = format!("{crate_name}{}", extra.unwrap_or_default());
    let emits = |kind: &str| all("--emit").iter().any(|list| list.split(',').any(|one| one == kind));
    let tells = all("--json").iter().any(|list| list.split(',').any(|one| one == "artifacts"));
    let tell = |kind: &str, path: &Path| {
        if tells {
            let path = path.display();
            eprintln!(r#"{{"$message_type":"artifact","artifact":"{path}","emit":"{kind}"}}"#);
        }
    };
    let types = all("--crate-type");
    let is_program = types.iter().any(|kind| kind == "bin");
    let is_script = is_program && crate_name.starts_with("build_script");
    let took = took(&match (is_script, is_program) {
        (true, _) => "build-script".to_owned(),
        (_, true) => format!("bin {crate_name}"),
        _ => "lib".to_owned(),
    });
    if emits("dep-info") {
        let file = out.join(format!("{stem}.d"));
        let root = args.iter().find(|arg| arg.ends_with(".rs")).expect("a crate root");
        let mut info = File::create(&file).expect("dep-info");
        write!(info, "{}: {root}\n\n{root}:\n", file.display()).expect("dep-info");
        tell("dep-info", &file);
    }
    wait(took.front);
    if emits("metadata") {
        let file = out.join(format!("lib{stem}.rmeta"));
        put(&file, took.metadata);
        tell("metadata", &file);
    }
    wait(took.back);
    if emits("link") {
        for kind in &types {
            let file = out.join(match kind.as_str() {
                "bin" => stem.clone(),
                "proc-macro" | "dylib" | "cdylib" => format!("lib{stem}.so"),
                "staticlib" => format!("lib{stem}.a"),
                _ => format!("lib{stem}.rlib"),
            });
            if is_script {
                fs::copy("/proc/self/exe", &file).expect("a build script");
            } else {
                put(&file, took.library);
            }
            tell("link", &file);
        }
    }
    ExitCode::SUCCESS
}
