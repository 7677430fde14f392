//! Who a finding is, whatever line it stands on; and lists of known ones.

use std::collections::{BTreeMap, HashMap, HashSet};

use dragnet_compiler::source::{SourceMap, Span};
use sha2::{Digest, Sha256};

use super::subject::{Finding, State};

/// The first line of a baseline.
const HEAD: &str = "# dragnet baseline 1";

/// A list of findings that are known.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    name: String,
    text: String,
}

impl Baseline {
    /// Reads a baseline; the name is for messages.
    ///
    /// # Errors
    /// It is none, or of a later version.
    pub fn read(
        name: impl Into<String>,
        text: impl Into<String>,
    ) -> Result<Baseline, String> {
        let (name, text) = (name.into(), text.into());
        match text.lines().next() {
            Some(HEAD) => Ok(Baseline { name, text }),
            _ => Err(format!("the first line is not `{HEAD}`")),
        }
    }

    /// A baseline of everything that was found.
    pub fn write(findings: &[Finding], sources: &SourceMap) -> String {
        let found = findings.iter().filter(|f| f.state != State::Suppressed);
        let found = found.filter(|f| f.lint.id != "X004");
        let lines: BTreeMap<(&str, &str), String> = found
            .map(|f| {
                let file = sources.get(f.file).name.as_str();
                let rule = f.rule.as_deref().unwrap_or("-");
                let (id, print) = (f.lint.id, f.fingerprint.as_str());
                ((file, print), format!("{print} {id} {rule} {file}\n"))
            })
            .collect();
        lines.into_values().fold(format!("{HEAD}\n"), |a, b| a + &b)
    }

    /// Marks what is known; gives the entries that were not found, of files
    /// that were looked at.
    pub(super) fn apply(
        &self,
        findings: &mut [Finding],
        sources: &mut SourceMap,
    ) -> Vec<Finding> {
        let mut entries: HashMap<&str, (Span, &str, &str)> = HashMap::new();
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let span = Span::new(at, at + line.len() as u32);
            at = span.hi;
            let mut words = line.trim_end().splitn(4, ' ');
            let (Some(print), Some(id), Some(_), Some(file)) =
                (words.next(), words.next(), words.next(), words.next())
            else {
                continue;
            };
            if !line.starts_with('#') {
                entries.insert(print, (span, id, file));
            }
        }
        let mut used = HashSet::new();
        for finding in findings.iter_mut() {
            let known = entries.contains_key(finding.fingerprint.as_str());
            if known && finding.state == State::Active {
                finding.state = State::Known;
            }
            if known {
                used.insert(finding.fingerprint.clone());
            }
        }
        let files: HashSet<String> =
            sources.iter().map(|(_, f)| f.name.clone()).collect();
        let mut stale: Vec<_> = entries
            .into_iter()
            .filter(|(print, (_, _, file))| {
                !used.contains(*print) && files.contains(*file)
            })
            .collect();
        stale.sort_by_key(|(_, (span, ..))| *span);
        if stale.is_empty() {
            return Vec::new();
        }
        let own = sources.add(self.name.clone(), self.text.as_bytes());
        stale
            .into_iter()
            .map(|(print, (span, id, file))| {
                let message = format!("{id} in {file} is no longer found");
                let place = Span::new(span.lo, span.lo + print.len() as u32);
                let mut new = Finding::new("X004", own, place, message);
                let edit = vec![(span, String::new())];
                new.fix("remove the entry", true, edit);
                new
            })
            .collect()
    }
}

/// Gives each finding its fingerprint: rule, lint and the text that it is
/// about, and a number where one text gives one lint several times.
pub(super) fn fingerprints(
    findings: &mut [Finding],
    sources: &SourceMap,
    identity: impl Fn(&Finding) -> String,
) {
    let mut seen: HashMap<Vec<u8>, u32> = HashMap::new();
    for finding in findings {
        let text = &sources.get(finding.file).text;
        let mut hash = Sha256::new();
        let code = finding.code.map_or("", |code| code.name());
        for part in [identity(finding).as_str(), finding.lint.id, code] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let words = finding.span.of(text).split(u8::is_ascii_whitespace);
        for word in words.filter(|word| !word.is_empty()) {
            hash.update(word);
            hash.update(b" ");
        }
        let digest = hash.finalize().to_vec();
        let count = seen.entry(digest.clone()).or_default();
        let short: String =
            digest[..12].iter().map(|b| format!("{b:02x}")).collect();
        finding.fingerprint = match *count {
            0 => short,
            n => format!("{short}-{n}"),
        };
        *count += 1;
    }
}
