//! What a condition can see and use: the world around the code.

use zerocopy::little_endian::{U16, U32};

use crate::module::Fields;
use crate::module::data::Data;
use crate::scan::{MatchTable, Regions};

/// The constants that the conditions of a rule set refer to by number. A
/// number that is out of range gives an empty value; [`super::verify`] finds
/// it before the code runs.
pub trait Pools {
    /// A number: the bits of an int, a uint or a float.
    fn word(&self, id: u32) -> u64;
    /// A text.
    fn text(&self, id: u32) -> &[u8];
    /// A list of patterns of a rule, words or texts.
    fn list(&self, id: u32) -> &[U32];
    /// A field or function of a module.
    fn field(&self, id: u32) -> FieldRef<'_>;
}

/// A member of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRef<'p> {
    /// The module, as [`Modules`] counts them.
    pub module: u32,
    /// Member indexes from the root of the module's schema; at most
    /// [`super::MAX_PATH`].
    pub path: &'p [U16],
}

/// Modules opened for the object, each when it is first asked for.
pub trait Modules<'d> {
    /// The module, or `None` if there is none with this number.
    fn module(&self, module: u32) -> Option<&dyn Fields<'d>>;
}

/// The regular expression operands of a rule set.
pub trait Regexes {
    /// Does the expression match somewhere in `text`?
    fn is_match(&self, id: u32, text: &[u8]) -> bool;
}

/// The value of an external variable.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum ExternalValue {
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Text(Vec<u8>),
    /// A structure or an array; conditions read it as they read modules.
    Data(Data),
}

impl ExternalValue {
    /// The value as a number register holds it.
    pub(super) fn bits(&self) -> u64 {
        match self {
            ExternalValue::Bool(value) => u64::from(*value),
            ExternalValue::Int(value) => *value as u64,
            ExternalValue::UInt(value) => *value,
            ExternalValue::Float(value) => value.to_bits(),
            ExternalValue::Text(_) | ExternalValue::Data(_) => 0,
        }
    }

    /// The bytes of a text.
    pub(super) fn text(&self) -> &[u8] {
        match self {
            ExternalValue::Text(text) => text,
            _ => &[],
        }
    }
}

/// Why the evaluation of a condition ended without a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The budget is used up.
    Fuel,
    /// The time is used up.
    Deadline,
    /// The code is not what the verifier accepts.
    Invalid,
}

/// How much work is left. One unit is about one byte looked at or one turn
/// of a loop.
pub struct Budget<'b> {
    left: u64,
    until_check: u64,
    expired: Option<&'b dyn Fn() -> bool>,
    stopped: Option<Stop>,
}

/// Units between two looks at the clock.
const CHECK_EVERY: u64 = 1 << 16;

impl<'b> Budget<'b> {
    /// A budget of so many units. `expired` is asked now and then and ends
    /// the work when it says true.
    pub fn new(
        units: u64,
        expired: Option<&'b dyn Fn() -> bool>,
    ) -> Budget<'b> {
        Budget {
            left: units,
            until_check: CHECK_EVERY,
            expired,
            stopped: None,
        }
    }

    /// Takes units.
    #[inline]
    pub fn charge(&mut self, units: u64) -> Result<(), Stop> {
        match self.left.checked_sub(units) {
            Some(left) => self.left = left,
            None => return self.stop(Stop::Fuel),
        }
        match self.until_check.checked_sub(units) {
            Some(left) => {
                self.until_check = left;
                Ok(())
            }
            None => self.look_at_clock(),
        }
    }

    /// Units that are left.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Why it is at its end, if it is.
    pub fn stopped(&self) -> Option<Stop> {
        self.stopped
    }

    #[cold]
    fn look_at_clock(&mut self) -> Result<(), Stop> {
        self.until_check = CHECK_EVERY;
        match self.expired {
            Some(expired) if expired() => self.stop(Stop::Deadline),
            _ => Ok(()),
        }
    }

    #[cold]
    fn stop(&mut self, why: Stop) -> Result<(), Stop> {
        self.left = 0;
        self.stopped = Some(why);
        Err(why)
    }
}

