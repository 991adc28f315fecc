//! Reading Cargo: metadata, unit graph, manifests, configuration, rustc probes.
