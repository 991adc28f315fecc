//! From text to a syntax tree that is safe to walk.

use std::thread;

use rnix::{Parse, ParseError, Root, SyntaxKind, WalkEvent};

use super::error::{Problem, ProblemKind};
use super::span::Span;

/// No flake.nix is larger; a mistaken path must not fill the memory.
const SIZE_LIMIT: usize = 4 << 20;

/// Deeper trees would need more stack than a thread has. Hand-written flakes stay below 40.
const DEPTH_LIMIT: usize = 400;

/// Longer chains of operators and applications are refused before they are parsed.
const CHAIN_LIMIT: usize = 5_000;

/// Up to this bound a text is parsed right here; ordinary flakes are, and a thread for each of many
/// flakes would cost more than all the rest.
const SHALLOW: usize = 100;

/// More brackets inside each other are refused before they are parsed: rnix takes quadratic time.
const NESTING_LIMIT: usize = 200;

/// Longer runs of what may be a path are refused: rnix looks through them again for each token.
const WORD_LIMIT: usize = 10_000;

/// Stack of the thread that parses deep texts: rnix recurses through all its levels of precedence, up to 512
/// times and once for each prefix operator. Only what is used is ever backed by memory.
const STACK: usize = 256 << 20;

/// Parses `text`, or says everything that keeps it from being Nix.
pub(super) fn parse(text: &str) -> Result<Root, Vec<Problem>> {
    if text.len() > SIZE_LIMIT {
        let kind = ProblemKind::TooLarge { size: text.len(), limit: SIZE_LIMIT };
        return Err(vec![Problem::new(Span::new(0, 0), kind)]);
    }
    if let Some(span) = too_long(text) {
        let message = format!("a word of more than {WORD_LIMIT} characters");
        return Err(vec![Problem::new(span, ProblemKind::Syntax(message))]);
    }
    let depth = match depth(text) {
        Ok(depth) => depth,
        Err(at) => {
            let kind = ProblemKind::TooDeep { limit: NESTING_LIMIT };
            return Err(vec![Problem::new(Span::new(at, at), kind)]);
        }
    };
    if depth <= SHALLOW {
        return parse_here(text).map(|parsed| parsed.tree());
    }
    let parsed = thread::scope(|scope| {
        let builder = thread::Builder::new().name("parse".to_owned()).stack_size(STACK);
        builder.spawn_scoped(scope, || parse_here(text)).map(|worker| worker.join())
    });
    match parsed {
        Ok(Ok(parsed)) => parsed.map(|parsed| parsed.tree()),
        Ok(Err(_)) => Err(vec![internal("the parser gave up")]),
        Err(error) => Err(vec![internal(&format!("no memory to parse it: {error}"))]),
    }
}

fn internal(message: &str) -> Problem {
    Problem::new(Span::new(0, 0), ProblemKind::Syntax(message.to_owned()))
}

/// Everything that may meet a tree too deep for an ordinary stack, dropping it included.
fn parse_here(text: &str) -> Result<Parse<Root>, Vec<Problem>> {
    let parsed = Root::parse(text);
    if !parsed.errors().is_empty() {
        let whole = Span::new(0, text.len());
        return Err(parsed.errors().iter().map(|error| problem(error, whole)).collect());
    }
    let mut depth = 0_usize;
    for event in parsed.syntax().preorder() {
        match event {
            WalkEvent::Enter(node) => {
                depth += 1;
                if depth > DEPTH_LIMIT {
                    let kind = ProblemKind::TooDeep { limit: DEPTH_LIMIT };
                    return Err(vec![Problem::new(node.text_range().into(), kind)]);
                }
            }
            WalkEvent::Leave(_) => depth -= 1,
        }
    }
    Ok(parsed)
}

fn too_long(text: &str) -> Option<Span> {
    let may_be_path = |c: &u8| c.is_ascii_alphanumeric() || b"._-+~/$:%?&=@!*,'".contains(c);
    let mut start = 0;
    for word in text.as_bytes().split(|c| !may_be_path(c)) {
        if word.len() > WORD_LIMIT {
            return Some(Span::new(start, start + word.len()));
        }
        start += word.len() + 1;
    }
    None
}

