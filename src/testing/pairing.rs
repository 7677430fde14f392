//! Which rule of an old set is which rule of a new one, and what became of
//! it.

use std::collections::{BTreeMap, BTreeSet};

use dragnet::study::{Facts, LogicHashes, Relation, Rule, compare};

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Added,
    Removed,
    /// Another name, nothing else.
    Renamed,
    /// Only metadata or tags differ.
    Metadata,
    /// Written in another way, matches the same.
    Equivalent,
    Widened,
    Narrowed,
    /// Matches something else, or that cannot be told.
    Changed,
}

impl Class {
    /// Its name in reports.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Added => "added",
            Class::Removed => "removed",
            Class::Renamed => "renamed",
            Class::Metadata => "metadata only",
            Class::Equivalent => "equivalent",
            Class::Widened => "widened",
            Class::Narrowed => "narrowed",
            Class::Changed => "changed",
        }
    }
}

/// A rule, before and after.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) old: Option<u32>,
    pub(crate) new: Option<u32>,
    /// `None`: nothing at all differs.
    pub(crate) class: Option<Class>,
    /// Went from one `status` to another.
    pub(crate) status: Option<(String, String)>,
}

/// Pairs the rules of two sets: by their `id`, by the hash of their logic, by
/// name, and what is left by what they match.
pub(crate) fn pairs(old: &Facts, new: &Facts) -> Vec<Pair> {
    let mut free: BTreeSet<u32> = (0..new.rules().len() as u32).collect();
    let mut found: BTreeMap<u32, u32> = BTreeMap::new();
    let hashes =
        [LogicHashes::new(old.sources()), LogicHashes::new(new.sources())];
    let hash = |side: usize, rule: &Rule| {
        hashes[side].of(rule).map(|hash| hash.to_string())
    };
    let key = |key: usize, side: usize, rule: &Rule| match key {
        0 => meta(rule, "id"),
        // Of rules with the same logic those of one name belong together.
        1 => Some(format!("{} {}", hash(side, rule)?, rule.name)),
        2 => hash(side, rule),
        _ => Some(rule.name.clone()),
    };
    for kind in 0..4 {
        let mut by_key: BTreeMap<String, Vec<u32>> = BTreeMap::new();
        for id in &free {
            if let Some(key) = key(kind, 1, &new.rules()[*id as usize]) {
                by_key.entry(key).or_default().push(*id);
            }
        }
        for (id, rule) in (0..).zip(old.rules()) {
            if found.contains_key(&id) {
                continue;
            }
            let all = key(kind, 0, rule).and_then(|key| by_key.get_mut(&key));
            let Some(all) = all.filter(|all| !all.is_empty()) else {
                continue;
            };
            let other = all.remove(0);
            found.insert(id, other);
            free.remove(&other);
        }
    }
    let mut pairs = Vec::new();
    for (id, rule) in (0..).zip(old.rules()) {
        let other = found.get(&id).copied().or_else(|| {
            let same = free.iter().copied().find(|other| {
                let new_rule = &new.rules()[*other as usize];
                new_rule.patterns.len() == rule.patterns.len()
                    && compare((old, id), (new, *other)) == Relation::Equal
            });
            same.inspect(|other| {
                free.remove(other);
            })
        });
        pairs.push(match other {
            None => Pair {
                old: Some(id),
                new: None,
                class: Some(Class::Removed),
                status: None,
            },
            Some(other) => {
                let same = hash(0, rule).is_some_and(|own| {
                    let rule = &new.rules()[other as usize];
                    hash(1, rule).as_ref() == Some(&own)
                });
                pair(old, id, new, other, same)
            }
        });
    }
    pairs.extend(free.into_iter().map(|id| Pair {
        old: None,
        new: Some(id),
        class: Some(Class::Added),
        status: None,
    }));
    pairs
}

fn pair(old: &Facts, a: u32, new: &Facts, b: u32, same_hash: bool) -> Pair {
    let (x, y) = (&old.rules()[a as usize], &new.rules()[b as usize]);
    let relation = match same_hash {
        true => Relation::Equal,
        false => compare((old, a), (new, b)),
    };
    let mut class = match relation {
        Relation::Equal => Class::Equivalent,
        Relation::Wider => Class::Widened,
        Relation::Narrower => Class::Narrowed,
        Relation::Other => Class::Changed,
    };
    let text = |facts: &Facts, rule: &Rule| {
        rule.condition.root.map(|root| facts.written(rule, root))
    };
    let same_logic = x.patterns == y.patterns
        && text(old, x) == text(new, y)
        && (x.global, x.private) == (y.global, y.private);
    let changed_kind = (x.global, x.private) != (y.global, y.private);
    if changed_kind {
        class = Class::Changed;
    }
    let status = match (meta(x, "status"), meta(y, "status")) {
        (Some(a), Some(b)) if a != b => Some((a, b)),
        _ => None,
    };
    let same_meta = x.meta == y.meta && x.tags == y.tags;
    let class = match (same_logic, x.name == y.name, same_meta) {
        (true, true, true) => None,
        (true, true, false) => Some(Class::Metadata),
        (_, false, _) if class == Class::Equivalent => Some(Class::Renamed),
        _ => Some(class),
    };
    Pair { old: Some(a), new: Some(b), class, status }
}

/// The text of a key of the metadata.
pub(crate) fn meta(rule: &Rule, key: &str) -> Option<String> {
    use dragnet::study::MetaValue;
    rule.meta.iter().find(|(name, _)| name == key).map(|(_, v)| match v {
        MetaValue::Text(text) => String::from_utf8_lossy(text).into_owned(),
        MetaValue::Int(number) => number.to_string(),
        MetaValue::UInt(number) => number.to_string(),
        MetaValue::Float(number) => number.to_string(),
        MetaValue::Bool(truth) => truth.to_string(),
    })
}
