//! Scanning bytes and files.

use std::path::Path;
use std::sync::Arc;

use dragnet_engine::cond::ExternalValue;
use dragnet_engine::module::Layout;
use dragnet_engine::prefilter::Engine;
use dragnet_engine::scan::{self, Limits, Regions, Report, SpaceOptions};
use dragnet_evidence::{FileData, OpenError, Opener};

use crate::rules::Rules;
use crate::threads::Threads;

/// Applies rules to one object after the other; one for each thread.
///
/// ```
/// # let mut compiler = dragnet::Compiler::new();
/// # compiler.add_text("x", r#"
/// #     rule hello { strings: $a = "hello" condition: $a }"#);
/// # let rules = compiler.compile().into_rules()?;
/// let mut scanner = dragnet::Scanner::new(&rules);
/// let report = scanner.scan(b"say hello");
/// let rule = report.rules().next().unwrap();
/// let pattern = rule.patterns().next().unwrap();
/// assert_eq!(pattern.matches()[0].offset, 4);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Scanner {
    inner: scan::Scanner,
    opener: Opener,
    stream: Vec<u8>,
}

impl Scanner {
    /// A scanner for these rules.
    pub fn new(rules: &Rules) -> Scanner {
        Scanner {
            inner: scan::Scanner::new(&rules.set),
            opener: Opener::default(),
            stream: Vec::new(),
        }
    }

    /// Gives an external variable another value.
    ///
    /// # Errors
    /// The rules declare none of this name and type.
    pub fn define(
        &mut self,
        name: &str,
        value: ExternalValue,
    ) -> Result<(), scan::DefineError> {
        self.inner.define(name, value)
    }

    /// Limits of each scan.
    pub fn limits_mut(&mut self) -> &mut Limits {
        self.inner.limits_mut()
    }

    /// Gives a module data of its own for the scans to come.
    pub fn module_data(&mut self, module: &str, data: Vec<u8>) {
        self.inner.module_data(module, data);
    }

    /// How files are opened.
    pub fn opener_mut(&mut self) -> &mut Opener {
        &mut self.opener
    }

    /// Chooses the search for literals. Verdicts and matches never depend on
    /// it; which limits are reached may.
    pub fn set_literal_engine(&mut self, engine: Engine) {
        self.inner.set_engine(engine);
    }

    /// Lets other threads help with large objects. What is found does not
    /// depend on it.
    pub fn set_threads(&mut self, threads: Arc<Threads>) {
        self.inner.set_helpers(threads);
    }

    /// Counts from now on what each string and condition costs.
    pub fn count_work(&mut self) {
        self.inner.count_work();
    }

    /// What was counted since [`Scanner::count_work`].
    pub fn work(&self) -> Option<scan::Work> {
        self.inner.work()
    }

    /// Says how programs lie in the objects to come.
    pub fn set_layout(&mut self, layout: Layout) {
        self.inner.set_layout(layout);
    }

    /// Scans bytes.
    pub fn scan<'s>(&'s mut self, data: &'s [u8]) -> Report<'s> {
        self.inner.scan(data)
    }

    /// Scans regions of memory as one object, whose offsets are addresses.
    pub fn scan_space<'s>(
        &'s mut self,
        regions: &dyn Regions,
        options: SpaceOptions,
    ) -> Report<'s> {
        self.inner.scan_space(regions, options)
    }

    /// Scans a file.
    ///
    /// # Errors
    /// There are no bytes to scan, with a typed reason.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join("dragnet-doc-scan-file");
    /// # std::fs::write(&path, "content")?;
    /// let rules = dragnet::Rules::embedded()?;
    /// let mut scanner = dragnet::Scanner::new(&rules);
    /// let found = scanner.scan_file(&path)?;
    /// assert_eq!(found.report.rules().count(), 0);
    /// assert_eq!(found.data.integrity(), dragnet::Integrity::Intact);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scan_file(
        &mut self,
        path: impl AsRef<Path>,
    ) -> Result<FileReport<'_>, OpenError> {
        self.scan_file_if(path, |_| Ok(()))
    }

    /// Scans a file if the check of its bytes finds nothing against it.
    ///
    /// # Errors
    /// There are no bytes to scan, or what the check says.
    pub fn scan_file_if(
        &mut self,
        path: impl AsRef<Path>,
        check: impl FnOnce(&[u8]) -> Result<(), OpenError>,
    ) -> Result<FileReport<'_>, OpenError> {
        let data = self.opener.open(path.as_ref())?;
        check(data.bytes())?;
        let report = self.inner.scan(data.bytes());
        Ok(FileReport { data, report })
    }

    /// Scans everything that a reader gives, up to the opener's limit.
    ///
    /// # Errors
    /// The reader's, or there is too much.
    pub fn scan_stream(
        &mut self,
        reader: impl std::io::Read,
    ) -> Result<Report<'_>, OpenError> {
        let limit = self.opener.read_limit;
        dragnet_evidence::read_stream(reader, &mut self.stream, limit)?;
        Ok(self.inner.scan(&self.stream))
    }
}

/// What was found in a file, with the bytes it was found in.
pub struct FileReport<'s> {
    /// The bytes; ask for their integrity after the scan.
    pub data: FileData<'s>,
    /// The result.
    pub report: Report<'s>,
}
