//! The only writer of compiled rule sets.

use std::collections::HashMap;

use foldhash::quality::RandomState;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{Immutable, IntoBytes};

use super::layout::*;
use super::veil;
use crate::cond::op::Inst;
use crate::prefilter::grid::{Parts, ROUNDS};

/// Where something was put. Most of compiling large sets is asking here; the
/// keys come from rules, so the hash has a secret.
type Ids<K> = HashMap<K, u32, RandomState>;

/// Collects the records of a rule set and writes them out.
///
/// The same calls in the same order give the same bytes.
#[derive(Debug, Default)]
pub struct Builder {
    blob: Vec<u8>,
    texts: Vec<TextRec>,
    text_ids: Ids<Vec<u8>>,
    words: Vec<U64>,
    word_ids: Ids<u64>,
    lists: Vec<U32>,
    list_ids: Ids<Vec<u32>>,
    sets: Vec<SetRec>,
    set_ids: Ids<[u8; 32]>,
    nears: Vec<NearRec>,
    near_ids: Ids<Vec<u8>>,
    programs: Vec<ProgramRec>,
    program_ids: Ids<(u32, Vec<u8>)>,
    automata: Vec<u8>,
    dfas: Vec<DfaRec>,
    /// Namespaces.
    pub namespaces: Vec<NamespaceRec>,
    /// Rules.
    pub rules: Vec<RuleRec>,
    /// Metadata.
    pub metas: Vec<MetaRec>,
    /// External variables.
    pub externals: Vec<ExternalRec>,
    /// Patterns.
    pub patterns: Vec<PatternRec>,
    /// Forms of patterns.
    pub subs: Vec<SubRec>,
    literals: Vec<LiteralRec>,
    keys: Vec<KeyRec>,
    /// Atoms, by literal.
    pub atoms: Vec<AtomRec>,
    /// Forms without a literal.
    pub slow: Vec<U32>,
    /// Instructions of verifier programs.
    pub steps: Vec<StepRec>,
    /// Instructions of conditions.
    pub code: Vec<Inst>,
    /// Members of modules.
    pub fields: Vec<FieldRec>,
    /// Regular expression operands.
    pub operands: Vec<OperandRec>,
    /// What objects must have for rules to match.
    pub header_tests: Vec<HeaderTestRec>,
}

impl Builder {
    /// Interns bytes and returns their text id.
    pub fn text(&mut self, bytes: &[u8]) -> u32 {
        if let Some(id) = self.text_ids.get(bytes) {
            return *id;
        }
        let id = self.texts.len() as u32;
        self.texts.push(TextRec {
            offset: (self.blob.len() as u32).into(),
            length: (bytes.len() as u32).into(),
        });
        self.blob.extend_from_slice(bytes);
        self.text_ids.insert(bytes.to_vec(), id);
        id
    }

    /// Interns bytes of a pattern, under the veil.
    pub fn pattern_text(&mut self, bytes: &[u8]) -> u32 {
        self.text(&veil(bytes))
    }

    /// Interns a 64-bit constant.
    pub fn word(&mut self, word: u64) -> u32 {
        *self.word_ids.entry(word).or_insert_with(|| {
            self.words.push(word.into());
            self.words.len() as u32 - 1
        })
    }

    /// Interns a list of numbers.
    pub fn list(&mut self, items: &[u32]) -> u32 {
        if let Some(id) = self.list_ids.get(items) {
            return *id;
        }
        let id = self.lists.len() as u32;
        self.lists.push((items.len() as u32).into());
        self.lists.extend(items.iter().map(|i| U32::new(*i)));
        self.list_ids.insert(items.to_vec(), id);
        id
    }

    /// Interns a set of bytes.
    pub fn set(&mut self, bits: [u8; 32]) -> u32 {
        *self.set_ids.entry(bits).or_insert_with(|| {
            self.sets.push(SetRec { bits });
            self.sets.len() as u32 - 1
        })
    }

    /// Interns what stands near a literal and returns the first id.
    pub fn nears(&mut self, nears: &[NearRec]) -> u32 {
        let key = raw(nears).to_vec();
        *self.near_ids.entry(key).or_insert_with(|| {
            self.nears.extend_from_slice(nears);
            (self.nears.len() - nears.len()) as u32
        })
    }

    /// Interns a verifier program with [`program_flags`].
    pub fn program(&mut self, steps: &[StepRec], flags: u32) -> u32 {
        let key = (flags, raw(steps).to_vec());
        *self.program_ids.entry(key).or_insert_with(|| {
            self.programs.push(ProgramRec {
                start: (self.steps.len() as u32).into(),
                count: (steps.len() as u32).into(),
                flags: flags.into(),
            });
            self.steps.extend_from_slice(steps);
            self.programs.len() as u32 - 1
        })
    }

