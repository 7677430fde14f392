//! Writes verifier programs.

use dragnet_engine::ruleset::Builder;
use dragnet_engine::ruleset::layout::{StepRec, program_flags};
use dragnet_engine::verify::vm::{look, step};

use super::hir::{ByteSet, Hir, Look};

/// Largest program in steps: 4 MiB of step records.
pub(crate) const MAX_STEPS: usize = 1 << 19;
/// Steps of all programs of a set: 128 MiB.
const MAX_SET_STEPS: usize = 1 << 24;

/// A group that is repeated more often than this can be without leaving the
/// reach of a verification is a loop without bound.
const FAR: u64 = 8192;

/// The program would be larger than [`MAX_STEPS`], or all programs of the set
/// together too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLarge;

/// The direction in which a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Forward,
    Backward,
}

/// Writes a program for `hir` and returns its id.
pub(crate) fn write(
    builder: &mut Builder,
    hir: &Hir,
    wide: bool,
    direction: Direction,
) -> Result<u32, TooLarge> {
    let backward = direction == Direction::Backward;
    let mut writer = Writer {
        builder,
        steps: Vec::new(),
        run: Vec::new(),
        backward,
        too_large: false,
    };
    writer.hir(hir)?;
    writer.flush();
    writer.push(step::MATCH, 0, 0);
    let Writer { steps, too_large, .. } = writer;
    if too_large || builder.steps.len() + steps.len() > MAX_SET_STEPS {
        return Err(TooLarge);
    }
    let mut flags = 0;
    if wide {
        flags |= program_flags::WIDE;
    }
    if backward {
        flags |= program_flags::BACKWARD;
    }
    Ok(builder.program(&steps, flags))
}

/// True if a program for `hir` fits.
pub(crate) fn fits(hir: &Hir) -> bool {
    write(&mut Builder::default(), hir, false, Direction::Forward).is_ok()
}

struct Writer<'b> {
    builder: &'b mut Builder,
    steps: Vec<StepRec>,
    /// Bytes and masks of units not yet written, in reading order.
    run: Vec<(u8, u8)>,
    backward: bool,
    /// An operand did not fit into a step.
    too_large: bool,
}

