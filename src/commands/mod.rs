//! One file for each command.

pub(crate) mod cat;
pub(crate) mod check;
pub(crate) mod compile;
pub(crate) mod completion;
pub(crate) mod dump;
pub(crate) mod ls;
pub(crate) mod object;
pub(crate) mod scan;
pub(crate) mod show;
mod stats;
pub(crate) mod test;