/// Finds where operators or applications chain up so long that the tree of them, which is as deep
/// as the chain is long, could not even be dropped. rnix itself limits only its own recursion.
///
/// Gives a bound of how deep the parser may recurse, or the offset where it is too deep.
fn depth(text: &str) -> Result<usize, usize> {
    let (mut nested, mut chained, mut keywords) = (0, 0, 0);
    let mut offset = 0;
    let mut outer: Vec<Chain> = Vec::new();
    let mut chain = Chain { length: 0, list: false };
    let mut total = 0;
    for (kind, token) in rnix::tokenize(text) {
        match kind {
            SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT => {}
            SyntaxKind::TOKEN_SEMICOLON | SyntaxKind::TOKEN_COMMA => {
                total -= chain.length;
                chain.length = 0;
            }
            SyntaxKind::TOKEN_L_BRACE
            | SyntaxKind::TOKEN_L_PAREN
            | SyntaxKind::TOKEN_L_BRACK
            | SyntaxKind::TOKEN_STRING_START
            | SyntaxKind::TOKEN_INTERPOL_START => {
                let list =
                    matches!(kind, SyntaxKind::TOKEN_L_BRACK | SyntaxKind::TOKEN_STRING_START);
                outer.push(std::mem::replace(&mut chain, Chain { length: 0, list }));
            }
            SyntaxKind::TOKEN_R_BRACE
            | SyntaxKind::TOKEN_R_PAREN
            | SyntaxKind::TOKEN_R_BRACK
            | SyntaxKind::TOKEN_STRING_END
            | SyntaxKind::TOKEN_INTERPOL_END => {
                total -= chain.length;
                chain = outer.pop().unwrap_or(Chain { length: 0, list: false });
                total += chain.count();
            }
            _ => total += chain.count(),
        }
        if total > CHAIN_LIMIT || outer.len() > NESTING_LIMIT {
            return Err(offset);
        }
        (nested, chained) = (outer.len().max(nested), total.max(chained));
        keywords += usize::from(matches!(
            kind,
            SyntaxKind::TOKEN_LET
                | SyntaxKind::TOKEN_WITH
                | SyntaxKind::TOKEN_ASSERT
                | SyntaxKind::TOKEN_IF
                | SyntaxKind::TOKEN_COLON
        ));
        offset += token.len();
    }
    Ok(nested + keywords + chained / 8)
}

/// Tokens since the last separator within one pair of brackets.
struct Chain {
    length: usize,
    /// The elements of a list, or of a string, lie side by side and chain nothing.
    list: bool,
}

impl Chain {
    fn count(&mut self) -> usize {
        let one = usize::from(!self.list);
        self.length += one;
        one
    }
}

fn problem(error: &ParseError, whole: Span) -> Problem {
    let end = Span::new(whole.end, whole.end);
    let (span, message) = match error {
        ParseError::Unexpected(range) => ((*range).into(), "unexpected text".to_owned()),
        ParseError::UnexpectedExtra(range) => {
            ((*range).into(), "unexpected text after the expression".to_owned())
        }
        ParseError::UnexpectedWanted(found, range, wanted) => {
            let message = format!("unexpected {}, expected {}", name(*found), names(wanted));
            ((*range).into(), message)
        }
        ParseError::UnexpectedDoubleBind(range) => {
            ((*range).into(), "the arguments are bound to a name twice".to_owned())
        }
        ParseError::DuplicatedArgs(range, argument) => {
            ((*range).into(), format!("argument `{argument}` is named twice"))
        }
        ParseError::UnexpectedEOF => (end, "unexpected end of file".to_owned()),
        ParseError::UnexpectedEOFWanted(wanted) => {
            (end, format!("unexpected end of file, expected {}", names(wanted)))
        }
        ParseError::RecursionLimitExceeded => {
            return Problem::new(end, ProblemKind::TooDeep { limit: DEPTH_LIMIT });
        }
        // The enum of rnix is open; its own words serve for what it may add.
        other => (end, other.to_string()),
    };
    Problem::new(span, ProblemKind::Syntax(message))
}

fn names(kinds: &[SyntaxKind]) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| name(*kind)).collect();
    names.join(" or ")
}

/// `TOKEN_R_BRACE` as a reader of Nix would say it.
fn name(kind: SyntaxKind) -> String {
    let text = match kind {
        SyntaxKind::TOKEN_L_BRACE => "`{`",
        SyntaxKind::TOKEN_R_BRACE | SyntaxKind::TOKEN_INTERPOL_END => "`}`",
        SyntaxKind::TOKEN_L_BRACK => "`[`",
        SyntaxKind::TOKEN_R_BRACK => "`]`",
        SyntaxKind::TOKEN_L_PAREN => "`(`",
        SyntaxKind::TOKEN_R_PAREN => "`)`",
        SyntaxKind::TOKEN_ASSIGN => "`=`",
        SyntaxKind::TOKEN_SEMICOLON => "`;`",
        SyntaxKind::TOKEN_COLON => "`:`",
        SyntaxKind::TOKEN_COMMA => "`,`",
        SyntaxKind::TOKEN_DOT => "`.`",
        SyntaxKind::TOKEN_AT => "`@`",
        SyntaxKind::TOKEN_ELLIPSIS => "`...`",
        SyntaxKind::TOKEN_INTERPOL_START => "`${`",
        SyntaxKind::TOKEN_IDENT => "a name",
        SyntaxKind::TOKEN_STRING_START => "a string",
        SyntaxKind::TOKEN_STRING_END => "the end of the string",
        SyntaxKind::TOKEN_STRING_CONTENT => "text in a string",
        SyntaxKind::TOKEN_ERROR => "text that is no Nix",
        other => {
            let raw = format!("{other:?}").to_lowercase();
            let bare = raw.trim_start_matches("token_").trim_start_matches("node_");
            return format!("`{}`", bare.replace('_', " "));
        }
    };
    text.to_owned()
}
