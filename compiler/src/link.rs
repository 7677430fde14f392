//! Writes a compiled set: numbers everything, lowers patterns and
//! conditions.

use std::collections::{BTreeMap, HashSet};

use dragnet_engine::prefilter::grid;
use dragnet_engine::ruleset::Builder;
use dragnet_engine::ruleset::layout::{
    ExternalRec, FieldRec, HeaderTestRec, MetaRec, NONE, NamespaceRec,
    OperandRec, PatternRec, RuleRec, pattern_flags, rule_flags, value_kind,
};

use crate::cond::emit::{EmitCx, emit};
use crate::cond::require::{Gate, HeaderTest, Need, require};
use crate::defer::defer;
use crate::diag::{Code, Diagnostic};
use crate::ir::{self, Const, ExternalValue, MetaValue, RegexId};
use crate::pattern::lower::Lowering;
use crate::pattern::program::Direction;
use crate::pattern::{Pattern, Value, dfa, prepare, program};

/// Rules by what they need; ordered, so that the result is deterministic.
type HeaderTests = BTreeMap<HeaderTest, Vec<u32>>;

/// A compiled set, and what went wrong on the way.
#[derive(Debug)]
pub struct Linked {
    /// The compiled set.
    pub bytes: Vec<u8>,
    /// Errors of rules that turned out to be too large.
    pub diagnostics: Vec<Diagnostic>,
    /// Those rules, by their place in [`ir::Rules::rules`]. If there are
    /// any, the set is of no use: link again without them.
    pub bad_rules: Vec<usize>,
}

/// Writes a compiled set. The same rules give the same bytes.
pub fn link(rules: &ir::Rules) -> Linked {
    let mut builder = Builder::default();
    let mut diagnostics = Vec::new();
    let mut bad_rules = Vec::new();
    for name in &rules.namespaces {
        let name = builder.text(name.as_bytes()).into();
        builder.namespaces.push(NamespaceRec { name });
    }
    for external in &rules.externals {
        let name = builder.text(external.name.as_bytes()).into();
        let (kind, value) = match &external.value {
            ExternalValue::Scalar(value) => constant(&mut builder, value),
            ExternalValue::Data(data) => {
                let text = builder.text(data.json().as_bytes());
                (value_kind::DATA, text.into())
            }
        };
        let record =
            ExternalRec { name, kind: kind.into(), value: value.into() };
        builder.externals.push(record);
    }
    for field in &rules.fields {
        let module = builder.text(field.module.as_bytes()).into();
        let path: Vec<u8> =
            field.path.iter().flat_map(|step| step.to_le_bytes()).collect();
        let path = builder.text(&path).into();
        builder.fields.push(FieldRec { module, path });
    }
    let too_large: HashSet<RegexId> = (0..)
        .map(RegexId)
        .zip(&rules.regexes)
        .filter_map(|(id, regex)| {
            operand(&mut builder, regex).is_err().then_some(id)
        })
        .collect();
    let mut tests = HeaderTests::new();
    let mut needs = Vec::new();
    for (index, rule) in rules.rules.iter().enumerate() {
        if let Err(diagnostic) =
            add_rule(&mut builder, rule, &rules.fields, &mut tests, &mut needs)
        {
            diagnostics.push(*diagnostic);
            bad_rules.push(index);
        } else if reads(&rule.condition, &too_large) {
            let message = "the regular expressions of the set are too large";
            diagnostics.push(Diagnostic::new(
                Code::RegexTooLarge,
                rule.file,
                rule.span,
                message,
            ));
            bad_rules.push(index);
        }
    }
    for (test, rules) in tests {
        let record = HeaderTestRec {
            kind: u32::from(test.kind.number()).into(),
            rules: builder.list(&rules).into(),
            offset: test.offset.into(),
            value: test.value.into(),
        };
        builder.header_tests.push(record);
    }
    bad_rules.extend(add_patterns(&mut builder, rules, &mut diagnostics));
    defer(&mut builder, &needs);
    bad_rules.sort_unstable();
    bad_rules.dedup();
    Linked { bytes: builder.finish(), diagnostics, bad_rules }
}

