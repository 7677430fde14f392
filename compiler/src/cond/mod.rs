//! Conditions: from the typed form to code, and what can be said about a
//! condition before it runs.

pub mod emit;
#[cfg(any(test, fuzzing, feature = "oracle"))]
pub mod reference;
pub mod require;

#[cfg(test)]
mod tests;
