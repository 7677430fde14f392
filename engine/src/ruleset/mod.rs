//! Compiled rule sets: flat sections, validated once, then only read.

mod build;
mod dfas;
pub mod layout;
mod load;
mod veil;

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, KnownLayout, Unaligned};

pub use build::Builder;
pub(crate) use dfas::{Dfa, Dfas};
pub use load::LoadError;
pub(crate) use veil::{Veiled, veil};

use crate::cond::ExternalValue;
use crate::cond::op::Inst;
use crate::module::data::{self, Data};
use crate::prefilter::{Automaton, Engine, Hits, Scratch, grid::Grid};
use layout::*;

/// A compiled rule set. Cheap to clone; shared between threads.
#[derive(Clone)]
pub struct RuleSet {
    inner: Arc<Inner>,
}

/// The bytes of a set: in memory, in the binary, or in a mapped file.
type Bytes = Box<dyn AsRef<[u8]> + Send + Sync>;

struct Inner {
    data: Bytes,
    sections: [Range<usize>; Section::COUNT],
    dfas: Dfas,
    automaton: OnceLock<Automaton>,
}

/// A value of a metadata entry or an external variable.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Constant<'r> {
    Text(&'r [u8]),
    Int(i64),
    UInt(u64),
    Float(f64),
    Bool(bool),
}

impl RuleSet {
    /// Loads a compiled rule set, which stays where it is. Never panics;
    /// after success every link in it is valid.
    ///
    /// # Errors
    ///
    /// [`LoadError`] says what is wrong with the bytes.
    pub fn from_bytes(
        data: impl AsRef<[u8]> + Send + Sync + 'static,
    ) -> Result<RuleSet, LoadError> {
        let inner = load::load(Box::new(data))?;
        Ok(RuleSet { inner: Arc::new(inner) })
    }

    /// The bytes it was loaded from.
    pub fn as_bytes(&self) -> &[u8] {
        (*self.inner.data).as_ref()
    }

    /// The sections, typed.
    pub fn tables(&self) -> Tables<'_> {
        self.inner.tables()
    }

    /// Number of rules, private ones included.
    pub fn rule_count(&self) -> usize {
        self.tables().rules.len()
    }

    /// Number of patterns.
    pub fn pattern_count(&self) -> usize {
        self.tables().patterns.len()
    }

    /// External variables and their default values, in order.
    pub fn externals(
        &self,
    ) -> impl Iterator<Item = (&str, ExternalValue)> + '_ {
        let tables = self.tables();
        tables.externals.iter().map(move |e| {
            let (kind, value) = (e.kind.get(), e.value.get());
            (tables.name(e.name.get()), tables.external(kind, value))
        })
    }

    /// Names of the modules whose members conditions read, each once, in
    /// the order of first use.
    pub fn modules(&self) -> Vec<&str> {
        let tables = self.tables();
        let mut names = Vec::new();
        for field in tables.fields {
            let name = tables.name(field.module.get());
            if !name.starts_with(data::PREFIX) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// Reports every occurrence of every literal of a round; the automaton
    /// knows no rounds, and finds all.
    pub(crate) fn find_literals(
        &self,
        round: usize,
        engine: Engine,
        scratch: &mut Scratch,
        data: &[u8],
        range: Range<usize>,
        hits: &mut dyn Hits,
    ) {
        let tables = self.tables();
        if let Engine::Grid(isa) = engine
            && let Some(grid) = tables.grid(round)
        {
            return grid.find(isa, scratch, data, range, hits);
        }
        let automaton = self.inner.automaton.get_or_init(|| {
            let ids = 0..tables.literals.len() as u32;
            let literals: Vec<Literal> =
                ids.map(|id| tables.literal(id)).collect();
            let literals: Vec<&[u8]> =
                literals.iter().map(|literal| &**literal).collect();
            Automaton::new(&literals)
        });
        automaton.find(data, hits);
    }

    pub(crate) fn dfas(&self) -> &Dfas {
        &self.inner.dfas
    }
}

impl std::fmt::Debug for RuleSet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RuleSet")
            .field("rules", &self.rule_count())
            .field("patterns", &self.pattern_count())
            .finish()
    }
}

impl Inner {
    fn table<T>(&self, section: Section) -> &[T]
    where
        T: FromBytes + Immutable + KnownLayout + Unaligned,
    {
        let range = self.sections[section as usize].clone();
        let data = (*self.data).as_ref().get(range).unwrap_or_default();
        <[T]>::ref_from_bytes(data).unwrap_or_default()
    }

    fn tables(&self) -> Tables<'_> {
        Tables {
            blob: self.table(Section::Blob),
            texts: self.table(Section::Texts),
            words: self.table(Section::Words),
            lists: self.table(Section::Lists),
            namespaces: self.table(Section::Namespaces),
            rules: self.table(Section::Rules),
            metas: self.table(Section::Metas),
            externals: self.table(Section::Externals),
            patterns: self.table(Section::Patterns),
            subs: self.table(Section::Subs),
            literals: self.table(Section::Literals),
            atoms: self.table(Section::Atoms),
            slow: self.table(Section::Slow),
            programs: self.table(Section::Programs),
            steps: self.table(Section::Steps),
            sets: self.table(Section::Sets),
            dfas: self.table(Section::Dfas),
            automata: self.table(Section::Automata),
            code: self.table(Section::Code),
            fields: self.table(Section::Fields),
            operands: self.table(Section::Operands),
            layers: self.table(Section::Layers),
            slots: self.table(Section::Slots),
            windows: self.table(Section::Windows),
            keys: self.table(Section::Keys),
            header_tests: self.table(Section::HeaderTests),
            nears: self.table(Section::Nears),
        }
    }
}

