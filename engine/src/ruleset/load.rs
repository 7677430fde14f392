//! The only validator of compiled rule sets.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use zerocopy::FromBytes;

use super::layout::*;
use super::{Bytes, Dfas, Inner, Tables};
use crate::cond::{self, Bounds, ReadKind};
use crate::module::data::Data;
use crate::prefilter::grid::{LONGEST, ROUNDS};
use crate::verify::vm;

/// Why bytes are not a rule set that this version can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// They do not start like a rule set.
    NotARuleSet,
    /// The rule set was written in another format; found and wanted.
    Version(u32, u32),
    /// The length is not what the header says: found and wanted.
    Truncated(u64, u64),
    /// The checksum does not fit.
    Checksum,
    /// A record is out of bounds; which.
    Invalid(&'static str),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::NotARuleSet => {
                write!(f, "this is not a compiled rule set")
            }
            LoadError::Version(found, wanted) => write!(
                f,
                "the rule set has format {found}, this version reads format \
                 {wanted}: compile the rules again"
            ),
            LoadError::Truncated(found, wanted) => write!(
                f,
                "the rule set has {found} bytes instead of {wanted}: it was \
                 cut or extended"
            ),
            LoadError::Checksum => {
                write!(f, "the checksum of the rule set is wrong")
            }
            LoadError::Invalid(what) => {
                write!(f, "the rule set is damaged: {what}")
            }
        }
    }
}

impl std::error::Error for LoadError {}

pub(super) fn load(data: Bytes) -> Result<Inner, LoadError> {
    let sections = read_sections((*data).as_ref())?;
    let mut inner = Inner {
        data,
        sections,
        dfas: Dfas::new(0),
        automaton: OnceLock::new(),
    };
    let tables = inner.tables();
    validate(&tables)?;
    inner.dfas = Dfas::new(tables.dfas.len());
    Ok(inner)
}

fn read_sections(
    data: &[u8],
) -> Result<[Range<usize>; Section::COUNT], LoadError> {
    let (header, rest) =
        Header::ref_from_prefix(data).map_err(|_| LoadError::NotARuleSet)?;
    if header.magic != MAGIC {
        return Err(LoadError::NotARuleSet);
    }
    if header.format.get() != FORMAT {
        return Err(LoadError::Version(header.format.get(), FORMAT));
    }
    if header.length.get() != data.len() as u64 {
        return Err(LoadError::Truncated(
            data.len() as u64,
            header.length.get(),
        ));
    }
    if crc32fast::hash(rest) != header.checksum.get() {
        return Err(LoadError::Checksum);
    }
    if header.sections.get() as usize != Section::COUNT {
        return Err(LoadError::Invalid("number of sections"));
    }
    let (records, _) =
        <[SectionRec]>::ref_from_prefix_with_elems(rest, Section::COUNT)
            .map_err(|_| LoadError::Invalid("section table"))?;
    let mut sections: [Range<usize>; Section::COUNT] =
        std::array::from_fn(|_| 0..0);
    for (index, record) in records.iter().enumerate() {
        let end = record.offset.get().checked_add(record.length.get());
        let fits = end.is_some_and(|end| end <= data.len() as u64);
        let size = record_size(index) as u64;
        if record.kind.get() as usize != index
            || !fits
            || record.length.get() % size != 0
        {
            return Err(LoadError::Invalid("section table"));
        }
        let start = record.offset.get() as usize;
        sections[index] = start..start + record.length.get() as usize;
    }
    Ok(sections)
}

fn record_size(section: usize) -> usize {
    const SIZES: [usize; Section::COUNT] = [
        1,
        size_of::<TextRec>(),
        8,
        4,
        size_of::<NamespaceRec>(),
        size_of::<RuleRec>(),
        size_of::<MetaRec>(),
        size_of::<ExternalRec>(),
        size_of::<PatternRec>(),
        size_of::<SubRec>(),
        size_of::<LiteralRec>(),
        size_of::<AtomRec>(),
        4,
        size_of::<ProgramRec>(),
        size_of::<StepRec>(),
        size_of::<SetRec>(),
        size_of::<DfaRec>(),
        1,
        size_of::<crate::cond::op::Inst>(),
        size_of::<FieldRec>(),
        size_of::<OperandRec>(),
        size_of::<LayerRec>(),
        4,
        size_of::<WindowRec>(),
        size_of::<KeyRec>(),
        size_of::<HeaderTestRec>(),
        size_of::<NearRec>(),
    ];
    SIZES[section]
}

