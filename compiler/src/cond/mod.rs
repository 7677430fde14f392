//! Conditions: from the typed form to code, what can be said about a
//! condition before it runs, and the tree walk that gives the value of any
//! part of one.

pub mod emit;
pub mod reference;
pub mod require;

#[cfg(test)]
mod tests;
