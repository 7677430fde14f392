//! Rules held to what is written about them: cases, clean files, how much of
//! the rules the cases exercise.

pub(crate) mod changed;
pub(crate) mod clean;
pub(crate) mod corpus;
pub(crate) mod cover_report;
pub(crate) mod coverage;
pub(crate) mod edit;
pub(crate) mod hashes;
mod input;
mod listing;
pub(crate) mod made_up;
pub(crate) mod manifest;
pub(crate) mod measure;
pub(crate) mod mutate;
pub(crate) mod mutate_report;
mod packed;
pub(crate) mod pairing;
pub(crate) mod report;
pub(crate) mod revision;
pub(crate) mod run;
pub(crate) mod sets;
mod situation;
pub(crate) mod store;
pub(crate) mod suite;
