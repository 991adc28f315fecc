//! What is known of a build while Nix says nothing: a builder may hang, and Nix waits for it without end.

use super::tracker::{Running, Tracker};
use crate::text::visible;
use crate::text::words::{count, duration, shortened};

/// After how many milliseconds without a word something is told; then whenever it is twice as long.
const FIRST: u64 = 60_000;

/// The most steps that are named.
const NAMES: usize = 3;

/// How long Nix has said nothing.
#[derive(Debug, Default)]
pub struct Silence {
    /// When it last said something.
    heard: u64,
    /// How long it had been when that was last told.
    told: u64,
}

/// What is to be told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The lines.
    pub text: String,
    /// Whether this machine is at work, and no other: a long step, most likely.
    pub is_here: bool,
}

impl Silence {
    /// Nix said something at `now`, in milliseconds from the start.
    pub fn broken(&mut self, now: u64) {
        *self = Self { heard: now, told: 0 };
    }

    /// What is to be told at `now`, if it is time for that.
    pub fn look(&mut self, now: u64, tracker: &Tracker) -> Option<Told> {
        let silent = now.saturating_sub(self.heard);
        if silent < FIRST.max(self.told.saturating_mul(2)) {
            return None;
        }
        self.told = silent;
        Some(told(now, silent, tracker))
    }
}

fn told(now: u64, silent: u64, tracker: &Tracker) -> Told {
    let running: Vec<&Running> = tracker.running().collect();
    let mut text = format!("note: Nix has said nothing for {}", duration(silent));
    // What it says of a connection is newer than what it says of the step.
    let doing = tracker.doing.values().next_back();
    let mut machines: Vec<&str> = doing.and_then(|doing| address(doing)).into_iter().collect();
    if running.is_empty() {
        text.push_str(", and nothing is at work");
        if !tracker.waiting.is_empty() {
            let waiting = count(tracker.waiting.len(), "derivation");
            text.push_str(&format!("; for a free builder: {waiting}"));
        }
        text.push('.');
    } else {
        let name = |job: &&Running| {
            let took = duration(now.saturating_sub(job.start));
            format!("{}{} ({took})", visible::line(&job.label()), job.place())
        };
        let names = running.iter().map(name).collect();
        text.push_str(&format!(". At work: {}.", shortened(names, NAMES)));
        let elsewhere = running.iter().map(|job| job.machine.as_str());
        machines.extend(elsewhere.filter(|machine| !machine.is_empty()));
    }
    if let Some(doing) = doing {
        text.push_str(&format!(" Its last words: {}.", visible::line(doing)));
    }
    let is_here = !running.is_empty() && machines.is_empty();
    if let Some(machine) = machines.first() {
        text.push_str(&format!(
            "\nhint: if that machine hangs, Ctrl-C ends this build. Ask it:\
             \n      nix store ping --store {}\n      Without it: rbn-plan build -- --builders ''",
            visible::line(machine)
        ));
    }
    Told { text, is_here }
}

/// The address of a store in Nix's words: `connecting to 'ssh-ng://host'`.
fn address(said: &str) -> Option<&str> {
    said.split('\'').find(|part| part.contains("://"))
}

#[cfg(test)]
mod tests {
    use super::Silence;
    use crate::build::line::Line;
    use crate::build::tracker::Tracker;

    fn tracker(lines: &[&str]) -> Tracker {
        let mut tracker = Tracker::default();
        for line in lines {
            tracker.take(500, Line::parse(line));
        }
        tracker
    }

    const CONNECTING: &str = r#"@nix {"action":"start","fields":[],"id":7,"level":4,"parent":0,"text":"connecting to 'ssh-ng://hostb'","type":0}"#;

    #[test]
    fn it_is_told_after_a_minute_and_then_ever_more_seldom() {
        let (tracker, mut silence) = (Tracker::default(), Silence::default());
        let mut told = Vec::new();
        for second in 0..=600 {
            if silence.look(second * 1000, &tracker).is_some() {
                told.push(second);
            }
        }
        assert_eq!(told, [60, 120, 240, 480]);
        silence.broken(600_000);
        assert_eq!(silence.look(659_000, &tracker), None);
        assert!(silence.look(660_000, &tracker).is_some());
    }

    #[test]
    fn a_builder_that_takes_the_connection_and_says_nothing() {
        let told = Silence::default().look(60_000, &tracker(&[CONNECTING])).expect("told");
        insta::assert_snapshot!(told.text, @r"
        note: Nix has said nothing for 1m00s, and nothing is at work. Its last words: connecting to 'ssh-ng://hostb'.
        hint: if that machine hangs, Ctrl-C ends this build. Ask it:
              nix store ping --store ssh-ng://hostb
              Without it: rbn-plan build -- --builders ''
        ");
        assert!(!told.is_here);
    }

    #[test]
    fn a_step_that_takes_long() {
        let start = r#"@nix {"action":"start","fields":["/nix/store/00000000000000000000000000000000-long.drv","",1,1],"id":8,"level":3,"parent":0,"text":"","type":105}"#;
        let told = Silence::default().look(60_000, &tracker(&[start])).expect("told");
        assert_eq!(told.text, "note: Nix has said nothing for 1m00s. At work: long (1m00s).");
        assert!(told.is_here);
        let there = start.replace(r#"",1"#, r#"ssh://b@far?x=y",1"#);
        let told = Silence::default().look(60_000, &tracker(&[&there])).expect("told");
        insta::assert_snapshot!(told.text, @r"
        note: Nix has said nothing for 1m00s. At work: long on far (1m00s).
        hint: if that machine hangs, Ctrl-C ends this build. Ask it:
              nix store ping --store ssh://b@far?x=y
              Without it: rbn-plan build -- --builders ''
        ");
        assert!(!told.is_here);
        // What it did is over.
        let stop = r#"@nix {"action":"stop","id":7}"#;
        let told = Silence::default().look(60_000, &tracker(&[CONNECTING, stop])).expect("told");
        assert_eq!(told.text, "note: Nix has said nothing for 1m00s, and nothing is at work.");
    }
}
