//! `dragnet check`

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use dragnet::Compiled;
use dragnet::diag::{Code, Severity};

use crate::args::{CheckArgs, CheckFormat};
use crate::config::Config;
use crate::failure::{DONE, FINDINGS, Failure, UNUSABLE};
use crate::load::{self, find_code, use_colours};
use crate::render::Renderer;
use crate::report::diagnostics;

/// Checks, and gives the exit code.
pub(crate) fn run(args: &CheckArgs) -> Result<u8, Failure> {
    if let Some(name) = &args.explain {
        return explain(name);
    }
    let here = [OsString::from(".")];
    let paths = match args.rules.as_slice() {
        [] => &here,
        paths => paths,
    };
    let operands = load::operands(paths)?;
    let compiled = load::compile(&operands, &args.rule_args)?;
    let mut out = io::stdout().lock();
    write(&compiled, format(args), &mut out)
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output(&error))?;
    let errors = compiled.errors().count();
    let warnings = compiled.warnings().count();
    let start = operands.first().map_or(".".as_ref(), |o| o.path.as_path());
    let config = Config::find(start).map_err(Failure::usage)?;
    let denies = args.rule_args.deny_warnings || config.check.deny_warnings;
    Ok(match (errors, warnings) {
        (1.., _) => UNUSABLE,
        (0, 1..) if denies => FINDINGS,
        _ => DONE,
    })
}

fn format(args: &CheckArgs) -> CheckFormat {
    let in_workflow =
        std::env::var_os("GITHUB_ACTIONS").is_some_and(|v| v == "true");
    args.format.unwrap_or(if in_workflow {
        CheckFormat::Github
    } else {
        CheckFormat::Text
    })
}

fn write(
    compiled: &Compiled,
    format: CheckFormat,
    out: &mut (impl Write + IsTerminal),
) -> io::Result<()> {
    let sources = &compiled.sources;
    let all = &compiled.diagnostics;
    match format {
        CheckFormat::Text => {
            let colours = use_colours(out.is_terminal());
            Renderer::new(sources, colours).write_all(all, out)?;
            let errors = compiled.errors().count();
            let warnings = compiled.warnings().count();
            let rules = compiled.rules.as_ref().map_or(0, |r| r.len());
            writeln!(
                out,
                "{rules} rule(s), {errors} error(s), {warnings} warning(s)"
            )
        }
        CheckFormat::Json => diagnostics::json(sources, all, out),
        CheckFormat::Sarif => diagnostics::sarif(sources, all, out),
        CheckFormat::Github => diagnostics::github(sources, all, out),
    }
}

fn explain(name: &str) -> Result<u8, Failure> {
    let text = if name == "list" {
        list()
    } else {
        match find_code(name) {
            Some(code) => code.page().to_owned(),
            None => return Err(Failure::usage(unknown(name))),
        }
    };
    super::print(&text)?;
    Ok(DONE)
}

fn list() -> String {
    let mut text = String::new();
    for code in Code::ALL {
        let kind = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (name, summary) = (code.name(), code.summary());
        text.push_str(&format!("{kind:8}{name:28}{summary}\n"));
    }
    text
}

fn unknown(name: &str) -> String {
    let near = Code::ALL
        .iter()
        .map(|code| code.name())
        .min_by_key(|code| distance(code, name))
        .filter(|code| distance(code, name) <= name.len() / 3);
    let hint = match near {
        Some(code) => format!("; did you mean `{code}`?"),
        None => "; `--explain list` lists all codes".to_owned(),
    };
    format!("there is no code `{name}`{hint}")
}

/// Edits that make one word out of the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.bytes().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_code_gets_a_suggestion() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert!(unknown("slow_patern").contains("`slow_pattern`"));
        assert!(unknown("x").contains("--explain list"));
    }
}
