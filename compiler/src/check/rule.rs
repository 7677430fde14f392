//! One rule, from its syntax tree to its typed form.

use std::collections::{HashMap, HashSet};

use super::Unit;
use super::anchor::anchor;
use super::cx::Cx;
use super::names::{RuleInfo, World};
use super::patterns::Declared;
use super::scope::Scope;
use super::walk::compact;
use crate::diag::{Applicability, Code};
use crate::ir::{
    Condition, Const, ExprId, Kind, MetaValue, Rule, RuleId, VarId,
};
use crate::pattern;
use crate::source::Span;
use crate::syntax::ast;

/// libyara refuses longer names.
const LONGEST_NAME: usize = 128;

/// Checks a rule and adds it to the world, whatever comes out.
pub(super) fn check(
    world: &mut World<'_>,
    unit: &Unit,
    text: &[u8],
    namespace: usize,
    rule: &ast::Rule,
) {
    let mark = world.mark();
    let mut cx = Cx {
        world,
        file: unit.file,
        text,
        ast: &unit.ast,
        rule,
        namespace,
        condition: Condition::default(),
        patterns: Declared::default(),
        scope: Scope::default(),
        pattern_vars: Vec::<VarId>::new(),
        alive: 0,
        iterations: 1,
        set_items: 0,
        hashes: HashMap::new(),
        without_data: Vec::new(),
        bad: rule.broken.then(|| broken_in(unit, rule.span)),
    };
    cx.header();
    cx.declare_patterns();
    let root = cx.root();
    if let Some(root) = root {
        cx.condition.root = Some(root);
        compact(&mut cx.condition);
        anchor(&cx.condition, &mut cx.patterns.patterns);
        cx.cost();
    }
    let bad = match (cx.bad, root) {
        (None, Some(_)) => None,
        (bad, _) => Some(bad.unwrap_or(Code::Syntax)),
    };
    let (condition, patterns) = (cx.condition, cx.patterns.patterns);
    let id = match bad {
        Some(cause) => {
            world.undo(mark);
            let global = !rule.global.is_empty();
            world.skip(namespace, unit.file, &rule.name, cause, global);
            Err(cause)
        }
        None => {
            let id = RuleId(world.rules.rules.len() as u32);
            world.rules.rules.push(Rule {
                name: rule.name.text.clone(),
                namespace: namespace as u32,
                global: !rule.global.is_empty(),
                private: !rule.private.is_empty(),
                tags: rule.tags.iter().map(|t| t.text.clone()).collect(),
                meta: rule.meta.iter().map(meta).collect(),
                patterns,
                condition,
                file: unit.file,
                span: rule.name.span,
            });
            Ok(id)
        }
    };
    let info = RuleInfo {
        id,
        global: !rule.global.is_empty(),
        file: unit.file,
        span: rule.name.span,
    };
    let rules = &mut world.namespaces[namespace].rules;
    rules.entry(rule.name.text.clone()).or_insert(info);
}

/// The first error of the parser inside a rule.
fn broken_in(unit: &Unit, rule: Span) -> Code {
    let first = unit.errors.partition_point(|(at, _)| at.lo < rule.lo);
    match unit.errors.get(first) {
        Some((at, code)) if at.lo < rule.hi => *code,
        _ => Code::Syntax,
    }
}

fn meta(meta: &ast::Meta) -> (String, MetaValue) {
    let value = match &meta.value {
        ast::MetaValue::Text(text) => MetaValue::Text(text.clone()),
        ast::MetaValue::Int(value) => MetaValue::Int(*value),
        ast::MetaValue::UInt(value) => MetaValue::UInt(*value),
        ast::MetaValue::Float(value) => MetaValue::Float(*value),
        ast::MetaValue::Bool(value) => MetaValue::Bool(*value),
    };
    (meta.key.text.clone(), value)
}

impl Cx<'_, '_> {
    /// Name, modifiers, tags.
    fn header(&mut self) {
        let rule = self.rule;
        self.rule_name();
        for list in [&rule.private, &rule.global] {
            let Some((first, rest)) = list.split_first() else { continue };
            for span in rest {
                let word = self.source(*span);
                let message = format!("`{word}` is given twice");
                let file = self.file;
                let new = self
                    .diag(Code::DuplicateRuleModifier, *span, message)
                    .label("second time")
                    .also(file, *first, "first time")
                    .fix(
                        "remove it",
                        span.for_removal(self.text),
                        "",
                        Applicability::Safe,
                    );
                self.report(new);
            }
        }
        let mut seen: HashMap<&str, Span> = HashMap::new();
        for tag in &rule.tags {
            self.long_name(tag);
            if let Some(first) = seen.get(tag.text.as_str()) {
                let message = format!("tag `{}` is given twice", tag.text);
                let file = self.file;
                let new = self
                    .diag(Code::DuplicateTag, tag.span, message)
                    .label("second time")
                    .also(file, *first, "first time")
                    .fix(
                        "remove it",
                        tag.span.for_removal(self.text),
                        "",
                        Applicability::Unsafe,
                    );
                self.report(new);
            } else {
                seen.insert(&tag.text, tag.span);
            }
        }
        let mut keys = HashSet::new();
        for meta in &rule.meta {
            if keys.insert(meta.key.text.as_str()) {
                self.long_name(&meta.key);
            }
        }
    }

