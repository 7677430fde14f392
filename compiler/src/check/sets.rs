//! Quantifiers and sets: `Q of …` and `for Q of …`.

use std::collections::HashSet;

use super::cx::{Cx, VARIABLES_OF_SET};
use super::numbers::RangeOf;
use super::prefix::with_prefix;
use crate::diag::{Applicability, Code};
use crate::ir::{Anchor, ExprId, Kind, PatternId, PatternSel, Quantifier, Ty};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind, QuantifierKind, SetItem};

/// The sets of one condition may name so many patterns together.
const MAX_SET_ITEMS: usize = 10_000_000;
/// And those of all conditions so many.
const MAX_ALL_SET_ITEMS: usize = 50_000_000;

impl Cx<'_, '_> {
    /// Checks a quantifier.
    pub(super) fn quantifier(
        &mut self,
        quantifier: &ast::Quantifier,
    ) -> Option<Quantifier> {
        match quantifier.kind {
            QuantifierKind::All => Some(Quantifier::All),
            QuantifierKind::Any => Some(Quantifier::Any),
            QuantifierKind::None => Some(Quantifier::None),
            QuantifierKind::Count(count) => {
                let count = self.non_negative(count)?;
                Some(match self.known_int(count) {
                    Some(0) => Quantifier::None,
                    _ => Quantifier::Count(count),
                })
            }
            QuantifierKind::Percent(percent) => {
                let value = self.small_int(percent)?;
                let span = self.span(percent);
                match self.known_int(value) {
                    Some(0) => {
                        let message = "a percentage is from 1 to 100";
                        let new = self
                            .diag(Code::PercentageRange, span, message)
                            .label("0 % means none")
                            .help("use `none of`, or another percentage");
                        self.report(new);
                        Some(Quantifier::None)
                    }
                    Some(..=-1 | 101..) => {
                        self.out_of_range(span, 0, 100);
                        None
                    }
                    _ => Some(Quantifier::Percent(value)),
                }
            }
        }
    }

    /// Warns about a count that is 0 or more than there is.
    fn check_count(
        &mut self,
        written: &ast::Quantifier,
        quantifier: Quantifier,
        items: usize,
        span: Span,
    ) {
        match (written.kind, quantifier) {
            (QuantifierKind::Count(_), Quantifier::None) => {
                let message = "`0 of` reads as if any number would do";
                let new = self
                    .diag(Code::AmbiguousExpr, span, message)
                    .label("true if exactly none of them holds")
                    .fix(
                        "use `none`",
                        written.span,
                        "none",
                        Applicability::Safe,
                    );
                self.report(new);
            }
            (_, Quantifier::Count(count)) => {
                let known = self.known_int(count);
                if known.is_some_and(|count| count > items as i128) {
                    let message = "the set is smaller than this number";
                    let new = self
                        .diag(Code::InvariantExpr, span, message)
                        .label("this is always false")
                        .help(match items {
                            1 => "the set has one item: use `any`".to_owned(),
                            _ => format!("ask for {items} items or fewer"),
                        });
                    self.report(new);
                }
            }
            _ => {}
        }
    }

    /// `Q of set`
    pub(super) fn of(
        &mut self,
        written: &ast::Quantifier,
        set: &ast::Set,
        anchor: Option<ast::Anchor>,
        span: Span,
    ) -> Option<ExprId> {
        self.enter(VARIABLES_OF_SET, span);
        let id = self.of_here(written, set, anchor, span);
        self.alive -= VARIABLES_OF_SET;
        id
    }

    fn of_here(
        &mut self,
        written: &ast::Quantifier,
        set: &ast::Set,
        anchor: Option<ast::Anchor>,
        span: Span,
    ) -> Option<ExprId> {
        let quantifier = self.quantifier(written);
        if !self.is_pattern_set(set) {
            return self.of_booleans(written, quantifier, set, anchor, span);
        }
        let items = self.pattern_set(set);
        let placed = match anchor {
            None => None,
            Some(anchor) => Some(self.anchor(anchor)?),
        };
        let (quantifier, items) = (quantifier?, items?);
        self.check_count(written, quantifier, items.len(), span);
        if let (Some(ast::Anchor::At(at)), true) =
            (anchor, self.several(quantifier, items.len()))
        {
            let message = "several patterns must match at one offset";
            let at = self.span(at);
            let file = self.file;
            let new = self
                .diag(Code::UnsatisfiableExpr, written.span, message)
                .label("several patterns must match")
                .also(file, at, "but all at this offset")
                .help("use `any`");
            self.report(new);
        }
        let kind = Kind::OfPatterns(quantifier, items, placed);
        Some(self.emit(kind, Ty::Bool, span))
    }

