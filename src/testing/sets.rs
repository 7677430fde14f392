//! A set of rules to compare: files, a directory, or how they were at a git
//! revision.

use std::ffi::OsStr;
use std::path::Path;

use dragnet::study::Study;
use dragnet::{Compiled, Compiler, Rules, Value};

use super::revision;
use crate::args::RuleArgs;
use crate::config::{Config, FILE_EXTERNALS};
use crate::failure::Failure;
use crate::load::{self, Operand};

/// Rules, and what can be said about them.
pub(crate) struct Set {
    pub(crate) rules: Rules,
    pub(crate) study: Study,
}

impl Set {
    /// The rules at a path, or, where there is none of this name, those of
    /// `present` at the revision of this name.
    pub(crate) fn load(
        name: &OsStr,
        present: &Path,
        args: &RuleArgs,
    ) -> Result<Set, Failure> {
        let path = Path::new(name);
        let compiled = if path.exists() {
            let mut args = args.clone();
            args.disable_warnings.push("all".to_owned());
            load::compile(&[Operand::plain(path)], &args)?
        } else {
            at_revision(name, present, args)?
        };
        Set::of(compiled, args)
    }

    /// The rules at some paths.
    pub(crate) fn at(
        paths: &[std::ffi::OsString],
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

fn at_revision(
    name: &OsStr,
    present: &Path,
    args: &RuleArgs,
) -> Result<Compiled, Failure> {
    let revision = name.to_string_lossy();
    let config = Config::find(present).map_err(Failure::usage)?;
    let mut compiler = Compiler::new();
    for name in FILE_EXTERNALS {
        compiler.define(name, Value::Text(Vec::new()));
    }
    let externals = config.externals().map_err(Failure::usage)?;
    for (name, value) in externals.into_iter().chain(load::defines(args)?) {
        compiler.define(&name, value);
    }
    for (path, text) in revision::rule_files(&revision, present)? {
        let namespace = match args.path_as_namespace {
            true => dragnet::display_path(&path),
            false => dragnet::DEFAULT_NAMESPACE.to_owned(),
        };
        let name = format!("{}@{revision}", dragnet::display_path(&path));
        compiler.add_named_text(&namespace, name, text);
    }
    let mut compiled = compiler.compile();
    compiled.diagnostics.retain(|diagnostic| diagnostic.is_error());
    Ok(compiled)
}
