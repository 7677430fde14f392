//! From checked patterns to forms, atoms and programs.

use std::collections::HashMap;
use std::sync::Arc;

use dragnet_engine::ruleset::Builder;
use dragnet_engine::ruleset::layout::{
    AtomRec, NONE, SubRec, sub_flags, sub_kind,
};
use dragnet_engine::verify::{STANDARD, fixed_part};

use super::atoms::{Atom, Cover, Prefix, Shape};
use super::chain::Piece;
use super::hir::{ByteSet, Hir};
use super::prepare::{Pieces, Prepared};
use super::program::{self, Direction};
use super::{Pattern, Value, dfa, rarity};

/// How far a verification looks from its atom, in bytes, as both peers do.
pub(crate) const REACH: u32 = 4096;

/// A literal that is hit less often than once in 2^this bytes is verified
/// without a look at what stands near it.
const RARE: f32 = 24.0;

/// Collects the search side of a rule set.
pub(crate) struct Lowering<'b> {
    pub(crate) builder: &'b mut Builder,
    /// Longest atom in bytes.
    pub(crate) atom_length: usize,
    /// Literal to atoms; brought in order at the end, so that the result is
    /// deterministic.
    atoms: HashMap<Vec<u8>, Vec<AtomRec>>,
    /// Automata of forward programs: many rules share a pattern.
    dfas: HashMap<u32, u32>,
}

/// A piece of text, wide form applied, and how it is compared.
#[derive(Clone, Copy)]
struct Form {
    wide: bool,
    flags: u32,
}

impl<'b> Lowering<'b> {
    pub(crate) fn new(builder: &'b mut Builder, atom_length: usize) -> Self {
        let (atoms, dfas) = (HashMap::new(), HashMap::new());
        Lowering { builder, atom_length, atoms, dfas }
    }

    /// Adds the forms of a pattern.
    pub(crate) fn pattern(
        &mut self,
        id: u32,
        pattern: &Pattern,
        mut prepared: Prepared,
    ) -> Result<(), program::TooLarge> {
        let anchored = pattern.anchored_at.is_some();
        for wide in [false, true] {
            if !(if wide { pattern.wide } else { pattern.ascii }) {
                continue;
            }
            let mut flags = 0;
            if wide {
                flags |= sub_flags::WIDE;
            }
            if pattern.fullword {
                flags |= sub_flags::WORD_START | sub_flags::WORD_END;
            }
            if pattern.nocase {
                flags |= sub_flags::NOCASE;
            }
            let form = Form { wide, flags };
            match &pattern.value {
                Value::Text(text) => self.text(id, text, form, anchored),
                Value::Xor(text, lo, hi) => {
                    self.xor(id, text, *lo..=*hi, form, anchored);
                }
                Value::Base64 { text, plain, wide: wide_alphabet } => {
                    let alphabets = [(plain, false), (wide_alphabet, true)];
                    for (alphabet, encoded_wide) in alphabets {
                        if let Some(alphabet) = alphabet {
                            let text = widen(text, wide);
                            self.base64(id, &text, alphabet, encoded_wide);
                        }
                    }
                }
                Value::Regex { greedy, .. } => {
                    let pieces = prepared.take(wide);
                    self.regex(id, pieces, *greedy, form, anchored)?;
                }
                Value::Hex(_) => {
                    let pieces = prepared.take(wide);
                    self.regex(id, pieces, false, form, anchored)?;
                }
            }
        }
        Ok(())
    }

    /// Writes the literals and atoms that were collected.
    pub(crate) fn finish(self) {
        let builder = self.builder;
        let rule = |builder: &Builder, sub: u32| {
            let pattern = builder.subs[sub as usize].pattern.get();
            let pattern = builder.patterns.get(pattern as usize);
            pattern.map_or(0.into(), |pattern| pattern.rule)
        };
        let mut atoms: Vec<_> = self.atoms.into_iter().collect();
        atoms.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        for (bytes, mut atoms) in atoms {
            for atom in &mut atoms {
                atom.rule = rule(builder, atom.sub.get());
            }
            builder.literal(&bytes, atoms);
        }
    }

    fn shape(&self, wide: bool) -> Shape {
        Shape { length: self.atom_length, wide }
    }

    fn sub(&mut self, sub: SubRec) -> u32 {
        self.builder.subs.push(sub);
        self.builder.subs.len() as u32 - 1
    }

