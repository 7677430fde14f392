//! Uses of single patterns: `$a`, `#a`, `@a`, `!a`.

use super::cx::Cx;
use super::names::World;
use super::numbers::RangeOf;
use crate::diag::{Applicability, Code};
use crate::ir::{ExprId, Kind, PatternId, PatternSel, Ty};
use crate::source::Span;
use crate::syntax::ast;

impl Cx<'_, '_> {
    /// The pattern that is meant, marked as used.
    fn pattern(&mut self, name: &ast::PatternUse) -> Option<PatternSel> {
        if name.text.is_empty() {
            if let Some(var) = self.pattern_vars.last() {
                return Some(PatternSel::Var(*var));
            }
            let sigil = self.source(name.span);
            let message =
                format!("`{sigil}` alone stands outside of a `for … of`");
            let new = self
                .diag(Code::Syntax, name.span, message)
                .label("there is no current pattern here")
                .help("name the pattern");
            self.report(new);
            return None;
        }
        match self.patterns.names.get(&name.text) {
            Some(id) => {
                self.patterns.used[id.0 as usize] = true;
                Some(PatternSel::Fixed(*id))
            }
            None => {
                self.unknown_pattern(name);
                None
            }
        }
    }

    fn unknown_pattern(&mut self, name: &ast::Name) {
        let message = format!("there is no pattern `${}`", name.text);
        let mut new = self
            .diag(Code::UnknownPattern, name.span, message)
            .label("unknown pattern");
        let mut budget = std::mem::take(self.world.budget());
        let names = self.patterns.names.keys().map(String::as_str);
        let found = World::suggest(&mut budget, &name.text, names);
        *self.world.budget() = budget;
        if let Some(other) = found {
            let at = Span::new(name.span.lo + 1, name.span.hi);
            new = new.fix(
                format!("did you mean `${other}`?"),
                at,
                other,
                Applicability::Unsafe,
            );
        }
        self.report(new);
    }

    /// `$a`
    pub(super) fn hit(
        &mut self,
        name: &ast::PatternUse,
        span: Span,
    ) -> Option<ExprId> {
        let pattern = self.pattern(name)?;
        Some(self.emit(Kind::Hit(pattern), Ty::Bool, span))
    }

    /// `$a at e`
    pub(super) fn hit_at(
        &mut self,
        name: &ast::PatternUse,
        at: ast::ExprId,
        span: Span,
    ) -> Option<ExprId> {
        let pattern = self.pattern(name);
        let at = self.offset(at);
        let kind = Kind::HitAt(pattern?, at?);
        Some(self.emit(kind, Ty::Bool, span))
    }

    /// The offset after `at`.
    pub(super) fn offset(&mut self, at: ast::ExprId) -> Option<ExprId> {
        let offset = self.small_int(at)?;
        if self.known_int(offset).is_some_and(|offset| offset < 0) {
            self.negative_offset(self.span(at));
        }
        Some(offset)
    }

    /// `$a in (lo..hi)`
    pub(super) fn hit_in(
        &mut self,
        name: &ast::PatternUse,
        range: ast::Range,
        span: Span,
    ) -> Option<ExprId> {
        let pattern = self.pattern(name);
        let (lo, hi) = self.range(range, RangeOf::Offsets)?;
        let kind = Kind::HitIn(pattern?, lo, hi);
        Some(self.emit(kind, Ty::Bool, span))
    }

    /// `#a`, `#a in (lo..hi)`
    pub(super) fn count(
        &mut self,
        name: &ast::PatternUse,
        range: Option<ast::Range>,
        span: Span,
    ) -> Option<ExprId> {
        let pattern = self.pattern(name);
        let kind = match range {
            None => Kind::Count(pattern?),
            Some(range) => {
                let (lo, hi) = self.range(range, RangeOf::Offsets)?;
                Kind::CountIn(pattern?, lo, hi)
            }
        };
        Some(self.emit(kind, Ty::Int, span))
    }

    /// `@a[i]`, `!a[i]`
    pub(super) fn occurrence_of(
        &mut self,
        name: &ast::PatternUse,
        index: Option<ast::ExprId>,
        span: Span,
        kind: fn(PatternSel, ExprId) -> Kind,
    ) -> Option<ExprId> {
        let pattern = self.pattern(name);
        let index = self.occurrence(index, span)?;
        let kind = kind(
            pattern?,
            match index {
                Ok(index) => index,
                Err(()) => return Some(self.undefined(Ty::Int, span)),
            },
        );
        Some(self.emit(kind, Ty::Int, span))
    }

    /// Marks a pattern as used.
    pub(super) fn mark_used(&mut self, id: PatternId) {
        self.patterns.used[id.0 as usize] = true;
    }
}
