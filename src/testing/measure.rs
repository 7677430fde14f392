//! What rules find in some objects, and what that costs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use dragnet::{Rules, Scanner, Work};
use rayon::prelude::*;

use super::corpus;

/// An object to measure with.
pub(crate) enum Object {
    File(PathBuf),
    /// Made up, with a name.
    Made(String, Vec<u8>),
}

impl Object {
    fn name(&self) -> String {
        match self {
            Object::File(path) => dragnet::display_path(path),
            Object::Made(name, _) => name.clone(),
        }
    }
}

/// What a set of rules did.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) work: Work,
    /// Objects that each rule matches.
    pub(crate) hits: BTreeMap<u32, BTreeSet<String>>,
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    /// Objects that could not be read or scanned to the end.
    pub(crate) lost: Vec<String>,
}

impl Measured {
    fn merge(mut self, other: Measured) -> Measured {
        self.work.add(&other.work);
        for (rule, hits) in other.hits {
            self.hits.entry(rule).or_default().extend(hits);
        }
        self.objects += other.objects;
        self.bytes += other.bytes;
        self.lost.extend(other.lost);
        self
    }

    /// All counted work in one figure.
    pub(crate) fn cost(&self) -> u64 {
        let patterns = self.work.patterns.iter().map(|work| work.cost());
        let rules = self.work.rules.iter().map(|r| r.steps + r.evaluations);
        patterns.chain(rules).sum()
    }
}

/// Scans all objects, counting.
pub(crate) fn measure(rules: &Rules, objects: &[Object]) -> Measured {
    objects
        .par_chunks(64)
        .map(|objects| {
            let mut scanner = Scanner::new(rules);
            scanner.count_work();
            let mut measured = Measured::default();
            for object in objects {
                one(&mut scanner, object, &mut measured);
            }
            measured.work = scanner.work().unwrap_or_default();
            measured.lost.sort();
            measured
        })
        .reduce(Measured::default, Measured::merge)
}

fn one(scanner: &mut Scanner, object: &Object, measured: &mut Measured) {
    let read;
    let data = match object {
        Object::Made(_, data) => data,
        Object::File(path) => match corpus::read(path) {
            Some(data) => {
                read = data;
                &read
            }
            None => return measured.lost.push(object.name()),
        },
    };
    let report = scanner.scan(data);
    for rule in report.rules() {
        let hits = measured.hits.entry(rule.id()).or_default();
        hits.insert(object.name());
    }
    if !report.is_complete() {
        measured.lost.push(object.name());
    }
    measured.objects += 1;
    measured.bytes += data.len() as u64;
}
