//! Parses sources and what they include, in the order of the text.

use rayon::prelude::*;

use crate::check::{Step, Unit};
use crate::diag::suppress::Suppressions;
use crate::diag::{Code, Collector, Diagnostic};
use crate::source::{FileId, IncludeError, Loader, SourceMap, Span};
use crate::syntax::{self, ast};

use super::Source;

/// Includes may be nested so deep.
const MAX_DEPTH: usize = 16;
/// And be so many in all.
const MAX_INCLUDES: usize = 100_000;

/// Texts that are shorter in all are not worth to wake other threads.
const FEW_BYTES: usize = 64 << 10;

/// What is in a text, whichever file it is of: the diagnostics still point
/// at no file.
struct Parsed {
    ast: ast::File,
    /// Places of errors, in order.
    errors: Vec<(Span, Code)>,
    suppressions: Suppressions,
    diagnostics: Vec<Diagnostic>,
}

impl Parsed {
    fn new(text: &[u8]) -> Parsed {
        // What is too large is refused before anybody looks at it.
        let text = if u32::try_from(text.len()).is_ok() { text } else { b"" };
        let file = FileId::default();
        let (ast, mut diagnostics) = syntax::parse(text, file);
        let (suppressions, unknown) = Suppressions::of(text, &ast, file);
        let mut errors: Vec<(Span, Code)> = diagnostics
            .iter()
            .filter(|d| d.is_error())
            .map(|d| (d.span, d.code))
            .collect();
        errors.sort_by_key(|(span, _)| *span);
        diagnostics.extend(unknown);
        Parsed { ast, errors, suppressions, diagnostics }
    }
}

/// A file that is being read, and where it includes the next one.
struct Open {
    key: Option<String>,
    name: String,
    file: FileId,
}

/// Collects parsed files.
pub(super) struct Loading<'a> {
    loader: &'a dyn Loader,
    sources: &'a mut SourceMap,
    collector: &'a mut Collector,
    units: Vec<Unit>,
    steps: Vec<Step>,
    open: Vec<Open>,
    includes: usize,
}

impl<'a> Loading<'a> {
    pub(super) fn new(
        loader: &'a dyn Loader,
        sources: &'a mut SourceMap,
        collector: &'a mut Collector,
    ) -> Loading<'a> {
        Loading {
            loader,
            sources,
            collector,
            units: Vec::new(),
            steps: Vec::new(),
            open: Vec::new(),
            includes: 0,
        }
    }

    /// Takes sources and their namespaces, and reads what they include.
    pub(super) fn sources(&mut self, sources: Vec<(u32, Source)>) {
        let size: usize = sources.iter().map(|(_, s)| s.text.len()).sum();
        if size < FEW_BYTES {
            for (namespace, source) in sources {
                let parsed = Parsed::new(&source.text);
                self.source(source, parsed, namespace);
            }
            return;
        }
        let parsed: Vec<Parsed> =
            sources.par_iter().map(|(_, s)| Parsed::new(&s.text)).collect();
        for ((namespace, source), parsed) in sources.into_iter().zip(parsed) {
            self.source(source, parsed, namespace);
        }
    }

    fn source(&mut self, source: Source, parsed: Parsed, namespace: u32) {
        let Source { key, name, text } = source;
        if u32::try_from(text.len()).is_err() {
            let file = self.sources.add(name, Vec::new());
            let message = "a source file must be smaller than 4 GiB";
            let none = Span::default();
            let code = Code::SourceTooLarge;
            let new = Diagnostic::new(code, file, none, message)
                .help("split the file");
            self.collector.report(new);
            return;
        }
        let file = self.sources.add(name.clone(), text.clone());
        let Parsed { ast, errors, suppressions, diagnostics } = parsed;
        self.collector.suppress(file, suppressions);
        for new in diagnostics {
            self.collector.report(new.moved_to(file));
        }
        let items: Vec<_> = ast.items.iter().map(include).collect();
        let unit = self.units.len() as u32;
        self.units.push(Unit { file, ast, errors });
        self.open.push(Open { key, name, file });
        for (item, included) in (0..).zip(items) {
            match included {
                Some((path, at)) => self.include(&path, at, namespace),
                None => self.steps.push(Step { unit, item, namespace }),
            }
        }
        self.open.pop();
    }

    fn include(&mut self, path: &[u8], at: Span, namespace: u32) {
        let Some(from) = self.open.last() else { return };
        let file = from.file;
        let shown = String::from_utf8_lossy(path).into_owned();
        let error = |code, message: String| {
            Diagnostic::new(code, file, at, message).label("included here")
        };
        if self.open.len() > MAX_DEPTH {
            let message =
                format!("includes are nested more than {MAX_DEPTH} deep");
            let new = error(Code::IncludeDepth, message)
                .help("include the innermost files from the outer ones");
            self.collector.report(new);
            return;
        }
        self.includes += 1;
        if self.includes > MAX_INCLUDES {
            let message =
                format!("there are more than {MAX_INCLUDES} includes");
            let new = error(Code::IncludeError, message)
                .help("put the rules into fewer files");
            self.collector.report(new);
            return;
        }
        let new = match self.loader.load(path, from.key.as_deref()) {
            Ok(found) => {
                let opened = self
                    .open
                    .iter()
                    .position(|o| o.key.as_ref() == Some(&found.key));
                let Some(opened) = opened else {
                    let source = Source {
                        key: Some(found.key),
                        name: found.name,
                        text: found.text,
                    };
                    let parsed = Parsed::new(&source.text);
                    return self.source(source, parsed, namespace);
                };
                let message = format!("`{shown}` includes itself");
                let mut new = error(Code::IncludeCycle, message)
                    .help("remove one of the includes");
                let chain = &self.open[opened..];
                let names = chain.iter().map(|open| open.name.as_str());
                for pair in names.collect::<Vec<_>>().windows(2) {
                    new = new
                        .note(format!("`{}` includes `{}`", pair[0], pair[1]));
                }
                new
            }
            Err(IncludeError::Disabled) => {
                let message = "includes are switched off".to_owned();
                error(Code::IncludeDisabled, message)
                    .help("copy what is included, or switch includes on")
            }
            Err(IncludeError::NotFound(tried)) => {
                let message = format!("there is no file `{shown}`");
                let new = error(Code::IncludeNotFound, message).help(
                    "correct the path, or name its directory with \
                     `--include-dir`",
                );
                tried.iter().fold(new, |new, place| {
                    new.note(format!("looked at `{place}`"))
                })
            }
            Err(IncludeError::Unreadable(reason)) => {
                let message = format!("`{shown}` cannot be read: {reason}");
                error(Code::IncludeError, message)
                    .help("include a file that can be read")
            }
        };
        self.collector.report(new);
    }

    /// The parsed files, and their items in order.
    pub(super) fn finish(self) -> (Vec<Unit>, Vec<Step>) {
        (self.units, self.steps)
    }
}

/// Path and place of an include.
fn include(item: &ast::Item) -> Option<(Vec<u8>, Span)> {
    match item {
        ast::Item::Include { path, literal, .. } => {
            Some((path.clone(), *literal))
        }
        _ => None,
    }
}
