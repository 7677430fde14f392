//! Warnings that need a look at more than one expression.

mod compare;
mod overlap;
