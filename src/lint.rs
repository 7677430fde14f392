//! Judges rules: what compiles, and is still wrong, slow, hard to find again
//! or not what other engines understand.
//!
//! [`LINTS`] is the table of all checks; each has a page in `lints/` whose
//! examples are its tests. What the compiler warns about is not looked for
//! again: its diagnostics become findings.

mod alternation;
mod baseline;
mod duplicates;
mod fullword;
mod history;
mod logic;
mod measured;
mod meta;
mod naming;
mod patterns;
mod performance;
mod portability;
mod regex;
mod repair;
mod reported;
mod runs;
mod samples;
mod settings;
mod subject;
mod subset;
mod suppressions;
mod syntax;
mod table;
mod unit;

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use dragnet_compiler::check::Unit;
use dragnet_compiler::driver;
use dragnet_compiler::ir::{self, Const};
use dragnet_compiler::source::{FileId, SourceMap};
use dragnet_compiler::syntax::ast::{self, Item};
use dragnet_engine::cond::ExternalValue as Value;
use rayon::prelude::*;

pub use baseline::Baseline;
pub use history::History;
pub use repair::{Repaired, repair};
pub use samples::Samples;
pub use settings::{MetaKey, PathLevels, Profile, Settings};
pub use subject::{Finding, State};
pub use table::{LINTS, Level, Lint, Repair};

use crate::loader::{FileLoader, key_of};
use duplicates::Known;
use subject::{RuleCx, Whole};
use unit::FileCx;

/// A rule file to judge.
#[derive(Clone, Debug)]
pub struct Input {
    /// Where it lies, if anywhere.
    pub path: Option<PathBuf>,
    /// Its name in findings.
    pub name: String,
    /// Its text.
    pub text: Arc<[u8]>,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// All findings, sorted by file, place and lint.
    pub findings: Vec<Finding>,
    /// The texts that they point at.
    pub sources: SourceMap,
    /// Number of files that were judged.
    pub files: usize,
    /// Number of rules in them.
    pub rules: usize,
}

/// Judges rule files together.
#[derive(Debug, Default)]
pub struct Linter {
    settings: Settings,
    inputs: Vec<Input>,
    directories: Vec<PathBuf>,
    ignored: Vec<String>,
    baseline: Option<Baseline>,
    history: Option<History>,
    samples: Option<Box<dyn Samples>>,
}

impl Linter {
    /// A linter without files.
    pub fn new(settings: Settings) -> Linter {
        Linter { settings, ..Linter::default() }
    }

    /// Adds a file. Each is a namespace of its own.
    pub fn add(&mut self, input: Input) -> &mut Self {
        self.inputs.push(input);
        self
    }

    /// Also looks for included files in this directory.
    pub fn include_dir(&mut self, path: impl Into<PathBuf>) -> &mut Self {
        self.directories.push(path.into());
        self
    }

    /// Leaves out rules that depend on this module.
    pub fn ignore_module(&mut self, name: &str) -> &mut Self {
        self.ignored.push(name.to_owned());
        self
    }

    /// Does not count what the baseline knows.
    pub fn baseline(&mut self, baseline: Baseline) -> &mut Self {
        self.baseline = Some(baseline);
        self
    }

    /// Reports only what changed since.
    pub fn history(&mut self, history: History) -> &mut Self {
        self.history = Some(history);
        self
    }

    /// Looks at the samples that rules name.
    pub fn samples(&mut self, samples: Box<dyn Samples>) -> &mut Self {
        self.samples = Some(samples);
        self
    }

