//! Which names an expression sees: the bindings, function arguments and `with`s around it.

use rnix::SyntaxNode;

use super::value::{Located, Shared};

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
