//! Rendering a plan: Nix, JSON, graphs. The only writer of files.
