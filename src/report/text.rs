//! Lines for people, in the shape that YARA gave them.

use std::fmt::Write;
use std::path::Path;

use dragnet::{Constant, Reason};

use super::encode::{escape, escape_yara, unxor};
use super::tree::write_yara;
use super::yr::shorten;
use super::{Output, Report, Row, RuleHit, StringHit, Summary, Whole};
use crate::image::Image;

/// Whose lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Ours.
    Dragnet,
    /// Those of YARA.
    Yara,
    /// Those of YARA-X.
    Yr,
}

/// What the lines hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextSettings {
    pub(crate) dialect: Dialect,
    pub(crate) colours: bool,
    pub(crate) verbose: bool,
    pub(crate) namespace: bool,
    pub(crate) tags: bool,
    pub(crate) meta: bool,
    pub(crate) count: bool,
    /// Most bytes of a match.
    pub(crate) strings: Option<usize>,
    pub(crate) lengths: bool,
    pub(crate) xor_keys: bool,
}

/// Writes lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TextReport(pub(crate) TextSettings);

const BOLD_RED: &str = "\x1b[1;31m";
const CYAN: &str = "\x1b[36m";
const RESET: &str = "\x1b[0m";

impl Report for TextReport {
    fn row(&self, row: &Row<'_>, to: &mut Output) {
        match row {
            Row::Match(found) => self.rules(found.path, &found.rules, to),
            Row::NoMatch(missed) => match &missed.rules {
                Some(rules) => self.rules(missed.path, rules, to),
                None => self.nothing(missed.path, to),
            },
            Row::Console(message) if self.0.dialect == Dialect::Yara => {
                to.out.extend_from_slice(message.message.as_bytes());
                to.out.push(b'\n');
            }
            Row::Module(parsed) => {
                let (name, fields) = (parsed.module, parsed.fields);
                // Writing into memory cannot fail.
                let _ = write_yara(&mut to.out, name, fields, 0);
                to.out.push(b'\n');
            }
            _ => write_note(row, self.0.verbose, &mut to.err),
        }
    }

    fn knows_images(&self) -> bool {
        self.0.dialect == Dialect::Dragnet
    }

    fn end(&self, summary: &Summary<'_>) -> Output {
        let mut to = Output::default();
        if self.0.dialect == Dialect::Dragnet {
            to.err = closing_line(summary).into_bytes();
        }
        to
    }
}

impl TextReport {
    fn nothing(&self, path: &Path, to: &mut Output) {
        if self.0.dialect == Dialect::Dragnet {
            let line = if self.0.count {
                format!("{}: 0\n", dragnet::display_path(path))
            } else {
                format!("- {}\n", dragnet::display_path(path))
            };
            to.out.extend_from_slice(line.as_bytes());
        }
    }

    fn rules(&self, path: &Path, rules: &[RuleHit<'_>], to: &mut Output) {
        let process = Image::pid_of(path);
        let path = match process {
            // There it is the number alone.
            Some(pid) if self.0.dialect == Dialect::Yara => pid.to_string(),
            _ => dragnet::display_path(path),
        };
        let mut text = String::new();
        if self.0.count {
            let _ = writeln!(text, "{path}: {}", rules.len());
            to.out.extend_from_slice(text.as_bytes());
            return;
        }
        for rule in rules {
            self.head(rule, &path, &mut text);
            if self.0.strings.is_some() || self.0.lengths || self.0.xor_keys {
                for hit in &rule.strings {
                    self.string(hit, &mut text);
                }
            }
        }
        to.out.extend_from_slice(text.as_bytes());
    }

    fn head(&self, rule: &RuleHit<'_>, path: &str, text: &mut String) {
        if self.0.namespace {
            let _ = write!(text, "{}:", rule.namespace);
        }
        let _ = match self.0.colours {
            true => write!(text, "{BOLD_RED}{}{RESET}", rule.identifier),
            false => write!(text, "{}", rule.identifier),
        };
        if self.0.tags {
            let _ = write!(text, " [{}]", rule.tags.join(","));
        }
        if self.0.meta {
            let meta: Vec<String> = rule
                .meta
                .iter()
                .map(|(name, value)| format!("{name}={}", shown(value)))
                .collect();
            let _ = write!(text, " [{}]", meta.join(","));
        }
        let _ = writeln!(text, " {path}");
    }

    fn string(&self, hit: &StringHit<'_>, text: &mut String) {
        let (start, end) = match self.0.colours {
            true => (CYAN, RESET),
            false => ("", ""),
        };
        let name = format!("{start}${}{end}", hit.name);
        let _ = match self.0.dialect {
            Dialect::Dragnet => self.our_string(hit, &name, text),
            Dialect::Yara => self.yara_string(hit, text),
            Dialect::Yr => self.yr_string(hit, text),
        };
    }

    fn our_string(
        &self,
        hit: &StringHit<'_>,
        name: &str,
        text: &mut String,
    ) -> std::fmt::Result {
        let place = hit.address.unwrap_or(hit.offset);
        write!(text, "0x{place:x}:{}:{name}", hit.length)?;
        let limit = self.0.strings.unwrap_or(120);
        let (data, is_cut) = hit.shown(limit);
        if let Some(key) = hit.xor_key.filter(|_| self.0.xor_keys) {
            let plain = escape(&unxor(data, key));
            write!(text, " xor(0x{key:02x},{plain})")?;
        }
        if self.0.strings.is_some() {
            let dots = if is_cut { " ..." } else { "" };
            write!(text, ": {}{dots}", escape(data))?;
        }
        writeln!(text)
    }

    fn yara_string(
        &self,
        hit: &StringHit<'_>,
        text: &mut String,
    ) -> std::fmt::Result {
        write!(text, "0x{:x}:", hit.offset)?;
        if self.0.lengths {
            write!(text, "{}:", hit.length)?;
        }
        write!(text, "${}", hit.name)?;
        if self.0.xor_keys {
            let key = hit.xor_key.unwrap_or(0);
            let plain = escape_yara(&unxor(&hit.data, key));
            write!(text, ":xor(0x{key:02x},{plain})")?;
        }
        if self.0.strings.is_some() {
            if hit.is_hex {
                write!(text, ": {}", spaced_hex(&hit.data, 64, true))?;
            } else {
                write!(text, ": {}", escape_yara(&hit.data))?;
            }
        }
        writeln!(text)
    }

    fn yr_string(
        &self,
        hit: &StringHit<'_>,
        text: &mut String,
    ) -> std::fmt::Result {
        let limit = self.0.strings.unwrap_or(120);
        let (data, _) = hit.shown(limit);
        write!(text, "0x{:x}:{}:${}", hit.offset, hit.length, hit.name)?;
        if let Some(key) = hit.xor_key {
            let plain = escape(&unxor(data, key));
            let plain = shorten(&plain, hit, limit);
            write!(text, " xor(0x{key:x},{plain})")?;
        }
        let data = if hit.is_hex {
            spaced_hex(data, usize::MAX, false)
        } else {
            escape(data)
        };
        writeln!(text, ": {}", shorten(&data, hit, limit))
    }
}

fn spaced_hex(data: &[u8], limit: usize, upper: bool) -> String {
    let shown = data.iter().take(limit).map(|byte| match upper {
        true => format!("{byte:02X}"),
        false => format!("{byte:02x}"),
    });
    let mut text = shown.collect::<Vec<String>>().join(" ");
    if data.len() > limit {
        text.push_str(" ...");
    }
    text
}

fn shown(value: &Constant<'_>) -> String {
    match value {
        Constant::Int(number) => number.to_string(),
        Constant::UInt(number) => number.to_string(),
        Constant::Float(number) => number.to_string(),
        Constant::Bool(truth) => truth.to_string(),
        Constant::Text(bytes) => format!("\"{}\"", readable(bytes)),
    }
}

/// Text as it is where it is UTF-8 and printable, else escaped.
fn readable(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains(char::is_control) => {
            text.replace('\\', "\\\\").replace('"', "\\\"")
        }
        _ => escape(bytes),
    }
}

