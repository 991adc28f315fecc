//! Flakes, read statically: flake.nix over its syntax tree, flake.lock, `follows`.
