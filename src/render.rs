//! Diagnostics for people: the source line, what is wrong in it, and what to
//! do.

use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Patch, Renderer as Drawing,
    Snippet,
};
use dragnet::diag::{Applicability, Diagnostic, Fix, Label};
use dragnet::lint::{self, Finding};
use dragnet::source::{FileId, SourceFile, SourceMap, Span};

/// Source text around the spans of a diagnostic is shown up to this size;
/// beyond, the place is only named.
const LARGEST_EXCERPT: usize = 1 << 16;

/// What is drawn, whoever says it.
struct Message<'a> {
    id: &'a str,
    level: Level<'static>,
    message: &'a str,
    file: FileId,
    span: Span,
    label: &'a str,
    labels: &'a [Label],
    notes: &'a [String],
    help: Option<&'a str>,
    fixes: &'a [Fix],
}

/// Draws diagnostics.
pub(crate) struct Renderer<'s> {
    sources: &'s SourceMap,
    drawing: Drawing,
}

/// Lines of a source file as text, and where its bytes went.
struct Excerpt {
    text: String,
    first_line: usize,
    /// Offset of the excerpt in the file.
    start: usize,
    bytes: Vec<u8>,
}

impl Excerpt {
    /// The whole lines around all spans; `None` if they are too much.
    fn new(file: &SourceFile, spans: &[Span]) -> Option<Excerpt> {
        let lo = spans.iter().map(|s| s.lo).min()? as usize;
        let hi = spans.iter().map(|s| s.hi).max()? as usize;
        let text = &file.text;
        let (lo, hi) = (lo.min(text.len()), hi.min(text.len()));
        let near = |range: Range<usize>| text.get(range).unwrap_or_default();
        let window = LARGEST_EXCERPT;
        let before = near(lo.saturating_sub(window)..lo);
        let start = match before.iter().rposition(|b| *b == b'\n') {
            Some(at) => lo - before.len() + at + 1,
            None if before.len() == lo => 0,
            None => return None,
        };
        let after = near(hi..hi.saturating_add(window).min(text.len()));
        let end = match after.iter().position(|b| *b == b'\n') {
            Some(at) => hi + at,
            None if hi + after.len() == text.len() => text.len(),
            None => return None,
        };
        let bytes = text.get(start..end)?.to_vec();
        if bytes.len() > window {
            return None;
        }
        let line = file.line_column(start as u32).line;
        Some(Excerpt {
            text: String::from_utf8_lossy(&bytes).into_owned(),
            first_line: line as usize,
            start,
            bytes,
        })
    }

    /// A span of the file as a range of the text.
    fn range(&self, span: Span) -> Range<usize> {
        let lo = self.place(span.lo);
        lo..self.place(span.hi).max(lo)
    }

    fn place(&self, offset: u32) -> usize {
        let offset = (offset as usize).saturating_sub(self.start);
        let before = self.bytes.get(..offset).unwrap_or(&self.bytes);
        // Bytes that are not UTF-8 became longer.
        let place = String::from_utf8_lossy(before).len();
        self.text.floor_char_boundary(place)
    }
}

impl<'s> Renderer<'s> {
    /// A renderer for diagnostics about these sources.
    pub(crate) fn new(sources: &'s SourceMap, colours: bool) -> Self {
        let drawing =
            if colours { Drawing::styled() } else { Drawing::plain() };
        Renderer { sources, drawing }
    }

    /// Writes all of them.
    pub(crate) fn write_all(
        &self,
        diagnostics: &[Diagnostic],
        to: &mut dyn Write,
    ) -> io::Result<()> {
        for diagnostic in diagnostics {
            writeln!(to, "{}\n", self.draw(diagnostic))?;
        }
        Ok(())
    }

    /// One diagnostic as text.
    pub(crate) fn draw(&self, diagnostic: &Diagnostic) -> String {
        self.draw_message(&Message {
            id: diagnostic.code.name(),
            level: match diagnostic.is_error() {
                true => Level::ERROR,
                false => Level::WARNING,
            },
            message: &diagnostic.message,
            file: diagnostic.file,
            span: diagnostic.span,
            label: &diagnostic.label,
            labels: &diagnostic.labels,
            notes: &diagnostic.notes,
            help: diagnostic.help.as_deref(),
            fixes: &diagnostic.fixes,
        })
    }