impl Writer<'_> {
    fn push(&mut self, op: u8, a: u32, b: u32) -> usize {
        self.too_large |= a >= StepRec::OPERANDS;
        self.steps.push(StepRec::new(op, a, b));
        self.steps.len() - 1
    }

    fn here(&self) -> u32 {
        self.steps.len() as u32
    }

    /// Writes the units that were collected as one step.
    fn flush(&mut self) {
        if self.run.is_empty() {
            return;
        }
        let mut run = std::mem::take(&mut self.run);
        if self.backward {
            run.reverse();
        }
        let bytes: Vec<u8> = run.iter().map(|r| r.0).collect();
        let masks: Vec<u8> = run.iter().map(|r| r.1).collect();
        let text = self.builder.pattern_text(&bytes);
        if masks.iter().all(|m| *m == 0xff) {
            self.push(step::BYTES, text, 0);
        } else {
            let mask = self.builder.text(&masks);
            self.push(step::MASKED, text, mask);
        }
    }

    fn hir(&mut self, hir: &Hir) -> Result<(), TooLarge> {
        if self.steps.len() >= MAX_STEPS {
            return Err(TooLarge);
        }
        stacker::maybe_grow(64 << 10, 1 << 20, || self.node(hir))
    }

    fn node(&mut self, hir: &Hir) -> Result<(), TooLarge> {
        match hir {
            Hir::Empty => {}
            Hir::Literal(bytes) => {
                let units = bytes.iter().map(|b| (*b, 0xff));
                if self.backward {
                    self.run.extend(units.rev());
                } else {
                    self.run.extend(units);
                }
            }
            Hir::Class(set) => match as_mask(set) {
                Some(unit) => self.run.push(unit),
                None => {
                    self.flush();
                    let set = self.set(set);
                    self.push(step::SET, set, 0);
                }
            },
            Hir::Look(kind) => {
                self.flush();
                self.push(step::LOOK, look_code(*kind), 0);
            }
            Hir::Concat(parts) => {
                if self.backward {
                    for part in parts.iter().rev() {
                        self.hir(part)?;
                    }
                } else {
                    for part in parts {
                        self.hir(part)?;
                    }
                }
            }
            Hir::Alternation(branches) => self.alternation(branches)?,
            Hir::Repeat { min, max, greedy, sub } => {
                self.flush();
                self.repeat(*min, *max, *greedy, sub)?;
            }
        }
        Ok(())
    }

    fn set(&mut self, set: &ByteSet) -> u32 {
        self.builder.set(set_bits(set))
    }

    fn alternation(&mut self, branches: &[Hir]) -> Result<(), TooLarge> {
        self.flush();
        let mut ends = Vec::new();
        for (at, branch) in branches.iter().enumerate() {
            let last = at + 1 == branches.len();
            let split = (!last).then(|| {
                let here = self.here();
                self.push(step::SPLIT, here + 1, 0)
            });
            self.hir(branch)?;
            self.flush();
            if let Some(split) = split {
                ends.push(self.push(step::JUMP, 0, 0));
                self.steps[split].b = self.here().into();
            }
        }
        let here = self.here();
        for end in ends {
            self.steps[end] = StepRec::new(step::JUMP, here, 0);
        }
        Ok(())
    }

    fn repeat(
        &mut self,
        min: u32,
        max: Option<u32>,
        greedy: bool,
        sub: &Hir,
    ) -> Result<(), TooLarge> {
        let class = match sub {
            Hir::Class(set) => Some(*set),
            Hir::Literal(bytes) if bytes.len() == 1 => {
                Some(ByteSet::from_bytes(bytes.iter().copied()))
            }
            _ => None,
        };
        if let Some(set) = class {
            let set = self.set(&set);
            self.repeat_set(set, min, max, greedy);
            return Ok(());
        }
        let (shortest, _) = sub.length();
        let bound = FAR / shortest.max(1);
        let max = max.filter(|max| u64::from(*max) <= bound.max(1));
        for _ in 0..u64::from(min).min(bound + 1) {
            self.hir(sub)?;
            self.flush();
        }
        match max {
            None => {
                let split = self.split(greedy);
                self.hir(sub)?;
                self.flush();
                self.push(step::JUMP, split as u32, 0);
                self.patch(split, greedy);
            }
            Some(max) => {
                let mut splits = Vec::new();
                for _ in min..max {
                    splits.push(self.split(greedy));
                    self.hir(sub)?;
                    self.flush();
                }
                for split in splits {
                    self.patch(split, greedy);
                }
            }
        }
        Ok(())
    }

    /// A split whose one side goes on here; the other is patched later.
    fn split(&mut self, greedy: bool) -> usize {
        let next = self.here() + 1;
        let (a, b) = if greedy { (next, 0) } else { (0, next) };
        self.push(step::SPLIT, a, b)
    }

    fn repeat_set(
        &mut self,
        set: u32,
        min: u32,
        max: Option<u32>,
        greedy: bool,
    ) {
        let is_near = min.max(max.unwrap_or(0)) <= step::MOST;
        let op = match (is_near, greedy) {
            (true, true) => step::REPEAT,
            (true, false) => step::REPEAT_LAZY,
            (false, true) => step::REPEAT_FAR,
            (false, false) => step::REPEAT_FAR_LAZY,
        };
        let bounds = match is_near {
            true => min | max.unwrap_or(step::MOST + 1) << 16,
            false => {
                let max = u64::from(max.unwrap_or(u32::MAX));
                self.builder.word(u64::from(min) | max << 32)
            }
        };
        self.push(op, set, bounds);
    }

    fn patch(&mut self, split: usize, greedy: bool) {
        let here = self.here();
        let old = self.steps[split];
        let (a, b) =
            if greedy { (old.a(), here) } else { (here, old.b.get()) };
        self.steps[split] = StepRec::new(old.op, a, b);
    }
}

