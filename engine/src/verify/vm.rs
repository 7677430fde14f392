//! Runs verifier programs: a backtracking matcher that never visits a state
//! twice, so its work is bounded by program size times window.
//!
//! Preference is that of backtracking engines: the first alternative that
//! leads to a match wins. A program runs forward from a place to find where
//! a match ends, or backward to find all places where one can start.

use crate::ruleset::layout::{SetRec, StepRec, program_flags};
use crate::ruleset::{Tables, Veiled};

/// Opcodes of [`StepRec`].
pub mod step {
    /// The end: a match.
    pub const MATCH: u8 = 0;
    /// Text `a`.
    pub const BYTES: u8 = 1;
    /// Text `a` under the mask in text `b`, of the same length.
    pub const MASKED: u8 = 2;
    /// One byte of set `a`.
    pub const SET: u8 = 3;
    /// Bytes of set `a`, as many as there are. `b` is the smallest and the
    /// largest number, 16 bits each; the largest number there is means that
    /// there is no bound.
    pub const REPEAT: u8 = 4;
    /// Step `a`, then step `b`.
    pub const SPLIT: u8 = 5;
    /// Step `a`.
    pub const JUMP: u8 = 6;
    /// The place fulfils condition `a`, a [`super::look`].
    pub const LOOK: u8 = 7;
    /// As [`REPEAT`], but as few as possible.
    pub const REPEAT_LAZY: u8 = 8;
    /// As [`REPEAT`], with bounds that have 32 bits each in word `b`.
    pub const REPEAT_FAR: u8 = 9;
    /// As [`REPEAT_FAR`], but as few as possible.
    pub const REPEAT_FAR_LAZY: u8 = 10;

    /// The largest bound of a [`REPEAT`].
    pub const MOST: u32 = 0xfffe;

    /// Is this a repetition?
    pub(super) fn repeats(op: u8) -> bool {
        matches!(op, REPEAT | REPEAT_LAZY..=REPEAT_FAR_LAZY)
    }
}

/// Conditions on a place between two bytes.
pub mod look {
    /// Start of the data.
    pub const START: u32 = 0;
    /// End of the data.
    pub const END: u32 = 1;
    /// Start of a line; LF, CR and CR LF end a line.
    pub const LINE_START: u32 = 2;
    /// End of a line.
    pub const LINE_END: u32 = 3;
    /// Start of a line; only LF ends a line.
    pub const LINE_START_LF: u32 = 4;
    /// End of a line; only LF ends a line.
    pub const LINE_END_LF: u32 = 5;
    /// One neighbour is a word byte, the other is not.
    pub const WORD: u32 = 6;
    /// The opposite.
    pub const NOT_WORD: u32 = 7;
    /// Start of a word.
    pub const WORD_START: u32 = 8;
    /// End of a word.
    pub const WORD_END: u32 = 9;
    /// No word byte before.
    pub const WORD_START_HALF: u32 = 10;
    /// No word byte after.
    pub const WORD_END_HALF: u32 = 11;
    /// One past the last.
    pub const COUNT: u32 = 12;
}

/// Steps after which a run begins anew and remembers visited states. Most
/// verifications end earlier.
const FREE_STEPS: u32 = 48;

/// The budget of a scan is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfFuel;

/// Scratch memory of the matcher, reused between runs.
#[derive(Debug, Default)]
pub struct Machine {
    stack: Vec<Frame>,
    seen: Seen,
}

#[derive(Clone, Copy, Debug)]
enum Frame {
    /// Go on at a step.
    Try { pc: u32, pos: usize },
    /// Give back one unit after the other, down to `stop`.
    Greedy { pc: u32, pos: usize, stop: usize },
    /// Take one unit more, `left` times.
    Lazy { pc: u32, pos: usize, left: u32 },
}

/// Where a program runs.
#[derive(Clone, Copy, Debug)]
pub struct Window<'h> {
    /// All bytes of the object: look-around sees them.
    pub data: &'h [u8],
    /// Where to begin.
    pub at: usize,
    /// How far the run may go: the largest end forward, the smallest start
    /// backward.
    pub limit: usize,
}

