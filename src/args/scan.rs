//! The flags of `dragnet scan`: those of YARA and YARA-X together, and ours.
//! Where letters clash, YARA's meaning wins.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::RuleArgs;
use super::value::{parse_shard, parse_size, percentage};

/// Values of `--literal-engine`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LiteralEngine {
    /// The fastest that this processor has
    #[default]
    Auto,
    /// An Aho-Corasick automaton, all patterns in one pass
    Automaton,
    /// The grid with AVX-512 instructions
    Avx512,
    /// The grid with AVX2 instructions
    Avx2,
    /// The grid without vector instructions
    Scalar,
}

impl LiteralEngine {
    /// The search it means; `None` if this processor does not have it.
    pub(crate) fn engine(self) -> Option<dragnet::LiteralEngine> {
        use dragnet::{Isa, IsaName as Name, LiteralEngine as Engine};
        let grid = |name| Isa::find(name).map(Engine::Grid);
        match self {
            LiteralEngine::Auto => Some(Engine::default()),
            LiteralEngine::Automaton => Some(Engine::Automaton),
            LiteralEngine::Avx512 => grid(Name::Avx512),
            LiteralEngine::Avx2 => grid(Name::Avx2),
            LiteralEngine::Scalar => grid(Name::Scalar),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// One line for each rule, as YARA prints it.
    #[default]
    Text,
    /// One document.
    Json,
    /// One row for each line.
    Ndjson,
    /// The lines of YARA-X.
    YrNdjson,
    /// The document of YARA-X.
    YrJson,
    /// The text of YARA, to the byte.
    #[value(skip)]
    YaraText,
    /// The text of YARA-X, to the byte.
    #[value(skip)]
    YrText,
}

/// What a target is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ScanAs {
    /// An image if it is one, else a file.
    #[default]
    Auto,
    /// A file, whatever is in it.
    File,
    /// An image of a disk, or an archive.
    Image,
}

/// What of memory is one object for the conditions of rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// Each mapping.
    #[default]
    PerMapping,
    /// Each program or library, as it lies in memory.
    PerModule,
    /// All of a process, as YARA sees it: offsets are addresses, and there
    /// is no file size.
    Legacy,
    /// As legacy, but integers and hashes of memory are undefined.
    SinglePass,
    /// As single-pass, and modules look at nothing.
    Fast,
}

impl Mode {
    /// The unit it means.
    pub(crate) fn unit(self) -> dragnet::Unit {
        match self {
            Mode::PerMapping => dragnet::Unit::Mapping,
            Mode::PerModule => dragnet::Unit::Module,
            Mode::Legacy => dragnet::Unit::Legacy,
            Mode::SinglePass => dragnet::Unit::SinglePass,
            Mode::Fast => dragnet::Unit::Fast,
        }
    }
}

/// When the exit code is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExitOn {
    /// At least one rule matched.
    Match,
    /// No rule matched.
    Miss,
}

/// What to do with symbolic links below a target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Symlinks {
    /// Follow them; a directory is entered through links once.
    #[default]
    Follow,
    /// Follow links to files only.
    Files,
    /// Skip them.
    Skip,
}

const LONG: &str = "\
Scan files, directories or standard input with rules.

With one operand, it is the target, and the rules that come with dragnet are \
used. With more, the last one is the target and the others are rules: files, \
directories (all .yar and .yara files below) or compiled rules, each with an \
optional namespace in front (`name:path`). With --rules, every operand is a \
target. `-` is standard input.";

