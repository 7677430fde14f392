//! The `pe` module: its tables.

mod constants;
mod schema;
mod signatures;

pub(super) use schema::SCHEMA;
pub(super) use signatures::SIGNATURE;