    /// Judges all files.
    pub fn run(self) -> Outcome {
        let names: HashSet<&str> =
            self.inputs.iter().map(|i| i.name.as_str()).collect();
        let analysis = self.analyse();
        let mut first: HashMap<&str, FileId> = HashMap::new();
        let mut copies = HashSet::new();
        for (file, source) in analysis.sources.iter() {
            let known = *first.entry(&source.name).or_insert(file);
            if known != file {
                copies.insert(source.name.as_str());
            }
        }
        // A file may be read twice, by itself and by what includes it.
        let own: Vec<&Unit> = (analysis.units)
            .iter()
            .filter(|unit| {
                let name = analysis.sources.get(unit.file).name.as_str();
                names.contains(name) && first.get(name) == Some(&unit.file)
            })
            .collect();
        let judged: HashSet<FileId> = own.iter().map(|u| u.file).collect();
        let mut findings: Vec<Finding> = (analysis.diagnostics)
            .iter()
            .filter(|d| judged.contains(&d.file))
            .cloned()
            .filter_map(|d| reported::finding(d, &analysis.sources))
            .collect();
        let whole = Whole {
            sources: &analysis.sources,
            settings: &self.settings,
            samples: self.samples.as_deref(),
            rules: own.iter().map(|unit| rules(&unit.ast).count()).sum(),
            modules: modules(&own),
        };
        let typed = typed(&analysis.rules);
        let mut by_file: HashMap<FileId, Vec<Finding>> = HashMap::new();
        for finding in findings.drain(..) {
            by_file.entry(finding.file).or_default().push(finding);
        }
        let files: Vec<_> = own
            .iter()
            .map(|unit| (unit, by_file.remove(&unit.file).unwrap_or_default()))
            .collect();
        let judge = |(unit, mut own): (&&Unit, Vec<Finding>)| {
            let name = analysis.sources.get(unit.file).name.as_str();
            let mut cx = FileCx {
                file: unit.file,
                text: &analysis.sources.get(unit.file).text,
                ast: &unit.ast,
                settings: &self.settings,
                is_included: copies.contains(name),
                out: Vec::new(),
            };
            let known = self.file(&mut cx, &mut own, &whole, &typed);
            own.append(&mut cx.out);
            (own, known)
        };
        let judged: Vec<(Vec<Finding>, Vec<Known>)> =
            files.into_par_iter().map(judge).collect();
        let mut known = Vec::new();
        for (mut own, mut rules) in judged {
            findings.append(&mut own);
            known.append(&mut rules);
        }
        findings.extend(duplicates::check(&known, &analysis.sources));
        let mut sources = analysis.sources.clone();
        let (files, count) = (own.len(), whole.rules);
        self.settle(&mut findings, &mut sources, &own);
        Outcome { findings, sources, files, rules: count }
    }

    fn analyse(&self) -> driver::Analysis {
        let mut compiler = driver::Compiler::new();
        let directories = self.directories.clone();
        compiler.loader(Box::new(FileLoader { directories }));
        for (name, value) in &self.settings.externals {
            // What is no identifier is a variable that no rule can name.
            let _ = match value.clone() {
                Value::Data(data) => compiler.define_data(name, data),
                Value::Bool(truth) => {
                    compiler.define(name, Const::Bool(truth))
                }
                Value::Int(number) => {
                    compiler.define(name, Const::Int(number))
                }
                Value::UInt(number) => {
                    compiler.define(name, Const::Int(number.cast_signed()))
                }
                Value::Float(number) => {
                    compiler.define(name, Const::Float(number))
                }
                Value::Text(text) => compiler.define(name, Const::Str(text)),
            };
        }
        for module in &self.ignored {
            compiler.ignore_module(module);
        }
        for (at, input) in self.inputs.iter().enumerate() {
            let source = driver::Source {
                key: input.path.as_deref().map(key_of),
                name: input.name.clone(),
                text: input.text.clone(),
            };
            compiler.add_source(&at.to_string(), source);
        }
        compiler.analyse()
    }

    /// All checks that look at one file and its rules.
    fn file(
        &self,
        cx: &mut FileCx<'_>,
        found: &mut [Finding],
        whole: &Whole<'_>,
        typed: &HashMap<(FileId, u32), &ir::Rule>,
    ) -> Vec<Known> {
        let mut known = Vec::new();
        let slow = reported::slow(found, cx);
        syntax::check_file(cx);
        let name = whole.sources.get(cx.file).name.as_str();
        if self.is_on("N010", name) {
            naming::layout(cx);
        }
        let (ast, file) = (cx.ast, cx.file);
        let old = self.history.as_ref().and_then(|h| h.rules(name));
        for rule in rules(ast) {
            let ir = typed.get(&(file, rule.name.span.lo)).copied();
            let mut at = RuleCx::new(whole, file, ast, rule, ir);
            for finding in found.iter_mut() {
                if rule.span.lo <= finding.span.lo
                    && finding.span.lo < rule.span.hi
                {
                    finding.rule = Some(rule.name.text.clone());
                    reported::repair(finding, &at);
                }
            }
            meta::check(&mut at);
            naming::check(&mut at);
            known.push(Known::of(&at));
            if !rule.broken {
                syntax::check(&mut at);
                logic::check(&mut at);
                fullword::check(&mut at);
                patterns::check(&mut at, &slow);
                regex::check(&mut at);
                performance::check(&mut at);
                portability::check(&mut at);
                if self.is_on("P025", name) {
                    measured::check(&mut at);
                }
            }
            if let Some(old) = &old {
                meta::check_history(&mut at, old);
            }
            cx.out.append(&mut at.out);
        }
        known
    }

    fn is_on(&self, id: &str, file: &str) -> bool {
        Lint::find(id).is_some_and(|lint| {
            self.settings.level(lint, lint.level, file) != Level::Off
        })
    }