/// The sections of a rule set as typed slices.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub struct Tables<'r> {
    pub blob: &'r [u8],
    pub texts: &'r [TextRec],
    pub words: &'r [U64],
    pub lists: &'r [U32],
    pub namespaces: &'r [NamespaceRec],
    pub rules: &'r [RuleRec],
    pub metas: &'r [MetaRec],
    pub externals: &'r [ExternalRec],
    pub patterns: &'r [PatternRec],
    pub subs: &'r [SubRec],
    pub literals: &'r [LiteralRec],
    pub atoms: &'r [AtomRec],
    pub slow: &'r [U32],
    pub programs: &'r [ProgramRec],
    pub steps: &'r [StepRec],
    pub sets: &'r [SetRec],
    pub dfas: &'r [DfaRec],
    pub automata: &'r [u8],
    pub code: &'r [Inst],
    pub fields: &'r [FieldRec],
    pub operands: &'r [OperandRec],
    pub layers: &'r [LayerRec],
    pub slots: &'r [U32],
    pub windows: &'r [WindowRec],
    pub keys: &'r [KeyRec],
    pub header_tests: &'r [HeaderTestRec],
    pub nears: &'r [NearRec],
}

impl<'r> Tables<'r> {
    /// Is the pattern only looked for when its rule may hold?
    pub(crate) fn is_deferred(&self, pattern: u32) -> bool {
        self.patterns.get(pattern as usize).is_some_and(|pattern| {
            pattern.flags.get() & pattern_flags::DEFERRED != 0
        })
    }

    /// Number of literals with a pattern that is not deferred.
    pub(crate) fn searched_at_once(&self) -> usize {
        let at_once = |literal: &&LiteralRec| {
            let mut atoms = self.atoms[literal.atoms()].iter();
            atoms.any(|atom| !atom.is_deferred())
        };
        self.literals.iter().filter(at_once).count()
    }

    /// The bytes of a literal; none for one that does not exist.
    pub(crate) fn literal(&self, id: u32) -> Literal {
        let record = self.literals.get(id as usize);
        let length = record.map_or(0, |record| usize::from(record.length));
        let key = self.keys.get(id as usize).copied().unwrap_or_default();
        key.literal(length)
    }

    /// The filter for the literals of a round; `None` if its tables do not
    /// fit together.
    pub(crate) fn grid(&self, round: usize) -> Option<Grid<'r>> {
        Grid::new(round, self.layers, self.slots, self.windows, self.keys)
    }

    /// The bytes of a text; empty for an id that does not exist.
    pub fn text(&self, id: u32) -> &'r [u8] {
        self.texts
            .get(id as usize)
            .and_then(|t| {
                let start = t.offset.get() as usize;
                self.blob.get(start..start + t.length.get() as usize)
            })
            .unwrap_or_default()
    }

    /// A text that is bytes of a pattern.
    pub(crate) fn veiled(&self, id: u32) -> Veiled<'r> {
        Veiled(self.text(id))
    }

    /// A text that is a name.
    pub fn name(&self, id: u32) -> &'r str {
        std::str::from_utf8(self.text(id)).unwrap_or("?")
    }

    /// The items of a list.
    pub fn list(&self, id: u32) -> &'r [U32] {
        let Some(length) = self.lists.get(id as usize) else { return &[] };
        let start = id as usize + 1;
        self.lists
            .get(start..start + length.get() as usize)
            .unwrap_or_default()
    }

    /// The literals of the deferred patterns of a rule.
    pub(crate) fn deferred(&self, rule: u32) -> &'r [U32] {
        let rule = self.rules.get(rule as usize);
        // No list has the number that stands for none.
        self.list(rule.map_or(NONE, |rule| rule.deferred.get()))
    }

    /// A 64-bit constant.
    pub fn word(&self, id: u32) -> u64 {
        self.words.get(id as usize).map_or(0, |w| w.get())
    }

    /// The instructions of a verifier program and its flags.
    pub fn program(&self, id: u32) -> Option<(&'r [StepRec], u32)> {
        let program = self.programs.get(id as usize)?;
        let start = program.start.get() as usize;
        let end = start + program.count.get() as usize;
        Some((self.steps.get(start..end)?, program.flags.get()))
    }

    /// The instructions of a rule's condition.
    pub fn condition(&self, rule: &RuleRec) -> &'r [Inst] {
        let start = rule.code_start.get() as usize;
        self.code
            .get(start..start + rule.code_count.get() as usize)
            .unwrap_or_default()
    }

    /// The value of an external variable by its kind and bits.
    fn external(&self, kind: u32, bits: u64) -> ExternalValue {
        if kind == value_kind::DATA
            && let Ok(data) = Data::from_json(self.text(bits as u32))
        {
            return ExternalValue::Data(data);
        }
        match self.constant(kind, bits) {
            Constant::Text(text) => ExternalValue::Text(text.to_vec()),
            Constant::Int(value) => ExternalValue::Int(value),
            Constant::UInt(value) => ExternalValue::UInt(value),
            Constant::Float(value) => ExternalValue::Float(value),
            Constant::Bool(value) => ExternalValue::Bool(value),
        }
    }

    /// A constant by its kind and bits.
    pub fn constant(&self, kind: u32, bits: u64) -> Constant<'r> {
        match kind {
            value_kind::INT => Constant::Int(bits as i64),
            value_kind::UINT => Constant::UInt(bits),
            value_kind::FLOAT => Constant::Float(f64::from_bits(bits)),
            value_kind::BOOL => Constant::Bool(bits != 0),
            _ => Constant::Text(self.text(bits as u32)),
        }
    }
}
