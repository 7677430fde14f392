//! From bytes to the syntax tree.

pub mod ast;
mod builder;
mod expected;
pub mod hex;
mod join;
mod lexer;
mod literal;
mod parser;
mod pieces;
pub mod print;
pub mod regex;
mod token;
mod token_filter;
mod walk;

pub use parser::parse;
pub use pieces::{Piece, pieces};

lalrpop_util::lalrpop_mod!(
    #[allow(
        clippy::all,
        clippy::pedantic,
        missing_docs,
        unreachable_pub,
        unused
    )]
    grammar,
    "/syntax/grammar.rs"
);

#[cfg(test)]
mod corpus_tests;

#[cfg(test)]
mod print_tests;

#[cfg(test)]
mod tests;
