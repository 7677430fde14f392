//! What several integration tests need: compile a text, scan some bytes, and
//! compare plain values.
#![allow(dead_code, unreachable_pub, reason = "each test uses its own part")]

use std::path::PathBuf;

use dragnet::diag::{Code, Diagnostic};
use dragnet::{Compiled, Compiler, LiteralEngine, Rules, Scanner, Value};

/// One match, as plain as can be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Name of the rule.
    pub rule: String,
    /// Name of the pattern with its `$`.
    pub pattern: String,
    /// Where.
    pub offset: u64,
    /// How long.
    pub length: u64,
}

/// What a scan found, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// Names of the public rules that match.
    pub rules: Vec<String>,
    /// The matches of their public patterns.
    pub hits: Vec<Hit>,
}

/// Compiles a text with the external variables that tests may use.
pub fn compile(text: impl AsRef<[u8]>) -> Compiled {
    let mut compiler = Compiler::new();
    compiler
        .define("var_zero", Value::Int(0))
        .define("var_one", Value::Int(1))
        .define("var_true", Value::Bool(true))
        .define("var_false", Value::Bool(false));
    compiler.add_text("default", text);
    compiler.compile()
}

/// The rules of a text without errors.
#[track_caller]
pub fn rules(text: impl AsRef<[u8]>) -> Rules {
    match compile(text).into_rules() {
        Ok(rules) => rules,
        Err(refused) => panic!("{refused}"),
    }
}

/// Scans bytes with rules, with two searches that must agree.
#[track_caller]
pub fn scan(rules: &Rules, data: &[u8]) -> Found {
    let fast = scan_with(rules, data, LiteralEngine::default());
    let slow = scan_with(rules, data, LiteralEngine::Automaton);
    assert_eq!(fast, slow, "the searches differ");
    fast
}

fn scan_with(rules: &Rules, data: &[u8], engine: LiteralEngine) -> Found {
    let mut scanner = Scanner::new(rules);
    scanner.set_literal_engine(engine);
    let report = scanner.scan(data);
    let mut found = Found::default();
    for rule in report.rules() {
        if rule.is_private() {
            continue;
        }
        found.rules.push(rule.name().to_owned());
        for pattern in rule.patterns() {
            if pattern.is_private() {
                continue;
            }
            found.hits.extend(pattern.matches().iter().map(|m| Hit {
                rule: rule.name().to_owned(),
                pattern: format!("${}", pattern.name()),
                offset: m.offset,
                length: u64::from(m.length),
            }));
        }
    }
    found.rules.sort();
    found.hits.sort();
    found
}

/// A folder of the collections that may lie beside the checkout or at
/// `DRAGNET_SHARED`. Says so if it is not there.
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
pub fn shared(folder: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("DRAGNET_SHARED")
        .map_or_else(|| path("../shared"), PathBuf::from);
    let folder = shared.join(folder);
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: there is no {}", folder.display());
    None
}

/// Decodes base64.
pub fn from_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut held) = (0u32, 0u32);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    for digit in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|&letter| letter == digit);
        bits = bits << 6 | value.expect("a base64 digit") as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

/// The data of all cases in the manifests below a folder.
pub fn decoded_cases(folder: &std::path::Path) -> Vec<Vec<u8>> {
    let mut cases = Vec::new();
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    for entry in entries.into_iter().filter_map(Result::ok) {
        if !entry.file_name().to_string_lossy().ends_with(".test.toml") {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).expect("a manifest");
        let lines = text.lines().filter_map(|line| {
            line.strip_prefix("base64 = \"")?.strip_suffix('"')
        });
        cases.extend(lines.map(from_base64));
    }
    cases
}

/// The codes of diagnostics, each once.
pub fn codes(diagnostics: &[Diagnostic]) -> Vec<Code> {
    let mut codes: Vec<Code> = diagnostics.iter().map(|d| d.code).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// A file or folder of the checkout.
pub fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The text of a file of the checkout.
#[track_caller]
pub fn read(relative: &str) -> String {
    std::fs::read_to_string(path(relative))
        .unwrap_or_else(|error| panic!("{relative}: {error}"))
}

/// The code blocks of a page below a heading, by language.
pub fn block<'a>(page: &'a str, heading: &str) -> Option<&'a str> {
    let start = page.find(&format!("\n## {heading}\n"))?;
    let (_, rest) = page[start..].split_once("```yara\n")?;
    let (text, _) = rest.split_once("```")?;
    Some(text)
}

/// Bytes from hexadecimal digits.
pub fn from_hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).expect("a hexadecimal digit") as u8)
        .collect();
    digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
