//! What somebody types who knows Cargo, and has another form here.

use clap::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue};

/// Cargo's words that are none of ours, and what does the same.
const WORDS: [(&str, &str); 24] = [
    ("add", FOR_CARGO),
    ("remove", FOR_CARGO),
    ("new", FOR_CARGO),
    ("install", FOR_CARGO),
    ("update", FOR_CARGO),
    ("upgrade", FOR_CARGO),
    ("generate-lockfile", FOR_CARGO),
    ("vendor", FOR_CARGO),
    ("fix", "steps change no file of yours: `cargo fix` does"),
    ("--fix", "steps change no file of yours: `cargo clippy --fix` does"),
    ("--allow-dirty", "steps change no file of yours: `cargo clippy --fix` does"),
    ("run", "`rbn-plan build`, then result/bin/NAME; or `nix run -f generated/steps.nix run.NAME`"),
    ("r", "`rbn-plan build`, then result/bin/NAME; or `nix run -f generated/steps.nix run.NAME`"),
    ("tree", "`rbn-plan explain PACKAGE` says who needs a package, `rbn-plan steps` lists all"),
    ("metadata", "`rbn-plan plan --format json` prints the plan for programs"),
    ("clean", "outputs are in Nix's store, and `nix-collect-garbage` removes what nothing needs"),
    ("nextest", "`rbn-plan test` runs each test program as a step, and again only what changed"),
    ("llvm-cov", "`rbn-plan coverage` has its flags"),
    ("deny", "`rbn-plan audit` looks at advisories and licences"),
    (
        "--no-run",
        "`rbn-plan build --profile dev --tests` compiles the test programs, and runs none",
    ),
    ("--target-dir", OUTPUTS),
    ("--artifact-dir", OUTPUTS),
    (
        "--message-format",
        "for programs there are `rbn-plan test --junit FILE`, and the timeline.json of `rbn-plan build`",
    ),
    ("--timings", "each build leaves a timeline, and names its page at the end"),
];

const FOR_CARGO: &str = "that is for Cargo; after it `rbn-plan build` brings the plan up to date, and says what changed";

const OUTPUTS: &str = "outputs are in Nix's store, and `rbn-plan build --out-link LINK` says where the link to them is";

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
