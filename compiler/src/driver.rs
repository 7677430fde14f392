//! The compiler as its users see it: sources in, a compiled set and
//! diagnostics out. Hides the stages and what happens to rules that fail in
//! a late one.

#[cfg(test)]
mod corpus_tests;
mod load;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use dragnet_engine::module::data::Data;

use crate::check::{self, Checked, Settings, SkippedRule, Unit};
use crate::diag::{Code, Collector, Diagnostic};
use crate::ir::{self, Const};
use crate::link::link;
use crate::source::{Loader, NoIncludes, SourceMap};
use load::Loading;

/// A piece of rule text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Unique name by which the [`Loader`] resolves includes of this text,
    /// and by which cycles are seen: a canonical path.
    pub key: Option<String>,
    /// Name for diagnostics.
    pub name: String,
    /// The text.
    pub text: Arc<[u8]>,
}

impl Source {
    /// A text without a place of its own.
    pub fn new(name: impl Into<String>, text: impl AsRef<[u8]>) -> Source {
        Source { key: None, name: name.into(), text: text.as_ref().into() }
    }
}

/// Why an external variable was not defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DefineError {
    /// The name is no identifier.
    Name(String),
    /// There is one of this name.
    Duplicate(String),
    /// Externals are booleans, signed integers, floats or strings.
    Type(String),
}

impl fmt::Display for DefineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DefineError::Name(name) => {
                write!(f, "`{name}` is not an identifier")
            }
            DefineError::Duplicate(name) => {
                write!(f, "`{name}` is defined twice")
            }
            DefineError::Type(name) => {
                write!(f, "`{name}` cannot be an unsigned integer")
            }
        }
    }
}

impl std::error::Error for DefineError {}

/// Compiles rule text.
///
/// ```
/// use dragnet_compiler::driver::{Compiler, Source};
///
/// let mut compiler = Compiler::new();
/// let text = "rule r { strings: $a = \"abc\" condition: $a }";
/// compiler.add_source("default", Source::new("r.yar", text));
/// let output = compiler.compile();
/// assert_eq!(output.rule_count, 1);
/// assert!(output.diagnostics.is_empty());
/// ```
#[derive(Default)]
pub struct Compiler {
    loader: Option<Box<dyn Loader>>,
    settings: Settings,
    collector: Collector,
    namespaces: Vec<String>,
    sources: Vec<(u32, Source)>,
}

/// What came out.
#[derive(Debug)]
pub struct Output {
    /// The compiled set of all good rules; `None` if all are wrong.
    pub rules: Option<Vec<u8>>,
    /// What there is to say, sorted by file and place.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that diagnostics point at.
    pub sources: SourceMap,
    /// Rules that are not in the set.
    pub skipped: Vec<SkippedRule>,
    /// Number of rules in the set.
    pub rule_count: usize,
    /// Number of patterns in the set.
    pub pattern_count: usize,
    /// The rules of the set in their typed form, in the order of the set.
    pub ir: ir::Rules,
}

/// What is known about sources before a set is made of them: for tools that
/// judge rules. No rule is left out for its size.
#[derive(Debug)]
pub struct Analysis {
    /// The parsed files, in order; an included file stands before the rest
    /// of the one that includes it.
    pub units: Vec<Unit>,
    /// The rules without errors.
    pub rules: ir::Rules,
    /// What there is to say, sorted by file and place. Comments suppress
    /// nothing.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that diagnostics point at.
    pub sources: SourceMap,
}

impl Output {
    /// Number of errors.
    pub fn error_count(&self) -> usize {
        self.diagnostics.iter().filter(|d| d.is_error()).count()
    }
}

impl Compiler {
    /// A compiler without sources.
    pub fn new() -> Compiler {
        Compiler::default()
    }

    /// Sets what resolves includes; without one, every include is an error.
    pub fn loader(&mut self, loader: Box<dyn Loader>) -> &mut Self {
        self.loader = Some(loader);
        self
    }

    /// Defines an external variable. Its value may change from scan to scan,
    /// its type may not.
    ///
    /// # Errors
    ///
    /// If the name is no identifier or taken, or the value is unsigned.
    pub fn define(
        &mut self,
        name: &str,
        value: Const,
    ) -> Result<&mut Self, DefineError> {
        if matches!(value, Const::UInt(_)) {
            return Err(DefineError::Type(name.to_owned()));
        }
        self.external(name, ir::ExternalValue::Scalar(value))
    }

    /// Defines an external variable that is a structure or an array. Its
    /// values may change from scan to scan, its shape may not.
    ///
    /// # Errors
    ///
    /// If the name is no identifier or taken.
    pub fn define_data(
        &mut self,
        name: &str,
        data: Data,
    ) -> Result<&mut Self, DefineError> {
        self.external(name, ir::ExternalValue::Data(data))
    }

    fn external(
        &mut self,
        name: &str,
        value: ir::ExternalValue,
    ) -> Result<&mut Self, DefineError> {
        let mut chars = name.bytes();
        let first = chars.next();
        let good = first.is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
            && chars.all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let name = name.to_owned();
        if !good {
            return Err(DefineError::Name(name));
        }
        if self.settings.externals.iter().any(|e| e.name == name) {
            return Err(DefineError::Duplicate(name));
        }
        self.settings.externals.push(ir::External { name, value });
        Ok(self)
    }

