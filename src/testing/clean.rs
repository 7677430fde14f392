//! The gate of clean files: what rules hit among files that are known to be
//! good, less what is known already. The list of known hits may only shrink,
//! and a gate that has seen too few files does not open.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dragnet::{Rules, Scanner};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::listing::{Expected, Files};
use super::{corpus, listing};
use crate::failure::Failure;
use crate::report::{rule_id, sha256};

/// A hit: one line of the list of known ones.
#[derive(
    Clone, Debug, Deserialize, Serialize, PartialEq, Eq, PartialOrd, Ord,
)]
#[serde(deny_unknown_fields)]
pub(crate) struct Hit {
    pub(crate) rule: String,
    /// What tells rules of one name apart. Lists of earlier versions do not
    /// have it: there the name decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
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

impl Hit {
    /// Does a line of a list allow this hit?
    fn is_allowed_by(&self, known: &Known<'_>) -> bool {
        let digest = self.sha256.as_str();
        let by_id = self.id.as_deref().map(|id| (id, digest));
        by_id.is_some_and(|key| known.ids.contains(&key))
            || known.names.contains(&(self.rule.as_str(), digest))
    }

    /// Is this line of a list about that hit?
    fn is_about(&self, hit: &Hit) -> bool {
        self.sha256 == hit.sha256
            && match &self.id {
                Some(_) => self.id == hit.id,
                None => self.rule == hit.rule,
            }
    }
}

/// A list of known hits, to look them up in.
struct Known<'k> {
    ids: BTreeSet<(&'k str, &'k str)>,
    /// Of lines that have no id.
    names: BTreeSet<(&'k str, &'k str)>,
}

impl<'k> Known<'k> {
    fn of(hits: &'k [Hit]) -> Known<'k> {
        let (mut ids, mut names) = (BTreeSet::new(), BTreeSet::new());
        for hit in hits {
            let digest = hit.sha256.as_str();
            match &hit.id {
                Some(id) => ids.insert((id.as_str(), digest)),
                None => names.insert((hit.rule.as_str(), digest)),
            };
        }
        Known { ids, names }
    }
}

impl Seen {
    /// New hits by rule, the rule with most of them first.
    pub(crate) fn by_rule(&self) -> Vec<(&str, Vec<&Hit>)> {
        let mut rules: BTreeMap<_, Vec<&Hit>> = BTreeMap::new();
        for hit in &self.new {
            let key = (hit.rule.as_str(), &hit.id);
            rules.entry(key).or_default().push(hit);
        }
        let mut rules: Vec<(&str, Vec<&Hit>)> =
            rules.into_iter().map(|(key, hits)| (key.0, hits)).collect();
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
        let files: Vec<(PathBuf, Vec<Expected>)> = files.into_iter().collect();
        let found: Vec<Scanned> = files
            .par_chunks(16)
            .map_init(
                || Scanner::new(rules),
                |scanner, files| {
                    let one = |(path, expected): &(PathBuf, Vec<Expected>)| {
                        self.scan(scanner, path, expected)
                    };
                    files.iter().map(one).collect::<Vec<Scanned>>()
                },
            )
            .flatten()
            .collect();
        let mut digests = BTreeSet::new();
        let mut hits = BTreeSet::new();
        for ((path, _), scanned) in files.iter().zip(found) {
            match scanned {
                Err(why) => {
                    let path = dragnet::display_path(path);
                    seen.lost.push(format!("{path}: {why}"));
                }
                Ok((digest, of_file)) => {
                    seen.scanned += 1;
                    digests.insert(digest);
                    hits.extend(of_file);
                }
            }
        }
        // Of a file that was not scanned nothing can be said.
        let gone = |line: &&Hit| {
            digests.contains(&line.sha256)
                && !hits.iter().any(|hit| line.is_about(hit))
        };
        seen.stale = known.iter().filter(gone).cloned().collect();
        let listed = Known::of(&known);
        let (old, new): (Vec<Hit>, Vec<Hit>) =
            hits.into_iter().partition(|hit| hit.is_allowed_by(&listed));
        // Copies of a file are one hit.
        let old: BTreeSet<_> =
            old.iter().map(|hit| (&hit.rule, &hit.id, &hit.sha256)).collect();
        seen.known = old.len();
        seen.new = new;
        Ok(seen)
    }

    /// The files to scan: those of directories and of lists (`.files`). A
    /// file that is named and not there is lost.
    fn files(&self) -> Result<(Files, Seen), Failure> {
        let (mut files, mut seen) = (Files::new(), Seen::default());
        for path in &self.clean {
            if !path.exists() {
                let path = dragnet::display_path(path);
                seen.lost.push(format!("{path}: it is not there"));
                continue;
            }
            if path.extension().is_some_and(|e| e == "files") {
                listing::read(path, &mut files)?;
                continue;
            }
            for file in corpus::below(path) {
                let file = file.map_err(|error| Failure::path(path, error))?;
                files.entry(file).or_default();
            }
        }
        Ok((files, seen))
    }

    fn scan(
        &self,
        scanner: &mut Scanner,
        path: &Path,
        expected: &[Expected],
    ) -> Scanned {
        let data = corpus::read(path)
            .ok_or("it cannot be read, or is too large".to_owned())?;
        let digest = sha256(&data);
        for expected in expected {
            if let Some(size) = expected.size
                && size != data.len() as u64
            {
                let found = data.len();
                return Err(format!(
                    "has {found} bytes, not {size} as listed"
                ));
            }
            if let Some(listed) = &expected.sha256
                && *listed != digest
            {
                return Err(format!("has SHA-256 {digest}, not the listed"));
            }
        }
        let report = scanner.scan(&data);
        if !report.is_complete() {
            return Err("the scan ended at a limit".to_owned());
        }
        let all = &self.namespaces;
        let rules = report
            .rules()
            .filter(|r| all.is_empty() || all.contains(r.namespace()));
        let hits = rules.map(|rule| {
            let hit = rule.patterns().filter(|p| !p.matches().is_empty());
            let space = self.stable(rule.namespace());
            Hit {
                rule: rule.name().to_owned(),
                id: Some(rule_id(rule.meta(), &space, rule.name())),
                sha256: digest.clone(),
                path: dragnet::display_path(path),
                strings: hit.map(|p| format!("${}", p.name())).collect(),
            }
        });
        let hits = hits.collect();
        Ok((digest, hits))
    }

    /// A namespace, which is the path of a rule file, as it is from the list
    /// of known hits: wherever the command is run from it is the same.
    fn stable(&self, namespace: &str) -> String {
        let list = self.baseline.as_deref();
        let from = list.and_then(Path::parent).unwrap_or(Path::new("."));
        let from = match from.as_os_str().is_empty() {
            true => Path::new("."),
            false => from,
        };
        let full = (Path::new(namespace).canonicalize(), from.canonicalize());
        let (Ok(file), Ok(from)) = full else { return namespace.to_owned() };
        let common = file.components().zip(from.components());
        let common = common.take_while(|(a, b)| a == b).count();
        let up = from.components().skip(common).map(|_| "..".to_owned());
        let down = file.components().skip(common);
        let down = down.map(|c| dragnet::display_path(c.as_ref()));
        up.chain(down).collect::<Vec<String>>().join("/")
    }
}

/// The digest of a file and its hits, or why it was not scanned.
type Scanned = Result<(String, Vec<Hit>), String>;

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