    fn rule_name(&mut self) {
        let name = &self.rule.name;
        self.long_name(name);
        let namespace = &self.world.namespaces[self.namespace];
        if let Some(first) = namespace.rules.get(&name.text) {
            let (file, at) = (first.file, first.span);
            let message = format!("rule `{}` is declared twice", name.text);
            let new = self
                .diag(Code::DuplicateRule, name.span, message)
                .label("second declaration")
                .also(file, at, "first declaration")
                .help("give one of them another name");
            self.report(new);
            return;
        }
        let what = if namespace.modules.contains_key(&name.text) {
            Some("an imported module")
        } else if self.world.externals.contains_key(name.text.as_str()) {
            Some("an external variable")
        } else if super::access::read_function(&name.text).is_some() {
            Some("a built-in function")
        } else {
            None
        };
        if let Some(what) = what {
            let message = format!("the rule has the name of {what}");
            let note = format!(
                "in conditions, `{}` means {what}, not the rule",
                name.text
            );
            let new = self
                .diag(Code::ShadowedIdentifier, name.span, message)
                .label("no condition can name this rule")
                .note(note)
                .help("give the rule another name");
            self.report(new);
        }
        let wildcard = self.world.wildcard_of(self.namespace, &name.text);
        if let Some((prefix, file, at)) = wildcard {
            let message = format!(
                "rule `{}` would belong to `{prefix}*`, used before it",
                name.text
            );
            let new = self
                .diag(Code::RuleMatchesWildcard, name.span, message)
                .label("declared too late")
                .also(file, at, "this names earlier rules only")
                .help("move the rule up, or give it another name");
            self.report(new);
        }
    }

    fn long_name(&mut self, name: &ast::Name) {
        if name.text.len() > LONGEST_NAME {
            let message = format!(
                "the name has {} characters, libyara allows {LONGEST_NAME}",
                name.text.len()
            );
            let new = self
                .diag(Code::LongIdentifier, name.span, message)
                .label("libyara refuses the rule")
                .help("use a shorter name");
            self.report(new);
        }
    }

    /// The condition.
    fn root(&mut self) -> Option<ExprId> {
        let condition = self.rule.condition;
        let root = self.boolean(condition);
        let incomplete =
            self.rule.broken || self.bad == Some(Code::TooManyPatterns);
        if !incomplete {
            self.unused_patterns();
        }
        let root = root?;
        if let Some(Const::Bool(value)) = self.known(root) {
            let value = *value;
            let at = self.span(condition);
            let message = "the condition does not depend on the data";
            let new = self
                .diag(Code::InvariantExpr, at, message)
                .label(format!("this is always {value}"))
                .help("name a pattern, or a property of the data");
            self.report(new);
        }
        if self.bad.is_none() {
            self.unintended_patterns();
        }
        Some(root)
    }

    /// What the patterns cost; which ones are anchored is known by now.
    fn cost(&mut self) {
        for (at, declared) in self.rule.patterns.iter().enumerate() {
            let pattern = &self.patterns.patterns[at];
            let found = if pattern.unused || self.bad.is_some() {
                Vec::new()
            } else {
                pattern::check(pattern, self.file, declared.value_span)
            };
            for new in found {
                self.report(new);
            }
        }
    }

    /// Does a value depend on the size of the file or on how often a
    /// pattern matches? The arguments of `math.min` do not count.
    pub(super) fn grows_with_file(&self, id: ExprId) -> bool {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let kind = &self.condition.expr(id).kind;
            match kind {
                Kind::Filesize | Kind::Count(_) | Kind::CountIn(..) => {
                    return true;
                }
                Kind::Call(place, ..) if self.is_math_min(place.field) => {}
                other => {
                    other.children(|id| open.push(*id));
                }
            }
        }
        false
    }

    fn is_math_min(&self, field: crate::ir::FieldId) -> bool {
        let field = &self.world.rules.fields[field.0 as usize];
        let module = dragnet_engine::module::registry::find(field.module);
        let (Some((_, module)), [at]) = (module, &field.path[..]) else {
            return false;
        };
        let members = module.schema().root.members;
        field.module == "math"
            && members.get(usize::from(*at)).is_some_and(|m| m.name == "min")
    }
}
