//! Which cases a change is about: those of rule files in which a rule
//! differs from a revision, and those that differ themselves.
//!
//! A case says of all rules of its files that they match or do not, so one
//! rule that differs concerns them all.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use dragnet::source::FileId;
use dragnet::study::Facts;
use dragnet::{HashedRule, logic_hashes};

use super::manifest::{Case, Manifest, is_manifest};
use super::revision::{self, Differences};
use super::suite::Suite;
use crate::failure::Failure;

/// What differs from a revision.
pub(crate) struct Changed {
    files: Differences,
    /// Something that concerns every case.
    all: bool,
    /// Namespaces with a rule whose logic or metadata differ, or that is
    /// gone.
    namespaces: HashSet<String>,
    /// The names of cases that differ, by the path of their manifest.
    cases: HashMap<PathBuf, HashSet<String>>,
}

impl Changed {
    /// Compares with a revision; without a name, with the place where the
    /// branch left the default one.
    pub(crate) fn since(
        revision: &str,
        suite: &Suite,
        facts: &Facts,
    ) -> Result<Changed, Failure> {
        let place = suite.files().next().unwrap_or(Path::new("."));
        let revision = match revision {
            "" => revision::base(place)?,
            named => named.to_owned(),
        };
        let files = revision::differences(&revision, place)?;
        let mut changed = Changed {
            files,
            all: false,
            namespaces: HashSet::new(),
            cases: HashMap::new(),
        };
        changed.compare_rules(&revision, facts)?;
        for manifest in &suite.manifests {
            changed.compare_cases(&revision, manifest)?;
        }
        Ok(changed)
    }

    /// Is the change about this case?
    pub(super) fn concerns(
        &self,
        manifest: &Manifest,
        case: &Case,
        namespaces: &BTreeSet<String>,
    ) -> bool {
        let known = self.cases.get(&manifest.path);
        self.all
            || known.is_some_and(|names| names.contains(case.name.get_ref()))
            || case.source(manifest).is_some_and(|p| self.files.has(&p))
            || namespaces.iter().any(|space| self.namespaces.contains(space))
    }

    fn compare_rules(
        &mut self,
        revision: &str,
        facts: &Facts,
    ) -> Result<(), Failure> {
        let mut readers: HashMap<FileId, HashSet<&str>> = HashMap::new();
        for rule in facts.rules() {
            let of_file = readers.entry(rule.file).or_default();
            of_file.insert(facts.namespace(rule));
        }
        for (id, file) in facts.sources().iter() {
            let path = Path::new(&file.name);
            if !self.files.has(path) {
                continue;
            }
            let old = revision::file(revision, path)?.unwrap_or_default();
            let [old, new] = [&old[..], &file.text].map(sorted);
            let is_same = |(a, b): (&HashedRule, &HashedRule)| {
                a.name == b.name && a.hash == b.hash && a.meta == b.meta
            };
            if old.len() == new.len() && old.iter().zip(&new).all(is_same) {
                continue;
            }
            match readers.get(&id) {
                Some(spaces) => {
                    let spaces = spaces.iter().map(|s| (*s).to_owned());
                    self.namespaces.extend(spaces);
                }
                // Its last rule is gone: nobody knows whose it was.
                None => self.all = true,
            }
        }
        Ok(())
    }

    fn compare_cases(
        &mut self,
        revision: &str,
        manifest: &Manifest,
    ) -> Result<(), Failure> {
        let path = &manifest.path;
        // Those of samples that rules name have no text of their own.
        if !is_manifest(path) || !self.files.has(path) {
            return Ok(());
        }
        let old = revision::file(revision, path)?.unwrap_or_default();
        let old = Parts::of(&String::from_utf8_lossy(&old));
        let new = Parts::of(&manifest.text);
        // Variables of one manifest have their values in all others, too.
        self.all |= new.externals != old.externals;
        let differs = |case: &&toml::Value| {
            new.rules != old.rules || !old.cases.contains(case)
        };
        let named = new.cases.iter().filter(differs);
        let names = named.filter_map(|case| case.get("name")?.as_str());
        let names = names.map(str::to_owned).collect();
        self.cases.insert(path.clone(), names);
        Ok(())
    }
}

/// The rules of a text by name.
fn sorted(text: &[u8]) -> Vec<HashedRule> {
    let mut rules = logic_hashes(text);
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    rules
}

/// A manifest as data.
struct Parts {
    externals: Option<toml::Value>,
    rules: Option<toml::Value>,
    cases: Vec<toml::Value>,
}

impl Parts {
    fn of(text: &str) -> Parts {
        let mut all: toml::Table = text.parse().unwrap_or_default();
        Parts {
            externals: all.remove("externals"),
            rules: all.remove("rules"),
            cases: match all.remove("case") {
                Some(toml::Value::Array(cases)) => cases,
                _ => Vec::new(),
            },
        }
    }
}
