//! Compiled rules: in memory, from a file, and those that come with us.

use std::fmt;
use std::fs::File;
use std::io;
use std::path::Path;

use crate::files::read_rules;
use dragnet_engine::ruleset::layout::{self, rule_flags};
use dragnet_engine::ruleset::{self, Constant, RuleSet, Tables};
use dragnet_evidence::Mapping;

/// The rules that come with Dragnet, compiled.
pub const EMBEDDED: &[u8] =
    include_bytes!(concat!(env!("OUT_DIR"), "/embedded.drs"));

/// A compiled rule set. Cloning is cheap, threads may share it.
///
/// ```
/// let rules = dragnet::Rules::embedded()?;
/// let copy = dragnet::Rules::from_bytes(rules.bytes().to_vec())?;
/// assert_eq!(copy.len(), rules.len());
/// # Ok::<(), dragnet::LoadError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Rules {
    pub(crate) set: RuleSet,
}

impl Rules {
    /// Loads a compiled set. The bytes are checked: they may come from
    /// anywhere.
    ///
    /// # Errors
    /// They are not a rule set of this version.
    pub fn from_bytes(
        bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    ) -> Result<Rules, LoadError> {
        let set = RuleSet::from_bytes(bytes).map_err(LoadError::Format)?;
        Ok(Rules { set })
    }

    /// Loads a compiled set from a file.
    ///
    /// # Errors
    /// The file cannot be read, or is not a rule set of this version.
    pub fn load(path: impl AsRef<Path>) -> Result<Rules, LoadError> {
        let unreadable =
            |error: io::Error| LoadError::Unreadable(error.to_string());
        let path = path.as_ref();
        // A pipe can be opened once only, and not be mapped.
        let map = match path.metadata() {
            Ok(meta) if meta.is_file() && meta.len() > 0 => {
                File::open(path).and_then(Mapping::new).ok()
            }
            _ => None,
        };
        match map {
            Some(map) => Rules::checked(map),
            None => Rules::checked(read_rules(path).map_err(unreadable)?),
        }
    }

    fn checked(
        bytes: impl AsRef<[u8]> + Send + Sync + 'static,
    ) -> Result<Rules, LoadError> {
        match foreign(bytes.as_ref()) {
            Some(tool) => Err(LoadError::Foreign(tool)),
            None => Rules::from_bytes(bytes),
        }
    }

    /// The rules that come with Dragnet.
    ///
    /// # Errors
    /// Never, in a build that passes its tests.
    pub fn embedded() -> Result<Rules, LoadError> {
        Rules::from_bytes(EMBEDDED)
    }

    /// Do these bytes look like a compiled set?
    pub fn is_compiled(bytes: &[u8]) -> bool {
        bytes.starts_with(&layout::MAGIC)
    }

    /// The compiled set as it is stored in a file.
    pub fn bytes(&self) -> &[u8] {
        self.set.as_bytes()
    }

    /// Number of rules.
    pub fn len(&self) -> usize {
        self.set.rule_count()
    }

    /// True if there are no rules.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of patterns.
    pub fn pattern_count(&self) -> usize {
        self.set.pattern_count()
    }

    /// External variables and their default values.
    pub fn externals(&self) -> impl Iterator<Item = (&str, crate::Value)> {
        self.set.externals()
    }

    /// The modules whose members conditions read, each once.
    pub fn modules(&self) -> Vec<&str> {
        self.set.modules()
    }

    /// All rules, in the order of their declaration.
    pub fn iter(&self) -> impl Iterator<Item = Rule<'_>> {
        let tables = self.set.tables();
        tables.rules.iter().map(move |record| Rule { record, tables })
    }

    /// The rule with this number in the set.
    pub fn rule(&self, number: u32) -> Option<Rule<'_>> {
        let tables = self.set.tables();
        let record = tables.rules.get(number as usize)?;
        Some(Rule { record, tables })
    }

    /// The rule that the pattern with this number belongs to.
    pub fn rule_of_pattern(&self, number: u32) -> Option<Rule<'_>> {
        let tables = self.set.tables();
        let record = tables.patterns.get(number as usize)?;
        self.rule(record.rule.get())
    }

    /// The name of the pattern with this number, counted over the set,
    /// without `$`.
    pub fn pattern_name(&self, number: u32) -> Option<&str> {
        let tables = self.set.tables();
        let record = tables.patterns.get(number as usize)?;
        Some(tables.name(record.name.get()))
    }
}

/// A rule of a set.
#[derive(Clone, Copy)]
pub struct Rule<'r> {
    record: &'r layout::RuleRec,
    tables: Tables<'r>,
}

impl<'r> Rule<'r> {
    /// Its name.
    pub fn name(&self) -> &'r str {
        self.tables.name(self.record.name.get())
    }

    /// Its namespace.
    pub fn namespace(&self) -> &'r str {
        let number = self.record.namespace.get() as usize;
        let namespace = self.tables.namespaces.get(number);
        namespace.map_or("", |space| self.tables.name(space.name.get()))
    }

    /// Is it a private rule?
    pub fn is_private(&self) -> bool {
        self.record.flags.get() & rule_flags::PRIVATE != 0
    }

    /// Its tags.
    pub fn tags(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let tables = self.tables;
        let tags = tables.list(self.record.tags.get()).iter();
        tags.map(move |tag| tables.name(tag.get()))
    }

    /// Its metadata, in order.
    pub fn meta(
        &self,
    ) -> impl Iterator<Item = (&'r str, Constant<'r>)> + use<'r> {
        let tables = self.tables;
        let start = self.record.meta_start.get() as usize;
        let count = self.record.meta_count.get() as usize;
        tables.metas.iter().skip(start).take(count).map(move |meta| {
            let value = tables.constant(meta.kind.get(), meta.value.get());
            (tables.name(meta.key.get()), value)
        })
    }
}

/// The tool whose compiled rules these are.
pub(crate) fn foreign(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"YARA-X") {
        Some("YARA-X")
    } else if bytes.starts_with(b"YARA") {
        Some("YARA")
    } else {
        None
    }
}

/// Why compiled rules could not be loaded.
#[derive(Debug)]
pub enum LoadError {
    /// The file cannot be read.
    Unreadable(String),
    /// Rules that were compiled by another tool.
    Foreign(&'static str),
    /// Not a rule set, damaged, or of another version.
    Format(ruleset::LoadError),
}

impl fmt::Debug for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace(), self.name())
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Unreadable(detail) => f.write_str(detail),
            LoadError::Foreign(tool) => write!(
                f,
                "these rules were compiled by {tool}; compile them from \
                 their source with `dragnet compile`"
            ),
            LoadError::Format(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LoadError {}