    /// What a lint found, as text.
    pub(crate) fn draw_finding(&self, finding: &Finding) -> String {
        let message = format!("{}: {}", finding.lint.name, finding.message);
        self.draw_message(&Message {
            id: finding.lint.id,
            level: match finding.level {
                lint::Level::Error => Level::ERROR,
                lint::Level::Warning => Level::WARNING,
                lint::Level::Info | lint::Level::Off => Level::INFO,
            },
            message: &message,
            file: finding.file,
            span: finding.span,
            label: &finding.label,
            labels: &finding.labels,
            notes: &finding.notes,
            help: finding.help.as_deref(),
            fixes: &finding.fixes,
        })
    }

    fn draw_message(&self, diagnostic: &Message<'_>) -> String {
        let excerpts = self.excerpts(diagnostic);
        let message = one_line(diagnostic.message);
        let title =
            diagnostic.level.clone().primary_title(message).id(diagnostic.id);
        let mut group = Group::with_title(title);
        for (file, excerpt) in &excerpts {
            let annotations = self.annotations(diagnostic, *file, excerpt);
            group = group.element(
                Snippet::source(excerpt.text.as_str())
                    .line_start(excerpt.first_line)
                    .path(self.sources.get(*file).name.as_str())
                    .annotations(annotations),
            );
        }
        if excerpts.is_empty() {
            let at = self.place_of(diagnostic.file, diagnostic.span);
            group = group.element(Level::NOTE.message(format!("at {at}")));
        }
        for note in diagnostic.notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        if let Some(help) = diagnostic.help {
            group = group.element(Level::HELP.message(help));
        }
        let mut report = vec![group];
        for fix in diagnostic.fixes {
            report.extend(self.fix(diagnostic.file, fix));
        }
        self.drawing.render(&report).to_string()
    }

    /// An excerpt for each file, that of the main place first.
    fn excerpts(&self, diagnostic: &Message<'_>) -> Vec<(FileId, Excerpt)> {
        let mut files = vec![diagnostic.file];
        for label in diagnostic.labels {
            if !files.contains(&label.file) {
                files.push(label.file);
            }
        }
        let excerpt = |file: FileId| {
            let main = (file == diagnostic.file).then_some(diagnostic.span);
            let others = diagnostic.labels.iter();
            let others = others.filter(|l| l.file == file).map(|l| l.span);
            let spans: Vec<Span> = main.into_iter().chain(others).collect();
            let source = self.sources.get(file);
            let all = Excerpt::new(source, &spans);
            // Places that are far apart: the first one has to do.
            let some = all.or_else(|| Excerpt::new(source, spans.get(..1)?));
            Some((file, some?))
        };
        files.into_iter().filter_map(excerpt).collect()
    }

    fn annotations<'d>(
        &self,
        diagnostic: &Message<'d>,
        file: FileId,
        excerpt: &Excerpt,
    ) -> Vec<Annotation<'d>> {
        let mut all = Vec::new();
        if file == diagnostic.file {
            let range = excerpt.range(diagnostic.span);
            let mut main = AnnotationKind::Primary.span(range);
            if !diagnostic.label.is_empty() {
                main = main.label(diagnostic.label);
            }
            all.push(main);
        }
        for label in diagnostic.labels.iter().filter(|l| l.file == file) {
            let end = excerpt.start + excerpt.bytes.len();
            let inside = label.span.lo as usize >= excerpt.start
                && label.span.hi as usize <= end;
            if inside {
                let range = excerpt.range(label.span);
                let kind = AnnotationKind::Context.span(range);
                all.push(kind.label(label.text.as_str()));
            }
        }
        all
    }

    fn fix<'d>(&'d self, file: FileId, fix: &'d Fix) -> Option<Group<'d>> {
        let spans: Vec<Span> = fix.edits.iter().map(|e| e.span).collect();
        let source = self.sources.get(file);
        let excerpt = Excerpt::new(source, &spans)?;
        // A patch would turn bytes that are not UTF-8 into something else.
        if excerpt.text.len() != excerpt.bytes.len() {
            return None;
        }
        let patches: Vec<Patch<'d>> = fix
            .edits
            .iter()
            .map(|edit| {
                Patch::new(excerpt.range(edit.span), edit.text.as_str())
            })
            .collect();
        let line = excerpt.first_line;
        let mut snippet = Snippet::source(excerpt.text)
            .line_start(line)
            .path(source.name.as_str());
        for patch in patches {
            snippet = snippet.patch(patch);
        }
        let title = match fix.applicability {
            Applicability::Safe => fix.title.clone(),
            Applicability::Unsafe => format!("{} (please check)", fix.title),
        };
        Some(Level::HELP.secondary_title(title).element(snippet))
    }

    fn place_of(&self, file: FileId, span: Span) -> String {
        let file = self.sources.get(file);
        let at = file.line_column(span.lo);
        format!("{}:{}:{}", file.name, at.line, at.column)
    }
}