impl Machine {
    /// Runs a forward program and returns the end of the preferred match
    /// among those whose end is wanted.
    ///
    /// # Errors
    ///
    /// [`OutOfFuel`] when `fuel` reaches zero; one unit is a step.
    pub fn end(
        &mut self,
        tables: &Tables<'_>,
        program: u32,
        window: Window<'_>,
        fuel: &mut u64,
        is_wanted: &dyn Fn(usize) -> bool,
    ) -> Result<Option<usize>, OutOfFuel> {
        let mut found = None;
        self.run(tables, program, window, fuel, &mut |end| {
            found = is_wanted(end).then_some(end);
            found.is_none()
        })?;
        Ok(found)
    }

    /// True if a forward program matches from here, be it nothing.
    ///
    /// # Errors
    ///
    /// [`OutOfFuel`] when `fuel` reaches zero.
    pub fn is_match(
        &mut self,
        tables: &Tables<'_>,
        program: u32,
        window: Window<'_>,
        fuel: &mut u64,
    ) -> Result<bool, OutOfFuel> {
        let end = self.end(tables, program, window, fuel, &|_| true)?;
        Ok(end.is_some())
    }

    /// Runs a backward program and reports every start, each once, in no
    /// particular order.
    ///
    /// # Errors
    ///
    /// [`OutOfFuel`] when `fuel` reaches zero.
    pub fn starts(
        &mut self,
        tables: &Tables<'_>,
        program: u32,
        window: Window<'_>,
        fuel: &mut u64,
        starts: &mut Vec<usize>,
    ) -> Result<(), OutOfFuel> {
        starts.clear();
        let result = self.run(tables, program, window, fuel, &mut |at| {
            starts.push(at);
            true
        });
        starts.sort_unstable();
        starts.dedup();
        result
    }

    fn run(
        &mut self,
        tables: &Tables<'_>,
        program: u32,
        window: Window<'_>,
        fuel: &mut u64,
        on_match: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(), OutOfFuel> {
        let Some((steps, flags)) = tables.program(program) else {
            return Ok(());
        };
        let wide = flags & program_flags::WIDE != 0;
        let backward = flags & program_flags::BACKWARD != 0;
        let run = Run { tables, steps, window };
        match (wide, backward) {
            (false, false) => run.go::<false, false>(self, fuel, on_match),
            (false, true) => run.go::<false, true>(self, fuel, on_match),
            (true, false) => run.go::<true, false>(self, fuel, on_match),
            (true, true) => run.go::<true, true>(self, fuel, on_match),
        }
    }
}

struct Run<'a> {
    tables: &'a Tables<'a>,
    steps: &'a [StepRec],
    window: Window<'a>,
}