/// True if `start..start + count` lies within a table of `len` records.
fn within(start: u32, count: u32, len: usize) -> bool {
    start as usize + count as usize <= len
}

fn check(ok: bool, what: &'static str) -> Result<(), LoadError> {
    if ok { Ok(()) } else { Err(LoadError::Invalid(what)) }
}

fn validate(t: &Tables<'_>) -> Result<(), LoadError> {
    let text = |id: u32| (id as usize) < t.texts.len();
    let list = |id: u32| {
        t.lists.get(id as usize).is_some_and(|n| {
            (id as usize + 1).saturating_add(n.get() as usize) <= t.lists.len()
        })
    };
    for r in t.texts {
        let ok = within(r.offset.get(), r.length.get(), t.blob.len());
        check(ok, "text")?;
    }
    for r in t.namespaces {
        check(text(r.name.get()), "namespace")?;
    }
    for r in t.metas {
        check(text(r.key.get()), "metadata")?;
        check(constant(r.kind.get(), r.value.get(), t), "metadata")?;
    }
    for r in t.externals {
        check(text(r.name.get()), "external")?;
        check(external(r.kind.get(), r.value.get(), t), "external")?;
    }
    // What each record has of its own stands in the order of the records:
    // what is checked for each is checked once in all.
    let mut code = 0;
    let mut tagged = 0;
    for (index, r) in t.rules.iter().enumerate() {
        check(text(r.name.get()), "rule name")?;
        let namespace = r.namespace.get() as usize;
        check(namespace < t.namespaces.len(), "rule namespace")?;
        check(list(r.tags.get()), "rule tags")?;
        let tags = t.list(r.tags.get());
        // Rules share lists, but not long ones.
        tagged += tags.len();
        let most = (t.rules.len() + t.lists.len()) * TAGS;
        check(tagged <= most, "rule tags")?;
        check(tags.iter().all(|i| text(i.get())), "rule tags")?;
        let (start, count) = (r.pattern_start.get(), r.pattern_count.get());
        check(within(start, count, t.patterns.len()), "rule patterns")?;
        let own = &t.patterns[start as usize..][..count as usize];
        let owned = own.iter().all(|p| p.rule.get() as usize == index);
        check(owned, "rule patterns")?;
        let (start, count) = (r.meta_start.get(), r.meta_count.get());
        check(within(start, count, t.metas.len()), "rule metadata")?;
        let deferred = [r.need.get(), r.deferred.get()];
        check(deferred.iter().all(|id| *id == NONE || list(*id)), "rule")?;
        let (start, count) = (r.code_start.get(), r.code_count.get());
        check(within(start, count, t.code.len()), "rule condition")?;
        check(start == code, "rule condition")?;
        code += count;
    }
    for p in t.patterns {
        check(text(p.name.get()), "pattern name")?;
        check((p.rule.get() as usize) < t.rules.len(), "pattern rule")?;
    }
    validate_search(t)?;
    for f in t.fields {
        check(text(f.module.get()) && text(f.path.get()), "field")?;
    }
    for o in t.operands {
        let program = (o.program.get() as usize) < t.programs.len();
        let dfa = optional(o.dfa.get(), t.dfas.len());
        check(program && dfa, "regular expression operand")?;
    }
    for test in t.header_tests {
        let kind = u16::try_from(test.kind.get()).ok();
        let known = kind.and_then(ReadKind::from_number).is_some();
        check(known && list(test.rules.get()), "header test")?;
    }
    validate_conditions(t)
}

/// Tags of a rule, on average.
const TAGS: usize = 64;
/// Looks near an atom.
const MOST_NEARS: usize = 16;
/// Places of such a look.
const NEAR_SPREAD: u16 = 256;

fn validate_conditions(t: &Tables<'_>) -> Result<(), LoadError> {
    for (index, rule) in t.rules.iter().enumerate() {
        let bounds = Bounds {
            numbers: rule.numbers.get(),
            texts: rule.strings.get(),
            patterns: rule.pattern_count.get(),
            rules: index as u32,
            words: t.words.len() as u32,
            constants: t.texts.len() as u32,
            lists: t.lists.len() as u32,
            fields: t.fields.len() as u32,
            regexes: t.operands.len() as u32,
            externals: t.externals.len() as u32,
        };
        let ok = cond::verify(t.condition(rule), &bounds).is_ok();
        check(ok, "condition")?;
    }
    Ok(())
}

