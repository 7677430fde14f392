//! Samples that rules name in their metadata: each is a case that must
//! match.

use std::collections::BTreeMap;
use std::path::PathBuf;

use dragnet::study::{Facts, MetaValue};
use toml::Spanned;

use super::manifest::{Case, Corpus, Manifest};

/// Keys of the metadata that hold hashes of samples, by their beginning.
const KEYS: [&str; 6] =
    ["hash", "md5", "sha1", "sha256", "reference_sample", "sample"];
/// Digits of MD5, SHA-1 and SHA-256.
const LENGTHS: [usize; 3] = [32, 40, 64];

/// A manifest for each rule file whose rules name samples, and the hashes
/// that several rules name: they were perhaps copied with a rule.
pub(crate) fn manifests(facts: &Facts) -> (Vec<Manifest>, Vec<String>) {
    let mut by_file: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    let mut rules_of: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for rule in facts.rules().iter().filter(|rule| !rule.private) {
        let file = facts.sources().get(rule.file);
        for (key, value) in &rule.meta {
            let MetaValue::Text(digest) = value else { continue };
            let named = KEYS.iter().any(|start| key.starts_with(start));
            let good = LENGTHS.contains(&digest.len())
                && digest.iter().all(u8::is_ascii_hexdigit);
            if !named || !good {
                continue;
            }
            let digest = String::from_utf8_lossy(digest).to_ascii_lowercase();
            let place = rule.span.lo as usize..rule.span.hi as usize;
            let name = Spanned::new(place, format!("{key} {digest}"));
            let case = Case::of_sample(name, rule.name.clone(), &digest);
            by_file.entry(&file.name).or_default().push(case);
            let rules = rules_of.entry(digest).or_default();
            if !rules.contains(&rule.name.as_str()) {
                rules.push(&rule.name);
            }
        }
    }
    let text_of = |name: &str| {
        let mut all = facts.sources().iter();
        let file = all.find(|(_, file)| file.name == name);
        file.map(|(_, file)| String::from_utf8_lossy(&file.text).into_owned())
    };
    let manifests = by_file.into_iter().map(|(file, cases)| Manifest {
        path: PathBuf::from(file),
        text: text_of(file).unwrap_or_default(),
        rules: vec![PathBuf::from(file)],
        externals: toml::Table::new(),
        corpus: Corpus::default(),
        cases,
    });
    let several = rules_of.into_iter().filter(|(_, rules)| rules.len() > 1);
    let several = several.map(|(digest, rules)| {
        format!("{digest} is named by {}", rules.join(", "))
    });
    (manifests.collect(), several.collect())
}
