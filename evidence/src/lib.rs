//! Dragnet evidence.
