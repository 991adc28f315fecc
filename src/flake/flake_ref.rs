//! Flake references: the urls and attribute sets that say where an input comes from.
//!
//! Source: the Nix manual, "Flake references" (`nix flake --help`). A reference is kept as the
//! attributes that `flake.lock` calls `original`, so that the two can be compared.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use thiserror::Error;

use super::ref_value::RefValue;
use super::url::{self, Query};

/// How an input is fetched: the `type` of a flake reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RefKind {
    /// By a name in the flake registry.
    Indirect,
    /// An archive of a repository at GitHub.
    Github,
    /// An archive of a repository at GitLab.
    Gitlab,
    /// An archive of a repository at SourceHut.
    Sourcehut,
    /// A Git repository.
    Git,
    /// A Mercurial repository.
    Hg,
    /// A directory.
    Path,
    /// An archive that is unpacked.
    Tarball,
    /// One file.
    File,
}

impl RefKind {
    const ALL: [(&str, Self); 9] = [
        ("indirect", Self::Indirect),
        ("github", Self::Github),
        ("gitlab", Self::Gitlab),
        ("sourcehut", Self::Sourcehut),
        ("git", Self::Git),
        ("hg", Self::Hg),
        ("path", Self::Path),
        ("tarball", Self::Tarball),
        ("file", Self::File),
    ];

    /// The kind that Nix calls `name`.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, kind)| *kind)
    }

    /// Nix's name of it.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    fn is_forge(self) -> bool {
        matches!(self, Self::Github | Self::Gitlab | Self::Sourcehut)
    }
}

/// What is wrong with a flake reference.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RefError {
    /// Neither a url, a path nor a name of the registry.
    #[error("`{0}` is not a flake reference")]
    NotAReference(String),
    /// A url of a kind that Nix does not fetch.
    #[error("`{0}:` is not a kind of flake reference")]
    UnknownScheme(String),
    /// A `type` that Nix does not know.
    #[error("`{0}` is not a type of flake reference")]
    UnknownType(String),
    /// A part that a reference of this type needs.
    #[error("a reference of type `{kind}` needs `{part}`")]
    MissingPart {
        /// The type.
        kind: &'static str,
        /// The attribute.
        part: &'static str,
    },
    /// Two values for the branch or revision.
    #[error("`{0}` names its branch or revision twice")]
    TwoRefs(String),
    /// An output was selected, which an input cannot do.
    #[error("`#{0}` selects an output, which an input's url cannot do")]
    Fragment(String),
}

/// Where an input comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlakeRef {
    #[serde(rename = "type")]
    kind: RefKind,
    #[serde(flatten)]
    attrs: BTreeMap<String, RefValue>,
}

impl FlakeRef {
    /// The entry `id` of the registry.
    pub fn indirect(id: &str) -> Self {
        let id = ("id".to_owned(), RefValue::Text(id.to_owned()));
        Self { kind: RefKind::Indirect, attrs: BTreeMap::from([id]) }
    }

    /// Builds a reference from the attributes beside its `type`.
    pub fn from_attrs(kind: RefKind, attrs: BTreeMap<String, RefValue>) -> Result<Self, RefError> {
        let needed: &[&str] = match kind {
            RefKind::Indirect => &["id"],
            RefKind::Github | RefKind::Gitlab | RefKind::Sourcehut => &["owner", "repo"],
            RefKind::Path => &["path"],
            RefKind::Git | RefKind::Hg | RefKind::Tarball | RefKind::File => &["url"],
        };
        for part in needed {
            if !attrs.contains_key(*part) {
                return Err(RefError::MissingPart { kind: kind.name(), part });
            }
        }
        Ok(Self { kind, attrs })
    }

    /// Reads a reference in its url form, as an input's `url` holds it.
    pub fn parse(text: &str) -> Result<Self, RefError> {
        let (body, fragment) = text.split_once('#').unwrap_or((text, ""));
        if !fragment.is_empty() {
            return Err(RefError::Fragment(fragment.to_owned()));
        }
        let (body, query) = body.split_once('?').unwrap_or((body, ""));
        let query = Query::parse(query);
        if body.starts_with(['.', '/', '~']) {
            return Self::path(body, query);
        }
        match url::split_scheme(body) {
            Some((scheme, rest)) => Self::from_url(scheme, rest, query),
            None => Self::registry(body, query),
        }
    }

    fn from_url(scheme: &str, rest: &str, mut query: Query) -> Result<Self, RefError> {
        if let Some(kind) = RefKind::from_name(scheme).filter(|kind| kind.is_forge()) {
            return Self::forge(kind, rest, query);
        }
        let (application, transport) = scheme.split_once('+').unwrap_or(("", scheme));
        match (application, transport) {
            ("", "flake") => Self::registry(rest, query),
            ("", "path") => Self::path(rest, query),
            ("git", "http" | "https" | "ssh" | "file" | "git") | ("", "git") => {
                Self::repository(RefKind::Git, transport, rest, &mut query)
            }
            ("hg", "http" | "https" | "ssh" | "file") => {
                Self::repository(RefKind::Hg, transport, rest, &mut query)
            }
            ("tarball" | "file" | "", "http" | "https" | "file") => {
                let archive = match application {
                    "tarball" => true,
                    "file" => false,
                    _ => url::is_archive(rest),
                };
                let kind = if archive { RefKind::Tarball } else { RefKind::File };
                let mut attrs = query.take(&["dir", "narHash", "rev", "revCount"]);
                let url = query.append_to(&format!("{transport}:{rest}"));
                attrs.insert("url".to_owned(), RefValue::Text(url));
                Self::from_attrs(kind, attrs)
            }
            _ => Err(RefError::UnknownScheme(scheme.to_owned())),
        }
    }