impl Run<'_> {
    fn go<const WIDE: bool, const BACK: bool>(
        &self,
        machine: &mut Machine,
        fuel: &mut u64,
        on_match: &mut dyn FnMut(usize) -> bool,
    ) -> Result<(), OutOfFuel> {
        let Machine { stack, seen } = machine;
        // States are remembered from the first step or not at all: a run
        // that learns in the middle which states it has seen would give up
        // preferred ways that are still open.
        let mut remember = false;
        let mut count = 0_u32;
        let mut pc = 0_u32;
        let mut pos = self.window.at;
        stack.clear();
        loop {
            *fuel = fuel.checked_sub(1).ok_or(OutOfFuel)?;
            count += u32::from(!remember);
            if !remember && count > FREE_STEPS {
                remember = true;
                seen.clear();
                stack.clear();
                (pc, pos) = (0, self.window.at);
            }
            let next = self.steps.get(pc as usize).and_then(|s| {
                if remember
                    && (s.op == step::SPLIT || step::repeats(s.op))
                    && !seen.insert(pc, pos)
                {
                    return None;
                }
                self.step::<WIDE, BACK>(s, pc, pos, stack, fuel)
            });
            if let Some((to, at)) = next {
                if to != u32::MAX {
                    (pc, pos) = (to, at);
                    continue;
                }
                if !on_match(at) {
                    return Ok(());
                }
            }
            match self.resume::<WIDE, BACK>(stack) {
                Some((to, at)) => (pc, pos) = (to, at),
                None => return Ok(()),
            }
        }
    }

    /// Executes one step. `u32::MAX` as next step is a match.
    #[inline]
    fn step<const WIDE: bool, const BACK: bool>(
        &self,
        s: &StepRec,
        pc: u32,
        pos: usize,
        stack: &mut Vec<Frame>,
        fuel: &mut u64,
    ) -> Option<(u32, usize)> {
        let (a, b) = (s.a(), s.b.get());
        match s.op {
            step::MATCH => Some((u32::MAX, pos)),
            step::BYTES => {
                let text = self.tables.veiled(a);
                self.bytes::<WIDE, BACK>(text, &[], pos)
                    .map(|pos| (pc + 1, pos))
            }
            step::MASKED => {
                let text = self.tables.veiled(a);
                let mask = self.tables.text(b);
                self.bytes::<WIDE, BACK>(text, mask, pos)
                    .map(|pos| (pc + 1, pos))
            }
            step::SET => {
                let set = self.tables.sets.get(a as usize)?;
                let (byte, pos) = self.unit::<WIDE, BACK>(pos)?;
                contains(set, byte).then_some((pc + 1, pos))
            }
            op if step::repeats(op) => {
                let set = self.tables.sets.get(a as usize)?;
                let (min, max) = bounds(self.tables, s);
                let greedy = matches!(op, step::REPEAT | step::REPEAT_FAR);
                let mut at = pos;
                let mut taken = 0;
                let want = if greedy { max } else { min };
                let mut stop = pos;
                while taken < want {
                    if taken == min {
                        stop = at;
                    }
                    match self.unit::<WIDE, BACK>(at) {
                        Some((byte, next)) if contains(set, byte) => {
                            at = next;
                            taken += 1;
                        }
                        _ => break,
                    }
                }
                *fuel = fuel.saturating_sub(u64::from(taken) / 8);
                if taken < min {
                    return None;
                }
                if taken == min {
                    stop = at;
                }
                if greedy {
                    if at != stop {
                        let pos = self.back::<WIDE, BACK>(at);
                        stack.push(Frame::Greedy { pc: pc + 1, pos, stop });
                    }
                } else if max > min {
                    stack.push(Frame::Lazy { pc, pos: at, left: max - min });
                }
                Some((pc + 1, at))
            }
            step::SPLIT => {
                stack.push(Frame::Try { pc: b, pos });
                Some((a, pos))
            }
            step::JUMP => Some((a, pos)),
            step::LOOK => self.look::<WIDE>(a, pos).then_some((pc + 1, pos)),
            _ => None,
        }
    }

    /// Takes the next alternative from the stack.
    #[inline]
    fn resume<const WIDE: bool, const BACK: bool>(
        &self,
        stack: &mut Vec<Frame>,
    ) -> Option<(u32, usize)> {
        loop {
            match stack.pop()? {
                Frame::Try { pc, pos } => return Some((pc, pos)),
                Frame::Greedy { pc, mut pos, stop } => {
                    let next = self.first::<BACK>(pc);
                    while pos != stop && !self.begins::<WIDE, BACK>(next, pos)
                    {
                        pos = self.back::<WIDE, BACK>(pos);
                    }
                    if pos != stop {
                        let pos = self.back::<WIDE, BACK>(pos);
                        stack.push(Frame::Greedy { pc, pos, stop });
                    }
                    return Some((pc, pos));
                }
                Frame::Lazy { pc, mut pos, mut left } => {
                    let Some(set) = self
                        .steps
                        .get(pc as usize)
                        .and_then(|s| self.tables.sets.get(s.a() as usize))
                    else {
                        continue;
                    };
                    let next = self.first::<BACK>(pc + 1);
                    let mut found = false;
                    while left > 0 {
                        match self.unit::<WIDE, BACK>(pos) {
                            Some((byte, to)) if contains(set, byte) => {
                                pos = to;
                            }
                            _ => break,
                        }
                        if left != u32::MAX {
                            left -= 1;
                        }
                        if self.begins::<WIDE, BACK>(next, pos) {
                            found = true;
                            break;
                        }
                    }
                    if found {
                        if left > 0 {
                            stack.push(Frame::Lazy { pc, pos, left });
                        }
                        return Some((pc + 1, pos));
                    }
                }
            }
        }
    }

    /// The unit with which a step must begin: value and mask.
    #[inline]
    fn first<const BACK: bool>(&self, pc: u32) -> (u8, u8) {
        let any = (0, 0);
        let Some(s) = self.steps.get(pc as usize) else { return any };
        let byte = || {
            let text = self.tables.veiled(s.a());
            if BACK { text.last() } else { text.first() }
        };
        match s.op {
            step::BYTES => byte().map_or(any, |b| (b, 0xff)),
            step::MASKED => {
                let mask = self.tables.text(s.b.get());
                let mask = if BACK { mask.last() } else { mask.first() };
                byte().zip(mask.copied()).unwrap_or(any)
            }
            _ => any,
        }
    }

    /// Can a step that begins with this unit match here?
    #[inline(always)]
    fn begins<const WIDE: bool, const BACK: bool>(
        &self,
        (value, mask): (u8, u8),
        pos: usize,
    ) -> bool {
        mask == 0
            || self
                .unit::<WIDE, BACK>(pos)
                .is_some_and(|(byte, _)| byte & mask == value)
    }

    /// The next unit in running direction and the place behind it.
    #[inline(always)]
    fn unit<const WIDE: bool, const BACK: bool>(
        &self,
        pos: usize,
    ) -> Option<(u8, usize)> {
        let Window { data, limit, .. } = self.window;
        let size = if WIDE { 2 } else { 1 };
        let (lo, next) = if BACK {
            let lo = pos.checked_sub(size).filter(|lo| *lo >= limit)?;
            (lo, lo)
        } else {
            let end = pos + size;
            if end > limit {
                return None;
            }
            (pos, end)
        };
        if WIDE && *data.get(lo + 1)? != 0 {
            return None;
        }
        Some((*data.get(lo)?, next))
    }

    /// The place one unit back against the running direction.
    #[inline(always)]
    fn back<const WIDE: bool, const BACK: bool>(&self, pos: usize) -> usize {
        let size = if WIDE { 2 } else { 1 };
        if BACK { pos + size } else { pos - size }
    }

    /// A run of bytes, under a mask if it is not empty. Texts are stored in
    /// reading order for both directions.
    #[inline]
    fn bytes<const WIDE: bool, const BACK: bool>(
        &self,
        text: Veiled<'_>,
        mask: &[u8],
        pos: usize,
    ) -> Option<usize> {
        let Window { data, limit, .. } = self.window;
        let size = text.len() * if WIDE { 2 } else { 1 };
        let (lo, next) = if BACK {
            let lo = pos.checked_sub(size).filter(|lo| *lo >= limit)?;
            (lo, lo)
        } else {
            let end = pos.checked_add(size).filter(|end| *end <= limit)?;
            (pos, end)
        };
        let found = data.get(lo..lo + size)?;
        let same = if WIDE {
            let pairs = found.chunks_exact(2).zip(text.bytes()).enumerate();
            pairs.into_iter().all(|(at, (pair, byte))| {
                let mask = mask.get(at).copied().unwrap_or(0xff);
                pair[0] & mask == byte && pair[1] == 0
            })
        } else if mask.is_empty() {
            text.is(found)
        } else {
            let pairs = found.iter().zip(text.bytes());
            pairs.zip(mask).all(|((f, t), m)| f & m == t)
        };
        same.then_some(next)
    }

    fn look<const WIDE: bool>(&self, kind: u32, pos: usize) -> bool {
        let data = self.window.data;
        let (before, after) = if WIDE {
            let whole = pos + 2 <= data.len();
            (
                pos.checked_sub(2).and_then(|at| data.get(at)),
                if whole { data.get(pos) } else { None },
            )
        } else {
            (pos.checked_sub(1).and_then(|at| data.get(at)), data.get(pos))
        };
        holds(kind, before.copied(), after.copied())
    }
}

