//! Which cases a change is about: those of rules that differ from a
//! revision, and those that differ themselves.

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
    /// Namespace and name of rules whose logic or metadata differ, and of
    /// those that need one of them.
    rules: HashSet<(String, String)>,
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
        let rules = rules(&revision, &files, facts)?;
        let mut cases = HashMap::new();
        for manifest in suite.manifests.iter().filter(|m| files.has(&m.path)) {
            // Those of samples that rules name have no text of their own.
            if is_manifest(&manifest.path) {
                let names = changed_cases(&revision, manifest)?;
                cases.insert(manifest.path.clone(), names);
            }
        }
        Ok(Changed { files, rules, cases })
    }

    /// Is the change about this case?
    pub(super) fn concerns(
        &self,
        manifest: &Manifest,
        case: &Case,
        namespaces: &BTreeSet<String>,
    ) -> bool {
        let known = self.cases.get(&manifest.path);
        let mut names = case.also.iter().chain([&case.rule]);
        known.is_some_and(|names| names.contains(case.name.get_ref()))
            || case.source(manifest).is_some_and(|p| self.files.has(&p))
            || names.any(|name| {
                namespaces.iter().any(|space| {
                    self.rules.contains(&(space.clone(), name.clone()))
                })
            })
    }
}

fn rules(
    revision: &str,
    files: &Differences,
    facts: &Facts,
) -> Result<HashSet<(String, String)>, Failure> {
    let mut pairs: HashMap<FileId, [Vec<HashedRule>; 2]> = HashMap::new();
    for (id, file) in facts.sources().iter() {
        let path = Path::new(&file.name);
        if files.has(path) {
            let old = revision::file(revision, path)?.unwrap_or_default();
            pairs.insert(id, [&old[..], &file.text].map(logic_hashes));
        }
    }
    let mut changed = HashSet::new();
    for (id, rule) in (0..).zip(facts.rules()) {
        let Some([old, new]) = pairs.get(&rule.file) else { continue };
        let find = |all: &'_ [HashedRule]| {
            let named = all.iter().find(|other| other.name == rule.name);
            named.map(|rule| (rule.hash, rule.meta.clone()))
        };
        if find(old) == find(new) {
            continue;
        }
        changed.insert(id);
        changed.extend(facts.dependents(id));
        if rule.global {
            let all = (0..).zip(facts.rules());
            let own = all.filter(|(_, r)| r.namespace == rule.namespace);
            changed.extend(own.map(|(id, _)| id));
        }
    }
    let named = changed.into_iter().filter_map(|id| {
        let rule = facts.rules().get(id as usize)?;
        Some((facts.namespace(rule).to_owned(), rule.name.clone()))
    });
    Ok(named.collect())
}

/// The names of the cases that are new or differ: all of them, if what
/// holds for all differs.
fn changed_cases(
    revision: &str,
    manifest: &Manifest,
) -> Result<HashSet<String>, Failure> {
    let old = revision::file(revision, &manifest.path)?.unwrap_or_default();
    let (old_rest, old) = parts(&String::from_utf8_lossy(&old));
    let (rest, new) = parts(&manifest.text);
    let differs = |case: &toml::Value| rest != old_rest || !old.contains(case);
    let named = new.iter().filter(|case| differs(case));
    let names = named.filter_map(|case| case.get("name")?.as_str());
    Ok(names.map(str::to_owned).collect())
}

/// A manifest as data: what holds for all cases, and the cases.
fn parts(text: &str) -> (toml::Table, Vec<toml::Value>) {
    let mut rest: toml::Table = text.parse().unwrap_or_default();
    match rest.remove("case") {
        Some(toml::Value::Array(cases)) => (rest, cases),
        _ => (rest, Vec::new()),
    }
}