/// The bits of a set as the engine stores them.
pub(crate) fn set_bits(set: &ByteSet) -> [u8; 32] {
    let mut bits = [0; 32];
    for (word, chunk) in set.0.iter().zip(bits.chunks_exact_mut(8)) {
        chunk.copy_from_slice(&word.to_le_bytes());
    }
    bits
}

/// Value and mask, if the set is all bytes that agree in some bits.
pub(crate) fn as_mask(set: &ByteSet) -> Option<(u8, u8)> {
    let count = set.len();
    // Most sets of wildcards hold all bytes.
    if count == 256 || !count.is_power_of_two() {
        return (count == 256).then_some((0, 0));
    }
    let (and, or) =
        set.iter().fold((0xff_u8, 0), |(and, or), b| (and & b, or | b));
    let mask = !(and ^ or);
    let wanted = 1_usize << mask.count_zeros();
    (count == wanted).then_some((and & mask, mask))
}

fn look_code(kind: Look) -> u32 {
    match kind {
        Look::Start => look::START,
        Look::End => look::END,
        Look::LineStart => look::LINE_START,
        Look::LineEnd => look::LINE_END,
        Look::LineStartLf => look::LINE_START_LF,
        Look::LineEndLf => look::LINE_END_LF,
        Look::WordBoundary => look::WORD,
        Look::NotWordBoundary => look::NOT_WORD,
        Look::WordStart => look::WORD_START,
        Look::WordEnd => look::WORD_END,
        Look::WordStartHalf => look::WORD_START_HALF,
        Look::WordEndHalf => look::WORD_END_HALF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nibbles_and_letter_cases_are_masks() {
        let nibble = ByteSet::from_mask(0x40, 0xf0);
        assert_eq!(as_mask(&nibble), Some((0x40, 0xf0)));
        let letter = ByteSet::from_bytes(*b"aA");
        assert_eq!(as_mask(&letter), Some((0x41, 0xdf)));
        assert_eq!(as_mask(&ByteSet::ALL), Some((0, 0)));
        assert_eq!(as_mask(&ByteSet::from_bytes(*b"abc")), None);
        assert_eq!(as_mask(&ByteSet::EMPTY), None);
    }

    #[test]
    fn what_both_peers_accept_fits() {
        // `x((a{1,255}b){1,255}c){1,255}`
        let times = |sub: Hir| Hir::Repeat {
            min: 1,
            max: Some(255),
            greedy: true,
            sub: Box::new(sub),
        };
        let byte = |byte: u8| Hir::Literal(vec![byte]);
        let inner = times(Hir::Concat(vec![times(byte(b'a')), byte(b'b')]));
        let outer = times(Hir::Concat(vec![inner, byte(b'c')]));
        assert!(fits(&Hir::Concat(vec![byte(b'x'), outer])));
    }

    #[test]
    fn a_repetition_is_one_step_whatever_its_bounds() {
        for max in [Some(0), Some(65_534), Some(65_535), Some(u32::MAX), None]
        {
            for greedy in [false, true] {
                let hir = Hir::Repeat {
                    min: 0,
                    max,
                    greedy,
                    sub: Box::new(Hir::Class(ByteSet::from_bytes(*b"abc"))),
                };
                let mut builder = Builder::default();
                write(&mut builder, &hir, false, Direction::Forward)
                    .expect("it is small");
                assert_eq!(builder.steps.len(), 2, "{max:?}");
            }
        }
    }

    #[test]
    fn a_set_has_room_for_so_many_steps_only() {
        let mut builder = Builder::default();
        builder.steps.resize(MAX_SET_STEPS - 1, StepRec::default());
        let hir = Hir::Literal(b"ab".to_vec());
        let new = write(&mut builder, &hir, false, Direction::Forward);
        assert_eq!(new, Err(TooLarge));
        assert_eq!(builder.steps.len(), MAX_SET_STEPS - 1);
    }

    #[test]
    fn nested_repetitions_are_refused_when_they_are_too_large() {
        let mut hir = Hir::Literal(b"ab".to_vec());
        for _ in 0..3 {
            hir = Hir::Repeat {
                min: 1,
                max: Some(1000),
                greedy: true,
                sub: Box::new(hir),
            };
        }
        assert!(!fits(&hir));
    }
}
