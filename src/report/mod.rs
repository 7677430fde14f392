//! From rows to bytes. [`Report`] is where an output format plugs in.

pub(crate) mod diagnostics;
mod encode;
pub(crate) mod findings;
mod json;
pub(crate) mod memory;
mod row;
mod sarif;
mod text;
mod tree;
mod yr;

pub(crate) use encode::{base64, data, hex, property, xml};
pub(crate) use json::{JsonReport, Layout, sha256};
pub(crate) use row::{
    Failed, Found, InMemory, Limited, Message, Missed, Parsed, Place, Row,
    RuleHit, Skipped, StringHit, Summary, Tally, Whole, rule_id,
};
pub(crate) use text::{Dialect, TextReport, TextSettings};
pub(crate) use tree::{TreeJson, readable_bytes};
pub(crate) use yr::{YrReport, YrSettings};

/// What one object contributes to the output.
#[derive(Debug, Default)]
pub(crate) struct Output {
    /// For standard output.
    pub(crate) out: Vec<u8>,
    /// For standard error.
    pub(crate) err: Vec<u8>,
}

/// An output format. Rows are written by several threads at a time, each
/// into its own [`Output`].
pub(crate) trait Report: Send + Sync {
    /// What comes before all rows.
    fn begin(&self) -> Vec<u8> {
        Vec::new()
    }

    /// Writes one row.
    fn row(&self, row: &Row<'_>, to: &mut Output);

    /// What comes between the bytes of two outputs.
    fn separator(&self) -> &'static [u8] {
        b""
    }

    /// Can it say where in an image something is? Else images are files.
    fn knows_images(&self) -> bool {
        true
    }

    /// What comes after all rows.
    fn end(&self, summary: &Summary<'_>) -> Output;
}
