//! A file as a whole: what checks see that look at more than one rule.

use dragnet_compiler::source::{FileId, Span};
use dragnet_compiler::syntax::ast::File;

use super::settings::Settings;
use super::subject::Finding;

/// A file, and what was found in it.
pub(super) struct FileCx<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a [u8],
    pub(super) ast: &'a File,
    pub(super) settings: &'a Settings,
    /// Another file includes it.
    pub(super) is_included: bool,
    pub(super) out: Vec<Finding>,
}

impl FileCx<'_> {
    pub(super) fn say(
        &mut self,
        id: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Finding {
        let at = self.out.len();
        self.out.push(Finding::new(id, self.file, span, message));
        &mut self.out[at]
    }
}
