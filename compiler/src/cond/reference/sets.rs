//! Patterns, sets and quantifiers in the tree walk.

use super::*;

impl<'e, P: Pools + ?Sized> Walk<'_, 'e, '_, P> {
    pub(super) fn matches(&self, sel: PatternSel) -> &'e [Match] {
        let pattern = match sel {
            PatternSel::Fixed(pattern) => pattern,
            PatternSel::Var(var) => match self.vars[var.0 as usize] {
                Some(Val::Pattern(pattern)) => pattern,
                _ => return &[],
            },
        };
        match self.names.pattern(pattern) {
            Some(number) => self.env.matches.of(number),
            None => &[],
        }
    }

    pub(super) fn nth(
        &mut self,
        sel: PatternSel,
        which: ExprId,
    ) -> Result<Option<Match>, Stop> {
        let which = self.int(which)?;
        let matches = self.matches(sel);
        Ok(which.and_then(|which| {
            let place = usize::try_from(which.checked_sub(1)?).ok()?;
            matches.get(place).copied()
        }))
    }

    /// Fewest items that must hold, the number of items being known:
    /// `Some(0)` stands for exactly none.
    pub(super) fn need(
        &mut self,
        quantifier: &Quantifier,
        items: usize,
    ) -> Result<Option<u128>, Stop> {
        let never = u128::MAX;
        Ok(match quantifier {
            Quantifier::All => Some(items as u128),
            Quantifier::Any => Some(1),
            Quantifier::None => Some(0),
            Quantifier::Count(count) => self
                .int(*count)?
                .map(|count| u128::try_from(count).unwrap_or(never)),
            Quantifier::Percent(share) => {
                self.int(*share)?.map(|share| match u128::try_from(share) {
                    Ok(share) => (share * items as u128).div_ceil(100),
                    Err(_) => never,
                })
            }
        })
    }

    /// Counts the items that hold until that settles the matter.
    pub(super) fn turns(
        &mut self,
        need: u128,
        turns: usize,
        mut holds: impl FnMut(&mut Self, usize) -> Result<bool, Stop>,
    ) -> Got {
        let mut count = 0;
        for turn in 0..turns {
            self.env.budget.charge(1)?;
            count += u128::from(holds(self, turn)?);
            let rest = (turns - turn - 1) as u128;
            let done = match need {
                0 => count > 0,
                _ => count >= need || count + rest < need,
            };
            if done {
                break;
            }
        }
        Ok(Some(Val::Bool(if need == 0 { count == 0 } else { count >= need })))
    }

    pub(super) fn of_patterns(
        &mut self,
        quantifier: &Quantifier,
        set: &[PatternId],
        anchor: Option<&Anchor>,
    ) -> Got {
        let need = get!(self.need(quantifier, set.len()));
        let place = match anchor {
            None => Some((i64::MIN, i64::MAX)),
            Some(Anchor::At(at)) => self.int(*at)?.map(|at| (at, at)),
            Some(Anchor::In(lo, hi)) => self.int(*lo)?.zip(self.int(*hi)?),
        };
        self.turns(need, set.len(), |this, turn| {
            let matches = this.matches(PatternSel::Fixed(set[turn]));
            Ok(place.is_some_and(|(lo, hi)| between(matches, lo, hi) > 0))
        })
    }
}
