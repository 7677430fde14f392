//! A set of rules to compare: files, a directory, or how they were at a git
//! revision.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use dragnet::study::Study;
use dragnet::{Compiled, Rules};

use super::revision;
use crate::args::RuleArgs;
use crate::failure::Failure;
use crate::load::{self, Operand};

/// Rules, and what can be said about them.
pub(crate) struct Set {
    pub(crate) rules: Rules,
    pub(crate) study: Study,
}

impl Set {
    /// The rules at a path, or, where there is none of this name, those of
    /// `present` at the revision of this name. That there are none is an
    /// error: whatever is compared with nothing looks as if all were well.
    pub(crate) fn load(
        name: &OsStr,
        present: &[Operand],
        args: &RuleArgs,
    ) -> Result<Set, Failure> {
        let mut how = args.clone();
        how.disable_warnings.push("all".to_owned());
        let path = Path::new(name);
        let (compiled, looked_for) = if path.exists() {
            let compiled = load::compile(&[Operand::plain(path)], &how)?;
            (compiled, names(&[Operand::plain(path)]))
        } else {
            let compiled = at_revision(name, present, &how)?;
            let revision = name.to_string_lossy();
            let names = names(present);
            (compiled, format!("{names} at revision `{revision}`"))
        };
        let set = Set::of(compiled, args)?;
        if set.study.facts().rules().is_empty() {
            let message = format!("there are no rules in {looked_for}");
            return Err(Failure::usage(message));
        }
        Ok(set)
    }

    /// The rules at some paths.
    pub(crate) fn at(
        paths: &[OsString],
        args: &RuleArgs,
        path_as_namespace: bool,
    ) -> Result<Set, Failure> {
        let mut how = args.clone();
        how.disable_warnings.push("all".to_owned());
        how.path_as_namespace |= path_as_namespace;
        let operands = load::operands(paths)?;
        Set::of(load::compile(&operands, &how)?, &how)
    }

    fn of(compiled: Compiled, args: &RuleArgs) -> Result<Set, Failure> {
        load::judge(&compiled, args)?;
        let rules = compiled.rules.clone();
        let study = Study::new(compiled);
        match (rules, study) {
            (Some(rules), Some(study)) => Ok(Set { rules, study }),
            _ => Err(Failure::usage("no rule compiles")),
        }
    }
}

/// What was looked for, for a message.
fn names(operands: &[Operand]) -> String {
    let name = |operand: &Operand| {
        let path = dragnet::display_path(&operand.path);
        match operand.path.is_dir() {
            true => format!("{path} (*.yar, *.yara)"),
            false => path,
        }
    };
    operands.iter().map(name).collect::<Vec<String>>().join(", ")
}

fn at_revision(
    name: &OsStr,
    present: &[Operand],
    args: &RuleArgs,
) -> Result<Compiled, Failure> {
    let revision = name.to_string_lossy();
    let mut compiler = load::compiler(present, args)?;
    let mut seen = BTreeSet::new();
    for operand in present {
        let files = revision::rule_files(&revision, &operand.path)?;
        for (path, text) in files {
            let namespace = match &operand.namespace {
                Some(name) => name.clone(),
                None if args.path_as_namespace => dragnet::display_path(&path),
                None => dragnet::DEFAULT_NAMESPACE.to_owned(),
            };
            // The same file below two operands is there once, as it is for
            // the rules of today.
            let full = path.canonicalize().unwrap_or_else(|_| path.clone());
            if seen.insert((namespace.clone(), full)) {
                let name = dragnet::display_path(&path);
                let name = format!("{name}@{revision}");
                compiler.add_named_text(&namespace, name, text);
            }
        }
    }
    let mut compiled = compiler.compile();
    compiled.diagnostics.retain(|diagnostic| diagnostic.is_error());
    Ok(compiled)
}
