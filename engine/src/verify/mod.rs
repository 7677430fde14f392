//! Decides whether a hit of the prefilter is a match, and of what length.

mod base64;
mod literal;
pub mod vm;

pub use base64::{STANDARD, fixed_part};

use regex_automata::dfa::Automaton as _;
use regex_automata::{Anchored, Input};

use crate::ruleset::layout::{AtomRec, NONE, SubRec, sub_flags, sub_kind};
use crate::ruleset::{Dfa, Dfas, RuleSet, Tables};
use vm::{Machine, OutOfFuel, Window};

/// A verified occurrence of a form of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) xor_key: Option<u8>,
    /// The verifier stopped at its reach, not at the end of the match.
    pub(crate) truncated: bool,
}

/// The automaton needs to give up: another machine must answer.
struct GaveUp;

/// Runs an automaton from `start`: how many bytes it read, whether or not it
/// found anything, and the end of the preferred match.
fn automaton(
    dfa: &Dfa,
    data: &[u8],
    start: usize,
    limit: usize,
) -> (usize, Result<Option<usize>, GaveUp>) {
    let input = Input::new(data).span(start..limit).anchored(Anchored::Yes);
    let Ok(mut state) = dfa.start_state_forward(&input) else {
        return (0, Err(GaveUp));
    };
    let mut end = None;
    for (at, byte) in data[start..limit].iter().enumerate() {
        state = dfa.next_state(state, *byte);
        if dfa.is_special_state(state) {
            // A match is seen one byte behind its end.
            if dfa.is_match_state(state) {
                end = Some(start + at);
            } else if dfa.is_dead_state(state) {
                return (at + 1, Ok(end));
            } else if dfa.is_quit_state(state) {
                return (at + 1, Err(GaveUp));
            }
        }
    }
    state = match data.get(limit) {
        Some(byte) => dfa.next_state(state, *byte),
        None => dfa.next_eoi_state(state),
    };
    if dfa.is_match_state(state) {
        end = Some(limit);
    } else if dfa.is_quit_state(state) {
        return (limit - start, Err(GaveUp));
    }
    (limit - start, Ok(end))
}

/// How far the verification of a form may look whose literal lies at `hit`.
fn limit(sub: &SubRec, hit: usize, data: &[u8]) -> usize {
    let reach = sub.reach.get() as usize;
    (hit + reach).saturating_sub(1).min(data.len())
}

/// What all verifications of one object share.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) tables: &'a Tables<'a>,
    pub(crate) dfas: &'a Dfas,
    pub(crate) data: &'a [u8],
}

/// Ends of a piece of a chain that are no further apart need not all be
/// known: less than the jumps vary by which patterns are cut.
const CLOSE: usize = 200;

/// Scratch memory for verifications.
#[derive(Debug, Default)]
pub(crate) struct Verifier {
    machine: Machine,
    starts: Vec<usize>,
    ends: Vec<usize>,
}

impl Verifier {
    /// Verifies an atom whose literal lies at `hit`.
    pub(crate) fn atom(
        &mut self,
        cx: &Context<'_>,
        atom: &AtomRec,
        hit: usize,
        fuel: &mut u64,
        on_found: &mut dyn FnMut(Found),
    ) -> Result<(), OutOfFuel> {
        let Some(place) = hit.checked_sub(atom.back.get() as usize) else {
            return Ok(());
        };
        let sub = &cx.tables.subs[atom.sub.get() as usize];
        if atom.backward.get() == NONE {
            return self.at(cx, sub, place, hit, fuel, on_found);
        }
        let reach = sub.reach.get() as usize;
        let window = Window {
            data: cx.data,
            at: place,
            limit: (place + 1).saturating_sub(reach),
        };
        let mut starts = std::mem::take(&mut self.starts);
        let program = atom.backward.get();
        let mut result =
            self.machine.starts(cx.tables, program, window, fuel, &mut starts);
        for start in &starts {
            if result.is_ok() {
                result = self.at(cx, sub, *start, hit, fuel, on_found);
            }
        }
        self.starts = starts;
        result
    }

