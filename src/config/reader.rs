//! From found values to settings: the strongest layer wins, every layer is checked.

use std::collections::BTreeSet;
use std::ops::Range;

use indexmap::IndexMap;

use super::invalid::Invalid;
use super::notice::Notice;
use super::origin::Setting;
use super::problem::{Fault, Place, Problem};
use super::raw_value::{Found, Piece, Raw};

/// Why a value, or the piece of it at the span, is refused.
pub(super) type Refusal = (Invalid, Option<Range<usize>>);

/// Everything that was found, from the weakest layer to the strongest, and what came of it.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// By path; below a path in the order of the file, the layers above it last.
    found: IndexMap<Vec<String>, Vec<Found>>,
    pub(super) problems: Vec<Problem>,
    pub(super) notices: Vec<Notice>,
}

impl Reader {
    /// The value of `path` in the table number `index`, as `convert` understands it.
    pub(super) fn value<T>(
        &mut self,
        path: &[&str],
        index: usize,
        convert: impl Fn(&Raw) -> Result<T, Vec<Refusal>>,
    ) -> Option<Setting<T>> {
        let mut best = None;
        let all = self.found.get(&owned(path)).map_or(&[][..], Vec::as_slice);
        for found in all.iter().filter(|found| found.index == index) {
            match convert(&found.raw) {
                Ok(value) => best = Some(Setting { value, origin: found.origin() }),
                Err(refusals) => {
                    for (why, span) in refusals {
                        if found.lenient {
                            let message = format!("no effect: {why}");
                            let (key, origin) = (found.written.clone(), found.origin());
                            self.notices.push(Notice { key, message, origin });
                        } else {
                            let what = Fault::BadValue { key: found.written.clone(), why };
                            let place = found.value_place(span.as_ref());
                            self.problems.push(Problem { what, place });
                        }
                    }
                }
            }
        }
        best
    }

    /// A boolean.
    pub(super) fn boolean(&mut self, path: &[&str]) -> Option<Setting<bool>> {
        self.boolean_of(path, 0)
    }

    /// A boolean of the table number `index`.
    pub(super) fn boolean_of(&mut self, path: &[&str], index: usize) -> Option<Setting<bool>> {
        self.value(path, index, |raw| match raw {
            Raw::Bool(on) => Ok(*on),
            other => Err(vec![mistyped(other)]),
        })
    }