/// What is not a result goes to standard error.
pub(super) fn write_note(row: &Row<'_>, verbose: bool, to: &mut Vec<u8>) {
    let line = match row {
        Row::Skipped(skipped) => {
            let reason: Reason = skipped.reason;
            if !verbose && !reason.is_incomplete() {
                return;
            }
            let path = dragnet::display_path(skipped.path);
            let detail = skipped.detail;
            format!("skipped: {path}: {}: {detail}\n", reason.name())
        }
        Row::Error(failed) => {
            let path = failed.path.map(dragnet::display_path);
            let path = path.map_or(String::new(), |p| format!("{p}: "));
            format!("error: {path}{}: {}\n", failed.code, failed.message)
        }
        Row::Limit(limited) => {
            let path = dragnet::display_path(limited.path);
            let rule = limited.rule.map_or(String::new(), |r| {
                format!(" of {r}{}", in_pattern(limited.pattern))
            });
            let (limit, value) = (limited.limit, limited.value);
            format!("limit: {path}: {limit} ({value}){rule}\n")
        }
        Row::Console(message) => {
            let path = dragnet::display_path(message.path);
            let message = readable_line(message.message);
            format!("{path}: {message}\n")
        }
        // Of many processes that would be many lines.
        Row::Medium(whole) if whole.is_live && !verbose => return,
        Row::Medium(whole) => {
            let path = dragnet::display_path(whole.path);
            let Whole { size, scanned, holes, metadata, unread, .. } = whole;
            format!(
                "image: {path}: {size} bytes: {scanned} scanned, {holes} \
                 holes, {metadata} metadata, {unread} not scanned\n"
            )
        }
        Row::Match(_) | Row::NoMatch(_) | Row::Module(_) => return,
    };
    to.extend_from_slice(line.as_bytes());
}

fn in_pattern(pattern: Option<&str>) -> String {
    pattern.map_or(String::new(), |name| format!(" {name}"))
}

/// A message cannot move the cursor.
fn readable_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => line.push(c),
            c if c.is_control() => line.extend(c.escape_default()),
            c => line.push(c),
        }
    }
    line
}

fn closing_line(summary: &Summary<'_>) -> String {
    let tally = summary.tally;
    let skipped: Vec<String> = tally
        .reasons
        .iter()
        .map(|(reason, (objects, _))| format!("{reason}: {objects}"))
        .collect();
    if skipped.is_empty() && tally.errors == 0 {
        return String::new();
    }
    let mut line = format!("{} scanned", tally.scanned);
    if !skipped.is_empty() {
        let _ = write!(line, ", not or not wholly: {}", skipped.join(", "));
    }
    if tally.errors > 0 {
        let _ = write!(line, ", errors: {}", tally.errors);
    }
    line.push('\n');
    line
}
