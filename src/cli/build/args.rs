//! The flags of `rbn-plan build`.

use camino::Utf8PathBuf;
use clap::ValueHint;

use super::view::Colour;
use crate::cli::select::SelectArgs;

/// How it ends, for --help.
const ENDS: &str = "\
Exit code: 0 if all was built; 1 if a step or Nix failed; 2 for wrong usage, or a workspace that \
cannot be planned; 129, 130, 143 after a signal (HUP, Ctrl-C, TERM), when Nix has stopped its \
builders and ended.";

/// The command's flags.
#[derive(Debug, clap::Args)]
#[command(after_help = ENDS)]
pub struct Args {
    /// What to build: a package, a step, or PLATFORM/STEP [default: all that is planned for the
    /// first target]
    #[arg(value_name = "WHAT")]
    pub(super) what: Vec<String>,
    /// An attribute of the plan's file, as it stands there (may be given several times)
    #[arg(short = 'A', long, value_name = "ATTR")]
    pub(super) attr: Vec<String>,
    /// The link to what was built [default: result]
    #[arg(short, long, value_name = "LINK", value_hint = ValueHint::AnyPath)]
    pub(super) out_link: Option<Utf8PathBuf>,
    /// Make no link
    #[arg(long, conflicts_with = "out_link")]
    pub(super) no_link: bool,
    /// Print the store paths of what was built to standard output
    #[arg(long)]
    pub(super) print_out_paths: bool,
    /// Show the log of every step, not only warnings of the workspace's packages and what fails
    #[arg(short = 'L', long)]
    pub(super) print_build_logs: bool,
    /// After a failure, build all that does not need what failed
    #[arg(short, long, visible_alias = "no-fail-fast")]
    pub(super) keep_going: bool,
    /// How many steps are built at once [default: max-jobs of nix.conf]
    #[arg(short, long, visible_alias = "max-jobs", value_name = "N")]
    pub(super) jobs: Option<String>,
    /// Say nothing but warnings, what fails, and which files were written
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Show the commands of steps that fail, and that of Nix
    #[arg(short, long, conflicts_with = "quiet")]
    pub(super) verbose: bool,
    /// When there are colours
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub(super) color: Colour,
    /// Where the timeline is written: timeline.html, timeline.json and times.json [default:
    /// rbn-plan/PROFILE below Cargo's target directory]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(super) timeline: Option<Utf8PathBuf>,
    /// Write no timeline, and remember no times
    #[arg(long, conflicts_with = "timeline")]
    pub(super) no_timeline: bool,
    #[command(flatten)]
    pub(super) select: SelectArgs,
    /// Say what would be built and fetched, and for how long; build and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Build again whenever a file of the workspace changes, until Ctrl-C
    #[arg(long, conflicts_with = "dry_run")]
    pub(super) watch: bool,
    /// Then run the checks that config.toml plans (`checks.plans`), where they have not passed already;
    /// each that finds something is shown
    #[arg(long, conflicts_with_all = ["what", "attr", "dry_run", "watch"])]
    pub(super) checks: bool,
    /// Words for `nix build`, after `--`
    #[arg(last = true, value_name = "NIX-ARGS")]
    pub(super) nix: Vec<String>,
}

impl Args {
    /// What another command builds of a selection: without a link, and all that does not need what
    /// failed.
    pub fn without_link(select: SelectArgs) -> Self {
        Self {
            what: Vec::new(),
            attr: Vec::new(),
            out_link: None,
            no_link: true,
            print_out_paths: false,
            print_build_logs: false,
            keep_going: true,
            jobs: None,
            quiet: false,
            verbose: false,
            color: Colour::default(),
            timeline: None,
            no_timeline: true,
            select,
            dry_run: false,
            watch: false,
            checks: false,
            nix: Vec::new(),
        }
    }
}
