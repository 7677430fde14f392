//! Source files and positions in them.
//!
//! Hides where rule text comes from: the compiler asks a [`Loader`] for
//! includes and does no IO of its own.

use std::sync::Arc;

/// Identifies a source file inside a [`SourceMap`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default,
)]
pub struct FileId(pub u32);

/// A half-open byte range `lo..hi` in one source file.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default,
)]
pub struct Span {
    /// First byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

impl Span {
    /// A span from `lo` up to, not including, `hi`.
    pub const fn new(lo: u32, hi: u32) -> Span {
        Span { lo, hi }
    }

    /// The smallest span that holds both.
    pub fn to(self, other: Span) -> Span {
        Span { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// The bytes of `text` that the span covers; empty when out of range.
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.lo as usize..self.hi as usize).unwrap_or_default()
    }

    /// The span with the blanks before it, so that removing it leaves no
    /// double ones. Where it parts two words, it stays as it is.
    pub fn for_removal(self, text: &[u8]) -> Span {
        let next = text.get(self.hi as usize);
        if next.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_') {
            return self;
        }
        let before = text.get(..self.lo as usize).unwrap_or_default();
        let blanks = before.iter().rev();
        let blanks = blanks.take_while(|b| matches!(b, b' ' | b'\t'));
        Span { lo: self.lo - blanks.count() as u32, hi: self.hi }
    }
}

/// One source file: its name as the user knows it, and its bytes.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Path or label, as shown in diagnostics.
    pub name: String,
    /// The text; UTF-8 is expected, not required.
    pub text: Arc<[u8]>,
    line_starts: Arc<[u32]>,
}

/// A position as people count it: both numbers start at 1; the column counts
/// characters (invalid bytes count as one each).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl SourceFile {
    fn new(name: String, text: Arc<[u8]>) -> SourceFile {
        let newlines = text
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .map(|(at, _)| at as u32 + 1);
        let line_starts = std::iter::once(0).chain(newlines).collect();
        SourceFile { name, text, line_starts }
    }

    /// Line and column of a byte offset.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let line = self.line_starts.partition_point(|s| *s <= offset);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let before = Span::new(start, offset).of(&self.text);
        let column = String::from_utf8_lossy(before).chars().count() + 1;
        LineColumn { line: line as u32, column: column as u32 }
    }
}

/// All source files of one compilation.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file and returns its id.
    pub fn add(
        &mut self,
        name: impl Into<String>,
        text: impl Into<Arc<[u8]>>,
    ) -> FileId {
        self.files.push(SourceFile::new(name.into(), text.into()));
        FileId(self.files.len() as u32 - 1)
    }

    /// The file with this id.
    pub fn get(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// All files, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0..).map(FileId).zip(&self.files)
    }
}

/// What a [`Loader`] found for an `include`.
#[derive(Clone, Debug)]
pub struct Included {
    /// Unique name of the file, by which cycles are seen (a canonical path).
    pub key: String,
    /// Name for diagnostics.
    pub name: String,
    /// The text.
    pub text: Arc<[u8]>,
}

/// Why an include could not be loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IncludeError {
    /// Includes are switched off.
    Disabled,
    /// No such file; the places that were tried.
    NotFound(Vec<String>),
    /// The file is there but could not be read; the reason.
    Unreadable(String),
}

/// Resolves `include` statements.
pub trait Loader {
    /// Loads `path` as written in the file whose key is `from`
    /// (`None`: the including text has no place of its own).
    fn load(
        &self,
        path: &[u8],
        from: Option<&str>,
    ) -> Result<Included, IncludeError>;
}

/// The loader that refuses every include.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoIncludes;

impl Loader for NoIncludes {
    fn load(
        &self,
        _: &[u8],
        _: Option<&str>,
    ) -> Result<Included, IncludeError> {
        Err(IncludeError::Disabled)
    }
}
