//! Stands in for the parser of regular expressions until it is there:
//! takes the text literally.

use crate::diag::Diagnostic;
use crate::source::FileId;
use crate::syntax::ast::RegexLit;

/// Where a regular expression stands.
pub(super) enum Mode {
    /// In a pattern.
    Pattern,
    /// On the right of `matches`.
    Operand,
}

pub(super) mod regex {
    use super::{Diagnostic, FileId, Mode, RegexLit};
    use crate::pattern::hir::{Hir, ParsedRegex};

    pub(in crate::check) fn parse(
        text: &[u8],
        lit: &RegexLit,
        _: FileId,
        _: Mode,
    ) -> (Option<ParsedRegex>, Vec<Diagnostic>) {
        let hir = Hir::Literal(lit.body.of(text).to_vec());
        let parsed = ParsedRegex { hir, first_greedy: None, first_lazy: None };
        (Some(parsed), Vec::new())
    }
}
