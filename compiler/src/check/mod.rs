//! From syntax trees to the typed form: names are resolved, types checked,
//! constants folded. Hides how rules see each other; a rule with an error
//! ends here, and so does every rule that depends on it.

mod access;
mod anchor;
mod calls;
mod cx;
mod expr;
mod fold;
pub(crate) mod global;
mod loops;
mod names;
mod numbers;
mod ops;
mod patterns;
mod prefix;
mod rule;
mod scope;
mod sets;
mod structured;
mod uses;
mod value;
mod walk;
mod warnings;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};

use crate::diag::{Code, Collector};
use crate::ir;
use crate::source::{FileId, SourceMap, Span};
use crate::syntax::ast;

pub(crate) use walk::{dependents, remove_rules};

/// A parsed file.
#[derive(Debug)]
pub struct Unit {
    /// Which.
    pub file: FileId,
    /// What was parsed.
    pub ast: ast::File,
    /// The places of errors that parsing reported: a rule around one of
    /// them is left out.
    pub errors: Vec<(Span, Code)>,
}

/// One item to check. Includes are resolved: their items stand in line.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// Index of the unit.
    pub unit: u32,
    /// Index of the item in its file.
    pub item: u32,
    /// Index of the namespace.
    pub namespace: u32,
}

/// What the caller decided beforehand.
#[derive(Debug, Default)]
pub struct Settings {
    /// The external variables.
    pub externals: Vec<ir::External>,
    /// Modules that must not be imported, with title and message.
    pub banned: HashMap<String, (String, String)>,
    /// Modules whose rules are left out.
    pub ignored: HashSet<String>,
}

/// A rule that is not in the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SkippedRule {
    /// Its name.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Where it was declared.
    pub file: FileId,
    /// Where it was declared.
    pub span: Span,
    /// The first diagnostic that made it so.
    pub cause: Code,
    /// It had to hold for its whole namespace, which is left out with it.
    pub global: bool,
}

/// The outcome.
#[derive(Debug, Default)]
pub struct Checked {
    /// The good rules.
    pub rules: ir::Rules,
    /// The others.
    pub skipped: Vec<SkippedRule>,
}

/// Checks all items in order.
pub fn check(
    units: &[Unit],
    steps: &[Step],
    namespaces: &[String],
    settings: &Settings,
    sources: &SourceMap,
    collector: &mut Collector,
) -> Checked {
    let mut all = names::World::new(namespaces, settings, collector);
    all.announce(units, steps);
    for step in steps {
        let unit = &units[step.unit as usize];
        let text = &sources.get(unit.file).text;
        let namespace = step.namespace as usize;
        match &unit.ast.items[step.item as usize] {
            ast::Item::Import { module, span, literal } => {
                let place = names::ImportAt { span: *span, literal: *literal };
                all.import(namespace, unit.file, module, place);
            }
            ast::Item::Rule(rule) => {
                rule::check(&mut all, unit, text, namespace, rule);
            }
            ast::Item::Error { rules, .. } => {
                for name in rules {
                    all.unparsed(namespace, unit.file, name, text);
                }
            }
            ast::Item::Include { .. } => {}
        }
    }
    let mut checked = all.finish();
    global::leave_out(&mut checked, collector);
    checked
}
