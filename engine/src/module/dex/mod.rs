//! The `dex` module: its tables.

mod constants;
mod libyara;
mod schema;

pub(crate) use schema::SCHEMA;
