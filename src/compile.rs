//! From rule text and rule files to [`Rules`].

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dragnet_compiler::diag::{Code, Diagnostic};
use dragnet_compiler::source::SourceMap;
use dragnet_engine::cond::ExternalValue as Value;

use crate::files::{display_path, read_rules, rule_files};
use crate::loader::{FileLoader, key_of};
use crate::rules::{LoadError, Rules};
use dragnet_compiler::check::SkippedRule;
use dragnet_compiler::driver;
use dragnet_compiler::ir;
use dragnet_compiler::ir::Const;

/// The namespace of rules for which none is given.
pub const DEFAULT_NAMESPACE: &str = "default";

/// Collects rule sources and compiles them together.
///
/// A rule with an error does not hide the others: all diagnostics of all
/// sources are reported, and the rules without errors can be used.
///
/// ```
/// let mut compiler = dragnet::Compiler::new();
/// compiler.define("site", dragnet::Value::Text(vec![]));
/// compiler.add_text("mine", r#"
///     rule admin { condition: site == "admin" }
///     rule wrong { condition: no_such_name }
/// "#);
/// let compiled = compiler.compile();
/// assert_eq!(compiled.errors().count(), 1);
/// assert_eq!(compiled.skipped[0].name, "wrong");
/// let rules = compiled.rules.unwrap();
/// assert_eq!(rules.len(), 1);
/// ```
pub struct Compiler {
    inner: driver::Compiler,
    loader: FileLoader,
    externals: BTreeMap<String, Value>,
}

impl Default for Compiler {
    fn default() -> Compiler {
        Compiler::new()
    }
}

impl Compiler {
    /// A compiler without sources.
    pub fn new() -> Compiler {
        Compiler {
            inner: driver::Compiler::new(),
            loader: FileLoader::default(),
            externals: BTreeMap::new(),
        }
    }

    /// Declares an external variable; the value gives its type, and is used
    /// by scans that set no other. Of several values the last one counts.
    pub fn define(&mut self, name: &str, value: Value) -> &mut Self {
        self.externals.insert(name.to_owned(), value);
        self
    }

    /// Also looks for included files in this directory.
    pub fn include_dir(&mut self, path: impl Into<PathBuf>) -> &mut Self {
        self.loader.directories.push(path.into());
        self
    }

    /// Does not report warnings of this kind.
    pub fn disable_warning(&mut self, code: Code) -> &mut Self {
        self.inner.disable_warning(code);
        self
    }

    /// Leaves out rules that depend on this module.
    pub fn ignore_module(&mut self, name: &str) -> &mut Self {
        self.inner.ignore_module(name);
        self
    }

    /// Refuses rules that import this module.
    pub fn ban_module(&mut self, name: &str) -> &mut Self {
        let message = "this module is not allowed here";
        self.inner.ban_module(name, "banned module", message);
        self
    }

    /// Adds rule text. Its includes are looked up in the current directory.
    pub fn add_text(
        &mut self,
        namespace: &str,
        text: impl AsRef<[u8]>,
    ) -> &mut Self {
        self.add_source(namespace, None, "<text>".to_owned(), text.as_ref());
        self
    }

    /// Adds rule text under a name for diagnostics.
    pub fn add_named_text(
        &mut self,
        namespace: &str,
        name: impl Into<String>,
        text: impl AsRef<[u8]>,
    ) -> &mut Self {
        self.add_source(namespace, None, name.into(), text.as_ref());
        self
    }

