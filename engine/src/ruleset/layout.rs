//! The records of a compiled rule set.
//!
//! All records are little-endian, packed and free of pointers: links are
//! indexes into other sections. `u32::MAX` ([`NONE`]) stands for "none".

use std::ops::Range;

use zerocopy::little_endian::{I16, I64, U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::veil::VEIL;
use crate::prefilter::grid::LONGEST;

/// No link.
pub const NONE: u32 = u32::MAX;

/// First bytes of a compiled rule set.
pub const MAGIC: [u8; 8] = *b"DRAGNET\0";

/// Version of this layout. Any change of a record, an opcode or the meaning
/// of a field raises it.
pub const FORMAT: u32 = 8;

macro_rules! records {
    ($($(#[$doc:meta])* struct $name:ident {
        $($(#[$fdoc:meta])* $field:ident: $ty:ty,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, FromBytes, IntoBytes, Immutable, KnownLayout,
            Unaligned, Default, PartialEq, Eq,
        )]
        #[repr(C)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty,)* }
    )*};
}

records! {
    /// Start of the file.
    struct Header {
        /// [`MAGIC`]
        magic: [u8; 8],
        /// [`FORMAT`]
        format: U32,
        /// Number of [`SectionRec`]s that follow.
        sections: U32,
        /// Length of the whole file in bytes.
        length: U64,
        /// CRC-32 of everything after the header.
        checksum: U32,
        /// Zero.
        reserved: U32,
    }

    /// Where a section lies.
    struct SectionRec {
        /// A [`Section`].
        kind: U32,
        /// Zero.
        reserved: U32,
        /// Offset from the start of the file.
        offset: U64,
        /// Length in bytes.
        length: U64,
    }

    /// A range of the blob.
    struct TextRec {
        /// Offset in the blob.
        offset: U32,
        /// Length in bytes.
        length: U32,
    }

    /// A namespace.
    struct NamespaceRec {
        /// Text: its name.
        name: U32,
    }

    /// A rule.
    struct RuleRec {
        /// Text: its name.
        name: U32,
        /// Namespace.
        namespace: U32,
        /// See [`rule_flags`].
        flags: U32,
        /// First pattern.
        pattern_start: U32,
        /// Number of patterns.
        pattern_count: U32,
        /// List of texts: its tags.
        tags: U32,
        /// First metadata entry.
        meta_start: U32,
        /// Number of metadata entries.
        meta_count: U32,
        /// First instruction of the condition.
        code_start: U32,
        /// Number of instructions.
        code_count: U32,
        /// Number registers the condition needs.
        numbers: U16,
        /// String registers the condition needs.
        strings: U16,
        /// The smallest object the rule can match.
        min_size: U64,
        /// The largest object the rule can match.
        max_size: U64,
        /// List: which patterns must have matched, see [`need`]; [`NONE`]:
        /// none of its patterns is deferred.
        need: U32,
        /// List: literals of its deferred patterns; [`NONE`]: there are
        /// none.
        deferred: U32,
    }

    /// A metadata entry.
    struct MetaRec {
        /// Text: the key.
        key: U32,
        /// A [`value_kind`].
        kind: U32,
        /// The bits of the value, or a text.
        value: U64,
    }

    /// An external variable.
    struct ExternalRec {
        /// Text: its name.
        name: U32,
        /// A [`value_kind`].
        kind: U32,
        /// The bits of the default value, or a text.
        value: U64,
    }

    /// A pattern.
    struct PatternRec {
        /// Text: its name without `$`.
        name: U32,
        /// Its rule.
        rule: U32,
        /// See [`pattern_flags`].
        flags: U32,
        /// The only offset that counts, or −1.
        anchor: I64,
    }

    /// One form of a pattern, or one piece of a chain of pieces with long
    /// gaps between them.
    struct SubRec {
        /// A [`sub_kind`].
        kind: u8,
        /// First key of an xor form; bytes in front of the text modulo 3 of
        /// a base64 form.
        lo: u8,
        /// Last key of an xor form.
        hi: u8,
        /// Zero.
        reserved: u8,
        /// See [`sub_flags`].
        flags: U32,
        /// Its pattern.
        pattern: U32,
        /// Text: the literal, the masked bytes or the base64 text.
        text: U32,
        /// Text: the mask or the base64 alphabet.
        extra: U32,
        /// Forward program of a regular expression.
        program: U32,
        /// Forward automaton of a regular expression.
        dfa: U32,
        /// Smallest gap in front of a chain piece.
        gap_min: U32,
        /// Largest gap in front of a chain piece; [`NONE`]: no bound.
        gap_max: U32,
        /// How far from an atom a verification may look, in bytes.
        reach: U32,
    }

    /// A literal that the prefilter searches; its bytes are a [`KeyRec`].
    struct LiteralRec {
        /// Length in bytes.
        length: u8,
        /// First atom.
        atom_start: U32,
        /// Number of atoms.
        atom_count: U32,
    }

    /// What a hit of a literal can be the beginning of.
    struct AtomRec {
        /// The form to verify.
        sub: U32,
        /// Bytes from the place where verification starts to the hit.
        back: U32,
        /// Backward program that finds the starts of a match from that
        /// place; [`NONE`]: the place is the start.
        backward: U32,
        /// The rule it can make hold: no use while that cannot.
        rule: U32,
        /// See [`atom_flags`].
        flags: U16,
        /// How many [`NearRec`]s tell what every match has near the hit.
        near_count: U16,
        /// The first of them.
        near_start: U32,
    }

    /// Eight bytes under a mask, at one of some distances from a hit: looked
    /// for before anything else, because most hits of a short literal fail
    /// there.
    struct NearRec {
        /// From the first byte of the literal to the first of these, at
        /// least,
        nearest: I16,
        /// and at most.
        farthest: I16,
        /// The bytes under the veil; without it zero where the mask is.
        bytes: U64,
        /// The bits that count.
        mask: U64,
    }

    /// The tables of the filter for literals of one range of lengths, see
    /// `prefilter::grid`.
    struct LayerRec {
        /// Which range.
        class: U16,
        /// The round of the search that it is for: 0, or 1 for deferred
        /// patterns.
        round: U16,
        /// Binary logarithm of the number of table words.
        bits: U32,
        /// Binary logarithm of the number of bits of the fine table.
        fine_bits: U32,
        /// First slot of the table words.
        words: U32,
        /// First slot of the fine table.
        fine: U32,
        /// First slot of the heads: where the windows of each bucket begin.
        heads: U32,
    }

    /// A window of a literal by which the filter finds it.
    struct WindowRec {
        /// The literal.
        literal: U32,
        /// What the context of the window must hash to.
        tag: U16,
        /// Bytes of the literal in front of the window.
        offset: u8,
        /// Length of the literal in bytes.
        length: u8,
    }

    /// The bytes of a literal under the veil, letters in lower case.
    struct KeyRec {
        /// The first eight, or all of them and zeros.
        head: U64,
        /// The last eight, or all of them and zeros.
        tail: U64,
    }

    /// A verifier program.
    struct ProgramRec {
        /// First instruction.
        start: U32,
        /// Number of instructions.
        count: U32,
        /// See [`program_flags`].
        flags: U32,
    }

    /// An instruction of a verifier program, see `verify::vm`.
    struct StepRec {
        /// A `step` opcode.
        op: u8,
        /// First operand, the lowest byte first.
        a: [u8; 3],
        /// Second operand.
        b: U32,
    }

    /// A set of byte values, bit `b % 8` of byte `b / 8`.
    struct SetRec {
        /// The bits.
        bits: [u8; 32],
    }

    /// A serialized automaton in the automata section.
    struct DfaRec {
        /// Offset in the section, a multiple of 8.
        offset: U32,
        /// Length in bytes.
        length: U32,
    }

    /// A member of a module.
    struct FieldRec {
        /// Text: the module's name, or that of an external variable behind
        /// a `$`.
        module: U32,
        /// Text: member indexes, two bytes each.
        path: U32,
    }

    /// An integer that an object must have at a place, or else none of some
    /// rules can match.
    struct HeaderTestRec {
        /// Width and byte order: a number of `cond::ReadKind`.
        kind: U32,
        /// List: the rules.
        rules: U32,
        /// Offset of the integer.
        offset: U64,
        /// Its bits.
        value: U64,
    }

    /// A regular expression operand.
    struct OperandRec {
        /// Program, tried at every position.
        program: U32,
        /// Automaton of the unanchored search, or [`NONE`].
        dfa: U32,
    }
}

/// The bytes of a literal.
#[derive(Clone, Copy, Debug)]
pub struct Literal {
    bytes: [u8; LONGEST],
    length: usize,
}

impl std::ops::Deref for Literal {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

impl KeyRec {
    /// The key of a literal of at most [`LONGEST`] bytes.
    pub fn new(literal: &[u8]) -> KeyRec {
        let long = |bytes: &[u8]| {
            let mut long = [0; 8];
            long[..bytes.len()].copy_from_slice(bytes);
            (u64::from_le_bytes(long) ^ VEIL).into()
        };
        KeyRec {
            head: long(&literal[..literal.len().min(8)]),
            tail: long(&literal[literal.len().saturating_sub(8)..]),
        }
    }

    /// The first eight bytes, or all of them and zeros.
    #[inline(always)]
    pub(crate) fn head(&self) -> u64 {
        self.head.get() ^ VEIL
    }

    /// The last eight bytes, or all of them and zeros.
    #[inline(always)]
    pub(crate) fn tail(&self) -> u64 {
        self.tail.get() ^ VEIL
    }

    /// The literal, if it has this length.
    pub fn literal(&self, length: usize) -> Literal {
        let length = length.min(LONGEST);
        let mut bytes = [0; LONGEST];
        if length > 8 {
            bytes[length - 8..length]
                .copy_from_slice(&self.tail().to_le_bytes());
        }
        bytes[..8].copy_from_slice(&self.head().to_le_bytes());
        Literal { bytes, length }
    }
}

impl NearRec {
    /// Bytes under a mask, the lowest one first, and how far from a hit they
    /// lie: at least and at most.
    pub fn new(
        (nearest, farthest): (i16, i16),
        bytes: u64,
        mask: u64,
    ) -> NearRec {
        NearRec {
            nearest: nearest.into(),
            farthest: farthest.into(),
            bytes: (bytes ^ VEIL).into(),
            mask: mask.into(),
        }
    }

    /// The bytes; zero where the mask is.
    #[inline(always)]
    pub fn bytes(&self) -> u64 {
        self.bytes.get() ^ VEIL
    }
}

impl LiteralRec {
    /// The places of its atoms in their section.
    pub fn atoms(&self) -> Range<usize> {
        let start = self.atom_start.get() as usize;
        start..start + self.atom_count.get() as usize
    }
}

impl StepRec {
    /// First operands are smaller.
    pub const OPERANDS: u32 = 1 << 24;

    /// A step. Of the first operand only the lower 24 bits are kept.
    pub fn new(op: u8, a: u32, b: u32) -> StepRec {
        let [low, middle, high, _] = a.to_le_bytes();
        StepRec { op, a: [low, middle, high], b: b.into() }
    }

    /// The first operand.
    pub fn a(&self) -> u32 {
        let [low, middle, high] = self.a;
        u32::from_le_bytes([low, middle, high, 0])
    }
}

impl AtomRec {
    /// The places of what stands near it in their section.
    pub fn nears(&self) -> Range<usize> {
        let start = self.near_start.get() as usize;
        start..start + usize::from(self.near_count.get())
    }

    /// Is its pattern only looked for when the rule may hold?
    pub fn is_deferred(&self) -> bool {
        self.flags.get() & atom_flags::DEFERRED != 0
    }
}

/// The sections of a compiled rule set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Section {
    /// Bytes of all texts.
    Blob,
    /// [`TextRec`]
    Texts,
    /// [`U64`] constants.
    Words,
    /// [`U32`]s; a list is its length and its items.
    Lists,
    /// [`NamespaceRec`]
    Namespaces,
    /// [`RuleRec`]
    Rules,
    /// [`MetaRec`]
    Metas,
    /// [`ExternalRec`]
    Externals,
    /// [`PatternRec`]
    Patterns,
    /// [`SubRec`]; the pieces of a chain stand together, in order.
    Subs,
    /// [`LiteralRec`]
    Literals,
    /// [`AtomRec`]
    Atoms,
    /// [`U32`] indexes of forms without a literal: tried at every offset.
    Slow,
    /// [`ProgramRec`]
    Programs,
    /// [`StepRec`]
    Steps,
    /// [`SetRec`]
    Sets,
    /// [`DfaRec`]
    Dfas,
    /// Serialized automata.
    Automata,
    /// Instructions of conditions.
    Code,
    /// [`FieldRec`]
    Fields,
    /// [`OperandRec`]
    Operands,
    /// [`LayerRec`]
    Layers,
    /// [`U32`]s: the tables of the layers.
    Slots,
    /// [`WindowRec`], by layer and bucket.
    Windows,
    /// [`KeyRec`], one for each literal.
    Keys,
    /// [`HeaderTestRec`]
    HeaderTests,
    /// [`NearRec`]
    Nears,
}

impl Section {
    /// Number of sections.
    pub const COUNT: usize = Section::Nears as usize + 1;
}

/// Bits of [`RuleRec::flags`].
pub mod rule_flags {
    /// Must hold for its namespace.
    pub const GLOBAL: u32 = 1;
    /// Not reported.
    pub const PRIVATE: u32 = 2;
    /// Cannot match unless one of its patterns does.
    pub const NEEDS_HIT: u32 = 4;
    /// Depends on another rule.
    pub const DEPENDS: u32 = 8;
}

/// Bits of [`PatternRec::flags`].
pub mod pattern_flags {
    /// Matches are not reported.
    pub const PRIVATE: u32 = 1;
    /// Of two matches at one offset the longer one counts.
    pub const LONGEST: u32 = 2;
    /// A hex pattern.
    pub const HEX: u32 = 4;
    /// Looked for only when the rule may hold with the other patterns.
    pub const DEFERRED: u32 = 8;
}

/// Bits of [`AtomRec::flags`].
pub mod atom_flags {
    /// Its pattern is [`super::pattern_flags::DEFERRED`].
    pub const DEFERRED: u16 = 1;
}

/// What must have matched for a rule to hold: an expression in which each
/// operand stands before what combines it. It counts deferred patterns as
/// matched; if it is false, the rule cannot hold.
pub mod need {
    /// Followed by a pattern of the rule: it matched, or is deferred.
    pub const HIT: u32 = 0;
    /// Followed by two numbers: of the last so many results (the second), at
    /// least so many (the first) are true.
    pub const OF: u32 = 1;
}

/// Values of [`SubRec::kind`].
pub mod sub_kind {
    /// Exactly the text.
    pub const LITERAL: u8 = 0;
    /// The text under a mask.
    pub const MASKED: u8 = 1;
    /// The text under a key.
    pub const XOR: u8 = 2;
    /// The text in base64.
    pub const BASE64: u8 = 3;
    /// A program.
    pub const REGEX: u8 = 4;
}

/// Bits of [`SubRec::flags`].
pub mod sub_flags {
    /// ASCII letters match in both cases.
    pub const NOCASE: u32 = 1;
    /// Two bytes for each character.
    pub const WIDE: u32 = 2;
    /// The byte before must not be alphanumeric.
    pub const WORD_START: u32 = 4;
    /// The byte after must not be alphanumeric.
    pub const WORD_END: u32 = 128;
    /// A piece of a chain.
    pub const CHAINED: u32 = 8;
    /// The first piece of a chain.
    pub const HEAD: u32 = 16;
    /// The last piece of a chain.
    pub const TAIL: u32 = 32;
    /// Prefer the longest match.
    pub const GREEDY: u32 = 64;
}

/// Bits of [`ProgramRec::flags`].
pub mod program_flags {
    /// Runs over pairs of a byte and a zero.
    pub const WIDE: u32 = 1;
    /// Runs from right to left.
    pub const BACKWARD: u32 = 2;
}

/// Values of the `kind` of metadata and externals.
pub mod value_kind {
    /// A text.
    pub const TEXT: u32 = 0;
    /// A signed integer.
    pub const INT: u32 = 1;
    /// An unsigned integer.
    pub const UINT: u32 = 2;
    /// A float.
    pub const FLOAT: u32 = 3;
    /// A boolean.
    pub const BOOL: u32 = 4;
    /// A structure or an array as JSON, a text; externals only.
    pub const DATA: u32 = 5;
}
