//! One line of Nix's `internal-json` log.
//!
//! The numbers of activities and results are those of Nix's `logging.hh`, the same from Nix 2.4 to
//! today's; later versions added some, which are no more than passed over here. Nothing that a line
//! holds is an error: a builder, a plugin or another version may have written it.

use serde_json::Value;

/// What Nix begins its own lines with.
const MARK: &str = "@nix ";

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// An activity begins.
    Start {
        /// Its number.
        id: u64,
        /// What it is.
        activity: Activity,
    },
    /// An activity ended.
    Stop {
        /// Its number.
        id: u64,
    },
    /// An activity tells something.
    Result {
        /// Its number.
        id: u64,
        /// What it tells.
        report: Report,
    },
    /// Nix speaks.
    Message {
        /// 0: an error, 1: a warning, and so on to 7.
        level: u64,
        /// The text, as it is: it may have escape sequences in it.
        text: String,
    },
    /// A line of Nix's that says nothing to us.
    Other,
    /// A line that is not Nix's.
    Text(String),
}

/// An activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Activity {
    /// 104: all builds together.
    Builds,
    /// 105: a derivation is built.
    Build {
        /// The `.drv` file.
        drv: String,
        /// The machine that builds it; empty for this one.
        machine: String,
    },
    /// 108: a path is taken from a binary cache.
    Substitute {
        /// The path.
        path: String,
        /// The cache's address.
        from: String,
    },
    /// 100: a path is copied from one store to another.
    Copy {
        /// The path.
        path: String,
    },
    /// 111: a derivation waits, because all machines that may build it are at work.
    Waiting {
        /// The `.drv` file.
        drv: String,
    },
    /// 0: something that Nix has words for, and no more: connecting to a builder, copying to it.
    Doing {
        /// The words.
        text: String,
    },
    /// Any other.
    Other,
}

/// What an activity tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    /// 101: a line of a build's log.
    Log(String),
    /// 105: how far it is.
    Progress {
        /// What is done.
        done: u64,
        /// What there is to do, as far as Nix knows by now.
        expected: u64,
    },
    /// Anything else.
    Other,
}

impl Line {
    /// Reads a line.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let text = text.trim_end_matches(['\n', '\r']);
        let read = || serde_json::from_str::<Value>(text.strip_prefix(MARK)?).ok();
        match read() {
            Some(value) => Self::of(&value).unwrap_or(Self::Other),
            None => Self::Text(text.to_owned()),
        }
    }

    /// Reads a line that may begin with the seconds since 1970, as `ts %.s` writes them: the
    /// milliseconds, and the line.
    #[must_use]
    pub fn parse_stamped(text: &str) -> (Option<u64>, Self) {
        let stamp = text.split_once(' ').filter(|(_, rest)| rest.starts_with(MARK));
        match stamp.and_then(|(seconds, rest)| Some((milliseconds(seconds)?, rest))) {
            Some((at, rest)) => (Some(at), Self::parse(rest)),
            None => (None, Self::parse(text)),
        }
    }

    fn of(value: &Value) -> Option<Self> {
        let number = |name: &str| value.get(name).and_then(Value::as_u64);
        Some(match value.get("action")?.as_str()? {
            "start" => Self::Start { id: number("id")?, activity: Activity::of(value) },
            "stop" => Self::Stop { id: number("id")? },
            "result" => Self::Result { id: number("id")?, report: Report::of(value) },
            "msg" => Self::Message {
                level: number("level").unwrap_or_default(),
                text: value.get("msg")?.as_str()?.to_owned(),
            },
            _ => return None,
        })
    }
}

/// Seconds with a fraction as milliseconds.
fn milliseconds(seconds: &str) -> Option<u64> {
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().ok()?.checked_mul(1000)?.checked_add(thousandths.parse().ok()?)
}

fn field(value: &Value, at: usize) -> Option<&Value> {
    value.get("fields")?.get(at)
}

fn text(value: &Value, at: usize) -> Option<String> {
    field(value, at)?.as_str().map(str::to_owned)
}

impl Activity {
    fn of(value: &Value) -> Self {
        let read = || {
            Some(match value.get("type")?.as_u64()? {
                0 => {
                    let text = value.get("text")?.as_str()?;
                    if text.is_empty() {
                        return None;
                    }
                    Self::Doing { text: text.to_owned() }
                }
                100 => Self::Copy { path: text(value, 0)? },
                104 => Self::Builds,
                111 => Self::Waiting { drv: text(value, 0).unwrap_or_default() },
                105 => Self::Build {
                    drv: text(value, 0)?,
                    machine: text(value, 1).unwrap_or_default(),
                },
                108 => Self::Substitute {
                    path: text(value, 0)?,
                    from: text(value, 1).unwrap_or_default(),
                },
                _ => return None,
            })
        };
        read().unwrap_or(Self::Other)
    }
}

impl Report {
    fn of(value: &Value) -> Self {
        let read = || {
            let number = |at| field(value, at).and_then(Value::as_u64);
            Some(match value.get("type")?.as_u64()? {
                101 => Self::Log(text(value, 0)?),
                105 => Self::Progress { done: number(0)?, expected: number(1)? },
                _ => return None,
            })
        };
        read().unwrap_or(Self::Other)
    }
}
