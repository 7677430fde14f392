//! The `vt` module: its tables, and functions over data of the user.

mod behaviour;
mod call;
mod common;
mod enums;
mod metadata;
mod net;
mod schema;

pub(super) use call::call;
pub(super) use schema::SCHEMA;
