//! Lines that nobody promised.

use proptest::prelude::*;
use rbn_plan::build::Status;
use rbn_plan::build::line::Line;
use rbn_plan::build::tracker::{Notice, Tracker};

use super::log;

/// Takes lines as a display does, whatever they are.
fn survive<'l>(lines: impl IntoIterator<Item = &'l str>) -> Tracker {
    let mut tracker = Tracker::default();
    for (now, line) in lines.into_iter().enumerate() {
        if let Some(Notice::Ended(job)) = tracker.take(now as u64, Line::parse_stamped(line).1) {
            tracker.settle(job, None);
        }
    }
    tracker.finish(u64::MAX, false);
    tracker
}

#[test]
fn a_stream_may_be_cut_anywhere() {
    for name in ["built.log", "failed.log", "fetched.log", "interrupted.log"] {
        let text = log(name);
        for end in (0..text.len()).step_by(211).filter(|end| text.is_char_boundary(*end)) {
            let tracker = survive(text[..end].lines());
            assert!(tracker.jobs.iter().all(|job| job.status.is_some() && job.end.is_some()));
        }
    }
}

#[test]
fn lines_may_be_missing_or_come_twice() {
    let text = log("failed.log");
    let lines: Vec<&str> = text.lines().collect();
    for skipped in 0..lines.len() {
        survive(lines.iter().enumerate().filter(|(at, _)| *at != skipped).map(|(_, line)| *line));
    }
    let tracker = survive(lines.iter().flat_map(|line| [*line, *line]));
    assert!(tracker.jobs.iter().all(|job| job.status.is_some()));
}

#[test]
fn what_is_none_of_nix_s_is_shown_as_it_is() {
    for line in ["", "warning: something", "@nix {\"action\":\"start\"", "@nix", "{}", "\u{1b}[0m"]
    {
        assert_eq!(Line::parse(line), Line::Text(line.to_owned()));
    }
}

#[test]
fn what_nix_s_own_lines_lack_is_passed_over() {
    for line in [
        r#"@nix {}"#,
        r#"@nix []"#,
        r#"@nix 7"#,
        r#"@nix {"action":7}"#,
        r#"@nix {"action":"sing"}"#,
        r#"@nix {"action":"start"}"#,
        r#"@nix {"action":"start","id":-1,"type":105}"#,
        r#"@nix {"action":"stop","id":"7"}"#,
        r#"@nix {"action":"msg","level":0}"#,
    ] {
        assert_eq!(Line::parse(line), Line::Other, "{line}");
    }
    // A build without a derivation, a log line without a text, an end without a beginning.
    let tracker = survive([
        r#"@nix {"action":"start","id":1,"type":105}"#,
        r#"@nix {"action":"start","id":2,"type":105,"fields":[7]}"#,
        r#"@nix {"action":"start","id":3,"type":105,"fields":["x.drv"]}"#,
        r#"@nix {"action":"result","id":3,"type":101,"fields":[{}]}"#,
        r#"@nix {"action":"result","id":4,"type":101,"fields":["nobody's"]}"#,
        r#"@nix {"action":"result","id":3,"type":105,"fields":["a","b"]}"#,
        r#"@nix {"action":"stop","id":9}"#,
        r#"@nix {"action":"stop","id":1}"#,
    ]);
    assert_eq!(tracker.jobs.len(), 1);
    assert_eq!(tracker.jobs[0].status, Some(Status::Stopped));
    assert!(tracker.jobs[0].log.is_empty());
}

/// A builder may speak of others: what is in the store is built, whatever it says.
#[test]
fn a_message_does_not_undo_what_is_there() {
    let mut tracker = Tracker::default();
    let mut take = |line: &str| tracker.take(0, Line::parse(line));
    take(r#"@nix {"action":"start","id":1,"type":105,"fields":["/nix/store/x.drv"]}"#);
    let said = r#"@nix {"action":"msg","level":0,"msg":"'/nix/store/x.drv' failed"}"#;
    assert_eq!(take(said), Some(Notice::Failed(0)));
    assert_eq!(take(r#"@nix {"action":"stop","id":1}"#), Some(Notice::Ended(0)));
    assert_eq!(tracker.settle(0, Some(true)), Status::Built);
    assert!(matches!(tracker.take(0, Line::parse(said)), Some(Notice::Said(0, _))));
}

proptest! {
    #[test]
    fn any_lines_are_survived(lines in proptest::collection::vec(".{0,60}", 0..20)) {
        survive(lines.iter().map(String::as_str));
    }

    #[test]
    fn any_activities_are_survived(
        lines in proptest::collection::vec(
            (0..3_usize, 0..4_u64, 99..115_u64, "[a-z./']{0,12}", any::<u64>()),
            0..40,
        ),
    ) {
        let lines: Vec<String> = lines
            .into_iter()
            .map(|(action, id, kind, text, number)| {
                let action = ["start", "stop", "result"][action];
                format!(
                    r#"@nix {{"action":"{action}","id":{id},"type":{kind},"fields":["{text}",{number},"{text}"]}}"#
                )
            })
            .collect();
        survive(lines.iter().map(String::as_str));
    }
}