/// Lowers the patterns of all rules; returns the rules with one that is too
/// large.
fn add_patterns(
    builder: &mut Builder,
    rules: &ir::Rules,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<usize> {
    let mut bad = Vec::new();
    let mut lowering = Lowering::new(builder, grid::LONGEST);
    let of_rule = |(index, rule): (usize, &'_ ir::Rule)| {
        std::iter::repeat_n(index, rule.patterns.len())
    };
    let owners = rules.rules.iter().enumerate().flat_map(of_rule);
    let mut owners = (0_u32..).zip(owners);
    let patterns: Vec<&Pattern> =
        rules.rules.iter().flat_map(|rule| &rule.patterns).collect();
    for batch in patterns.chunks(prepare::BATCH) {
        let prepared = prepare::all(batch, grid::LONGEST);
        let batch = batch.iter().zip(prepared).zip(owners.by_ref());
        for ((pattern, prepared), (id, index)) in batch {
            if lowering.pattern(id, pattern, prepared).is_err() {
                let rule = &rules.rules[index];
                let message =
                    format!("`${}` needs too large a program", pattern.name);
                let code = Code::RegexTooLarge;
                diagnostics.push(
                    Diagnostic::new(code, rule.file, rule.span, message)
                        .label("a pattern of this rule")
                        .help("use smaller bounds in its repetitions"),
                );
                bad.push(index);
            }
        }
    }
    lowering.finish();
    bad
}

fn operand(
    builder: &mut Builder,
    regex: &ir::Regex,
) -> Result<(), program::TooLarge> {
    let written =
        program::write(builder, &regex.hir, false, Direction::Forward);
    let dfa = match written {
        Ok(_) => dfa::anywhere(&regex.hir),
        Err(program::TooLarge) => None,
    };
    let dfa = dfa.map_or(NONE, |bytes| builder.dfa(&bytes));
    let program = written.unwrap_or(NONE);
    builder
        .operands
        .push(OperandRec { program: program.into(), dfa: dfa.into() });
    written.map(|_| ())
}

/// Does the condition use one of these regular expressions?
fn reads(condition: &ir::Condition, regexes: &HashSet<RegexId>) -> bool {
    let used = |kind: &ir::Kind| match kind {
        ir::Kind::Matches(_, id) => regexes.contains(id),
        ir::Kind::Call(_, _, args) => args.iter().any(|arg| match arg {
            ir::Arg::Regex(id) => regexes.contains(id),
            ir::Arg::Value(_) => false,
        }),
        _ => false,
    };
    !regexes.is_empty() && condition.exprs.iter().any(|e| used(&e.kind))
}

fn add_rule(
    builder: &mut Builder,
    rule: &ir::Rule,
    fields: &[ir::Field],
    tests: &mut HeaderTests,
    needs: &mut Vec<Need>,
) -> Result<(), Box<Diagnostic>> {
    let pattern_start = builder.patterns.len() as u32;
    let rule_id = builder.rules.len() as u32;
    for pattern in &rule.patterns {
        let record = pattern_record(builder, rule_id, pattern);
        builder.patterns.push(record);
    }
    let tags: Vec<u32> =
        rule.tags.iter().map(|tag| builder.text(tag.as_bytes())).collect();
    let tags = builder.list(&tags);
    let meta_start = builder.metas.len() as u32;
    for (key, value) in &rule.meta {
        let key = builder.text(key.as_bytes()).into();
        let (kind, value) = meta(builder, value);
        let record = MetaRec { key, kind: kind.into(), value: value.into() };
        builder.metas.push(record);
    }
    let gate = require(&rule.condition, fields);
    let mut flags = 0;
    for (set, flag) in [
        (rule.global, rule_flags::GLOBAL),
        (rule.private, rule_flags::PRIVATE),
        (gate.gate == Gate::NeedsHit, rule_flags::NEEDS_HIT),
        (depends(&rule.condition), rule_flags::DEPENDS),
    ] {
        if set {
            flags |= flag;
        }
    }
    let code_start = builder.code.len() as u32;
    let code = {
        let mut cx = Constants { builder };
        emit(&rule.condition, &mut cx)
    };
    let (code, result) = match code {
        Ok(code) => (code, Ok(())),
        Err(error) => {
            let message = error.to_string();
            let code = Code::ConditionTooLarge;
            let error = Diagnostic::new(code, rule.file, rule.span, message)
                .label("the condition of this rule")
                .help("split the rule into several ones");
            (crate::cond::emit::Code::default(), Err(Box::new(error)))
        }
    };
    let name = builder.text(rule.name.as_bytes());
    builder.rules.push(RuleRec {
        name: name.into(),
        namespace: rule.namespace.into(),
        flags: flags.into(),
        pattern_start: pattern_start.into(),
        pattern_count: (rule.patterns.len() as u32).into(),
        tags: tags.into(),
        meta_start: meta_start.into(),
        meta_count: (rule.meta.len() as u32).into(),
        code_start: code_start.into(),
        code_count: (code.insts.len() as u32).into(),
        numbers: code.numbers.into(),
        strings: code.texts.into(),
        min_size: gate.file.min_size.into(),
        max_size: gate.file.max_size.unwrap_or(u64::MAX).into(),
        need: NONE.into(),
        deferred: NONE.into(),
    });
    builder.code.extend(code.insts);
    needs.push(gate.hits);
    for test in gate.header {
        tests.entry(test).or_default().push(rule_id);
    }
    result
}

fn pattern_record(
    builder: &mut Builder,
    rule: u32,
    pattern: &Pattern,
) -> PatternRec {
    let mut flags = 0;
    if pattern.private {
        flags |= pattern_flags::PRIVATE;
    }
    if matches!(pattern.value, Value::Regex { longest: true, .. }) {
        flags |= pattern_flags::LONGEST;
    }
    if matches!(pattern.value, Value::Hex(_)) {
        flags |= pattern_flags::HEX;
    }
    let anchor = pattern.anchored_at.and_then(|at| i64::try_from(at).ok());
    PatternRec {
        name: builder.text(pattern.name.as_bytes()).into(),
        rule: rule.into(),
        flags: flags.into(),
        anchor: anchor.unwrap_or(-1).into(),
    }
}

fn depends(condition: &ir::Condition) -> bool {
    condition.exprs.iter().any(|e| matches!(e.kind, ir::Kind::Rule(_)))
}

fn meta(builder: &mut Builder, value: &MetaValue) -> (u32, u64) {
    match value {
        MetaValue::Text(text) => (value_kind::TEXT, builder.text(text).into()),
        MetaValue::Int(value) => (value_kind::INT, *value as u64),
        MetaValue::UInt(value) => (value_kind::UINT, *value),
        MetaValue::Float(value) => (value_kind::FLOAT, value.to_bits()),
        MetaValue::Bool(value) => (value_kind::BOOL, u64::from(*value)),
    }
}

fn constant(builder: &mut Builder, value: &Const) -> (u32, u64) {
    match value {
        Const::Str(text) => (value_kind::TEXT, builder.text(text).into()),
        Const::Int(value) => (value_kind::INT, *value as u64),
        Const::UInt(value) => (value_kind::UINT, *value),
        Const::Float(value) => (value_kind::FLOAT, value.to_bits()),
        Const::Bool(value) => (value_kind::BOOL, u64::from(*value)),
    }
}

/// The pools of the set, for the code of a condition.
struct Constants<'b> {
    builder: &'b mut Builder,
}

impl EmitCx for Constants<'_> {
    fn word(&mut self, value: u64) -> u32 {
        self.builder.word(value)
    }

    fn text(&mut self, bytes: &[u8]) -> u32 {
        self.builder.text(bytes)
    }

    fn list(&mut self, items: &[u32]) -> u32 {
        self.builder.list(items)
    }
}
