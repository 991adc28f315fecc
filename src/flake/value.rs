//! What an expression of Nix means as far as that can be said without evaluating it.

use std::rc::Rc;

use indexmap::IndexMap;
use rnix::SyntaxNode;
use rnix::ast;
use serde::Serialize;

use super::span::{Span, Spanned};

/// Something that only Nix can compute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unknown {
    /// The expression, on one line and shortened.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// A value and the expression that it comes from.
pub(super) type Located = Spanned<Value>;

/// A value of Nix, as far as it is static.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Text(String),
    Flag(bool),
    Number(i64),
    Null,
    Path(String),
    List(Vec<Located>),
    Attrs(Attrs),
    Function(Function),
    /// An attribute of something given from outside: a function's argument, or a builtin.
    /// `["nixpkgs", "lib", "genAttrs"]` is `nixpkgs.lib.genAttrs`.
    External(Vec<String>),
    Unknown(Unknown),
}

impl Value {
    /// What it is, with its article, for messages.
    pub(super) fn noun(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Flag(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Null => "null",
            Self::Path(_) => "a path",
            Self::List(_) => "a list",
            Self::Attrs(_) => "an attribute set",
            Self::Function(_) => "a function",
            Self::External(_) | Self::Unknown(_) => "a computed value",
        }
    }
}

/// An attribute set.
#[derive(Debug, Clone, Default)]
pub(super) struct Attrs {
    /// The attributes whose names are known.
    pub(super) known: IndexMap<String, Attr>,
    /// Attributes whose names are computed.
    pub(super) families: Vec<Family>,
    /// Where further attributes come from that are not known at all.
    pub(super) rest: Option<Unknown>,
}

/// An attribute with a known name.
#[derive(Debug, Clone)]
pub(super) struct Attr {
    /// Where the name is written first.
    pub(super) key: Span,
    pub(super) value: Located,
    /// Whether it was written as a set, so that Nix lets further definitions join it.
    pub(super) open: bool,
}

/// `${over} = value`, or one attribute for each element of a computed list.
#[derive(Debug, Clone)]
pub(super) struct Family {
    pub(super) over: Unknown,
    pub(super) value: Located,
}

/// Something that can be applied.
#[derive(Debug, Clone)]
pub(super) enum Function {
    Lambda { node: ast::Lambda, scope: Scope },
    Library { function: LibraryFunction, arguments: Vec<Located> },
}

/// Functions of nixpkgs' library, flake-utils and flake-parts that shape outputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LibraryFunction {
    /// `genAttrs names f`
    GenAttrs,
    /// `eachSystem systems f`
    EachSystem,
    /// `eachDefaultSystem f`
    EachDefaultSystem,
    /// `eachDefaultSystemMap f`: `genAttrs` over the default systems.
    EachDefaultSystemMap,
    /// `mapAttrs f set`
    MapAttrs,
    /// flake-parts' `mkFlake arguments module`
    MakeFlake,
}

impl LibraryFunction {
    /// The function that the attribute path `path` of something external names.
    pub(super) fn find(path: &[String]) -> Option<Self> {
        let (name, library) = path.split_last()?;
        let holder = library.last().map(String::as_str);
        let in_library = holder == Some("lib") || holder == Some("attrsets");
        Some(match name.as_str() {
            "genAttrs" | "eachSystemMap" if in_library => Self::GenAttrs,
            "mapAttrs" if in_library || holder == Some("builtins") => Self::MapAttrs,
            "eachSystem" if in_library => Self::EachSystem,
            "eachDefaultSystem" if in_library => Self::EachDefaultSystem,
            "eachDefaultSystemMap" if in_library => Self::EachDefaultSystemMap,
            "mkFlake" if in_library && library.contains(&"flake-parts".to_owned()) => {
                Self::MakeFlake
            }
            _ => return None,
        })
    }

    /// How many arguments it takes.
    pub(super) fn arity(self) -> usize {
        match self {
            Self::EachDefaultSystem | Self::EachDefaultSystemMap => 1,
            Self::GenAttrs | Self::EachSystem | Self::MapAttrs | Self::MakeFlake => 2,
        }
    }
}

impl Attrs {
    /// Right-biased union, Nix's `//`. What the right side may hide is no longer known.
    pub(super) fn update(mut self, right: Self) -> Self {
        if let Some(hiding) =
            right.rest.clone().or_else(|| right.families.first().map(|family| family.over.clone()))
        {
            for attr in self.known.values_mut() {
                attr.value.value = Value::Unknown(hiding.clone());
            }
        }
        self.known.extend(right.known);
        self.families.extend(right.families);
        self.rest = right.rest.or(self.rest);
        self
    }
}

/// Shared so that closures are cheap to copy.
pub(super) type Shared<T> = Rc<T>;

/// A chain of frames, the innermost first. Copies share their frames.
#[derive(Debug, Clone, Default)]
pub(super) struct Scope(Option<Shared<Frame>>);

#[derive(Debug)]
pub(super) struct Frame {
    pub(super) names: Names,
    pub(super) outer: Scope,
}

#[derive(Debug)]
pub(super) enum Names {
    /// The entries of a `let`, or of a `rec` set; they see themselves.
    Bindings(SyntaxNode),
    /// Arguments of a function.
    Arguments(Vec<(String, Located)>),
    /// The namespace of a `with`.
    With(Located),
}

impl Scope {
    /// This scope with one more frame inside.
    pub(super) fn inner(&self, names: Names) -> Self {
        Self(Some(Shared::new(Frame { names, outer: self.clone() })))
    }

    /// The innermost frame.
    pub(super) fn frame(&self) -> Option<&Frame> {
        self.0.as_deref()
    }

    /// This scope and those around it, from the inside out.
    pub(super) fn chain(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |scope| scope.frame().map(|frame| &frame.outer))
    }
}

impl Drop for Frame {
    /// Unlinks the chain step by step: one that is long must not overflow the stack.
    fn drop(&mut self) {
        let mut next = self.outer.0.take();
        while let Some(frame) = next {
            match Shared::try_unwrap(frame) {
                Ok(mut frame) => next = frame.outer.0.take(),
                Err(_) => break,
            }
        }
    }
}
