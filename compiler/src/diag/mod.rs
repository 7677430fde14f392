//! Diagnostics as plain data: what is wrong, where, and what to do about it.
//!
//! Nothing here renders; text and colours belong to the root package.

mod codes;
mod collect;
mod suggest;
pub mod suppress;

pub use codes::Code;
pub use collect::{Collector, MAX_PER_FILE};

pub(crate) use suggest::closest;

use crate::source::{FileId, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The rule compiles, but look at it.
    Warning,
    /// The rule is left out of the result.
    Error,
}

/// A span with a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// File of the span.
    pub file: FileId,
    /// What is pointed at.
    pub span: Span,
    /// The remark, without a full stop.
    pub text: String,
}

/// Whether a fix may be applied without a human looking at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicability {
    /// The meaning stays as it is, or becomes what was surely meant.
    Safe,
    /// Plausible; a human has to look.
    Unsafe,
}

/// A replacement of source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What to replace; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A machine-applicable change that makes the diagnostic go away.
/// All edits lie in the diagnostic's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an imperative: "use `not b`".
    pub title: String,
    /// The edits, not overlapping.
    pub edits: Vec<Edit>,
    /// May it be applied blindly?
    pub applicability: Applicability,
}

/// One message to the author of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// Error or warning.
    pub severity: Severity,
    /// One sentence without a full stop.
    pub message: String,
    /// The file of `span`.
    pub file: FileId,
    /// The place that is wrong.
    pub span: Span,
    /// Remark at `span`; may be empty.
    pub label: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// Facts that help to understand.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// How a machine can do it.
    pub fixes: Vec<Fix>,
}

impl Diagnostic {
    /// The same about a file of the same text.
    pub(crate) fn moved_to(mut self, file: FileId) -> Diagnostic {
        self.file = file;
        self.labels.iter_mut().for_each(|label| label.file = file);
        self
    }

    /// A diagnostic with the severity of its code.
    pub fn new(
        code: Code,
        file: FileId,
        span: Span,
        message: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            code,
            severity: code.severity(),
            message: message.into(),
            file,
            span,
            label: String::new(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
        }
    }

    /// Sets the remark at the main place.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.label = text.into();
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn also(
        mut self,
        file: FileId,
        span: Span,
        text: impl Into<String>,
    ) -> Diagnostic {
        self.labels.push(Label { file, span, text: text.into() });
        self
    }

    /// Adds a fact.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Diagnostic {
        self.notes.push(text.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Diagnostic {
        self.help = Some(text.into());
        self
    }

    /// Adds a fix with one edit.
    #[must_use]
    pub fn fix(
        mut self,
        title: impl Into<String>,
        span: Span,
        text: impl Into<String>,
        applicability: Applicability,
    ) -> Diagnostic {
        let edits = vec![Edit { span, text: text.into() }];
        self.fixes.push(Fix { title: title.into(), edits, applicability });
        self
    }

    /// True if this is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