    fn atom(&mut self, bytes: Vec<u8>, atom: AtomRec) {
        self.atoms.entry(bytes).or_default().push(atom);
    }

    fn text(&mut self, id: u32, text: &[u8], form: Form, anchored: bool) {
        let bytes = widen(text, form.wide);
        let text_id = self.builder.pattern_text(&bytes);
        let sub = self.sub(SubRec {
            kind: sub_kind::LITERAL,
            flags: form.flags.into(),
            pattern: id.into(),
            text: text_id.into(),
            ..blank()
        });
        if !anchored {
            self.literal_atom(text, form.wide, sub);
        }
    }

    /// The rarest window of a literal as atom.
    fn literal_atom(&mut self, text: &[u8], wide: bool, sub: u32) {
        let shape = self.shape(wide);
        let (at, window) = rarest(text, shape.units(), wide);
        let mut bytes = widen(&window.to_ascii_lowercase(), wide);
        bytes.truncate(shape.length);
        let unit = if wide { 2 } else { 1 };
        let atom = AtomRec {
            sub: sub.into(),
            back: distance(at as u64 * unit).into(),
            backward: NONE.into(),
            ..AtomRec::default()
        };
        self.atom(bytes, atom);
    }

    fn xor(
        &mut self,
        id: u32,
        text: &[u8],
        keys: std::ops::RangeInclusive<u8>,
        form: Form,
        anchored: bool,
    ) {
        let bytes = widen(text, form.wide);
        let text = self.builder.pattern_text(&bytes);
        let sub = self.sub(SubRec {
            kind: sub_kind::XOR,
            lo: *keys.start(),
            hi: *keys.end(),
            flags: form.flags.into(),
            pattern: id.into(),
            text: text.into(),
            ..blank()
        });
        if anchored {
            return;
        }
        for key in keys {
            let bytes: Vec<u8> = bytes.iter().map(|b| b ^ key).collect();
            self.literal_atom(&bytes, false, sub);
        }
    }

    fn base64(
        &mut self,
        id: u32,
        text: &[u8],
        alphabet: &[u8; 64],
        wide: bool,
    ) {
        let text_id = self.builder.pattern_text(text);
        let alphabet_id = self.builder.text(alphabet);
        for pad in 0..3_u8 {
            let fixed = fixed_part(text, usize::from(pad), alphabet);
            // A very short text leaves nothing of its own in this form.
            if fixed.is_empty() {
                continue;
            }
            let sub = self.sub(SubRec {
                kind: sub_kind::BASE64,
                lo: pad,
                flags: if wide { sub_flags::WIDE } else { 0 }.into(),
                pattern: id.into(),
                text: text_id.into(),
                extra: alphabet_id.into(),
                ..blank()
            });
            self.literal_atom(&fixed, wide, sub);
        }
    }

    fn regex(
        &mut self,
        id: u32,
        pieces: Pieces,
        greedy: bool,
        form: Form,
        anchored: bool,
    ) -> Result<(), program::TooLarge> {
        let count = pieces.len();
        let anchored = anchored && count == 1;
        for (at, (piece, cover)) in pieces.into_iter().enumerate() {
            let mut flags = form.flags & !sub_flags::NOCASE;
            if greedy {
                flags |= sub_flags::GREEDY;
            }
            if count > 1 {
                flags |= sub_flags::CHAINED;
                if at == 0 {
                    flags |= sub_flags::HEAD;
                } else {
                    flags &= !sub_flags::WORD_START;
                }
                if at + 1 == count {
                    flags |= sub_flags::TAIL;
                } else {
                    flags &= !sub_flags::WORD_END;
                }
            }
            let form = Form { wide: form.wide, flags };
            self.piece(id, &piece, cover, form, anchored)?;
        }
        Ok(())
    }

