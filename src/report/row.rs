//! What a scan has to say, before anybody decides how to write it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

use dragnet::{Constant, ObjectKind, Origin, Reason, Space, Tree, Unit};

/// One fact about a scan.
#[derive(Clone, Debug)]
pub(crate) enum Row<'a> {
    /// Rules matched.
    Match(Found<'a>),
    /// An object without a match, or the rules that did not match.
    NoMatch(Missed<'a>),
    /// Not scanned, for a reason from the closed list.
    Skipped(Skipped<'a>),
    /// Something went wrong.
    Error(Failed<'a>),
    /// A limit was reached.
    Limit(Limited<'a>),
    /// A rule printed a message.
    Console(Message<'a>),
    /// What a module knows of an object.
    Module(Parsed<'a>),
    /// What became of the bytes of an image.
    Medium(Whole<'a>),
}

/// The rules that matched an object.
#[derive(Clone, Debug)]
pub(crate) struct Found<'a> {
    pub(crate) path: &'a Path,
    /// Where in an image.
    pub(crate) place: Option<Place<'a>>,
    /// The list of known content that it is in.
    pub(crate) known: Option<&'a str>,
    pub(crate) rules: Vec<RuleHit<'a>>,
}

/// An object of an image.
#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) image: &'a Path,
    pub(crate) image_size: u64,
    /// Of the containers, from the outside in.
    pub(crate) formats: &'a [&'static str],
    pub(crate) volume: &'a str,
    pub(crate) fs: Option<&'static str>,
    pub(crate) kind: ObjectKind,
    pub(crate) path: &'a [u8],
    pub(crate) inode: &'a str,
    pub(crate) size: u64,
    pub(crate) memory: Option<InMemory<'a>>,
}

/// An object that is a part of memory.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InMemory<'a> {
    pub(crate) space: &'a Space,
    /// The address of the first byte.
    pub(crate) base: u64,
    pub(crate) unit: Unit,
}

impl Place<'_> {
    /// Is it the content of a file, or of a stream of one?
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.kind, ObjectKind::File | ObjectKind::Stream)
    }
}

/// What became of the bytes of an image: the four numbers add up to the
/// size.
#[derive(Clone, Debug)]
pub(crate) struct Whole<'a> {
    pub(crate) path: &'a Path,
    pub(crate) size: u64,
    pub(crate) scanned: u64,
    /// Space that the container does not store.
    pub(crate) holes: u64,
    /// Structures of file systems.
    pub(crate) metadata: u64,
    /// Not scanned; other rows say why.
    pub(crate) unread: u64,
    /// It is a process that runs.
    pub(crate) is_live: bool,
}

/// A rule with its matches.
#[derive(Clone, Debug)]
pub(crate) struct RuleHit<'a> {
    pub(crate) identifier: &'a str,
    pub(crate) namespace: &'a str,
    pub(crate) tags: Vec<&'a str>,
    pub(crate) meta: Vec<(&'a str, Constant<'a>)>,
    /// In the order of their offsets, or pattern by pattern.
    pub(crate) strings: Vec<StringHit<'a>>,
}

impl RuleHit<'_> {
    /// The name under which a rule is known across sets.
    pub(crate) fn id(&self) -> String {
        rule_id(self.meta.iter().cloned(), self.namespace, self.identifier)
    }
}

/// The name under which a rule is known across sets: its `id`, or its
/// namespace and name.
pub(crate) fn rule_id<'m>(
    mut meta: impl Iterator<Item = (&'m str, Constant<'m>)>,
    namespace: &str,
    name: &str,
) -> String {
    match meta.find(|(key, _)| *key == "id") {
        Some((_, Constant::Text(id))) => {
            String::from_utf8_lossy(id).into_owned()
        }
        _ => format!("{namespace}:{name}"),
    }
}

/// A match of a pattern.
#[derive(Clone, Debug)]
pub(crate) struct StringHit<'a> {
    /// The name without `$`.
    pub(crate) name: &'a str,
    pub(crate) offset: u64,
    /// Length of the match, also where `data` is shorter.
    pub(crate) length: u64,
    /// The whole match; of memory that is one object, as much as is shown.
    pub(crate) data: Cow<'a, [u8]>,
    pub(crate) xor_key: Option<u8>,
    /// The pattern is a hex string.
    pub(crate) is_hex: bool,
    /// The verifier stopped before the end of the match.
    pub(crate) is_cut: bool,
    /// Where on the medium it begins, in an image.
    pub(crate) origin: Option<Origin>,
    /// Its address, in memory.
    pub(crate) address: Option<u64>,
    /// What stands in front of it and behind it, in an image or in memory.
    pub(crate) context: [Cow<'a, [u8]>; 2],
}

