//! Lowering units to steps: sources, names, identities, arguments, environment.
