//! Compiles YARA rules and scans bytes and files with them.
//!
//! Three steps: a [`Compiler`] turns rule text into [`Rules`], a [`Scanner`]
//! applies them to one object after the other, and what it found is read
//! from the [`ScanReport`].
//!
//! ```
//! use dragnet::{Compiler, Scanner};
//!
//! let mut compiler = Compiler::new();
//! compiler.add_text("shells", r#"
//!     rule known_panel {
//!         strings: $a = "<title>panel v2"
//!         condition: $a
//!     }
//! "#);
//! let rules = compiler.compile().into_rules()?;
//!
//! let mut scanner = Scanner::new(&rules);
//! let report = scanner.scan(b"<html><title>panel v2</title>");
//! let names: Vec<&str> = report.rules().map(|r| r.name()).collect();
//! assert_eq!(names, ["known_panel"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Rule files, directories and `include` are a matter of [`Compiler`] too;
//! files are scanned with [`Scanner::scan_file`]. [`Rules`] can be cloned and
//! shared between threads, every thread has its own [`Scanner`].
#![forbid(unsafe_code)]

mod compile;
mod files;
mod format;
pub mod lint;
mod loader;
mod logic_hash;
mod member;
mod rules;
mod scanner;
mod stats;
pub mod study;
mod threads;

pub use compile::{Compiled, Compiler, DEFAULT_NAMESPACE, Refused};
pub use files::{
    RULE_EXTENSIONS, display_path, path_bytes, path_from_bytes, rule_files,
};
pub use format::{Brace, NotFormatted, Style, format_rules};
pub use loader::FileLoader;
pub use logic_hash::{HashedRule, LogicHash, NoLogicHash, logic_hashes};
pub use rules::{EMBEDDED, LoadError, Rule, Rules};
pub use scanner::{FileReport, Scanner};
pub use stats::Stats;
pub use threads::Threads;

pub use dragnet_compiler::check::SkippedRule;
pub use dragnet_compiler::diag;
pub use dragnet_compiler::source;
pub use dragnet_engine::cond::ExternalValue as Value;
pub use dragnet_engine::module::data::{Data, DataError, Shape};
pub use dragnet_engine::module::dump::{Opened, Tree};
pub use dragnet_engine::module::{
    Layout, Module, OpenCx, Value as ModuleValue,
};
pub use dragnet_engine::prefilter::grid::Name as IsaName;
pub use dragnet_engine::prefilter::{Engine as LiteralEngine, Isa};
pub use dragnet_engine::ruleset::Constant;
pub use dragnet_engine::scan::{
    ConsoleLine, DefineError, Limit, LimitHit, Limits, Match, PatternMatches,
    PatternWork, RegionBytes, Regions, Report as ScanReport, RuleMatch,
    RuleWork, SpaceOptions, Work,
};
pub use dragnet_engine::source::{Origin, Source};
pub use dragnet_evidence::{
    Claim, Content, DEFAULT_READ_LIMIT, Entry, FileData, FileSource, Form,
    Integrity, Map, Mapping, Medium, Mounted, Object, ObjectKind, OpenError,
    Opener, Problem, Process, ReadReport, Reason, Region, Run, Space, Unit,
    What, memory, read_stream, read_whole, spool,
};

/// The version of this library and of the command.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The names of all modules that a rule can import, sorted.
pub fn module_names() -> Vec<&'static str> {
    let schemas = dragnet_engine::module::registry::schemas();
    let mut names: Vec<&str> = schemas.map(|schema| schema.name).collect();
    names.sort_unstable();
    names
}

/// The module of this name.
pub fn module(name: &str) -> Option<&'static dyn Module> {
    dragnet_engine::module::registry::find(name).map(|(_, module)| module)
}
