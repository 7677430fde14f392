//! Tests of lowering and evaluation together.
