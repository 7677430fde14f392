//! A small world: constants, a module, matches, and both ways to evaluate a
//! condition in it.

use std::borrow::Cow;

use dragnet_engine::cond::op::Op;
use dragnet_engine::cond::{
    BitSet, Bounds, Budget, Env, ExternalValue, FieldRef, Frame, Modules,
    Pools, Regexes, RuleCode, Stop, run, verify,
};
use dragnet_engine::module::{Arg, CallCx, Fields, Index, Value};
use dragnet_engine::scan::{Match, MatchTable};
use zerocopy::little_endian::{U16, U32};

use super::super::emit::{Code, EmitCx, TooLarge, emit};
use super::super::reference::{Names, evaluate};
use crate::ir::{Condition, Field, FieldId, PatternId};

/// Pools that grow while code is emitted.
#[derive(Debug, Default)]
pub(super) struct Constants {
    pub(super) words: Vec<u64>,
    pub(super) texts: Vec<Vec<u8>>,
    pub(super) lists: Vec<Vec<U32>>,
}

impl EmitCx for Constants {
    fn word(&mut self, bits: u64) -> u32 {
        self.words.push(bits);
        self.words.len() as u32 - 1
    }

    fn text(&mut self, text: &[u8]) -> u32 {
        self.texts.push(text.to_vec());
        self.texts.len() as u32 - 1
    }

    fn list(&mut self, items: &[u32]) -> u32 {
        self.lists.push(items.iter().map(|item| U32::new(*item)).collect());
        self.lists.len() as u32 - 1
    }
}

impl Pools for Constants {
    fn word(&self, id: u32) -> u64 {
        self.words[id as usize]
    }

    fn text(&self, id: u32) -> &[u8] {
        &self.texts[id as usize]
    }

    fn list(&self, id: u32) -> &[U32] {
        &self.lists[id as usize]
    }

    fn field(&self, id: u32) -> FieldRef<'_> {
        FieldRef { module: 0, path: &PATHS[id as usize] }
    }
}

/// Fields of the module: a field's number is the first step of its path.
pub(super) mod field {
    pub(in super::super) const INT: u32 = 0;
    pub(in super::super) const MISSING: u32 = 1;
    pub(in super::super) const TEXT: u32 = 2;
    pub(in super::super) const FLOAT: u32 = 3;
    pub(in super::super) const BOOL: u32 = 4;
    /// Array of ints: 3, 1, -7.
    pub(in super::super) const ARRAY: u32 = 5;
    /// Map to ints: `a` is 1, `b` is 2.
    pub(in super::super) const MAP: u32 = 6;
    /// Array of arrays of texts: `[["x", "yy"], [], ["z"]]`.
    pub(in super::super) const NESTED: u32 = 7;
    /// `double(int)`; undefined for negative ones.
    pub(in super::super) const DOUBLE: u32 = 8;
    /// `matches(regex, string) -> bool`
    pub(in super::super) const MATCHES: u32 = 9;
    /// `upper(string) -> string`
    pub(in super::super) const UPPER: u32 = 10;
    /// `log(string) -> bool`: true.
    pub(in super::super) const LOG: u32 = 11;
    /// An array that is not there.
    pub(in super::super) const NO_ARRAY: u32 = 12;
    /// `choose(bool, float) -> float`: the float, undefined if not.
    pub(in super::super) const CHOOSE: u32 = 13;
    pub(in super::super) const COUNT: u32 = 14;
}

static PATHS: [[U16; 1]; field::COUNT as usize] = {
    let mut paths = [[U16::ZERO]; field::COUNT as usize];
    let mut at = 0;
    while at < paths.len() {
        paths[at] = [U16::new(at as u16)];
        at += 1;
    }
    paths
};

struct Module;

const NESTED: [&[&[u8]]; 3] = [&[b"x", b"yy"], &[], &[b"z"]];

fn nth<T>(items: &[T], index: i64) -> Option<&T> {
    items.get(usize::try_from(index).ok()?)
}

