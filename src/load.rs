//! From the rules that a user names to rules to scan with.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use dragnet::diag::Code;
use dragnet::{
    Compiled, Compiler, DEFAULT_NAMESPACE, Rules, Value, display_path,
};

use crate::args::{RuleArgs, parse_define, split_namespace};
use crate::config::{Config, FILE_EXTERNALS};
use crate::failure::{Failure, UNUSABLE};
use crate::render::Renderer;

/// Rules, and the variables that the user has given a value.
pub(crate) struct Loaded {
    pub(crate) rules: Rules,
    pub(crate) defined: Vec<(String, Value)>,
    /// Set for the scan; otherwise the compiled rules know the value.
    pub(crate) is_compiled: bool,
}

/// One operand: an optional namespace, and a path.
pub(crate) struct Operand {
    pub(crate) namespace: Option<String>,
    pub(crate) path: PathBuf,
}

impl Operand {
    /// A path that stands for itself, whatever it looks like.
    pub(crate) fn plain(path: &Path) -> Operand {
        Operand { namespace: None, path: path.to_owned() }
    }
}

/// Reads operands as namespace and path; the path must exist.
pub(crate) fn operands(all: &[OsString]) -> Result<Vec<Operand>, Failure> {
    let read = |operand: &OsString| {
        let (namespace, path) = split_namespace(operand);
        match path.metadata() {
            Ok(_) => Ok(Operand { namespace, path }),
            Err(error) => Err(Failure::path(&path, error)),
        }
    };
    all.iter().map(read).collect()
}

/// The rules that come with the command.
pub(crate) fn embedded(args: &RuleArgs) -> Result<Loaded, Failure> {
    let rules = Rules::embedded().map_err(Failure::usage)?;
    let defined = defines(args)?;
    Ok(Loaded { rules, defined, is_compiled: true })
}

/// The rules at these paths. Diagnostics go to standard error.
pub(crate) fn load(
    paths: &[OsString],
    args: &RuleArgs,
    compiled: bool,
) -> Result<Loaded, Failure> {
    let operands = operands(paths)?;
    let defined = defines(args)?;
    if let [only] = operands.as_slice()
        && (compiled || is_compiled(&only.path))
    {
        let rules = Rules::load(&only.path)
            .map_err(|error| Failure::path(&only.path, error))?;
        return Ok(Loaded { rules, defined, is_compiled: true });
    }
    if compiled {
        let message = "compiled rules are one file; \
                       compile the sources together instead";
        return Err(Failure::usage(message));
    }
    let compiled = compile(&operands, args)?;
    let rules = accept(compiled, args)?;
    Ok(Loaded { rules, defined, is_compiled: false })
}

fn is_compiled(path: &Path) -> bool {
    // A pipe can be read only once, and is not worth guessing about.
    if !path.is_file() {
        return false;
    }
    let mut start = [0; 16];
    let read = std::fs::File::open(path)
        .and_then(|mut file| std::io::Read::read(&mut file, &mut start));
    let start = read.ok().and_then(|count| start.get(..count));
    start.is_some_and(|start| {
        Rules::is_compiled(start) || start.starts_with(b"YARA")
    })
}

pub(crate) fn defines(
    args: &RuleArgs,
) -> Result<Vec<(String, Value)>, Failure> {
    let read = |text: &String| parse_define(text).map_err(Failure::usage);
    args.define.iter().map(read).collect()
}

/// Compiles the rules at the operands.
pub(crate) fn compile(
    operands: &[Operand],
    args: &RuleArgs,
) -> Result<Compiled, Failure> {
    let mut compiler = compiler(operands, args)?;
    let mut seen = BTreeSet::new();
    for operand in operands {
        add(&mut compiler, operand, args, &mut seen)?;
    }
    Ok(compiler.compile())
}

/// A compiler with the settings of the user and of the repository of the
/// rules.
pub(crate) fn compiler(
    operands: &[Operand],
    args: &RuleArgs,
) -> Result<Compiler, Failure> {
    let start = operands.first().map_or(Path::new("."), |o| &o.path);
    let config = Config::find(start).map_err(Failure::usage)?;
    let mut compiler = Compiler::new();
    for name in FILE_EXTERNALS {
        compiler.define(name, Value::Text(Vec::new()));
    }
    let configured = config.externals().map_err(Failure::usage)?;
    for (name, value) in configured.into_iter().chain(defines(args)?) {
        compiler.define(&name, value);
    }
    for dir in &args.include_dir {
        compiler.include_dir(dir);
    }
    for module in &args.ignore_module {
        compiler.ignore_module(module);
    }
    for code in disabled(args, &config)? {
        compiler.disable_warning(code);
    }
    Ok(compiler)
}

