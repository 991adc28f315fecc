//! What somebody types who knows Cargo, and has another form here.

use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};

/// Cargo's words that are none of ours, and what does the same.
const WORDS: [(&str, &str); 25] = [
    ("add", FOR_CARGO),
    ("remove", FOR_CARGO),
    ("new", FOR_CARGO),
    ("install", INSTALL),
    ("update", FOR_CARGO),
    ("upgrade", FOR_CARGO),
    ("generate-lockfile", FOR_CARGO),
    ("vendor", FOR_CARGO),
    ("fix", "steps change no file of yours: `cargo fix` does"),
    ("--fix", CLIPPY_FIX),
    ("--allow-dirty", CLIPPY_FIX),
    ("run", RUN),
    ("r", RUN),
    ("tree", "`rbn-plan explain PACKAGE` says who needs a package"),
    ("metadata", "`rbn-plan plan --format json` prints the plan for programs"),
    ("clean", "outputs are in Nix's store: `nix-collect-garbage` removes them"),
    ("nextest", "`rbn-plan test` runs again only what changed"),
    ("llvm-cov", "`rbn-plan coverage` has its flags"),
    ("deny", "`rbn-plan audit` looks at advisories and licences"),
    ("--all", "`--workspace` takes all packages"),
    ("--no-run", "to compile the tests: `rbn-plan build --profile dev --tests`"),
    ("--target-dir", OUTPUTS),
    ("--artifact-dir", OUTPUTS),
    ("--message-format", "for programs: `rbn-plan test --junit FILE`, and timeline.json"),
    ("--timings", "each build leaves a timeline, and names its page at the end"),
];

const FOR_CARGO: &str = "let Cargo do it; `rbn-plan build` then takes what changed";

const INSTALL: &str = "`rbn-plan build -o LINK`: the programs are in LINK/bin";

const RUN: &str = "`rbn-plan build`, then result/bin/NAME";

const CLIPPY_FIX: &str = "steps change no file of yours: `cargo clippy --fix` does";

const OUTPUTS: &str = "outputs are in Nix's store; `rbn-plan build -o LINK` links to them";

/// Puts what does the same in the place of what the parser takes for a slip.
pub(super) fn advise(error: &mut Error) {
    let said = [ContextKind::InvalidArg, ContextKind::InvalidSubcommand];
    let word = said.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    });
    let Some(word) = word else { return };
    if let Some((_, advice)) = WORDS.iter().find(|(known, _)| *known == word) {
        error.remove(ContextKind::SuggestedArg);
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![StyledStr::from((*advice).to_owned())]),
        );
    }
}
