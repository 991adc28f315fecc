//! `config.toml`: one documented schema, spans on every error.
