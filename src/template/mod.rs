//! The templates, each rendered from its own context type.

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera};

use crate::nix::escape;

/// A template of this program: its name, and the context that it takes.
pub trait Template: Serialize {
    /// The template's name; it ends in what it renders (`.nix` is escaped as Nix).
    const NAME: &'static str;
}

/// Renders `context` with its template.
///
/// # Errors
/// tera's own, which a context of the right type cannot cause; a test renders every template.
pub fn render<T: Template>(context: &T) -> Result<String, tera::Error> {
    let mut tera = Tera::default();
    tera.set_escape_fn(|text, out| escape::write_string(text, out));
    tera.autoescape_on([".nix"]);
    tera.register_filter("attr", |name: &str, _: Kwargs, _: &State| escape::attr(name));
    // An `include` costs a context each time, and a plan has ten thousand facts: the text of a
    // fact is put where it is used instead, once.
    let field = include_str!("../../templates/field.tera").trim_end();
    let step = include_str!("../../templates/step.tera").trim_end();
    let steps = include_str!("../../templates/steps.nix.tera")
        .replace(r#"{% include "step" %}"#, step)
        .replace(r#"{% include "field" %}"#, field);
    tera.add_raw_templates([
        ("steps.nix", steps.as_str()),
        ("checks.nix", include_str!("../../templates/checks.nix.tera")),
        ("plan.html", include_str!("../../templates/plan.html.tera")),
        ("timeline.html", include_str!("../../templates/timeline.html.tera")),
        ("bootstrap.nix", include_str!("../../templates/bootstrap.nix.tera")),
        ("toolchain-host.nix", include_str!("../../templates/toolchain-host.nix.tera")),
        ("toolchain-nixpkgs.nix", include_str!("../../templates/toolchain-nixpkgs.nix.tera")),
    ])?;
    tera.render(T::NAME, &Context::from_serialize(context)?)
}