fn optional(id: u32, len: usize) -> bool {
    id == NONE || (id as usize) < len
}

fn constant(kind: u32, bits: u64, t: &Tables<'_>) -> bool {
    match kind {
        value_kind::TEXT => bits < t.texts.len() as u64,
        kind => kind <= value_kind::BOOL,
    }
}

fn external(kind: u32, bits: u64, t: &Tables<'_>) -> bool {
    let text = || t.text(bits as u32);
    match kind {
        value_kind::DATA => {
            bits < t.texts.len() as u64 && Data::from_json(text()).is_ok()
        }
        kind => constant(kind, bits, t),
    }
}

fn validate_search(t: &Tables<'_>) -> Result<(), LoadError> {
    let mut next = 0;
    for p in t.programs {
        let (start, count) = (p.start.get(), p.count.get());
        let ok = within(start, count, t.steps.len()) && start == next;
        check(ok, "program")?;
        next += count;
    }
    for id in 0..t.programs.len() as u32 {
        check(vm::validate(t, id), "program")?;
    }
    let mut open: Option<u32> = None;
    for s in t.subs {
        let texts = t.texts.len();
        let flags = s.flags.get();
        let pattern = s.pattern.get();
        check((pattern as usize) < t.patterns.len(), "pattern form")?;
        let ok = match s.kind {
            sub_kind::LITERAL => (s.text.get() as usize) < texts,
            sub_kind::MASKED => {
                t.text(s.text.get()).len() == t.text(s.extra.get()).len()
                    && (s.text.get() as usize) < texts
                    && (s.extra.get() as usize) < texts
            }
            sub_kind::XOR => {
                (s.text.get() as usize) < texts
                    && !t.text(s.text.get()).is_empty()
            }
            sub_kind::BASE64 => {
                (s.text.get() as usize) < texts
                    && s.lo < 3
                    && t.text(s.extra.get()).len() == 64
            }
            sub_kind::REGEX => {
                t.programs.get(s.program.get() as usize).is_some_and(|p| {
                    p.flags.get() & program_flags::BACKWARD == 0
                }) && optional(s.dfa.get(), t.dfas.len())
            }
            _ => false,
        };
        check(ok, "pattern form")?;
        // The pieces of a chain stand together: head, …, tail.
        let chained = flags & sub_flags::CHAINED != 0;
        let head = flags & sub_flags::HEAD != 0;
        let tail = flags & sub_flags::TAIL != 0;
        let fits = match open {
            None => head == chained && (chained || !tail),
            Some(of) => chained && !head && of == pattern,
        };
        check(fits && !(head && tail), "chain")?;
        if chained {
            open = if tail { None } else { Some(pattern) };
        }
    }
    check(open.is_none(), "chain")?;
    let mut next = 0;
    for l in t.literals {
        let (start, count) = (l.atom_start.get(), l.atom_count.get());
        let ok = (1..=LONGEST).contains(&usize::from(l.length))
            && within(start, count, t.atoms.len())
            && start == next;
        check(ok, "literal")?;
        next += count;
    }
    for near in t.nears {
        let (first, last) = (near.nearest.get(), near.farthest.get());
        let ok = first <= last && last.abs_diff(first) <= NEAR_SPREAD;
        check(ok, "look near a literal")?;
    }
    for a in t.atoms {
        let sub = (a.sub.get() as usize) < t.subs.len();
        let backward = a.backward.get() == NONE
            || t.programs
                .get(a.backward.get() as usize)
                .is_some_and(|p| p.flags.get() & program_flags::BACKWARD != 0);
        let rule = (a.rule.get() as usize) < t.rules.len();
        let near =
            a.nears().len() <= MOST_NEARS && a.nears().end <= t.nears.len();
        check(sub && backward && rule && near, "atom")?;
    }
    let lengths: Vec<usize> =
        t.literals.iter().map(|l| l.length.into()).collect();
    for round in 0..ROUNDS {
        let grid = t.grid(round);
        let valid = grid.is_some_and(|grid| grid.is_valid(&lengths));
        check(valid, "literal filter")?;
    }
    let known = |layer: &LayerRec| usize::from(layer.round.get()) < ROUNDS;
    check(t.layers.iter().all(known), "literal filter")?;
    for s in t.slow {
        check((s.get() as usize) < t.subs.len(), "form without literal")?;
    }
    Ok(())
}
