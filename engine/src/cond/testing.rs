//! A small world for tests of the evaluator.

use zerocopy::little_endian::{U16, U32};

use super::op::Inst;
use super::{
    BitSet, Bounds, Budget, Env, ExternalValue, FieldRef, Frame, Modules,
    Pools, Regexes, RuleCode, Stop, run,
};
use crate::module::Fields;
use crate::scan::{Match, MatchTable};

/// Constants: two words, two texts, one list, one field.
pub(super) struct Constants;

static LIST: [U32; 3] = [U32::new(0), U32::new(2), U32::new(77)];
static PATH: [U16; 1] = [U16::new(0)];

impl Pools for Constants {
    fn word(&self, id: u32) -> u64 {
        [5, u64::MAX].get(id as usize).copied().unwrap_or(0)
    }

    fn text(&self, id: u32) -> &[u8] {
        [&b"abc"[..], b"b"].get(id as usize).copied().unwrap_or(b"")
    }

    fn list(&self, _: u32) -> &[U32] {
        &LIST
    }

    fn field(&self, _: u32) -> FieldRef<'_> {
        FieldRef { module: 0, path: &PATH }
    }
}

impl<'d> Modules<'d> for Constants {
    fn module(&self, _: u32) -> Option<&dyn Fields<'d>> {
        None
    }
}

impl Regexes for Constants {
    fn is_match(&self, _: u32, text: &[u8]) -> bool {
        text.contains(&b'a')
    }
}

/// Runs code with three patterns: `abc` at 0 and 4, nothing, `x` at 9.
pub(super) fn run_code(
    insts: &[Inst],
    bounds: &Bounds,
    data: &[u8],
    fuel: u64,
) -> Result<bool, Stop> {
    let mut matches = MatchTable::new(4);
    for (pattern, offset, length) in [(1, 0, 3), (1, 4, 3), (3, 9, 1)] {
        let new = Match { offset, length, xor_key: None, truncated: false };
        matches.add(pattern, new, false);
    }
    matches.finish();
    let mut console = |_: String| {};
    let mut env = Env {
        data,
        space: None,
        filesize: Some(data.len() as u64),
        matches: &matches,
        externals: &[ExternalValue::Text(b"ext".to_vec())],
        pools: &Constants,
        modules: &Constants,
        regexes: &Constants,
        console: &mut console,
        budget: Budget::new(fuel, None),
        entrypoint: None,
    };
    let code = RuleCode {
        insts,
        numbers: bounds.numbers,
        texts: bounds.texts,
        pattern_base: 1,
        patterns: bounds.patterns,
    };
    run(&mut Frame::new(), &code, &BitSet::new(1), &mut env)
}

/// Runs code that the verifier took: it must end, and not as invalid.
pub(super) fn run_hostile(insts: &[Inst], bounds: &Bounds, data: &[u8]) {
    let result = run_code(insts, bounds, data, 5000);
    assert_ne!(result, Err(Stop::Invalid));
}
