//! The keys of files in the older layout that are not ours under the same name: each is another
//! spelling of a setting, or has no effect for a reason that is said.

use std::borrow::Cow;

use super::super::key::{Key, Role, Shape};

const fn alias(path: &'static str, shape: Shape, of: &'static str, example: &'static str) -> Key {
    Key {
        path: Cow::Borrowed(path),
        shape,
        role: Role::Alias(of),
        default: "",
        effect: "",
        example,
    }
}

const fn lenient(path: &'static str, of: &'static str, example: &'static str) -> Key {
    let role = Role::Lenient(of);
    Key { path: Cow::Borrowed(path), shape: Shape::Text, role, default: "", effect: "", example }
}

const fn none(path: &'static str, reason: &'static str, example: &'static str) -> Key {
    let role = Role::NoEffect(reason);
    Key { path: Cow::Borrowed(path), shape: Shape::Any, role, default: "", effect: "", example }
}

const fn install(
    path: &'static str,
    default: &'static str,
    effect: &'static str,
    example: &'static str,
) -> Key {
    Key {
        path: Cow::Borrowed(path),
        shape: Shape::Text,
        role: Role::Setting,
        default,
        effect,
        example,
    }
}

const PREBUILT: &str = "a plan runs no downloaded program: its toolchain comes from Nix or from the machine, so there is nothing to patch";

const VENDOR: &str = "a plan takes sources from where Cargo takes them; `cargo vendor` prints the lines for `.cargo/config.toml` that name a directory";

/// The table.
pub(in super::super) const KEYS: &[Key] = &[
    none("vendor", VENDOR, "true"),
    none("build.vendor", VENDOR, "\"third-party\""),
    lenient(
        "rustc",
        "toolchain.rustc",
        "\"/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc-1.95.0\"",
    ),
    lenient(
        "cargo",
        "toolchain.cargo",
        "\"/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-cargo-1.95.0\"",
    ),
    alias("HOME", Shape::EnvValue, "env.HOME", "\"/build/home\""),
    alias("CARGO_HOME", Shape::EnvValue, "env.CARGO_HOME", "\"/build/cargo\""),
    none("patch-binaries-for-nix", PREBUILT, "true"),
    none("build.patch-binaries-for-nix", PREBUILT, "true"),
    alias("build.target", Shape::TextOrTexts, "build.targets", "[\"x86_64-unknown-linux-gnu\"]"),
    lenient(
        "build.rustc",
        "toolchain.rustc",
        "\"/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-rustc-1.95.0\"",
    ),
    lenient(
        "build.cargo",
        "toolchain.cargo",
        "\"/nix/store/4xw8n979xpivdc46a9ndcvyhwgif00hz-cargo-1.95.0\"",
    ),
    lenient("rust.channel", "toolchain.channel", "\"nightly\""),
    alias(
        "nix.nixpkgs_path",
        Shape::Text,
        "nix.inputs.nixpkgs",
        "\"github:NixOS/nixpkgs/nixos-unstable\"",
    ),
    alias(
        "nix.rust_overlay_path",
        Shape::Text,
        "nix.inputs.rust-overlay",
        "\"github:oxalica/rust-overlay\"",
    ),
    alias("nix.rust_src_flake_path", Shape::Text, "nix.inputs.rust-src", "\"./rust\""),
    install(
        "install.prefix",
        "\"/usr/local\"",
        "Where an installation outside the Nix store would go. No effect on a plan: the output of a derivation is its own prefix.",
        "\"/usr\"",
    ),
    install(
        "install.bindir",
        "`prefix`/bin",
        "Programs. A relative path is below `prefix`. No effect on a plan.",
        "\"bin\"",
    ),
    install(
        "install.libdir",
        "`prefix`/lib",
        "Libraries. A relative path is below `prefix`. No effect on a plan.",
        "\"lib64\"",
    ),
    install(
        "install.datadir",
        "`prefix`/share",
        "Data that no architecture owns. A relative path is below `prefix`. No effect on a plan.",
        "\"share\"",
    ),
    install(
        "install.mandir",
        "`prefix`/share/man",
        "Manual pages. A relative path is below `prefix`. No effect on a plan.",
        "\"share/man\"",
    ),
    install(
        "install.docdir",
        "`prefix`/share/doc/rust",
        "Documentation. A relative path is below `prefix`. No effect on a plan.",
        "\"share/doc/app\"",
    ),
    install(
        "install.sysconfdir",
        "`prefix`/etc",
        "Configuration of the machine. A relative path is below `prefix`. No effect on a plan.",
        "\"/etc\"",
    ),
];