    fn repository(
        kind: RefKind,
        transport: &str,
        rest: &str,
        query: &mut Query,
    ) -> Result<Self, RefError> {
        let mut attrs = query.take(&["dir", "narHash", "rev", "ref"]);
        attrs.extend(query.take_flags(&[
            "submodules",
            "shallow",
            "allRefs",
            "lfs",
            "exportIgnore",
        ]));
        let url = query.append_to(&format!("{transport}:{rest}"));
        attrs.insert("url".to_owned(), RefValue::Text(url));
        Self::from_attrs(kind, attrs)
    }

    fn path(path: &str, mut query: Query) -> Result<Self, RefError> {
        let mut attrs = query.take(&["dir", "narHash", "rev", "ref"]);
        attrs.insert("path".to_owned(), RefValue::Text(url::decode(path)));
        Self::from_attrs(RefKind::Path, attrs)
    }

    fn forge(kind: RefKind, rest: &str, mut query: Query) -> Result<Self, RefError> {
        let wrong = || RefError::NotAReference(format!("{}:{rest}", kind.name()));
        let mut parts = rest.trim_end_matches('/').splitn(3, '/');
        let owner = parts.next().filter(|part| !part.is_empty()).ok_or_else(wrong)?;
        let repo = parts.next().filter(|part| !part.is_empty()).ok_or_else(wrong)?;
        let mut attrs = query.take(&["dir", "narHash", "rev", "ref", "host"]);
        if let Some(at) = parts.next() {
            let at = url::decode(at);
            if attrs.contains_key("ref") || attrs.contains_key("rev") {
                return Err(RefError::TwoRefs(format!("{}:{rest}", kind.name())));
            }
            let part = if url::is_revision(&at) { "rev" } else { "ref" };
            attrs.insert(part.to_owned(), RefValue::Text(at));
        }
        attrs.insert("owner".to_owned(), RefValue::Text(url::decode(owner)));
        attrs.insert("repo".to_owned(), RefValue::Text(url::decode(repo)));
        Self::from_attrs(kind, attrs)
    }

    fn registry(text: &str, mut query: Query) -> Result<Self, RefError> {
        let wrong = || RefError::NotAReference(text.to_owned());
        let mut parts = text.split('/');
        let id = parts.next().filter(|id| url::is_registry_id(id)).ok_or_else(wrong)?;
        let mut attrs = query.take(&["dir", "narHash", "rev", "ref"]);
        attrs.insert("id".to_owned(), RefValue::Text(id.to_owned()));
        match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => {}
            (Some(at), None, _) if !at.is_empty() => {
                let part = if url::is_revision(at) { "rev" } else { "ref" };
                attrs.insert(part.to_owned(), RefValue::Text(at.to_owned()));
            }
            (Some(branch), Some(rev), None) if !branch.is_empty() && url::is_revision(rev) => {
                attrs.insert("ref".to_owned(), RefValue::Text(branch.to_owned()));
                attrs.insert("rev".to_owned(), RefValue::Text(rev.to_owned()));
            }
            _ => return Err(wrong()),
        }
        Self::from_attrs(RefKind::Indirect, attrs)
    }

    /// How it is fetched.
    pub fn kind(&self) -> RefKind {
        self.kind
    }

    /// The attributes beside `type`.
    pub fn attrs(&self) -> &BTreeMap<String, RefValue> {
        &self.attrs
    }

    /// A textual attribute.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.attrs.get(name)? {
            RefValue::Text(text) => Some(text),
            RefValue::Number(_) | RefValue::Flag(_) => None,
        }
    }

    /// The directory of a flake that lies beside the one that refers to it, with its `dir`.
    pub fn relative_path(&self) -> Option<String> {
        let path = match self.kind {
            RefKind::Path => self.text("path")?,
            RefKind::Git => self.text("url")?.strip_prefix("file:")?,
            _ => return None,
        };
        if path.starts_with(['/', '~']) {
            return None;
        }
        Some(match self.text("dir") {
            Some(dir) => format!("{path}/{dir}"),
            None => path.to_owned(),
        })
    }
}

impl fmt::Display for FlakeRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = |name: &str| self.text(name).unwrap_or("?");
        let mut shown = vec!["url", "path", "id", "owner", "repo"];
        match self.kind {
            RefKind::Indirect => write!(f, "flake:{}", part("id"))?,
            RefKind::Path => write!(f, "path:{}", part("path"))?,
            RefKind::Git | RefKind::Hg if !part("url").starts_with("git:") => {
                write!(f, "{}+{}", self.kind.name(), part("url"))?;
            }
            RefKind::Git | RefKind::Hg => f.write_str(part("url"))?,
            RefKind::Tarball | RefKind::File => f.write_str(part("url"))?,
            _ => write!(f, "{}:{}/{}", self.kind.name(), part("owner"), part("repo"))?,
        }
        if self.kind == RefKind::Indirect || self.kind.is_forge() {
            for name in ["ref", "rev"] {
                if let Some(at) = self.text(name) {
                    write!(f, "/{at}")?;
                    shown.push(name);
                    if self.kind.is_forge() {
                        break;
                    }
                }
            }
        }
        let has_query = self.text("url").is_some_and(|url| url.contains('?'));
        let mut separator = if has_query { '&' } else { '?' };
        for (name, value) in self.attrs.iter().filter(|(name, _)| !shown.contains(&name.as_str())) {
            write!(f, "{separator}{name}={value}")?;
            separator = '&';
        }
        Ok(())
    }
}