    /// A string that `parse` understands.
    pub(super) fn text<T>(
        &mut self,
        path: &[&str],
        index: usize,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<Setting<T>> {
        self.value(path, index, |raw| match raw {
            Raw::Text(piece) => parse(&piece.text).map_err(|why| vec![(why, piece.span.clone())]),
            other => Err(vec![mistyped(other)]),
        })
    }

    /// A list of strings, each of which `parse` understands.
    pub(super) fn texts<T>(
        &mut self,
        path: &[&str],
        index: usize,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<Setting<Vec<T>>> {
        self.value(path, index, |raw| match raw {
            Raw::Texts(pieces) => parse_all(pieces, &parse),
            other => Err(vec![mistyped(other)]),
        })
    }

    /// A list like [`Self::texts`] in which no element may come twice.
    pub(super) fn set<T>(
        &mut self,
        path: &[&str],
        index: usize,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<Setting<Vec<T>>> {
        self.set_by(path, index, parse, str::to_owned)
    }

    /// A list like [`Self::texts`] in which no two elements may have the same `name`.
    pub(super) fn set_by<T>(
        &mut self,
        path: &[&str],
        index: usize,
        parse: impl Fn(&str) -> Result<T, Invalid>,
        name: impl Fn(&str) -> String,
    ) -> Option<Setting<Vec<T>>> {
        self.value(path, index, |raw| match raw {
            Raw::Texts(pieces) => {
                let mut known = BTreeSet::new();
                let twice = pieces.iter().filter(|piece| !known.insert(name(&piece.text)));
                let twice =
                    twice.map(|piece| (Invalid::Twice(name(&piece.text)), piece.span.clone()));
                let twice: Vec<Refusal> = twice.collect();
                match parse_all(pieces, &parse) {
                    Ok(values) if twice.is_empty() => Ok(values),
                    Ok(_) => Err(twice),
                    Err(refusals) => Err(refusals.into_iter().chain(twice).collect()),
                }
            }
            other => Err(vec![mistyped(other)]),
        })
    }

    /// The names that the user chose below `section`, each with the place of its first use, in the
    /// order of the file; of one table of an array of tables, if `index` is given.
    pub(super) fn chosen(&self, section: &[&str], index: Option<usize>) -> Vec<(String, Place)> {
        let mut names: IndexMap<&str, Place> = IndexMap::new();
        for found in self.found.values().flatten() {
            if found.path.len() > section.len()
                && index.is_none_or(|index| found.index == index)
                && found.path.iter().zip(section).all(|(part, wanted)| part == wanted)
            {
                names.entry(&found.path[section.len()]).or_insert_with(|| {
                    if found.path.len() == section.len() + 1 {
                        found.key_place()
                    } else {
                        found.chosen_place()
                    }
                });
            }
        }
        names.into_iter().map(|(name, place)| (name.to_owned(), place)).collect()
    }

    /// Reports a name that the user chose badly.
    pub(super) fn refuse(&mut self, key: String, why: Invalid, place: Place) {
        self.problems.push(Problem { what: Fault::BadValue { key, why }, place });
    }

    /// The strongest value found for `path`, not understood yet.
    pub(super) fn strongest(&self, path: &[&str]) -> Option<&Found> {
        self.found.get(&owned(path)).and_then(|found| found.last())
    }

    /// Everything that was found.
    pub(super) fn all(&self) -> impl Iterator<Item = &Found> {
        self.found.values().flatten()
    }

    /// Adds what a layer above the file says.
    pub(super) fn add_layer(&mut self, layer: Vec<Found>) {
        for found in layer {
            self.found.entry(found.path.clone()).or_default().push(found);
        }
    }

    /// Adds what the file says. Two spellings of one key exclude each other; one that only counts
    /// where it fits yields to the other.
    pub(super) fn add_file(&mut self, file: Vec<Found>) {
        for found in file {
            let same_path = self.found.entry(found.path.clone()).or_default();
            let Some(first) = same_path.iter_mut().find(|one| one.index == found.index) else {
                same_path.push(found);
                continue;
            };
            let yields = |from: &Found, to: &Found| Notice {
                key: from.written.clone(),
                message: format!("no effect: `{}` is set", to.written),
                origin: from.origin(),
            };
            if found.lenient {
                self.notices.push(yields(&found, first));
            } else if first.lenient {
                self.notices.push(yields(first, &found));
                *first = found;
            } else {
                let (key, other) = (found.written.clone(), first.written.clone());
                let what = Fault::Conflict { key, other };
                self.problems.push(Problem { what, place: found.key_place() });
            }
        }
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|part| (*part).to_owned()).collect()
}

fn parse_all<T>(
    pieces: &[Piece],
    parse: &impl Fn(&str) -> Result<T, Invalid>,
) -> Result<Vec<T>, Vec<Refusal>> {
    let (mut values, mut refusals) = (Vec::new(), Vec::new());
    for piece in pieces {
        match parse(&piece.text) {
            Ok(value) => values.push(value),
            Err(why) => refusals.push((why, piece.span.clone())),
        }
    }
    if refusals.is_empty() { Ok(values) } else { Err(refusals) }
}

/// An alias whose shape is wider than the setting's; the schema's test keeps this from happening,
/// and if it does, it is said instead of guessed.
fn mistyped(raw: &Raw) -> Refusal {
    let text = match raw {
        Raw::Bool(on) => on.to_string(),
        Raw::Text(piece) | Raw::Env { value: piece, .. } => piece.text.clone(),
        Raw::Texts(pieces) => {
            pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(" ")
        }
    };
    (Invalid::Name { text, noun: "a value of the right type" }, None)
}