/// Everything that the conditions of a set read during one scan.
pub struct Env<'e, 'd, P: ?Sized> {
    /// The object's bytes.
    pub data: &'d [u8],
    /// Memory in which offsets are addresses, in place of the bytes.
    pub space: Option<&'e dyn Regions>,
    /// What `filesize` is; `None` where it is undefined.
    pub filesize: Option<u64>,
    /// The matches found.
    pub matches: &'e MatchTable,
    /// Values of the external variables.
    pub externals: &'e [ExternalValue],
    /// Constants of the rule set.
    pub pools: &'e P,
    /// Modules.
    pub modules: &'e dyn Modules<'d>,
    /// Regular expressions.
    pub regexes: &'e dyn Regexes,
    /// Takes the lines of `console.log`.
    pub console: &'e mut dyn FnMut(String),
    /// What may be spent.
    pub budget: Budget<'e>,
    /// Entry point of the object, once a condition has asked for it. Start
    /// with `None`.
    pub entrypoint: Option<Option<i64>>,
}

/// A set of small numbers: the rules that matched so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitSet {
    words: Vec<u64>,
}

impl BitSet {
    /// An empty set for the numbers below `size`.
    pub fn new(size: usize) -> BitSet {
        BitSet { words: vec![0; size.div_ceil(64)] }
    }

    /// Is it in the set?
    #[inline]
    pub fn contains(&self, number: u32) -> bool {
        let word = self.words.get(number as usize / 64);
        word.is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds a number; one that is not below the size is left out.
    #[inline]
    pub fn insert(&mut self, number: u32) {
        if let Some(word) = self.words.get_mut(number as usize / 64) {
            *word |= 1 << (number % 64);
        }
    }

    /// Takes a number out.
    #[inline]
    pub fn remove(&mut self, number: u32) {
        if let Some(word) = self.words.get_mut(number as usize / 64) {
            *word &= !(1 << (number % 64));
        }
    }

    /// Takes over the numbers of another set of the same size.
    pub fn copy_from(&mut self, other: &BitSet) {
        self.words.clone_from(&other.words);
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Adds the numbers of another set of the same size.
    pub fn union(&mut self, other: &BitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word |= other;
        }
    }

    /// Takes the numbers of another set of the same size out.
    pub fn subtract(&mut self, other: &BitSet) {
        for (word, other) in self.words.iter_mut().zip(&other.words) {
            *word &= !other;
        }
    }

    /// The smallest number that is at least `from`.
    #[inline]
    pub fn next(&self, from: u32) -> Option<u32> {
        let mut at = from as usize / 64;
        let mut word = self.words.get(at)? & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            word = *self.words.get(at)?;
        }
        Some(at as u32 * 64 + word.trailing_zeros())
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        std::iter::successors(self.next(0), |last| self.next(last + 1))
    }

    /// Takes out all numbers; keeps the memory.
    pub fn clear(&mut self) {
        self.words.fill(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_ends_once_and_stays_ended() {
        let mut budget = Budget::new(10, None);
        assert_eq!(budget.charge(10), Ok(()));
        assert_eq!(budget.charge(0), Ok(()));
        assert_eq!(budget.charge(1), Err(Stop::Fuel));
        assert_eq!(budget.charge(1), Err(Stop::Fuel));
        assert_eq!(budget.stopped(), Some(Stop::Fuel));
    }

    #[test]
    fn the_clock_is_asked_after_a_while() {
        let expired = || true;
        let mut budget = Budget::new(u64::MAX, Some(&expired));
        assert_eq!(budget.charge(1), Ok(()));
        assert_eq!(budget.charge(CHECK_EVERY), Err(Stop::Deadline));
        assert_eq!(budget.stopped(), Some(Stop::Deadline));
    }

    #[test]
    fn a_bit_set_holds_what_was_put_in() {
        let mut set = BitSet::new(70);
        set.insert(69);
        set.insert(3);
        set.remove(3);
        set.insert(1000);
        assert!(set.contains(69));
        assert!(!set.contains(3) && !set.contains(1000));
        set.clear();
        assert!(!set.contains(69));
    }
}