    fn piece(
        &mut self,
        id: u32,
        piece: &Piece,
        cover: Option<Cover>,
        form: Form,
        anchored: bool,
    ) -> Result<(), program::TooLarge> {
        let gap = |sub: SubRec| SubRec {
            gap_min: piece.gap.0.into(),
            gap_max: piece.gap.1.unwrap_or(NONE).into(),
            flags: form.flags.into(),
            pattern: id.into(),
            ..sub
        };
        let sub = match fixed_units(&piece.hir) {
            Some(units) => {
                let widened = units.iter().flat_map(|unit| {
                    let zero = form.wide.then_some((0, 0xff));
                    [Some(*unit), zero].into_iter().flatten()
                });
                let (bytes, mask): (Vec<u8>, Vec<u8>) = widened.unzip();
                let exact = mask.iter().all(|m| *m == 0xff);
                let text = self.builder.pattern_text(&bytes);
                let extra = if exact { 0 } else { self.builder.text(&mask) };
                let kind =
                    if exact { sub_kind::LITERAL } else { sub_kind::MASKED };
                SubRec {
                    kind,
                    text: text.into(),
                    extra: extra.into(),
                    ..blank()
                }
            }
            None => self.regex_sub(&piece.hir, form, cover.as_ref())?,
        };
        let sub = self.sub(gap(sub));
        match cover {
            _ if anchored => {}
            Some(cover) => self.cover(sub, cover, form.wide)?,
            None => self.builder.slow.push(sub.into()),
        }
        Ok(())
    }

    fn regex_sub(
        &mut self,
        hir: &Hir,
        form: Form,
        cover: Option<&Cover>,
    ) -> Result<SubRec, program::TooLarge> {
        let often = cover.map_or(1.0, Cover::often);
        let program =
            program::write(self.builder, hir, form.wide, Direction::Forward)?;
        let greedy = form.flags & sub_flags::GREEDY != 0;
        // An automaton would answer with an empty match where the program
        // goes on to one that is not.
        let dfa = if (greedy || !is_hex_like(hir)) && hir.length().0 > 0 {
            *self.dfas.entry(program).or_insert_with(|| {
                dfa::forward(hir, form.wide, often)
                    .map_or(NONE, |bytes| self.builder.dfa(&bytes))
            })
        } else {
            NONE
        };
        let extra = if cover.is_none() {
            let first = first_set(hir);
            self.builder.set(program::set_bits(&first))
        } else {
            NONE
        };
        let unit = if form.wide { 2 } else { 1 };
        let longest = hir.length().1.unwrap_or(0).saturating_mul(unit);
        let reach = match longest {
            // Bounded hex patterns are matched whole, however long.
            longest if is_hex_like(hir) => {
                longest.saturating_add(1).clamp(u64::from(REACH), 1 << 24)
            }
            _ => u64::from(REACH),
        };
        Ok(SubRec {
            kind: sub_kind::REGEX,
            program: program.into(),
            dfa: dfa.into(),
            extra: extra.into(),
            reach: (reach as u32).into(),
            ..blank()
        })
    }

    fn cover(
        &mut self,
        sub: u32,
        cover: Cover,
        wide: bool,
    ) -> Result<(), program::TooLarge> {
        let unit = if wide { 2 } else { 1 };
        let mut written: Vec<(Arc<Hir>, u32)> = Vec::new();
        for Atom { bytes, prefix, nears } in cover.atoms {
            // Runs of one byte are rare, but long where they are.
            let is_run = bytes.iter().all(|b| Some(b) == bytes.first());
            let nears = if is_run || rarity::cost(&bytes, false) < RARE {
                nears.as_slice()
            } else {
                &[]
            };
            let atom = AtomRec {
                sub: sub.into(),
                backward: NONE.into(),
                near_start: self.builder.nears(nears).into(),
                near_count: (nears.len() as u16).into(),
                ..AtomRec::default()
            };
            match prefix {
                Prefix::Fixed(units) => {
                    let back = distance(units * unit).into();
                    self.atom(bytes, AtomRec { back, ..atom });
                }
                Prefix::Variable(hir) => {
                    // Equal references are the common case, and cheap.
                    let known = written
                        .iter()
                        .rev()
                        .find(|w| Arc::ptr_eq(&w.0, &hir) || w.0 == hir)
                        .map(|w| w.1);
                    let backward = match known {
                        Some(program) => program,
                        None => {
                            let program = program::write(
                                self.builder,
                                &hir,
                                wide,
                                Direction::Backward,
                            )?;
                            written.push((hir, program));
                            program
                        }
                    };
                    let backward = backward.into();
                    self.atom(bytes, AtomRec { backward, ..atom });
                }
            }
        }
        Ok(())
    }
}