    /// Makes the import of a module an error with this message.
    pub fn ban_module(
        &mut self,
        name: &str,
        title: &str,
        message: &str,
    ) -> &mut Self {
        let why = (title.to_owned(), message.to_owned());
        self.settings.banned.insert(name.to_owned(), why);
        self
    }

    /// Leaves out the rules that use a module.
    pub fn ignore_module(&mut self, name: &str) -> &mut Self {
        self.settings.ignored.insert(name.to_owned());
        self
    }

    /// Drops the warnings of a code.
    pub fn disable_warning(&mut self, code: Code) -> &mut Self {
        self.collector.disable(code);
        self
    }

    /// Drops all warnings but those that are raised.
    pub fn disable_all_warnings(&mut self) -> &mut Self {
        self.collector.disable_all();
        self
    }

    /// Turns the warnings of a code into errors.
    pub fn raise(&mut self, code: Code) -> &mut Self {
        self.collector.raise(code);
        self
    }

    /// Adds rule text to a namespace.
    pub fn add_source(
        &mut self,
        namespace: &str,
        source: Source,
    ) -> &mut Self {
        let last = self.sources.last().map(|(namespace, _)| *namespace);
        let known = match last {
            Some(last) if self.namespaces[last as usize] == namespace => {
                Some(last as usize)
            }
            _ => self.namespaces.iter().position(|n| n == namespace),
        };
        let at = known.unwrap_or_else(|| {
            self.namespaces.push(namespace.to_owned());
            self.namespaces.len() - 1
        });
        self.sources.push((at as u32, source));
        self
    }

    /// Parses and checks all sources.
    pub fn analyse(mut self) -> Analysis {
        self.collector.ignore_suppressions();
        let (units, sources, checked) = self.check();
        let diagnostics = self.collector.finish();
        Analysis { units, rules: checked.rules, diagnostics, sources }
    }

    fn check(&mut self) -> (Vec<Unit>, SourceMap, Checked) {
        let none: Box<dyn Loader> = Box::new(NoIncludes);
        let loader = self.loader.take().unwrap_or(none);
        let mut sources = SourceMap::default();
        let mut loading =
            Loading::new(loader.as_ref(), &mut sources, &mut self.collector);
        loading.sources(std::mem::take(&mut self.sources));
        let (units, steps) = loading.finish();
        let checked = check::check(
            &units,
            &steps,
            &self.namespaces,
            &self.settings,
            &sources,
            &mut self.collector,
        );
        (units, sources, checked)
    }

    /// Compiles all sources. The good rules are in the result whatever is
    /// wrong with the others.
    pub fn compile(mut self) -> Output {
        let (_, sources, mut checked) = self.check();
        let bytes = lower(&mut checked, &mut self.collector);
        let rules = &checked.rules.rules;
        let diagnostics = self.collector.finish();
        // No rules at all are a set too; all rules wrong are none.
        let is_set =
            !rules.is_empty() || !diagnostics.iter().any(|d| d.is_error());
        Output {
            rules: is_set.then_some(bytes),
            rule_count: rules.len(),
            pattern_count: rules.iter().map(|r| r.patterns.len()).sum(),
            diagnostics,
            sources,
            skipped: checked.skipped,
            ir: checked.rules,
        }
    }
}

/// Writes the set. Rules that turn out to be too large are left out, with
/// all that depend on them.
fn lower(checked: &mut Checked, collector: &mut Collector) -> Vec<u8> {
    loop {
        let linked = link(&checked.rules);
        if linked.bad_rules.is_empty() {
            return linked.bytes;
        }
        let mut cause = Code::ConditionTooLarge;
        for new in linked.diagnostics {
            cause = new.code;
            collector.report(new);
        }
        let bad: HashSet<usize> = linked.bad_rules.into_iter().collect();
        let dependent = check::dependents(&checked.rules, &bad);
        for (at, rule) in checked.rules.rules.iter().enumerate() {
            let needs = dependent.get(&at);
            if !bad.contains(&at) && needs.is_none() {
                continue;
            }
            if let Some(needs) = needs {
                let needs = &checked.rules.rules[*needs].name;
                let message = format!(
                    "rule `{}` is left out because `{needs}` is",
                    rule.name
                );
                let code = Code::IgnoredRule;
                let new = Diagnostic::new(code, rule.file, rule.span, message)
                    .label(format!("needs `{needs}`"))
                    .help(format!("repair `{needs}` first"));
                collector.report(new);
            }
            let namespace = &checked.rules.namespaces[rule.namespace as usize];
            checked.skipped.push(SkippedRule {
                name: rule.name.clone(),
                namespace: namespace.clone(),
                file: rule.file,
                span: rule.span,
                cause: if needs.is_some() { Code::IgnoredRule } else { cause },
                global: rule.global,
            });
        }
        let mut gone = bad;
        gone.extend(dependent.keys());
        check::remove_rules(&mut checked.rules, &gone);
        check::global::leave_out(checked, collector);
    }
}
