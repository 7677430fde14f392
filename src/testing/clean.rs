//! The gate of clean files: what rules hit among files that are known to be
//! good, less what is known already. The list of known hits may only shrink,
//! and a gate that has seen too few files does not open.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dragnet::{Rules, Scanner};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use super::corpus;
use crate::failure::Failure;
use crate::report::sha256;

/// A hit: one line of the list of known ones.
#[derive(
    Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hit {
    pub(crate) rule: String,
    pub(crate) sha256: String,
    /// For people; the digest decides.
    #[serde(default)]
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) strings: Vec<String>,
}

/// What is scanned, and what may be found.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    pub(crate) clean: Vec<PathBuf>,
    pub(crate) min_files: u64,
    pub(crate) baseline: Option<PathBuf>,
    /// Only rules of these namespaces; all, if there are none.
    pub(crate) namespaces: BTreeSet<String>,
}

/// What the gate has seen.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Files that were really scanned.
    pub(crate) scanned: u64,
    /// Files that should have been.
    pub(crate) lost: Vec<String>,
    /// Hits that are not known.
    pub(crate) new: Vec<Hit>,
    /// Known hits that are there no more: to be taken off the list.
    pub(crate) stale: Vec<Hit>,
    pub(crate) known: usize,
}

impl Seen {
    /// New hits by rule, the rule with most of them first.
    pub(crate) fn by_rule(&self) -> Vec<(&str, Vec<&Hit>)> {
        let mut rules: BTreeMap<&str, Vec<&Hit>> = BTreeMap::new();
        for hit in &self.new {
            rules.entry(&hit.rule).or_default().push(hit);
        }
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.sort_by_key(|(_, hits)| std::cmp::Reverse(hits.len()));
        rules
    }
}

impl Gate {
    /// Scans everything.
    pub(crate) fn run(&self, rules: &Rules) -> Result<Seen, Failure> {
        let known = match &self.baseline {
            Some(path) if path.exists() => read(path)?,
            _ => Vec::new(),
        };
        let (files, mut seen) = self.files()?;
        let found: Vec<Scanned> = files
            .par_chunks(16)
            .map_init(
                || Scanner::new(rules),
                |scanner, files| {
                    let one = |path: &PathBuf| self.scan(scanner, path);
                    files.iter().map(one).collect::<Vec<Scanned>>()
                },
            )
            .flatten()
            .collect();
        let mut digests = BTreeSet::new();
        let mut hits = BTreeSet::new();
        for (path, scanned) in files.iter().zip(found) {
            match scanned {
                None => seen.lost.push(dragnet::display_path(path)),
                Some((digest, of_file)) => {
                    seen.scanned += 1;
                    digests.insert(digest);
                    hits.extend(of_file);
                }
            }
        }
        let key = |hit: &Hit| (hit.rule.clone(), hit.sha256.clone());
        let listed: BTreeSet<_> = known.iter().map(key).collect();
        let present: BTreeSet<_> = hits.iter().map(key).collect();
        seen.known = listed.intersection(&present).count();
        seen.new = hits
            .into_iter()
            .filter(|hit| !listed.contains(&key(hit)))
            .collect();
        // Of a file that was not scanned nothing can be said.
        let gone = |hit: &Hit| {
            digests.contains(&hit.sha256) && !present.contains(&key(hit))
        };
        seen.stale = known.into_iter().filter(gone).collect();
        Ok(seen)
    }

    /// The files to scan. Lists (`.files`) name a file in each line, with
    /// its digest in front or behind if they like; a file of a list that is
    /// not there is lost.
    fn files(&self) -> Result<(Vec<PathBuf>, Seen), Failure> {
        let (mut files, mut seen) = (Vec::new(), Seen::default());
        for path in &self.clean {
            if !path.exists() {
                seen.lost.push(dragnet::display_path(path));
                continue;
            }
            if path.extension().is_some_and(|e| e == "files") {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| Failure::path(path, error))?;
                let directory = path.parent().unwrap_or(Path::new(""));
                for line in text.lines().map(str::trim) {
                    if !line.is_empty() && !line.starts_with('#') {
                        let is_digest = |w: &&str| {
                            w.len() == 64
                                && w.bytes().all(|b| b.is_ascii_hexdigit())
                        };
                        let words = line.split_whitespace();
                        let name: Vec<&str> =
                            words.filter(|w| !is_digest(w)).collect();
                        files.push(directory.join(name.join(" ")));
                    }
                }
                continue;
            }
            for entry in WalkDir::new(path).follow_links(true) {
                let entry =
                    entry.map_err(|error| Failure::path(path, error))?;
                if entry.file_type().is_file() {
                    files.push(entry.into_path());
                }
            }
        }
        files.sort();
        files.dedup();
        Ok((files, seen))
    }

    fn scan(&self, scanner: &mut Scanner, path: &Path) -> Scanned {
        let data = corpus::read(path)?;
        let digest = sha256(&data);
        let report = scanner.scan(&data);
        if !report.is_complete() {
            return None;
        }
        let all = &self.namespaces;
        let rules = report
            .rules()
            .filter(|r| all.is_empty() || all.contains(r.namespace()));
        let hits = rules.map(|rule| {
            let hit = rule.patterns().filter(|p| !p.matches().is_empty());
            Hit {
                rule: rule.name().to_owned(),
                sha256: digest.clone(),
                path: dragnet::display_path(path),
                strings: hit.map(|p| format!("${}", p.name())).collect(),
            }
        });
        let hits = hits.collect();
        Some((digest, hits))
    }
}

/// The digest of a file and its hits; `None` if it was not scanned.
type Scanned = Option<(String, Vec<Hit>)>;

/// A list of known hits: a JSON object in each line.
pub(crate) fn read(path: &Path) -> Result<Vec<Hit>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::path(path, error))?;
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines
        .map(|line| {
            serde_json::from_str(line)
                .map_err(|error| Failure::path(path, error))
        })
        .collect()
}

/// The line of a list for a hit.
pub(crate) fn line(hit: &Hit) -> String {
    serde_json::to_string(hit).unwrap_or_default()
}
