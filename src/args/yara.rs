//! The flags of YARA 4.5 and of its compiler.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::{ArgAction, Args};

use super::scan::Mode;
use super::{Format, RuleArgs, ScanArgs, Symlinks, parse_size};

/// Arguments of `dragnet yara`.
#[derive(Args, Clone, Debug)]
#[command(disable_version_flag = true)]
pub(crate) struct YaraArgs {
    /// Rule files, each with an optional namespace, and the target: a file,
    /// a directory, or the number of a process.
    #[arg(
        value_name = "[NAMESPACE:]RULES_FILE... TARGET",
        required_unless_present_any = ["module_names", "version"]
    )]
    operands: Vec<OsString>,
    #[arg(long, value_name = "FILE", hide = true)]
    atom_quality_table: Option<PathBuf>,
    /// Load compiled rules.
    #[arg(short = 'C', long)]
    compiled_rules: bool,
    /// Print only the number of matches.
    #[arg(short, long)]
    count: bool,
    /// Warn about unknown escape sequences.
    #[arg(short = 'E', long)]
    strict_escape: bool,
    /// Define an external variable.
    #[arg(short, long, value_name = "VAR=VALUE")]
    define: Vec<String>,
    /// Do not print console messages.
    #[arg(short = 'q', long)]
    disable_console_logs: bool,
    /// Fail on warnings.
    #[arg(long)]
    fail_on_warnings: bool,
    /// Fast matching mode.
    #[arg(short, long)]
    fast_scan: bool,
    /// Print only rules of this name.
    #[arg(short, long, value_name = "IDENTIFIER")]
    identifier: Option<String>,
    #[arg(long, value_name = "NUMBER", hide = true)]
    max_process_memory_chunk: Option<u64>,
    /// Stop after so many matching rules.
    #[arg(short = 'l', long, value_name = "NUMBER")]
    max_rules: Option<u64>,
    #[arg(long, value_name = "NUMBER", hide = true)]
    max_strings_per_rule: Option<u64>,
    /// Give a file to a module as additional data.
    #[arg(short = 'x', long, value_name = "MODULE=FILE")]
    module_data: Vec<OsString>,
    /// Print rules that do not match.
    #[arg(short, long)]
    negate: bool,
    /// Do not follow symbolic links.
    #[arg(short = 'N', long)]
    no_follow_symlinks: bool,
    /// Report no warnings.
    #[arg(short = 'w', long)]
    no_warnings: bool,
    /// Print metadata.
    #[arg(short = 'm', long)]
    print_meta: bool,
    /// Print what the modules know of each file.
    #[arg(short = 'D', long)]
    print_module_data: bool,
    /// Print the names of all modules.
    #[arg(short = 'M', long)]
    module_names: bool,
    /// Print namespaces.
    #[arg(short = 'e', long)]
    print_namespace: bool,
    /// Print figures about the rules.
    #[arg(short = 'S', long)]
    print_stats: bool,
    /// Print what matched.
    #[arg(short = 's', long)]
    print_strings: bool,
    /// Print lengths of matches.
    #[arg(short = 'L', long)]
    print_string_length: bool,
    /// Print xor keys and plain text of matches.
    #[arg(short = 'X', long)]
    print_xor_key: bool,
    /// Print tags.
    #[arg(short = 'g', long)]
    print_tags: bool,
    /// Enter directories below the target.
    #[arg(short, long)]
    recursive: bool,
    /// The target is a file with paths to scan.
    #[arg(long)]
    scan_list: bool,
    /// Skip larger files.
    #[arg(short = 'z', long, value_name = "SIZE", value_parser = parse_size)]
    skip_larger: Option<u64>,
    #[arg(short = 'k', long, value_name = "SLOTS", hide = true)]
    stack_size: Option<u64>,
    /// Print only rules with this tag.
    #[arg(short, long, value_name = "TAG")]
    tag: Option<String>,
    /// Number of threads.
    #[arg(short = 'p', long, value_name = "NUMBER")]
    threads: Option<usize>,
    /// Stop after so many seconds.
    #[arg(short = 'a', long, value_name = "SECONDS")]
    timeout: Option<u64>,
    /// Print the version.
    #[arg(short = 'v', long, action = ArgAction::SetTrue)]
    pub(crate) version: bool,
}