    /// Adds a rule file, or all rule files below a directory.
    ///
    /// # Errors
    /// Something there cannot be read.
    ///
    /// ```
    /// # let dir = std::env::temp_dir().join("dragnet-doc-add-path");
    /// # std::fs::create_dir_all(&dir)?;
    /// # std::fs::write(dir.join("a.yar"), "rule a { condition: true }")?;
    /// let mut compiler = dragnet::Compiler::new();
    /// compiler.add_path("default", &dir)?;
    /// let rules = compiler.compile().into_rules()?;
    /// assert_eq!(rules.len(), 1);
    /// # std::fs::remove_dir_all(&dir)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn add_path(
        &mut self,
        namespace: &str,
        path: impl AsRef<Path>,
    ) -> io::Result<&mut Self> {
        for file in rule_files(path.as_ref())? {
            self.add_file(namespace, &file)?;
        }
        Ok(self)
    }

    /// Adds one rule file, whatever its name.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn add_file(
        &mut self,
        namespace: &str,
        path: &Path,
    ) -> io::Result<&mut Self> {
        let text = read_rules(path)?;
        let (key, name) = (key_of(path), display_path(path));
        self.add_source(namespace, Some(key), name, &text);
        Ok(self)
    }

    fn add_source(
        &mut self,
        namespace: &str,
        key: Option<String>,
        name: String,
        text: &[u8],
    ) {
        let text = Arc::from(text);
        self.inner.add_source(namespace, driver::Source { key, name, text });
    }

    /// Compiles everything that was added.
    pub fn compile(mut self) -> Compiled {
        self.inner.loader(Box::new(self.loader));
        for (name, value) in self.externals {
            // What is no identifier is a variable that no rule can name.
            let _ = match value {
                Value::Data(data) => self.inner.define_data(&name, data),
                Value::Bool(truth) => {
                    self.inner.define(&name, Const::Bool(truth))
                }
                Value::Int(number) => {
                    self.inner.define(&name, Const::Int(number))
                }
                Value::UInt(number) => {
                    let number = number.cast_signed();
                    self.inner.define(&name, Const::Int(number))
                }
                Value::Float(number) => {
                    self.inner.define(&name, Const::Float(number))
                }
                Value::Text(text) => {
                    self.inner.define(&name, Const::Str(text))
                }
            };
        }
        let output = self.inner.compile();
        let loaded = output.rules.map(Rules::from_bytes).transpose();
        let (rules, defect) = match loaded {
            Ok(rules) => (rules, None),
            Err(error) => (None, Some(error)),
        };
        Compiled {
            rules,
            defect,
            diagnostics: output.diagnostics,
            sources: output.sources,
            skipped: output.skipped,
            ir: output.ir,
        }
    }
}

/// What came out of a compilation.
pub struct Compiled {
    /// The rules without errors; `None` if no set could be made at all.
    pub rules: Option<Rules>,
    /// The compiler wrote what the engine refuses: a defect of ours.
    pub defect: Option<LoadError>,
    /// Errors and warnings, sorted by place.
    pub diagnostics: Vec<Diagnostic>,
    /// The sources that the diagnostics point into.
    pub sources: SourceMap,
    /// Rules that were left out.
    pub skipped: Vec<SkippedRule>,
    /// The rules of the set in their typed form, in the order of the set.
    pub ir: ir::Rules,
}

impl Compiled {
    /// The errors.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|d| d.is_error())
    }

    /// The warnings.
    pub fn warnings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|d| !d.is_error())
    }

    /// The rules, if there is no error at all.
    ///
    /// # Errors
    /// At least one rule is wrong; use [`Compiled::rules`] to go on with the
    /// others.
    pub fn into_rules(self) -> Result<Rules, Refused> {
        let mut lines: Vec<String> =
            self.errors().map(|error| self.line(error)).collect();
        lines.extend(self.defect.as_ref().map(|error| error.to_string()));
        match self.rules {
            Some(rules) if lines.is_empty() => Ok(rules),
            _ => Err(Refused { lines }),
        }
    }

    fn line(&self, diagnostic: &Diagnostic) -> String {
        let file = self.sources.get(diagnostic.file);
        let at = file.line_column(diagnostic.span.lo);
        let message = &diagnostic.message;
        format!("{}:{}:{}: {message}", file.name, at.line, at.column)
    }
}

/// The rules have errors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// One line for each error: `file:line:column: message`.
    pub lines: Vec<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.lines.as_slice() {
            [] => f.write_str("the rules could not be compiled"),
            lines => f.write_str(&lines.join("\n")),
        }
    }
}

impl std::error::Error for Refused {}