impl<'d> Fields<'d> for Module {
    fn get(&self, path: &[u16], index: &[Index<'_>]) -> Option<Value<'_>> {
        let int = |value| Some(Value::Int(value));
        match (u32::from(path[0]), index) {
            (field::INT, []) => int(42),
            (field::TEXT, []) => Some(Value::Bytes(b"Hello"[..].into())),
            (field::FLOAT, []) => Some(Value::Float(1.5)),
            (field::BOOL, []) => Some(Value::Bool(true)),
            (field::ARRAY, [Index::Int(at)]) => int(*nth(&[3, 1, -7], *at)?),
            (field::MAP, [Index::Key(b"a")]) => int(1),
            (field::MAP, [Index::Key(b"b")]) => int(2),
            (field::NESTED, [Index::Int(a), Index::Int(b)]) => {
                let text = nth(nth(&NESTED, *a)?, *b)?;
                Some(Value::Bytes(Cow::Borrowed(text)))
            }
            _ => None,
        }
    }

    fn len(&self, path: &[u16], index: &[Index<'_>]) -> Option<u64> {
        match (u32::from(path[0]), index) {
            (field::ARRAY, []) => Some(3),
            (field::MAP, []) => Some(2),
            (field::NESTED, []) => Some(3),
            (field::NESTED, [Index::Int(a)]) => {
                Some(nth(&NESTED, *a)?.len() as u64)
            }
            _ => None,
        }
    }

    fn key(
        &self,
        path: &[u16],
        _: &[Index<'_>],
        position: u64,
    ) -> Option<Cow<'_, [u8]>> {
        match (u32::from(path[0]), position) {
            (field::MAP, 0) => Some(b"a"[..].into()),
            (field::MAP, 1) => Some(b"b"[..].into()),
            _ => None,
        }
    }

    fn call(
        &self,
        path: &[u16],
        _: u16,
        _: &[Index<'_>],
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        if !cx.charge(1) {
            return None;
        }
        match (u32::from(path[0]), args) {
            (field::DOUBLE, [Arg::Int(value)]) if *value >= 0 => {
                Some(Value::Int(value.wrapping_mul(2)))
            }
            (field::MATCHES, [Arg::Regex(regex), Arg::Bytes(text)]) => {
                Some(Value::Bool(regex.is_match(text)))
            }
            (field::CHOOSE, [Arg::Bool(choice), Arg::Float(value)]) => {
                choice.then_some(Value::Float(*value))
            }
            (field::UPPER, [Arg::Bytes(text)]) => {
                Some(Value::Bytes(text.to_ascii_uppercase().into()))
            }
            (field::LOG, [Arg::Bytes(text)]) => {
                cx.console(String::from_utf8_lossy(text).into_owned());
                Some(Value::Bool(true))
            }
            _ => None,
        }
    }
}

struct Opened;

impl<'d> Modules<'d> for Opened {
    fn module(&self, module: u32) -> Option<&dyn Fields<'d>> {
        (module == 0).then_some(&Module)
    }
}

/// Expression 0 matches what has an `l`, expression 1 nothing.
impl Regexes for Opened {
    fn is_match(&self, id: u32, text: &[u8]) -> bool {
        id == 0 && text.contains(&b'l')
    }
}

impl Names for Opened {
    fn field(&self, field: FieldId) -> (u32, Vec<u16>) {
        (0, vec![field.0 as u16])
    }

    fn pattern(&self, pattern: PatternId) -> Option<u32> {
        Some(BASE + pattern.0)
    }
}

/// The fields as a rule set lists them.
pub(super) fn fields() -> Vec<Field> {
    (0..field::COUNT)
        .map(|at| Field {
            module: if at == field::LOG { "console" } else { "test" },
            path: vec![at as u16],
        })
        .collect()
}

/// Patterns of the rule in the world, and rules before it.
pub(super) const PATTERNS: u32 = 5;
const BASE: u32 = 2;
pub(super) const RULES: u32 = 3;

/// What a condition is evaluated against.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) data: Vec<u8>,
    pub(super) filesize: Option<u64>,
    /// Pattern of the rule, offset and length of each match.
    pub(super) matches: Vec<(u32, u64, u32)>,
    pub(super) fuel: u64,
}

impl Default for World {
    fn default() -> World {
        let data = b"\x01abcabc Hello, world of tests".to_vec();
        World {
            filesize: Some(data.len() as u64),
            data,
            matches: vec![(0, 1, 3), (0, 4, 3), (1, 9, 1), (3, 0, 2)],
            fuel: 1 << 20,
        }
    }
}

/// Values of the external variables: a bool, an int, a uint, a float and a
/// text.
pub(super) fn externals() -> Vec<ExternalValue> {
    vec![
        ExternalValue::Bool(true),
        ExternalValue::Int(-3),
        ExternalValue::UInt(u64::MAX),
        ExternalValue::Float(2.5),
        ExternalValue::Text(b"Ext".to_vec()),
    ]
}

/// What came out, and what was written to the console.
pub(super) type Outcome = (Result<bool, Stop>, Vec<String>);

impl World {
    fn with_env(
        &self,
        constants: &Constants,
        work: impl FnOnce(
            &BitSet,
            &mut Env<'_, '_, Constants>,
        ) -> Result<bool, Stop>,
    ) -> Outcome {
        let mut matches = MatchTable::new((BASE + PATTERNS + 1) as usize);
        for (pattern, offset, length) in &self.matches {
            let (offset, length) = (*offset, *length);
            let new =
                Match { offset, length, xor_key: None, truncated: false };
            matches.add(BASE + pattern, new, false);
        }
        // The neighbours of the rule's patterns always match.
        for other in [BASE - 1, BASE + PATTERNS] {
            let new = Match {
                offset: 0,
                length: 1,
                xor_key: None,
                truncated: false,
            };
            matches.add(other, new, false);
        }
        matches.finish();
        let mut results = BitSet::new(RULES as usize);
        results.insert(1);
        let mut lines = Vec::new();
        let mut console = |line| lines.push(line);
        let mut env = Env {
            data: &self.data,
            space: None,
            filesize: self.filesize,
            matches: &matches,
            externals: &externals(),
            pools: constants,
            modules: &Opened,
            regexes: &Opened,
            console: &mut console,
            budget: Budget::new(self.fuel, None),
            entrypoint: None,
        };
        let result = work(&results, &mut env);
        (result, lines)
    }

    /// The tree walk.
    pub(super) fn walk(&self, condition: &Condition) -> Outcome {
        self.with_env(&Constants::default(), |results, env| {
            evaluate(condition, &Opened, results, env)
        })
    }

    /// Emits, verifies and runs.
    pub(super) fn run(&self, condition: &Condition) -> Outcome {
        let (code, constants) = lower(condition).unwrap();
        let bounds = Bounds {
            numbers: code.numbers,
            texts: code.texts,
            patterns: PATTERNS,
            rules: RULES,
            words: constants.words.len() as u32,
            constants: constants.texts.len() as u32,
            lists: constants.lists.len() as u32,
            fields: field::COUNT,
            regexes: 2,
            externals: 5,
        };
        assert_eq!(verify(&code.insts, &bounds), Ok(()), "{}", listed(&code));
        let code = RuleCode {
            insts: &code.insts,
            numbers: code.numbers,
            texts: code.texts,
            pattern_base: BASE,
            patterns: PATTERNS,
        };
        self.with_env(&constants, |results, env| {
            run(&mut Frame::new(), &code, results, env)
        })
    }
}

/// The code of a condition and its constants.
pub(super) fn lower(
    condition: &Condition,
) -> Result<(Code, Constants), TooLarge> {
    let mut constants = Constants::default();
    emit(condition, &mut constants).map(|code| (code, constants))
}

pub(super) fn listed(code: &Code) -> String {
    dragnet_engine::cond::disasm::listing(&code.insts).to_string()
}

/// The operations of the code, in order.
pub(super) fn ops(condition: &Condition) -> Vec<Op> {
    let (code, _) = lower(condition).unwrap();
    let op = |number| Op::from_number(number).unwrap();
    code.insts.iter().map(|inst| op(inst.op.get())).collect()
}
