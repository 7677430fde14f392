//! The flags of YARA-X.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::check::{CheckArgs, CompletionArgs};
use super::{DumpArgs, Format, RuleArgs, ScanArgs, parse_size, percentage};

/// The commands of YARA-X that we take.
#[derive(Debug, Subcommand)]
pub(crate) enum YrCommand {
    /// Scan a file or directory.
    Scan(Box<YrScanArgs>),
    /// Compile rules.
    Compile(YrCompileArgs),
    /// Check rules.
    Check(CheckArgs),
    /// Print everything that modules know about a file.
    Dump(DumpArgs),
    /// Write a completion script for a shell.
    Completion(CompletionArgs),
}

/// Output formats of YARA-X.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum YrFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object for each file.
    Ndjson,
    /// One JSON object for all.
    Json,
}

/// Arguments of `dragnet yr scan`.
#[derive(Args, Clone, Debug)]
pub(crate) struct YrScanArgs {
    /// Rules, each with an optional namespace, and the target.
    #[arg(
        value_name = "[NAMESPACE:]RULES_PATH... TARGET_PATH",
        required = true, num_args = 2..
    )]
    operands: Vec<OsString>,
    #[command(flatten)]
    rule_args: RuleArgs,
    /// The rules are compiled.
    #[arg(short = 'C', long)]
    compiled_rules: bool,
    /// Print only the number of matches for each file.
    #[arg(short, long)]
    count: bool,
    /// Use at most so much of the processor, in per cent.
    #[arg(long, value_name = "PERCENTAGE", value_parser = percentage())]
    cpu_limit: Option<u32>,
    /// Do not print console messages.
    #[arg(long)]
    disable_console_logs: bool,
    /// Fast scan mode.
    #[arg(short, long)]
    fast_scan: bool,
    /// Keep at most so many matches of a pattern.
    #[arg(long, value_name = "MATCHES")]
    max_matches_per_pattern: Option<u32>,
    /// Give a file to a module as additional data.
    #[arg(short = 'x', long, value_name = "MODULE=FILE")]
    module_data: Vec<OsString>,
    /// Print rules that do not match.
    #[arg(short, long)]
    negate: bool,
    /// Read files instead of mapping them.
    #[arg(long)]
    no_mmap: bool,
    /// How results are written.
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    output_format: YrFormat,
    /// Print metadata.
    #[arg(short = 'm', long)]
    print_meta: bool,
    /// Print namespaces.
    #[arg(short = 'e', long)]
    print_namespace: bool,
    /// Print what matched, at most N bytes of each.
    #[arg(
        short = 's', long, value_name = "N", num_args = 0..=1,
        require_equals = true, default_missing_value = "120"
    )]
    print_strings: Option<usize>,
    /// Print tags.
    #[arg(short = 'g', long)]
    print_tags: bool,
    /// After the scan, list the strings that cost most.
    #[arg(long)]
    profiling: bool,
    /// Enter directories below the target.
    #[arg(
        short, long, value_name = "MAX_DEPTH", num_args = 0..=1,
        require_equals = true, default_missing_value = "max"
    )]
    recursive: Option<String>,
    /// The target is a file with paths to scan.
    #[arg(long)]
    scan_list: bool,
    /// Skip larger files.
    #[arg(short = 'z', long, value_name = "SIZE", value_parser = parse_size)]
    skip_larger: Option<u64>,
    /// Print only rules with this tag.
    #[arg(short, long, value_name = "TAG")]
    tag: Option<String>,
    /// Number of threads.
    #[arg(short = 'p', long, value_name = "NUM_THREADS")]
    threads: Option<usize>,
    /// Stop the run after so many seconds.
    #[arg(short = 'a', long, value_name = "SECONDS")]
    timeout: Option<u64>,
}

impl YrScanArgs {
    /// The same request as arguments of `dragnet scan`.
    pub(crate) fn into_scan(self) -> ScanArgs {
        let format = match self.output_format {
            YrFormat::Text => Format::YrText,
            YrFormat::Ndjson => Format::YrNdjson,
            YrFormat::Json => Format::YrJson,
        };
        ScanArgs {
            cpu_limit: self.cpu_limit,
            profiling: self.profiling,
            operands: self.operands,
            rule_args: self.rule_args,
            compiled_rules: self.compiled_rules,
            no_recursive: self.recursive.is_none(),
            recursive: self.recursive,
            scan_list: self.scan_list,
            max_size: self.skip_larger,
            no_mmap: self.no_mmap,
            threads: self.threads,
            deadline: self.timeout,
            max_matches_per_pattern: self.max_matches_per_pattern,
            fast_scan: self.fast_scan,
            module_data: self.module_data,
            format,
            print_strings: self.print_strings,
            print_meta: self.print_meta,
            print_tags: self.print_tags,
            print_namespace: self.print_namespace,
            count: self.count,
            negate: self.negate,
            tag: self.tag,
            match_bytes: usize::MAX,
            disable_console_logs: self.disable_console_logs,
            no_progress: true,
            ..ScanArgs::default()
        }
    }
}

/// Arguments of `dragnet yr compile`.
#[derive(Args, Clone, Debug)]
pub(crate) struct YrCompileArgs {
    /// Rules, each with an optional namespace.
    #[arg(value_name = "[NAMESPACE:]RULES_PATH", required = true)]
    pub(crate) rules: Vec<OsString>,
    /// Where to write the compiled rules.
    #[arg(short, long, default_value = "output.yarc")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,
}
