//! Generic petgraph helpers: order, one readable cycle, reachability. Knows no Cargo. A leaf.
