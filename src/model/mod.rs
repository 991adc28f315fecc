//! The domain: packages, build targets, profiles, platforms, units, steps, edges, plans. No I/O.
