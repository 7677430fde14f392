//! D004: rules of which any string is enough, and whose strings another such
//! rule finds, too: the same ones, or plain texts that are in them.

use std::collections::{BTreeSet, HashMap};

use aho_corasick::{AhoCorasick, MatchKind};
use dragnet_compiler::pattern::{Pattern, Value};
use dragnet_compiler::syntax::ast::{ExprKind, QuantifierKind, Set};

use super::duplicates::Known;
use super::subject::{Finding, RuleCx};
use crate::logic_hash::pattern_digest;
use crate::study::is_wider;

/// Rules with more strings are not compared string by string.
const MAX_STRINGS: usize = 500;
/// Texts in one text; a long one could have any number.
const MAX_TEXTS: usize = 10_000;
/// Rules that one rule is compared with.
const MAX_COMPARED: usize = 100;

/// The strings of a rule of which any is enough.
pub(super) struct AnyOf(Vec<Single>);

/// A string of it.
struct Single {
    digest: [u8; 32],
    /// A plain text.
    text: Option<Pattern>,
}

impl AnyOf {
    /// `None` for rules of another kind, and for private and global ones:
    /// they decide what others report.
    pub(super) fn of(cx: &RuleCx<'_>) -> Option<AnyOf> {
        if !cx.rule.private.is_empty() || !cx.rule.global.is_empty() {
            return None;
        }
        let ExprKind::Of(quantifier, Set::Them(_), None) =
            &cx.bare(cx.rule.condition).kind
        else {
            return None;
        };
        let any = match quantifier.kind {
            QuantifierKind::Any => true,
            QuantifierKind::Count(n) => cx.int(n) == Some(1),
            _ => false,
        };
        let patterns = &cx.rule.patterns;
        if !any || !(1..=MAX_STRINGS).contains(&patterns.len()) {
            return None;
        }
        let strings = patterns.iter().enumerate().map(|(at, pattern)| {
            let digest = pattern_digest(pattern, cx.text)?;
            let typed = cx.ir.and_then(|rule| rule.patterns.get(at));
            let text = typed.filter(|p| matches!(p.value, Value::Text(_)));
            Some(Single { digest, text: text.cloned() })
        });
        strings.collect::<Option<_>>().map(AnyOf)
    }

    /// Does this rule match whenever the other one does?
    fn covers(&self, other: &AnyOf) -> bool {
        let found =
            |wanted: &Single| self.0.iter().any(|own| wanted.implies(own));
        other.0.iter().all(found)
    }
}

impl Single {
    /// Is the other string wherever this one is?
    fn implies(&self, other: &Single) -> bool {
        let texts = self.text.as_ref().zip(other.text.as_ref());
        self.digest == other.digest
            || texts.is_some_and(|(own, other)| is_wider(own, other))
    }

    /// The bytes of a text.
    fn bytes(&self) -> Option<&[u8]> {
        match &self.text.as_ref()?.value {
            Value::Text(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// Which rules find a string.
struct Finders<'r> {
    /// By digest.
    same: HashMap<&'r [u8; 32], BTreeSet<usize>>,
    /// Texts whatever their case, and the rules that each is of.
    texts: Option<AhoCorasick>,
    of_text: Vec<usize>,
}

impl<'r> Finders<'r> {
    fn new(rules: &[(&Known, &'r AnyOf)]) -> Finders<'r> {
        let mut same: HashMap<_, BTreeSet<usize>> = HashMap::new();
        let (mut texts, mut of_text) = (Vec::new(), Vec::new());
        for (at, (_, strings)) in rules.iter().enumerate() {
            for single in &strings.0 {
                same.entry(&single.digest).or_default().insert(at);
                if let Some(text) = single.bytes() {
                    texts.push(text);
                    of_text.push(at);
                }
            }
        }
        // Without it, equal strings are still found.
        let texts = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .ascii_case_insensitive(true)
            .build(texts)
            .ok();
        Finders { same, texts, of_text }
    }

    /// Rules that may find the string, its own among them.
    fn of(&self, single: &Single) -> BTreeSet<usize> {
        let mut rules =
            self.same.get(&single.digest).cloned().unwrap_or_default();
        if let (Some(texts), Some(text)) = (&self.texts, single.bytes()) {
            let inner = texts.find_overlapping_iter(text);
            let inner = inner.take(MAX_TEXTS);
            rules.extend(inner.map(|m| self.of_text[m.pattern().as_usize()]));
        }
        rules
    }
}

/// Compares all rules of the set.
pub(super) fn check(all: &[Known], out: &mut Vec<Finding>) {
    let rules: Vec<(&Known, &AnyOf)> = all
        .iter()
        .filter_map(|rule| Some((rule, rule.any_of.as_ref()?)))
        .collect();
    let finders = Finders::new(&rules);
    for (at, (rule, strings)) in rules.iter().enumerate() {
        // The rarest string names the fewest rules to compare with.
        let candidates = strings.0.iter().map(|s| finders.of(s));
        let fewest = candidates.min_by_key(BTreeSet::len).unwrap_or_default();
        let larger = fewest
            .into_iter()
            .filter(|other| *other != at)
            .take(MAX_COMPARED)
            .find(|other| {
                let (known, all) = rules[*other];
                // Of two that cover each other the second is superfluous,
                // and if their logic is the same, D001 says so.
                all.covers(strings)
                    && (!strings.covers(all)
                        || *other < at && known.hash != rule.hash)
            });
        if let Some((larger, _)) = larger.map(|other| rules[other]) {
            let message =
                format!("whatever the rule finds, `{}` finds", larger.name);
            let mut new = Finding::new("D004", rule.file, rule.span, message);
            new.rule = Some(rule.name.clone());
            new.also(larger.file, larger.span, "this rule");
            out.push(new);
        }
    }
}
