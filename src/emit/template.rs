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
    tera.autoescape_on([".nix", ".field"]);
    tera.register_filter("attr", |name: &str, _: Kwargs, _: &State| escape::attr(name));
    tera.add_raw_templates([
        ("field.field", include_str!("../../templates/field.tera").trim_end()),
        ("step.field", include_str!("../../templates/step.tera").trim_end()),
        ("steps.nix", include_str!("../../templates/steps.nix.tera")),
        ("toolchain-host.nix", include_str!("../../templates/toolchain-host.nix.tera")),
    ])?;
    tera.render(T::NAME, &Context::from_serialize(context)?)
}