fn add(
    compiler: &mut Compiler,
    operand: &Operand,
    args: &RuleArgs,
    seen: &mut BTreeSet<(String, PathBuf)>,
) -> Result<(), Failure> {
    let path = &operand.path;
    let files = dragnet::rule_files(path)
        .map_err(|error| Failure::path(path, error))?;
    for file in files {
        let namespace = match &operand.namespace {
            Some(name) => name.clone(),
            None if args.path_as_namespace => display_path(&file),
            None => DEFAULT_NAMESPACE.to_owned(),
        };
        // The same file twice is no reason to complain about its rules.
        let full = file.canonicalize().unwrap_or_else(|_| file.clone());
        if seen.insert((namespace.clone(), full)) {
            compiler
                .add_file(&namespace, &file)
                .map_err(|error| Failure::path(&file, error))?;
        }
    }
    Ok(())
}

/// The codes of warnings that are not reported.
fn disabled(args: &RuleArgs, config: &Config) -> Result<Vec<Code>, Failure> {
    let is_warning =
        |code: &Code| code.severity() == dragnet::diag::Severity::Warning;
    let mut codes = Vec::new();
    let named = args.disable_warnings.iter().chain(&args.disable_warning);
    for name in named.chain(&config.warnings.disable) {
        if name == "all" {
            codes.extend(Code::ALL.iter().copied().filter(is_warning));
            continue;
        }
        match find_code(name).filter(is_warning) {
            Some(code) => codes.push(code),
            None => {
                let message = format!(
                    "there is no warning `{name}`; \
                     `dragnet check --explain list` lists all codes"
                );
                return Err(Failure::usage(message));
            }
        }
    }
    Ok(codes)
}

/// The code of this name.
pub(crate) fn find_code(name: &str) -> Option<Code> {
    let name = name.replace('-', "_");
    Code::ALL.iter().copied().find(|code| code.name() == name)
}

/// Reports what the compiler said, and gives the rules unless they have to
/// be refused.
pub(crate) fn accept(
    compiled: Compiled,
    args: &RuleArgs,
) -> Result<Rules, Failure> {
    judge(&compiled, args)?;
    compiled.rules.ok_or_else(|| Failure::usage("no rule compiles"))
}

/// Reports what the compiler said; fails if the rules have to be refused.
pub(crate) fn judge(
    compiled: &Compiled,
    args: &RuleArgs,
) -> Result<(), Failure> {
    let errors = compiled.errors().count();
    let warnings = compiled.warnings().count();
    let mut stderr = std::io::stderr().lock();
    let colours = use_colours(stderr.is_terminal());
    let renderer = Renderer::new(&compiled.sources, colours);
    // Nobody is there to read if standard error is closed.
    let _ = renderer.write_all(&compiled.diagnostics, &mut stderr);
    if errors > 0 && !args.skip_bad {
        let _ = writeln!(
            stderr,
            "error: {errors} error(s), no rules were used; \
             --skip-bad goes on without the rules that are wrong"
        );
        return Err(Failure::silent(UNUSABLE));
    }
    if warnings > 0 && args.deny_warnings {
        let _ = writeln!(
            stderr,
            "error: {warnings} warning(s), and --deny-warnings is given"
        );
        return Err(Failure::silent(UNUSABLE));
    }
    for rule in &compiled.skipped {
        let (space, name) = (&rule.namespace, &rule.name);
        let _ = writeln!(stderr, "skipped rule: {space}:{name}");
    }
    if let Some(error) = &compiled.defect {
        let message = format!("defect in dragnet, please report: {error}");
        return Err(Failure::usage(message));
    }
    Ok(())
}

/// Colours are for people, and only for those who want them.
pub(crate) fn use_colours(is_terminal: bool) -> bool {
    let forbidden =
        std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    is_terminal && !forbidden
}