/// A message cannot carry control characters out of a rule to a terminal.
fn one_line(message: &str) -> String {
    let mut line = String::with_capacity(message.len());
    for c in message.chars() {
        if c.is_control() {
            line.extend(c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use dragnet::diag::Code;

    fn drawn(
        text: &[u8],
        span: Span,
        change: fn(Diagnostic) -> Diagnostic,
    ) -> String {
        let mut sources = SourceMap::default();
        let file = sources.add("dir/a.yar", text);
        let base = Diagnostic::new(
            Code::UnknownIdentifier,
            file,
            span,
            "unknown identifier `foo`",
        );
        Renderer::new(&sources, false).draw(&change(base))
    }

    #[test]
    fn code_place_line_and_label_are_shown() {
        let text = b"rule a {\n  condition: foo\n}\n";
        let shown = drawn(text, Span::new(22, 25), |d| {
            d.label("not declared").help("declare it")
        });
        assert!(shown.contains("error[unknown_identifier]"), "{shown}");
        assert!(shown.contains("dir/a.yar:2:14"), "{shown}");
        assert!(shown.contains("^^^ not declared"), "{shown}");
        assert!(shown.contains("help: declare it"), "{shown}");
    }

    #[test]
    fn fixes_show_the_new_text() {
        let text = b"rule a { condition: foo }";
        let shown = drawn(text, Span::new(20, 23), |d| {
            d.fix("use `fob`", Span::new(20, 23), "fob", Applicability::Safe)
        });
        assert!(shown.contains("help: use `fob`"), "{shown}");
        assert!(shown.contains("condition: fob"), "{shown}");
    }

    #[test]
    fn bytes_that_are_not_utf8_do_not_shift_the_span() {
        let text = b"// \xff\xfe\xfd\nrule a { /* \xff */ condition: foo }";
        let at = text.windows(3).position(|w| w == b"foo").unwrap() as u32;
        let shown = drawn(text, Span::new(at, at + 3), |d| d.label("here"));
        assert!(shown.contains("^^^ here"), "{shown}");
        assert!(shown.contains("a.yar:2:29"), "{shown}");
    }

    #[test]
    fn a_line_without_end_is_not_copied() {
        let mut text = vec![b'a'; 1 << 20];
        text.extend_from_slice(b"foo");
        text.extend_from_slice(&vec![b'b'; 1 << 20]);
        let lo = 1 << 20;
        let shown = drawn(&text, Span::new(lo, lo + 3), |d| d.label("x"));
        assert!(shown.len() < 500, "{}", shown.len());
        assert!(shown.contains("dir/a.yar:1:1048577"), "{shown}");
    }

    #[test]
    fn spans_outside_of_the_text_are_harmless() {
        let shown = drawn(b"ab", Span::new(1, 900), |d| d.label("x"));
        assert!(shown.contains("error[unknown_identifier]"), "{shown}");
        let shown = drawn(b"", Span::new(0, 0), |d| d.label("x"));
        assert!(shown.contains("error[unknown_identifier]"), "{shown}");
    }

    #[test]
    fn control_characters_are_not_passed_on() {
        let mut sources = SourceMap::default();
        let file = sources.add("a.yar", &b"x\x1b[31my"[..]);
        let diagnostic = Diagnostic::new(
            Code::Syntax,
            file,
            Span::new(0, 1),
            "bad \x1b[31m",
        );
        let shown = Renderer::new(&sources, false).draw(&diagnostic);
        assert!(!shown.contains('\x1b'), "{shown:?}");
    }
}