/// A distance beyond all data is as good as a larger one.
fn distance(bytes: u64) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// A record with every link empty.
fn blank() -> SubRec {
    SubRec {
        program: NONE.into(),
        dfa: NONE.into(),
        gap_max: NONE.into(),
        reach: REACH.into(),
        ..SubRec::default()
    }
}

pub(crate) fn widen(text: &[u8], wide: bool) -> Vec<u8> {
    if wide {
        text.iter().flat_map(|b| [*b, 0]).collect()
    } else {
        text.to_vec()
    }
}

/// The rarest window of at most `length` bytes, and its place.
pub(crate) fn rarest(
    bytes: &[u8],
    length: usize,
    wide: bool,
) -> (usize, &[u8]) {
    let length = length.min(bytes.len());
    // The start of a very long text is as good as any other part of it.
    let windows = bytes.windows(length.max(1)).take(4096).enumerate();
    if windows.len() == 1 {
        return (0, bytes);
    }
    windows
        .map(|(at, w)| (rarity::cost(w, wide), at, w))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
        .map_or((0, bytes), |best| (best.1, best.2))
}

/// Bytes and masks, if the pattern is a fixed number of masked bytes.
fn fixed_units(hir: &Hir) -> Option<Vec<(u8, u8)>> {
    fn walk(hir: &Hir, out: &mut Vec<(u8, u8)>) -> Option<()> {
        match hir {
            Hir::Empty => {}
            Hir::Literal(bytes) => {
                out.extend(bytes.iter().map(|b| (*b, 0xff)));
            }
            Hir::Class(set) => out.push(program::as_mask(set)?),
            Hir::Concat(parts) => {
                for part in parts {
                    stacker::maybe_grow(64 << 10, 1 << 20, || {
                        walk(part, out)
                    })?;
                }
            }
            Hir::Repeat { min, max, sub, .. }
                if Some(*min) == *max && *min <= 256 =>
            {
                for _ in 0..*min {
                    walk(sub, out)?;
                    if out.len() > 1 << 16 {
                        return None;
                    }
                }
            }
            _ => return None,
        }
        Some(())
    }
    let mut units = Vec::new();
    walk(hir, &mut units)?;
    (!units.is_empty()).then_some(units)
}

/// Every repetition is a bounded jump: the length of a match is bounded by
/// what was written.
fn is_hex_like(hir: &Hir) -> bool {
    match hir {
        Hir::Literal(_) | Hir::Class(_) | Hir::Empty => true,
        Hir::Look(_) => false,
        Hir::Concat(parts) | Hir::Alternation(parts) => {
            parts.iter().all(is_hex_like)
        }
        Hir::Repeat { max, greedy, sub, .. } => {
            max.is_some()
                && !greedy
                && matches!(&**sub, Hir::Class(s) if *s == ByteSet::ALL)
        }
    }
}

/// The bytes with which a match can begin; all if it may begin with a place.
fn first_set(hir: &Hir) -> ByteSet {
    fn walk(hir: &Hir) -> (ByteSet, bool) {
        match hir {
            Hir::Empty | Hir::Look(_) => (ByteSet::EMPTY, true),
            Hir::Literal(bytes) => {
                let first = bytes.iter().take(1).copied();
                (ByteSet::from_bytes(first), bytes.is_empty())
            }
            Hir::Class(set) => (*set, false),
            Hir::Concat(parts) => {
                let mut all = ByteSet::EMPTY;
                for part in parts {
                    let (set, empty) = walk(part);
                    all = all.union(&set);
                    if !empty {
                        return (all, false);
                    }
                }
                (all, true)
            }
            Hir::Alternation(parts) => {
                parts.iter().map(walk).fold(
                    (ByteSet::EMPTY, false),
                    |(all, any), (set, empty)| (all.union(&set), any || empty),
                )
            }
            Hir::Repeat { min, sub, .. } => {
                let (set, empty) = walk(sub);
                (set, empty || *min == 0)
            }
        }
    }
    // Empty matches are not reported, so the place after a possibly empty
    // prefix is a real byte all the same.
    stacker::maybe_grow(1 << 20, 4 << 20, || walk(hir).0)
}

/// Alphabet of RFC 4648, as the default of `base64`.
pub fn standard_alphabet() -> Box<[u8; 64]> {
    Box::new(*STANDARD)
}