    /// Does the quantifier want two items or more?
    fn several(&self, quantifier: Quantifier, items: usize) -> bool {
        match quantifier {
            Quantifier::All => items > 1,
            Quantifier::Any | Quantifier::None => false,
            Quantifier::Count(count) => {
                self.known_int(count).is_some_and(|count| count >= 2)
            }
            Quantifier::Percent(percent) => self
                .known_int(percent)
                .is_some_and(|percent| items as i128 * percent >= 200),
        }
    }

    fn anchor(&mut self, anchor: ast::Anchor) -> Option<Anchor> {
        match anchor {
            ast::Anchor::At(at) => self.offset(at).map(Anchor::At),
            ast::Anchor::In(range) => self
                .range(range, RangeOf::Offsets)
                .map(|(lo, hi)| Anchor::In(lo, hi)),
        }
    }

    /// Does the set name patterns only?
    fn is_pattern_set(&self, set: &ast::Set) -> bool {
        let ast::Set::Items(items, _) = set else { return true };
        items.iter().all(|item| match item {
            SetItem::PatternWildcard(_) => true,
            SetItem::RuleWildcard(_) => false,
            SetItem::Expr(id) => {
                matches!(self.ast.expr(*id).kind, ExprKind::Pattern(_))
            }
        })
    }

    /// The patterns of a set, ascending and distinct, marked as used.
    fn pattern_set(&mut self, set: &ast::Set) -> Option<Vec<PatternId>> {
        let ids = match set {
            ast::Set::Them(span) => {
                let count = self.patterns.patterns.len() as u32;
                if count == 0 && self.bad == Some(Code::TooManyPatterns) {
                    return None;
                }
                if count == 0 {
                    let message = "the rule has no patterns";
                    let new = self.diag(Code::EmptySet, *span, message);
                    let help = "declare patterns in a section `strings:`";
                    self.report(new.label("this set is empty").help(help));
                    return None;
                }
                (0..count).map(PatternId).collect()
            }
            ast::Set::Items(items, _) => self.named_patterns(items)?,
        };
        for id in &ids {
            self.mark_used(*id);
        }
        let span = match set {
            ast::Set::Them(span) | ast::Set::Items(_, span) => *span,
        };
        self.expand(ids.len(), span)?;
        Some(ids)
    }

    /// Counts what a set stands for: short text can name very much.
    fn expand(&mut self, items: usize, span: Span) -> Option<()> {
        self.set_items = self.set_items.saturating_add(items);
        self.world.set_items = self.world.set_items.saturating_add(items);
        let (most, what) = if self.set_items > MAX_SET_ITEMS {
            (MAX_SET_ITEMS, "this condition")
        } else if self.world.set_items > MAX_ALL_SET_ITEMS {
            (MAX_ALL_SET_ITEMS, "all conditions")
        } else {
            return Some(());
        };
        let message =
            format!("the sets of {what} name more than {most} items");
        let new = self
            .diag(Code::ConditionTooLarge, span, message)
            .label("the limit is reached here")
            .help("name fewer items, or split the rule");
        self.report(new);
        None
    }

    fn named_patterns(&mut self, items: &[SetItem]) -> Option<Vec<PatternId>> {
        let ast = self.ast;
        let mut ids = Vec::new();
        let mut wildcards: Vec<&str> = Vec::new();
        let mut seen = HashSet::new();
        let mut good = true;
        for item in items {
            let (name, wildcard) = match item {
                SetItem::PatternWildcard(name) => (name, true),
                SetItem::Expr(id) => match &ast.expr(*id).kind {
                    ExprKind::Pattern(name) => (name, false),
                    _ => continue,
                },
                SetItem::RuleWildcard(_) => continue,
            };
            let known = match (wildcard, name.text.as_str()) {
                (true, prefix) => self.matches_some(prefix),
                (false, "") => !self.patterns.anonymous.is_empty(),
                (false, name) => self.patterns.names.contains_key(name),
            };
            if !known {
                good = false;
                self.empty_item(name, wildcard);
                continue;
            }
            if !seen.insert((name.text.as_str(), wildcard)) {
                let message = "a pattern is named twice in a set";
                let new = self
                    .diag(Code::DuplicateSetItem, name.span, message)
                    .label("it counts once")
                    .help("name it once, and lower the number if need be");
                self.report(new);
                continue;
            }
            match (wildcard, name.text.as_str()) {
                (true, prefix) => wildcards.push(prefix),
                (false, "") => ids.extend(&self.patterns.anonymous),
                (false, name) => ids.push(self.patterns.names[name]),
            }
        }
        // Nested wildcards are expanded once: `a*` covers `ab*`.
        wildcards.sort_unstable();
        let mut widest: Option<&str> = None;
        for prefix in wildcards {
            if widest.is_some_and(|widest| prefix.starts_with(widest)) {
                continue;
            }
            widest = Some(prefix);
            if prefix.is_empty() {
                ids.extend(&self.patterns.anonymous);
            }
            let names = with_prefix(&self.patterns.names, prefix);
            ids.extend(names.map(|(_, id)| *id));
        }
        ids.sort_unstable();
        ids.dedup();
        good.then_some(ids)
    }