impl StringHit<'_> {
    /// The name as it is written in the rule.
    pub(crate) fn identifier(&self) -> String {
        format!("${}", self.name)
    }

    /// At most `limit` bytes of the match, and whether there are more.
    pub(crate) fn shown(&self, limit: usize) -> (&[u8], bool) {
        let part = self.data.get(..limit).unwrap_or(&self.data);
        (part, (part.len() as u64) < self.length)
    }
}

/// An object without a match.
#[derive(Clone, Debug)]
pub(crate) struct Missed<'a> {
    pub(crate) path: &'a Path,
    pub(crate) size: u64,
    /// The bytes, if they lie in one piece.
    pub(crate) data: Option<&'a [u8]>,
    /// The rules that did not match, if they were asked for.
    pub(crate) rules: Option<Vec<RuleHit<'a>>>,
}

/// An object that was not scanned.
#[derive(Clone, Debug)]
pub(crate) struct Skipped<'a> {
    pub(crate) path: &'a Path,
    pub(crate) reason: Reason,
    pub(crate) bytes: Option<u64>,
    pub(crate) detail: &'a str,
}

/// Something that went wrong.
#[derive(Clone, Debug)]
pub(crate) struct Failed<'a> {
    /// `None`: it concerns the whole run.
    pub(crate) path: Option<&'a Path>,
    /// The name of a reason, or `internal`.
    pub(crate) code: &'static str,
    pub(crate) message: &'a str,
    /// The scan of the object, or of everything, ended here.
    pub(crate) fatal: bool,
}

/// A limit that was reached.
#[derive(Clone, Debug)]
pub(crate) struct Limited<'a> {
    pub(crate) path: &'a Path,
    pub(crate) rule: Option<&'a str>,
    pub(crate) pattern: Option<&'a str>,
    pub(crate) limit: &'a str,
    pub(crate) value: u64,
}

/// What `console.log` said.
#[derive(Clone, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) path: &'a Path,
    pub(crate) rule: &'a str,
    pub(crate) message: &'a str,
}

/// An object as a module that the rules use sees it.
#[derive(Clone, Debug)]
pub(crate) struct Parsed<'a> {
    pub(crate) path: &'a Path,
    pub(crate) module: &'a str,
    pub(crate) fields: &'a Tree<'a>,
}

/// What is counted over a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Objects that were scanned.
    pub(crate) scanned: u64,
    /// Their bytes.
    pub(crate) bytes: u64,
    /// Objects on which a rule matched.
    pub(crate) matched: u64,
    /// Rules that matched, over all objects.
    pub(crate) rule_matches: u64,
    /// Bytes of images that are not stored.
    pub(crate) holes: u64,
    /// Objects and bytes by reason.
    pub(crate) reasons: BTreeMap<&'static str, (u64, u64)>,
    /// Errors that have no reason.
    pub(crate) errors: u64,
    /// Something should have been scanned and was not.
    pub(crate) incomplete: bool,
    /// The result depended on the clock.
    pub(crate) clocked: bool,
}

impl Tally {
    /// Notes a reason for an object.
    pub(crate) fn note(&mut self, reason: Reason, bytes: u64) {
        let entry = self.reasons.entry(reason.name()).or_default();
        entry.0 += 1;
        entry.1 += bytes;
        self.incomplete |= reason.is_incomplete();
        self.clocked |= reason == Reason::Timeout;
    }

    /// Adds another tally.
    pub(crate) fn add(&mut self, other: &Tally) {
        self.scanned += other.scanned;
        self.bytes += other.bytes;
        self.matched += other.matched;
        self.rule_matches += other.rule_matches;
        self.holes += other.holes;
        for (reason, (objects, bytes)) in &other.reasons {
            let entry = self.reasons.entry(reason).or_default();
            entry.0 += objects;
            entry.1 += bytes;
        }
        self.errors += other.errors;
        self.incomplete |= other.incomplete;
        self.clocked |= other.clocked;
    }
}

/// The last word of a run.
#[derive(Clone, Debug)]
pub(crate) struct Summary<'a> {
    pub(crate) tally: &'a Tally,
    pub(crate) rules: &'a dragnet::Rules,
}