/// Arguments of `dragnet scan`.
#[derive(Args, Clone, Debug, Default)]
#[command(long_about = LONG)]
pub(crate) struct ScanArgs {
    /// Rules and target, or targets.
    #[arg(
        value_name = "[RULES]... TARGET",
        required_unless_present_any = ["pid", "processes"]
    )]
    pub(crate) operands: Vec<OsString>,

    #[command(flatten)]
    pub(crate) rule_args: RuleArgs,

    /// Use these rules; can be repeated. All operands are targets then.
    #[arg(long = "rules", value_name = "PATH", help_heading = "Rules")]
    pub(crate) rules: Vec<OsString>,

    /// The rules are compiled. Compiled rules are recognised without it.
    #[arg(short = 'C', long, help_heading = "Rules")]
    pub(crate) compiled_rules: bool,

    /// What targets are. An image of a disk, or an archive, is opened, and
    /// everything in it is scanned. Files below a directory are files.
    #[arg(
        long = "as",
        value_name = "KIND",
        default_value = "auto",
        help_heading = "Targets"
    )]
    pub(crate) scan_as: ScanAs,

    /// Scan the memory of this process; can be repeated. All operands are
    /// rules then.
    #[arg(long, value_name = "PID", help_heading = "Targets")]
    pub(crate) pid: Vec<u64>,

    /// Scan the memory of all processes but this one.
    #[arg(long, help_heading = "Targets")]
    pub(crate) processes: bool,

    /// What of memory, in a dump or of a process, is one object for rules.
    #[arg(
        long,
        value_name = "MODE",
        default_value = "per-mapping",
        help_heading = "Targets"
    )]
    pub(crate) mode: Mode,

    /// Enter directories, up to DEPTH levels; this is the default.
    #[arg(
        short, long, value_name = "DEPTH", num_args = 0..=1,
        require_equals = true, default_missing_value = "max",
        help_heading = "Targets"
    )]
    pub(crate) recursive: Option<String>,

    /// Do not enter directories below a target.
    #[arg(long, conflicts_with = "recursive", help_heading = "Targets")]
    pub(crate) no_recursive: bool,

    /// Do not follow symbolic links.
    #[arg(short = 'N', long, help_heading = "Targets")]
    pub(crate) no_follow_symlinks: bool,

    /// What to do with symbolic links below a target.
    #[arg(
        long,
        value_name = "POLICY",
        conflicts_with = "no_follow_symlinks",
        help_heading = "Targets"
    )]
    pub(crate) symlinks: Option<Symlinks>,

    /// Do not enter directories on other file systems.
    #[arg(long, help_heading = "Targets")]
    pub(crate) one_file_system: bool,

    /// Skip paths that match the glob; can be repeated.
    #[arg(long, value_name = "GLOB", help_heading = "Targets")]
    pub(crate) exclude: Vec<String>,

    /// Scan only files that match one of these globs; can be repeated.
    #[arg(long, value_name = "GLOB", help_heading = "Targets")]
    pub(crate) include: Vec<String>,

    /// The target is a file with paths to scan, one for each line.
    #[arg(long, help_heading = "Targets")]
    pub(crate) scan_list: bool,

    /// Skip larger files; K, M, G and T are understood.
    #[arg(
        short = 'z', long, alias = "skip-larger", value_name = "SIZE",
        value_parser = parse_size, help_heading = "Targets"
    )]
    pub(crate) max_size: Option<u64>,

    /// Read files instead of mapping them into memory.
    #[arg(long, help_heading = "Targets")]
    pub(crate) no_mmap: bool,

    /// A list of hashes of good content (MD5, SHA-1 or SHA-256; the output of
    /// sha256sum, a table of NSRL): matches in such content say so; can be
    /// repeated.
    #[arg(long, value_name = "LIST", help_heading = "Targets")]
    pub(crate) known: Vec<PathBuf>,

    /// Do not scan content that is in a list of --known. Deleted files, slack
    /// and free space are scanned all the same.
    #[arg(long, requires = "known", help_heading = "Targets")]
    pub(crate) skip_known: bool,

    /// Where objects of images are put that do not fit into memory; by
    /// default, the folder of the system for such files.
    #[arg(long, value_name = "DIR", help_heading = "Targets")]
    pub(crate) spool: Option<PathBuf>,

    /// Do the K-th of N parts of the work; all parts together find what one
    /// run finds.
    #[arg(
        long, value_name = "K/N", value_parser = parse_shard,
        help_heading = "Targets"
    )]
    pub(crate) shard: Option<(u64, u64)>,

    /// Number of threads; by default, one for each processor.
    #[arg(short = 'p', long, value_name = "N", help_heading = "Limits")]
    pub(crate) threads: Option<usize>,

    /// Stop scanning one target after so many seconds.
    #[arg(short = 'a', long, value_name = "SECONDS", help_heading = "Limits")]
    pub(crate) timeout: Option<u64>,

    /// Stop the whole run after so many seconds.
    #[arg(long, value_name = "SECONDS", help_heading = "Limits")]
    pub(crate) deadline: Option<u64>,

    /// Use each processor for at most so much of the time.
    #[arg(
        long, value_name = "PERCENT", value_parser = percentage(),
        help_heading = "Limits"
    )]
    pub(crate) cpu_limit: Option<u32>,

    /// Keep at most so many matches of a pattern.
    #[arg(long, value_name = "N", help_heading = "Limits")]
    pub(crate) max_matches_per_pattern: Option<u32>,

    /// Stop after so many rules have matched.
    #[arg(short = 'l', long, value_name = "N", help_heading = "Limits")]
    pub(crate) max_rules: Option<u64>,

    /// Report only the first match of patterns of which the conditions ask
    /// no more than whether they match.
    #[arg(short = 'f', long, help_heading = "Limits")]
    pub(crate) fast_scan: bool,

    /// How literals are searched for. Results are the same with each; for
    /// comparisons.
    #[arg(
        long, value_name = "ENGINE", value_enum,
        default_value_t = LiteralEngine::Auto, help_heading = "Limits"
    )]
    pub(crate) literal_engine: LiteralEngine,

    /// Give a file to a module as additional data; can be repeated.
    #[arg(
        short = 'x',
        long,
        value_name = "MODULE=FILE",
        help_heading = "Limits"
    )]
    pub(crate) module_data: Vec<OsString>,

    /// How results are written.
    #[arg(
        short = 'o', long = "format", alias = "output-format",
        value_name = "FORMAT", value_enum, default_value_t = Format::Text,
        help_heading = "Output"
    )]
    pub(crate) format: Format,

    /// Write results to this file.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) output: Option<PathBuf>,

    /// Note in this file how far the run is. The same command goes on there
    /// if the run was ended; the output is what it would have been.
    #[arg(
        long, value_name = "FILE", requires = "output",
        conflicts_with_all = ["pid", "processes", "max_rules"],
        help_heading = "Output"
    )]
    pub(crate) checkpoint: Option<PathBuf>,

    /// Seconds between two notes.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 30,
        help_heading = "Output"
    )]
    pub(crate) checkpoint_every: u64,

    /// Print what matched, at most N bytes of each.
    #[arg(
        short = 's', long, value_name = "N", num_args = 0..=1,
        require_equals = true, default_missing_value = "120",
        help_heading = "Output"
    )]
    pub(crate) print_strings: Option<usize>,

    /// Print lengths of matches. They are printed with -s anyway.
    #[arg(short = 'L', long, help_heading = "Output")]
    pub(crate) print_string_length: bool,

    /// Print xor keys and plain text of matches.
    #[arg(short = 'X', long, help_heading = "Output")]
    pub(crate) print_xor_key: bool,

    /// Print metadata.
    #[arg(short = 'm', long, help_heading = "Output")]
    pub(crate) print_meta: bool,

    /// Print tags.
    #[arg(short = 'g', long, help_heading = "Output")]
    pub(crate) print_tags: bool,

    /// Print namespaces.
    #[arg(short = 'e', long, help_heading = "Output")]
    pub(crate) print_namespace: bool,

    /// Print numbers of matching rules only.
    #[arg(short = 'c', long, help_heading = "Output")]
    pub(crate) count: bool,

    /// Print the rules that do not match.
    #[arg(short = 'n', long, help_heading = "Output")]
    pub(crate) negate: bool,

    /// Print only rules with this tag.
    #[arg(short = 't', long, value_name = "TAG", help_heading = "Output")]
    pub(crate) tag: Option<String>,

    /// Print only rules of this name.
    #[arg(short = 'i', long, value_name = "NAME", help_heading = "Output")]
    pub(crate) identifier: Option<String>,

    /// Give at most so many bytes of a match in rows.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4096,
        help_heading = "Output"
    )]
    pub(crate) match_bytes: usize,

    /// Write a row for objects without a match too.
    #[arg(long, help_heading = "Output")]
    pub(crate) all: bool,

    /// Do not print the messages of the console module.
    #[arg(short = 'q', long, help_heading = "Output")]
    pub(crate) disable_console_logs: bool,

    /// Print what the modules that the rules use know of each object.
    #[arg(short = 'D', long, help_heading = "Output")]
    pub(crate) print_module_data: bool,

    /// Print the names of all modules and exit.
    #[arg(short = 'M', long, exclusive = true, help_heading = "Output")]
    pub(crate) module_names: bool,

    /// Print figures about the rules.
    #[arg(
        short = 'S',
        long = "print-stats",
        alias = "scan-stats",
        help_heading = "Output"
    )]
    pub(crate) print_stats: bool,

    /// After the scan, list on standard error the strings that cost most, in
    /// counted work. Each object is searched by one thread then.
    #[arg(long, value_name = "NUMBER", help_heading = "Output")]
    pub(crate) slowest: Option<usize>,

    /// The same as `--slowest 10`.
    #[arg(long, conflicts_with = "slowest", help_heading = "Output")]
    pub(crate) profiling: bool,

    /// List everything that was skipped on standard error.
    #[arg(short = 'v', long, help_heading = "Output")]
    pub(crate) verbose: bool,

    /// Show no progress.
    #[arg(long, help_heading = "Output")]
    pub(crate) no_progress: bool,

    /// Exit with 1 if a rule matched, or if none did.
    #[arg(long, value_name = "WHEN", help_heading = "Output")]
    pub(crate) exit_on: Option<ExitOn>,

    /// Exit with 0 although something could not be scanned.
    #[arg(long, help_heading = "Output")]
    pub(crate) allow_incomplete: bool,
}
