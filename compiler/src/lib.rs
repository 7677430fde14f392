//! From rule text to rule sets.
//!
//! Data flows one way: source, tokens, syntax tree ([`syntax::ast`]), typed
//! form ([`ir`]), compiled set. Diagnostics ([`diag`]) are collected on every
//! step; the compiler does no IO and prints nothing.
#![forbid(unsafe_code)]

pub mod check;
pub mod cond;
mod defer;
pub mod diag;
pub mod driver;
pub mod ir;
pub mod link;
pub mod pattern;
pub mod source;
pub mod syntax;
