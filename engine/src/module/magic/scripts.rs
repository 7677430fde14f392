//! Kinds of text: programs in source, marked-up documents and the like.

use super::Found;
use super::languages::{INTERPRETERS, KINDS, Mark};

/// Bytes at the start that are looked at.
const MAX_START: usize = 8192;
/// The same for words that may stand anywhere in it.
const MAX_WORD: usize = 4096;

/// The kind of a text, if it is a known one.
pub(super) fn find(text: &[u8]) -> Option<Found> {
    let start = &text[..text.len().min(MAX_START)];
    interpreted(start)
        .or_else(|| marked_up(start))
        .or_else(|| unified_diff(start))
        .or_else(|| {
            let lower = start.to_ascii_lowercase();
            let is = |mark: &Mark| mark.is_in(start, &lower);
            let kind = KINDS.iter().find(|kind| kind.marks.iter().any(is))?;
            Some(Found::new(kind.name, kind.mime))
        })
        .or_else(|| imports(start))
}

/// A script with a line that names its program.
fn interpreted(text: &[u8]) -> Option<Found> {
    let line = text.strip_prefix(b"#!")?;
    let line = line.split(|byte| *byte == b'\n').next()?.trim_ascii();
    let line = std::str::from_utf8(line).ok()?;
    let mut words = line.split_ascii_whitespace();
    let mut path = words.next()?;
    let base = |path: &str| path.rsplit('/').next().unwrap_or("").to_owned();
    let mut shown = line.to_owned();
    if base(path) == "env" {
        path = words.find(|word| !word.starts_with('-'))?;
        shown = path.to_owned();
    }
    let name = base(path);
    let plain =
        name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let known =
        INTERPRETERS.iter().find(|one| one.0 == name || one.0 == plain);
    // Elsewhere it is found in another way, which knows no media type.
    let is_usual = !path.contains('/')
        || ["/usr/bin/", "/usr/local/bin/", "/bin/"]
            .iter()
            .any(|folder| path.starts_with(folder));
    Some(match known {
        Some(("python", name, _)) if !is_usual => {
            imports(text).unwrap_or_else(|| Found::new(*name, ""))
        }
        Some((_, name, mime)) => Found::new(*name, *mime),
        None => Found::new(format!("a {shown} script text executable"), ""),
    })
}

/// XML and drawings in it.
fn marked_up(text: &[u8]) -> Option<Found> {
    if text.starts_with(b"<!--") {
        return Some(Found::new("exported SGML document text", ""));
    }
    let drawing = || {
        let name = "SVG Scalable Vector Graphics image";
        Some(Found::new(name, "image/svg+xml"))
    };
    let near = &text[..text.len().min(MAX_WORD)];
    let has = |word: &[u8]| memchr::memmem::find(near, word).is_some();
    if text.starts_with(b"<svg") {
        return drawing();
    }
    let rest = text.strip_prefix(b"<?xml")?;
    if has(b"<svg") {
        return drawing();
    }
    let rest = rest.trim_ascii_start().strip_prefix(b"version=");
    let version = rest.and_then(|rest| rest.get(1..4));
    let version = version.map_or_else(
        || "XML document text".to_owned(),
        |v| format!("XML {} document text", String::from_utf8_lossy(v)),
    );
    Some(Found::new(version, "text/xml"))
}

fn unified_diff(text: &[u8]) -> Option<Found> {
    let near = &text[..text.len().min(MAX_WORD)];
    let old = memchr::memmem::find(near, b"--- ")?;
    let new = memchr::memmem::find(&near[old..], b"\n+++ ")?;
    let at = old + new;
    memchr::memmem::find(text.get(at..)?, b"\n@@")?;
    let name = "unified diff output text";
    Some(Found::new(name, "text/x-diff"))
}

/// Lines of Python that take names from elsewhere.
fn imports(text: &[u8]) -> Option<Found> {
    let is_import = |line: &[u8]| {
        let words: Vec<&[u8]> = line
            .split(|byte| byte.is_ascii_whitespace())
            .filter(|word| !word.is_empty())
            .take(4)
            .collect();
        matches!(words[..], [b"from", _, b"import", _])
            && line.starts_with(b"from")
    };
    let found = text.split(|byte| *byte == b'\n').any(is_import);
    let mime = "text/x-script.python";
    found.then(|| Found::new("Python script text executable", mime))
}

impl Mark {
    fn is_in(self, text: &[u8], lower: &[u8]) -> bool {
        use Mark::{
            Ends, Has, Indented, Line, Macro, Named, Start, StartNocase, Word,
        };
        let mut lines = text.split(|byte| *byte == b'\n');
        match self {
            Start(front) => text.starts_with(front.as_bytes()),
            StartNocase(front) => lower.starts_with(front.as_bytes()),
            Word(word) => {
                let near = &lower[..lower.len().min(MAX_WORD)];
                memchr::memmem::find(near, word.as_bytes()).is_some()
            }
            Line(front) => lines.any(|l| l.starts_with(front.as_bytes())),
            Indented(front) => lines
                .any(|l| l.trim_ascii_start().starts_with(front.as_bytes())),
            Has(front, word) => lines.any(|l| {
                l.strip_prefix(front.as_bytes()).is_some_and(|rest| {
                    memchr::memmem::find(rest, word.as_bytes()).is_some()
                })
            }),
            Named(front, end) => lines.any(|l| {
                let rest = l.strip_prefix(front.as_bytes());
                let rest = rest.map(<[u8]>::trim_ascii_end);
                let name = rest.and_then(|r| r.strip_suffix(end.as_bytes()));
                let name = name.unwrap_or_default();
                let is_part =
                    |b: &u8| b.is_ascii_alphanumeric() || b"_.:*".contains(b);
                name.first().is_some_and(u8::is_ascii_whitespace)
                    && !name.trim_ascii().is_empty()
                    && name.trim_ascii().iter().all(is_part)
            }),
            Macro => lines.take(20).any(|l| {
                matches!(l, [b'.', a, b, b' ' | b'\t', ..]
                    if a.is_ascii_alphabetic() && b.is_ascii_alphanumeric())
            }),
            Ends(front, end) => lines.any(|l| {
                l.starts_with(front.as_bytes())
                    && l.trim_ascii_end().ends_with(end.trim_end().as_bytes())
            }),
        }
    }
}
