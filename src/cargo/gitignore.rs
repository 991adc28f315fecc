//! A line of a `.gitignore` as a regular expression that Nix understands.
//!
//! Source: gitignore(5). Nix's `match` is POSIX's extended syntax over the whole text; what is
//! matched is a path from the repository's root, and a directory's has a `/` at its end.

/// The rule that a line means in the `.gitignore` of `dir` (empty, or with `/` at its end): a
/// regular expression, after `!` where it takes back what earlier rules said. `None` for comments,
/// and for classes of characters that the two syntaxes do not share.
#[must_use]
pub fn rule(dir: &str, line: &str) -> Option<String> {
    let line = without_spaces(line);
    if line.is_empty() || line.starts_with('#') {
        return None;
    }
    let (back, line) = match line.strip_prefix('!') {
        Some(rest) => ("!", rest),
        None => ("", line),
    };
    let (only_directories, line) = match line.strip_suffix('/') {
        Some(rest) => (true, rest),
        None => (false, line),
    };
    let anchored = line.contains('/');
    let line = line.strip_prefix('/').unwrap_or(line);
    if line.is_empty() {
        return None;
    }
    let mut rule = format!("{back}{}", literal(dir));
    if !anchored {
        rule.push_str("(.*/)?");
    }
    rule.push_str(&pattern(line)?);
    rule.push_str(if only_directories { "/" } else { "/?" });
    Some(rule)
}

/// Spaces at the end count only behind a backslash.
fn without_spaces(line: &str) -> &str {
    let line = line.strip_suffix('\r').unwrap_or(line);
    let cut = line.trim_end_matches(' ');
    let escaped = cut.ends_with('\\') && cut.len() < line.len();
    if escaped { &line[..=cut.len()] } else { cut }
}

/// A text as it is.
#[must_use]
pub fn literal(text: &str) -> String {
    text.chars().map(escaped).collect()
}

fn escaped(letter: char) -> String {
    match letter {
        '.' | '[' | ']' | '{' | '}' | '(' | ')' | '*' | '+' | '?' | '^' | '$' | '|' | '\\' => {
            format!("\\{letter}")
        }
        other => other.to_string(),
    }
}

fn pattern(glob: &str) -> Option<String> {
    let mut made = String::new();
    let mut rest = glob;
    let mut at_start = true;
    while let Some(letter) = rest.chars().next() {
        let part_starts = at_start || made.ends_with('/');
        at_start = false;
        if part_starts && rest.starts_with("**/") {
            made.push_str("(.*/)?");
            // What follows starts a part again.
            rest = &rest[3..];
            at_start = true;
            continue;
        }
        if part_starts && rest == "**" {
            made.push_str(".+");
            break;
        }
        rest = &rest[letter.len_utf8()..];
        match letter {
            '*' => {
                rest = rest.trim_start_matches('*');
                made.push_str("[^/]*");
            }
            '?' => made.push_str("[^/]"),
            '\\' => {
                let next = rest.chars().next()?;
                made.push_str(&escaped(next));
                rest = &rest[next.len_utf8()..];
            }
            '[' => {
                let body_start = usize::from(rest.starts_with(['!', '^']));
                let end = rest[body_start..].find(']').filter(|end| *end > 0)? + body_start;
                let body = &rest[body_start..end];
                if body.contains(['\\', '[', '/', '^']) {
                    return None;
                }
                made.push_str(if body_start == 1 { "[^/" } else { "[" });
                made.push_str(body);
                made.push(']');
                rest = &rest[end + 1..];
            }
            other => made.push_str(&escaped(other)),
        }
    }
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::rule;

    #[track_caller]
    fn check(line: &str, expected: &str) {
        assert_eq!(rule("", line).as_deref().unwrap_or("nothing"), expected);
    }

    #[test]
    fn lines_are_rules() {
        check("target", "(.*/)?target/?");
        check("/target/", "target/");
        check("*.log", "(.*/)?[^/]*\\.log/?");
        check("a/b?c", "a/b[^/]c/?");
        check("**/gen", "(.*/)?gen/?");
        check("docs/**", "docs/.+/?");
        check("a/**/z", "a/(.*/)?z/?");
        check("!keep.txt", "!(.*/)?keep\\.txt/?");
        check("\\#x", "(.*/)?#x/?");
        check("\\!x", "(.*/)?!x/?");
        check("x\\ ", "(.*/)?x /?");
        check("x  ", "(.*/)?x/?");
        check("[Tt]mp[!0-9]", "(.*/)?[Tt]mp[^/0-9]/?");
        check("a+b", "(.*/)?a\\+b/?");
    }

    #[test]
    fn what_is_no_rule() {
        for line in ["", "# note", "/", "[", "[a\\]b]", "x\\"] {
            check(line, "nothing");
        }
    }

    #[test]
    fn a_rule_holds_below_its_file() {
        assert_eq!(rule("a.b/", "*.o").as_deref(), Some("a\\.b/(.*/)?[^/]*\\.o/?"));
        assert_eq!(rule("a/", "/x").as_deref(), Some("a/x/?"));
    }
}