    /// Verifies a form at exactly `start`; `hit` is where its literal lies,
    /// from which the reach counts.
    pub(crate) fn at(
        &mut self,
        cx: &Context<'_>,
        sub: &SubRec,
        start: usize,
        hit: usize,
        fuel: &mut u64,
        on_found: &mut dyn FnMut(Found),
    ) -> Result<(), OutOfFuel> {
        let (t, data) = (cx.tables, cx.data);
        let flags = sub.flags.get();
        let wide = flags & sub_flags::WIDE != 0;
        let text = t.veiled(sub.text.get());
        let starts_word = |key| {
            flags & sub_flags::WORD_START == 0
                || literal::starts_word(data, start, wide, key)
        };
        let ends_word = |end, key| {
            flags & sub_flags::WORD_END == 0
                || literal::ends_word(data, end, wide, key)
        };
        let mut xor_key = None;
        let mut truncated = false;
        *fuel = fuel.checked_sub(1).ok_or(OutOfFuel)?;
        let chained = flags & sub_flags::CHAINED != 0;
        if chained
            && flags & sub_flags::TAIL == 0
            && sub.kind == sub_kind::REGEX
        {
            return self.piece(cx, sub, start, hit, fuel, on_found);
        }
        let range = match sub.kind {
            sub_kind::LITERAL => {
                let nocase = flags & sub_flags::NOCASE != 0;
                literal::matches(data, start, text, nocase)
                    .then(|| start..start + text.len())
            }
            sub_kind::MASKED => {
                let mask = t.text(sub.extra.get());
                literal::matches_masked(data, start, text, mask)
                    .then(|| start..start + text.len())
            }
            sub_kind::XOR => {
                xor_key = literal::xor_key(data, start, text, sub.lo..=sub.hi);
                xor_key.map(|_| start..start + text.len())
            }
            sub_kind::BASE64 => {
                let pad = usize::from(sub.lo);
                let alphabet = t.text(sub.extra.get());
                base64::verify(data, start, text, pad, alphabet, wide)
            }
            _ => {
                let limit = limit(sub, hit, data);
                if !starts_word(0) {
                    return Ok(());
                }
                let is_wanted = |end| end > start && ends_word(end, 0);
                let end =
                    self.regex(cx, sub, start, limit, fuel, &is_wanted)?;
                truncated = end == Some(limit) && limit < data.len();
                end.map(|end| start..end)
            }
        };
        let Some(range) = range else { return Ok(()) };
        let key = xor_key.unwrap_or(0);
        if !starts_word(key) || !ends_word(range.end, key) {
            return Ok(());
        }
        on_found(Found {
            start: range.start,
            end: range.end,
            xor_key,
            truncated,
        });
        Ok(())
    }

    /// Verifies a piece of a chain that others follow. Where it may end in
    /// several ways, the next piece decides which one counts, so all are
    /// reported.
    fn piece(
        &mut self,
        cx: &Context<'_>,
        sub: &SubRec,
        start: usize,
        hit: usize,
        fuel: &mut u64,
        on_found: &mut dyn FnMut(Found),
    ) -> Result<(), OutOfFuel> {
        let flags = sub.flags.get();
        let wide = flags & sub_flags::WIDE != 0;
        let data = cx.data;
        let limit = limit(sub, hit, data);
        let word = flags & sub_flags::WORD_START == 0
            || literal::starts_word(data, start, wide, 0);
        if start > limit || !word {
            return Ok(());
        }
        let window = Window { data, at: start, limit };
        let mut ends = std::mem::take(&mut self.ends);
        let program = sub.program.get();
        let result =
            self.machine.starts(cx.tables, program, window, fuel, &mut ends);
        let mut last = start;
        for (at, end) in ends.iter().copied().enumerate() {
            // Jumps between pieces vary by more than this, so that one end
            // serves for those close by.
            let next = ends.get(at + 1);
            let close = next.is_some_and(|next| next - last <= CLOSE);
            if end > start && (last == start || !close) {
                let (xor_key, truncated) = (None, false);
                on_found(Found { start, end, xor_key, truncated });
                last = end;
            }
        }
        self.ends = ends;
        result
    }

    /// The end of the preferred match among those whose end is wanted: of
    /// `(fo|foo)` as a full word, the one of the two that ends there.
    fn regex(
        &mut self,
        cx: &Context<'_>,
        sub: &SubRec,
        start: usize,
        limit: usize,
        fuel: &mut u64,
        is_wanted: &dyn Fn(usize) -> bool,
    ) -> Result<Option<usize>, OutOfFuel> {
        if start > limit {
            return Ok(None);
        }
        if let Some(dfa) = cx.dfas.get(cx.tables, sub.dfa.get()) {
            let (read, end) = automaton(dfa, cx.data, start, limit);
            *fuel = fuel.saturating_sub(read as u64 / 8);
            // An automaton knows the preferred end alone.
            if let Ok(end) = end
                && end.is_none_or(is_wanted)
            {
                return Ok(end);
            }
        }
        let window = Window { data: cx.data, at: start, limit };
        let program = sub.program.get();
        self.machine.end(cx.tables, program, window, fuel, is_wanted)
    }

    /// Searches for a regular expression operand anywhere in `text`. A
    /// search that runs out of fuel counts as no match.
    pub(crate) fn operand(
        &mut self,
        rules: &RuleSet,
        operand: u32,
        text: &[u8],
        fuel: &mut u64,
    ) -> Result<bool, OutOfFuel> {
        let tables = rules.tables();
        let Some(record) = tables.operands.get(operand as usize) else {
            return Ok(false);
        };
        if let Some(dfa) = rules.dfas().get(&tables, record.dfa.get()) {
            let input = Input::new(text).earliest(true);
            if let Ok(end) = dfa.try_search_fwd(&input) {
                *fuel = fuel.saturating_sub(text.len() as u64 / 8);
                return Ok(end.is_some());
            }
        }
        for at in 0..=text.len() {
            let window = Window { data: text, at, limit: text.len() };
            let program = record.program.get();
            if self.machine.is_match(&tables, program, window, fuel)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
