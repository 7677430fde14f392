//! Tests of lowering and evaluation together: the code must do what the
//! tree walk does, and what the language says.

mod cases;
mod generate;
mod properties;
mod seeks;
mod tree;
mod world;