fn holds(kind: u32, before: Option<u8>, after: Option<u8>) -> bool {
    let word = |b: Option<u8>| {
        b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    match kind {
        look::START => before.is_none(),
        look::END => after.is_none(),
        look::LINE_START => match before {
            None | Some(b'\n') => true,
            Some(b'\r') => after != Some(b'\n'),
            _ => false,
        },
        look::LINE_END => match after {
            None | Some(b'\r') => true,
            Some(b'\n') => before != Some(b'\r'),
            _ => false,
        },
        look::LINE_START_LF => matches!(before, None | Some(b'\n')),
        look::LINE_END_LF => matches!(after, None | Some(b'\n')),
        look::WORD => word(before) != word(after),
        look::NOT_WORD => word(before) == word(after),
        look::WORD_START => !word(before) && word(after),
        look::WORD_END => word(before) && !word(after),
        look::WORD_START_HALF => !word(before),
        look::WORD_END_HALF => !word(after),
        _ => false,
    }
}

#[inline(always)]
fn contains(set: &SetRec, byte: u8) -> bool {
    set.bits[(byte >> 3) as usize] & (1 << (byte & 7)) != 0
}

/// The bounds of a repetition; [`u32::MAX`]: none.
fn bounds(tables: &Tables<'_>, s: &StepRec) -> (u32, u32) {
    let far = matches!(s.op, step::REPEAT_FAR | step::REPEAT_FAR_LAZY);
    if far {
        let word = tables.word(s.b.get());
        return (word as u32, (word >> 32) as u32);
    }
    let (min, max) = (s.b.get() & 0xffff, s.b.get() >> 16);
    (min, if max > step::MOST { u32::MAX } else { max })
}

/// True if every link of a program is valid.
pub(crate) fn validate(t: &Tables<'_>, id: u32) -> bool {
    let Some((steps, _)) = t.program(id) else { return false };
    steps.iter().all(|s| {
        let (a, b) = (s.a() as usize, s.b.get() as usize);
        match s.op {
            step::MATCH => true,
            step::BYTES => a < t.texts.len(),
            step::MASKED => {
                a < t.texts.len()
                    && b < t.texts.len()
                    && t.text(a as u32).len() == t.text(b as u32).len()
            }
            step::SET => a < t.sets.len(),
            op if step::repeats(op) => {
                let is_near = matches!(op, step::REPEAT | step::REPEAT_LAZY);
                let (min, max) = bounds(t, s);
                a < t.sets.len()
                    && (is_near || b < t.words.len())
                    && min <= max
            }
            step::SPLIT => a < steps.len() && b < steps.len(),
            step::JUMP => a < steps.len(),
            step::LOOK => s.a() < look::COUNT,
            _ => false,
        }
    })
}

/// The states a run has visited: an open-addressed table whose entries are
/// forgotten by raising a stamp.
#[derive(Debug, Default)]
struct Seen {
    slots: Vec<(u32, u32, usize)>,
    stamp: u32,
    used: usize,
}

impl Seen {
    fn clear(&mut self) {
        self.used = 0;
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.slots.fill((0, 0, 0));
            self.stamp = 1;
        }
    }

    /// Remembers a state; false if it was there.
    fn insert(&mut self, pc: u32, pos: usize) -> bool {
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = hash(pc, pos) & mask;
        loop {
            let slot = &mut self.slots[at];
            if slot.0 != self.stamp {
                *slot = (self.stamp, pc, pos);
                self.used += 1;
                return true;
            }
            if slot.1 == pc && slot.2 == pos {
                return false;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(256);
        let old = std::mem::replace(&mut self.slots, vec![(0, 0, 0); size]);
        let stamp = self.stamp;
        self.used = 0;
        for (_, pc, pos) in old.into_iter().filter(|s| s.0 == stamp) {
            self.insert(pc, pos);
        }
    }
}

fn hash(pc: u32, pos: usize) -> usize {
    let key = (u64::from(pc) << 40) ^ pos as u64;
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize
}