impl YaraArgs {
    /// The same request as arguments of `dragnet scan`.
    pub(crate) fn into_scan(mut self) -> ScanArgs {
        let pid = self.operands.last().and_then(|target| pid(target));
        if pid.is_some() {
            self.operands.pop();
        }
        ScanArgs {
            operands: self.operands,
            pid: pid.into_iter().collect(),
            mode: Mode::Legacy,
            rule_args: RuleArgs {
                define: self.define,
                deny_warnings: self.fail_on_warnings,
                disable_warnings: all_if(self.no_warnings),
                ..RuleArgs::default()
            },
            compiled_rules: self.compiled_rules,
            no_recursive: !self.recursive,
            no_follow_symlinks: self.no_follow_symlinks,
            symlinks: Some(Symlinks::Follow),
            scan_list: self.scan_list,
            max_size: self.skip_larger,
            threads: self.threads,
            timeout: self.timeout,
            max_rules: self.max_rules,
            fast_scan: self.fast_scan,
            module_data: self.module_data,
            format: Format::YaraText,
            print_strings: self.print_strings.then_some(usize::MAX),
            print_string_length: self.print_string_length,
            print_xor_key: self.print_xor_key,
            print_meta: self.print_meta,
            print_tags: self.print_tags,
            print_namespace: self.print_namespace,
            count: self.count,
            negate: self.negate,
            tag: self.tag,
            identifier: self.identifier,
            match_bytes: usize::MAX,
            disable_console_logs: self.disable_console_logs,
            module_names: self.module_names,
            print_stats: self.print_stats,
            print_module_data: self.print_module_data,
            no_progress: true,
            ..ScanArgs::default()
        }
    }
}

/// A target that is a number, and no file, is a process.
fn pid(target: &OsStr) -> Option<u64> {
    let number = target.to_str()?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let pid = number.parse().ok().filter(|_| digits)?;
    (!Path::new(target).exists()).then_some(pid)
}

/// What `-w` alone means.
pub(super) fn all_if(all: bool) -> Vec<String> {
    if all { vec!["all".to_owned()] } else { Vec::new() }
}

/// Arguments of `dragnet yarac`.
#[derive(Args, Clone, Debug)]
pub(crate) struct YaracArgs {
    /// Rule files, each with an optional namespace, and the output.
    #[arg(
        value_name = "[NAMESPACE:]SOURCE_FILE... OUTPUT_FILE",
        required = true, num_args = 2..
    )]
    pub(crate) operands: Vec<OsString>,
    #[arg(long, value_name = "FILE", hide = true)]
    atom_quality_table: Option<PathBuf>,
    /// Define an external variable.
    #[arg(short, long, value_name = "VAR=VALUE")]
    pub(crate) define: Vec<String>,
    /// Warn about unknown escape sequences.
    #[arg(short = 'E', long)]
    strict_escape: bool,
    /// Fail on warnings.
    #[arg(long)]
    pub(crate) fail_on_warnings: bool,
    #[arg(long, value_name = "NUMBER", hide = true)]
    max_strings_per_rule: Option<u64>,
    /// Report no warnings.
    #[arg(short = 'w', long)]
    pub(crate) no_warnings: bool,
}

impl YaracArgs {
    /// How the rules are compiled.
    pub(crate) fn rule_args(&self) -> RuleArgs {
        RuleArgs {
            define: self.define.clone(),
            deny_warnings: self.fail_on_warnings,
            disable_warnings: all_if(self.no_warnings),
            ..RuleArgs::default()
        }
    }
}
