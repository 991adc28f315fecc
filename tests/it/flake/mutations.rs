//! Ten thousand broken flakes: none panics, each is read or refused at a place in its text.

use rbn_plan::flake::{Lock, read};

use super::corpus::shapes;

pub const MUTATIONS: usize = 10_000;

/// Pieces that change the meaning of what stands around them.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    "\"",
    "''",
    "${",
    ";",
    "=",
    ":",
    ".",
    "@",
    "...",
    "rec ",
    "let ",
    " in ",
    "with ",
    "inherit ",
    "#",
    "/*",
    "//",
    "\u{1F980}",
];

/// Small, fast and the same in every run (xorshift).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).expect("below a usize")
    }
}

fn boundary(text: &str, dice: &mut Dice) -> usize {
    let mut at = dice.roll(text.len() + 1);
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// One to three cuts, copies or insertions.
pub fn mutate(text: &str, dice: &mut Dice) -> String {
    let mut text = text.to_owned();
    for _ in 0..=dice.roll(3) {
        let (a, b) = (boundary(&text, dice), boundary(&text, dice));
        let (start, end) = (a.min(b), a.max(b).min(a.min(b) + 40));
        let end = (end..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        match dice.roll(4) {
            0 => text.replace_range(start..end, ""),
            1 => text.insert_str(start, PIECES[dice.roll(PIECES.len())]),
            2 => {
                let copy = text[start..end].to_owned();
                let at = boundary(&text, dice);
                text.insert_str(at, &copy);
            }
            _ => text.replace_range(start..end, PIECES[dice.roll(PIECES.len())]),
        }
    }
    text
}

#[test]
fn mutated_flakes_are_read_or_refused_at_a_place() {
    let shapes = shapes();
    let mut dice = Dice::new(0x9E37_79B9_7F4A_7C15);
    let mut refused = 0;
    for round in 0..MUTATIONS {
        let (name, text) = &shapes[round % shapes.len()];
        let mutated = mutate(text, &mut dice);
        if let Err(failure) = read(&mutated, "flake.nix") {
            refused += 1;
            assert!(!failure.problems().is_empty(), "{name}: refused without a problem: {mutated}");
            for problem in failure.problems() {
                let span = problem.span;
                assert!(
                    span.start <= span.end && mutated.get(span.start..span.end).is_some(),
                    "{name}: {problem} at {span:?} is not in the text: {mutated}"
                );
                assert!(!problem.to_string().is_empty());
            }
        }
    }
    // The test would mean little if nearly all or nearly none were refused.
    assert!((MUTATIONS / 10..MUTATIONS * 99 / 100).contains(&refused), "{refused} refused");
}

#[test]
fn mutated_locks_are_read_or_refused_at_a_place() {
    let text = include_str!("../../fixtures/flake/trees/family/flake.lock");
    Lock::read(text, "flake.lock").expect("the original is right");
    let mut dice = Dice::new(7);
    for _ in 0..2_000 {
        let mutated = mutate(text, &mut dice);
        if let Err(failure) = Lock::read(&mutated, "flake.lock") {
            for problem in failure.problems() {
                let span = problem.span;
                assert!(mutated.get(span.start..span.end).is_some(), "{problem} at {span:?}");
            }
        }
    }
}

#[test]
fn hostile_texts_end() {
    let deep = |open: &str, close: &str, count: usize| {
        format!("{{ outputs = _: {}1{}; }}", open.repeat(count), close.repeat(count))
    };
    let mut doubling = String::from("{ outputs = _: rec { a0 = { x = 1; };\n");
    for level in 1..60 {
        let below = level - 1;
        doubling += &format!("a{level} = {{ x = a{below}; y = a{below}; z = a{below}; }};\n");
    }
    doubling += "}; }";
    let hostile = [
        // Just below and above where a text gets a stack of its own.
        deep("(", ")", 95),
        deep("{a=", ";}", 48),
        deep("[", "]", 190),
        deep("x: ", "", 95),
        deep("with x; ", "", 95),
        deep("let a = 1; in ", "", 95),
        deep("if a then b else ", "", 90),
        deep("-", "", 760),
        deep("1 ++ ", "", 380),
        deep("1 + ", "", 380),
        deep("a -> ", "", 380),
        deep("!", "", 760),
        deep("(", ")", 20_000),
        deep("[", "]", 20_000),
        deep("{a=", ";}", 20_000),
        deep("x: ", "", 20_000),
        deep("1+", "", 20_000),
        deep("-", "", 20_000),
        deep("f {a=1;} ", "", 20_000),
        deep("let a = ", "; in a", 10_000),
        deep("with x; ", "", 20_000),
        deep("\"${", "}\"", 20_000),
        deep("if a then b else ", "", 20_000),
        deep("a.b.c.", "", 20_000),
        format!("{{ outputs = _: {{ a = {}; }}; }}", "1 ++ ".repeat(4_000) + "1"),
        format!("{{ {} outputs = _: {{}}; }}", "inputs.a.inputs.a.inputs.a = {};".repeat(3_000)),
        doubling,
        "{ outputs = f: let x = f: f f; in x x; }".to_owned(),
        "{ outputs = _: let a = b; b = a; in a; }".to_owned(),
        "{ outputs = _: let f = x: { a = f x; }; in f 1; }".to_owned(),
    ];
    for text in hostile {
        if let Err(failure) = read(&text, "flake.nix") {
            assert!(!failure.problems().is_empty());
        }
    }
}