    /// Adds a serialized automaton.
    pub fn dfa(&mut self, bytes: &[u8]) -> u32 {
        let padding = self.automata.len().next_multiple_of(8);
        self.automata.resize(padding, 0);
        self.dfas.push(DfaRec {
            offset: (padding as u32).into(),
            length: (bytes.len() as u32).into(),
        });
        self.automata.extend_from_slice(bytes);
        self.dfas.len() as u32 - 1
    }

    /// Adds a literal of one to [`LONGEST`](crate::prefilter::grid::LONGEST) bytes in lower case, and its
    /// atoms.
    pub fn literal(&mut self, bytes: &[u8], atoms: Vec<AtomRec>) {
        self.literals.push(LiteralRec {
            length: bytes.len() as u8,
            atom_start: (self.atoms.len() as u32).into(),
            atom_count: (atoms.len() as u32).into(),
        });
        self.keys.push(KeyRec::new(bytes));
        self.atoms.extend(atoms);
    }

    /// The literals, and where their atoms are.
    pub fn literals(
        &self,
    ) -> impl Iterator<Item = (Literal, std::ops::Range<usize>)> {
        let literals = self.literals.iter().zip(&self.keys);
        literals.map(|(literal, key)| {
            (key.literal(literal.length.into()), literal.atoms())
        })
    }

    /// The tables that find the literals.
    fn filter(&self) -> Parts {
        let literals: Vec<(Literal, [bool; ROUNDS])> = self
            .literals()
            .map(|(literal, atoms)| {
                let any = |deferred| {
                    let mut atoms = self.atoms[atoms.clone()].iter();
                    atoms.any(|atom| atom.is_deferred() == deferred)
                };
                (literal, [false, true].map(any))
            })
            .collect();
        let literals =
            literals.iter().map(|(bytes, rounds)| (&**bytes, *rounds));
        Parts::new(literals).unwrap_or_default()
    }

    /// Writes the rule set.
    pub fn finish(self) -> Vec<u8> {
        let filter = self.filter();
        let sections: [(Section, &[u8]); Section::COUNT] = [
            (Section::Blob, &self.blob),
            (Section::Texts, raw(&self.texts)),
            (Section::Words, raw(&self.words)),
            (Section::Lists, raw(&self.lists)),
            (Section::Namespaces, raw(&self.namespaces)),
            (Section::Rules, raw(&self.rules)),
            (Section::Metas, raw(&self.metas)),
            (Section::Externals, raw(&self.externals)),
            (Section::Patterns, raw(&self.patterns)),
            (Section::Subs, raw(&self.subs)),
            (Section::Literals, raw(&self.literals)),
            (Section::Atoms, raw(&self.atoms)),
            (Section::Slow, raw(&self.slow)),
            (Section::Programs, raw(&self.programs)),
            (Section::Steps, raw(&self.steps)),
            (Section::Sets, raw(&self.sets)),
            (Section::Dfas, raw(&self.dfas)),
            (Section::Automata, &self.automata),
            (Section::Code, raw(&self.code)),
            (Section::Fields, raw(&self.fields)),
            (Section::Operands, raw(&self.operands)),
            (Section::Layers, raw(&filter.layers)),
            (Section::Slots, raw(&filter.slots)),
            (Section::Windows, raw(&filter.windows)),
            (Section::Keys, raw(&self.keys)),
            (Section::HeaderTests, raw(&self.header_tests)),
            (Section::Nears, raw(&self.nears)),
        ];
        let mut table = Vec::new();
        let mut at =
            size_of::<Header>() + sections.len() * size_of::<SectionRec>();
        let mut body = Vec::new();
        for (kind, bytes) in sections {
            let start = at.next_multiple_of(8);
            body.resize(body.len() + start - at, 0);
            table.push(SectionRec {
                kind: (kind as u32).into(),
                reserved: 0.into(),
                offset: (start as u64).into(),
                length: (bytes.len() as u64).into(),
            });
            body.extend_from_slice(bytes);
            at = start + bytes.len();
        }
        let mut crc = crc32fast::Hasher::new();
        crc.update(raw(&table));
        crc.update(&body);
        let header = Header {
            magic: MAGIC,
            format: FORMAT.into(),
            sections: (table.len() as u32).into(),
            length: (at as u64).into(),
            checksum: crc.finalize().into(),
            reserved: 0.into(),
        };
        [header.as_bytes(), raw(&table), &body].concat()
    }
}

fn raw<T: IntoBytes + Immutable>(records: &[T]) -> &[u8] {
    records.as_bytes()
}