    fn matches_some(&self, prefix: &str) -> bool {
        if prefix.is_empty() {
            return !self.patterns.patterns.is_empty();
        }
        with_prefix(&self.patterns.names, prefix).next().is_some()
    }

    fn empty_item(&mut self, name: &ast::Name, wildcard: bool) {
        let star = if wildcard { "*" } else { "" };
        let message = format!("`${}{star}` matches no pattern", name.text);
        let new = self.diag(Code::EmptySet, name.span, message);
        let new = new.label("no pattern of the rule has such a name");
        self.report(new.help("declare such patterns, or leave this out"));
    }

    fn of_booleans(
        &mut self,
        written: &ast::Quantifier,
        quantifier: Option<Quantifier>,
        set: &ast::Set,
        anchor: Option<ast::Anchor>,
        span: Span,
    ) -> Option<ExprId> {
        let ast::Set::Items(items, _) = set else { return None };
        let mut all = Some(Vec::new());
        for item in items {
            let expanded = match item {
                SetItem::Expr(id) => self.boolean(*id).map(|id| vec![id]),
                SetItem::RuleWildcard(name) => self.rules_of(name),
                SetItem::PatternWildcard(name) => {
                    let items = [SetItem::PatternWildcard(name.clone())];
                    self.named_patterns(&items).map(|ids| {
                        ids.into_iter()
                            .map(|id| {
                                self.mark_used(id);
                                let hit = PatternSel::Fixed(id);
                                self.emit(Kind::Hit(hit), Ty::Bool, name.span)
                            })
                            .collect()
                    })
                }
            };
            match (&mut all, expanded) {
                (Some(all), Some(expanded)) => all.extend(expanded),
                _ => all = None,
            }
        }
        if let Some(anchor) = anchor {
            let at = match anchor {
                ast::Anchor::At(at) => self.span(at),
                ast::Anchor::In(range) => range.span,
            };
            let message = "`at` and `in` need a set of patterns";
            self.other_items(at, message);
            return None;
        }
        let (quantifier, all) = (quantifier?, all?);
        self.check_count(written, quantifier, all.len(), span);
        let kind = Kind::OfBools(quantifier, all);
        Some(self.emit(kind, Ty::Bool, span))
    }

    /// Reports a set of something else than patterns.
    fn other_items(&mut self, at: Span, message: &str) {
        let new = self
            .diag(Code::WrongType, at, message)
            .label("the set has other items")
            .help("name patterns only, as in `($a, $b*)`");
        self.report(new);
    }

    /// The earlier rules whose names start so.
    fn rules_of(&mut self, prefix: &ast::Name) -> Option<Vec<ExprId>> {
        let rules = &self.world.namespaces[self.namespace].rules;
        let names: Vec<String> = with_prefix(rules, &prefix.text)
            .map(|(name, _)| name.to_owned())
            .collect();
        let mut names = names;
        if self.rule.name.text.starts_with(&prefix.text) {
            names.push(self.rule.name.text.clone());
        }
        if names.is_empty() {
            let message = format!("`{}*` matches no rule", prefix.text);
            let new = self
                .diag(Code::UnknownIdentifier, prefix.span, message)
                .label("no earlier rule has such a name")
                .help("put the rules that it means before this one");
            self.report(new);
            return None;
        }
        self.expand(names.len(), prefix.span)?;
        let place = (self.file, prefix.span);
        self.world.add_wildcard(self.namespace, &prefix.text, place);
        names.iter().map(|name| self.rule_operand(name, prefix.span)).collect()
    }

    /// `for Q of set : ( body )`
    pub(super) fn for_of(
        &mut self,
        written: &ast::Quantifier,
        set: &ast::Set,
        body: ast::ExprId,
        span: Span,
    ) -> Option<ExprId> {
        let quantifier = self.quantifier(written);
        if !self.is_pattern_set(set) {
            let message = "`for … of` needs a set of patterns";
            let at = match set {
                ast::Set::Them(span) | ast::Set::Items(_, span) => *span,
            };
            self.other_items(at, message);
            return None;
        }
        let items = self.pattern_set(set);
        let var = self.new_var(Ty::Pattern);
        self.enter(VARIABLES_OF_SET, span);
        self.pattern_vars.push(var);
        let body = self.boolean(body);
        self.pattern_vars.pop();
        self.alive -= VARIABLES_OF_SET;
        let (quantifier, items, body) = (quantifier?, items?, body?);
        self.check_count(written, quantifier, items.len(), span);
        let kind = Kind::ForPatterns(quantifier, var, items, body);
        Some(self.emit(kind, Ty::Bool, span))
    }
}