    /// Levels, suppressions, order, fingerprints, baseline.
    fn settle(
        &self,
        findings: &mut Vec<Finding>,
        sources: &mut SourceMap,
        units: &[&Unit],
    ) {
        replaced(findings);
        for unit in units {
            let name = sources.get(unit.file).name.clone();
            let text = sources.get(unit.file).text.clone();
            let mut cx = FileCx {
                file: unit.file,
                text: &text,
                ast: &unit.ast,
                settings: &self.settings,
                is_included: false,
                out: Vec::new(),
            };
            let mut own: Vec<Finding> =
                findings.extract_if(.., |f| f.file == unit.file).collect();
            for finding in &mut own {
                let (lint, level) = (finding.lint, finding.level);
                finding.level = self.settings.level(lint, level, &name);
            }
            own.retain(|finding| finding.level != Level::Off);
            suppressions::apply(&mut cx, &mut own, |lint| {
                self.settings.level(lint, lint.level, &name) != Level::Off
            });
            for mut finding in cx.out {
                let (lint, level) = (finding.lint, finding.level);
                finding.level = self.settings.level(lint, level, &name);
                own.extend((finding.level != Level::Off).then_some(finding));
            }
            findings.append(&mut own);
        }
        findings.sort_by_cached_key(|finding| {
            let name = sources.get(finding.file).name.clone();
            (name, finding.span, finding.lint.id, finding.message.clone())
        });
        let ids = identities(units, sources);
        baseline::fingerprints(findings, sources, |finding| {
            let rule = finding.rule.clone().unwrap_or_default();
            match ids.get(&(finding.file, rule.clone())) {
                Some(id) => id.clone(),
                None => format!("{}:{rule}", sources.get(finding.file).name),
            }
        });
        if let Some(history) = &self.history {
            let mut cache = HashMap::new();
            findings.retain(|finding| {
                history.is_new(finding, sources, units, &mut cache)
            });
        }
        if let Some(baseline) = &self.baseline {
            let stale = baseline.apply(findings, sources);
            let lint = Lint::find("X004");
            let level = lint.map_or(Level::Info, |lint| {
                self.settings.level(lint, lint.level, "")
            });
            if level != Level::Off {
                findings.extend(stale);
            }
        }
    }
}

/// Rules with an `id` are known by it.
fn identities(
    units: &[&Unit],
    sources: &SourceMap,
) -> HashMap<(FileId, String), String> {
    let mut ids = HashMap::new();
    for unit in units {
        let text = &sources.get(unit.file).text;
        for rule in rules(&unit.ast) {
            let id = rule.meta.iter().find(|m| m.key.text == "id");
            if let Some(id) = id {
                let id = String::from_utf8_lossy(id.span.of(text));
                let key = (unit.file, rule.name.text.clone());
                ids.insert(key, id.into_owned());
            }
        }
    }
    ids
}

/// L003 says more than L001 at the same place.
fn replaced(findings: &mut Vec<Finding>) {
    let better: HashSet<_> = (findings.iter())
        .filter(|f| f.lint.id == "L003")
        .map(|f| (f.file, f.span.lo))
        .collect();
    findings.retain(|f| {
        f.lint.id != "L001" || !better.contains(&(f.file, f.span.lo))
    });
}

fn rules(file: &ast::File) -> impl Iterator<Item = &ast::Rule> {
    file.items.iter().filter_map(|item| match item {
        Item::Rule(rule) => Some(rule),
        _ => None,
    })
}

/// How many rules use each module that is imported anywhere.
fn modules(units: &[&Unit]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for unit in units {
        for item in &unit.ast.items {
            if let Item::Import { module, .. } = item {
                let name = String::from_utf8_lossy(module).into_owned();
                counts.entry(name).or_insert(0);
            }
        }
    }
    for unit in units {
        for rule in rules(&unit.ast) {
            let mut used = HashSet::new();
            let mut open = vec![rule.condition];
            while let Some(id) = open.pop() {
                let kind = &unit.ast.expr(id).kind;
                if let ast::ExprKind::Name(name) = kind {
                    used.insert(name.as_str());
                }
                kind.for_each_child(|id| open.push(id));
            }
            for name in used {
                if let Some(count) = counts.get_mut(name) {
                    *count += 1;
                }
            }
        }
    }
    counts
}

/// Rules that compile, by where their name stands.
fn typed(rules: &ir::Rules) -> HashMap<(FileId, u32), &ir::Rule> {
    let all = rules.rules.iter();
    all.map(|rule| ((rule.file, rule.span.lo), rule)).collect()
}
