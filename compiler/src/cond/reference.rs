//! The slow, obvious twin of the emitter and the evaluator: walks the tree
//! of a condition. Tests and fuzz targets compare the two; who explains or
//! changes a rule asks it for the value of a part.

use dragnet_engine::cond::{
    BitSet, Env, ExternalValue, Pools, Stop, entrypoint,
};
use dragnet_engine::module::{
    Arg as Passed, CallCx, Fields, Index, RegexArg, Value,
};
use dragnet_engine::scan::Match;

use super::emit::deep;
use crate::ir::{
    Anchor, Arg, Condition, Const, ExprId, FieldId, Kind, PatternId,
    PatternSel, Place, Quantifier, RegexId, VarId,
};

mod arith;
mod strings;

/// A value; `None` instead of it is undefined.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Val {
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Str(Vec<u8>),
    Pattern(PatternId),
}

/// What the tree refers to beyond the environment.
pub trait Names {
    /// Module and path of a field.
    fn field(&self, field: FieldId) -> (u32, Vec<u16>);
    /// Number of a regular expression.
    fn regex(&self, regex: RegexId) -> u32 {
        regex.0
    }
    /// Number of a pattern of the rule in the table of matches; `None` for
    /// one that is taken never to match.
    fn pattern(&self, pattern: PatternId) -> Option<u32>;
}

/// Evaluates a condition.
pub fn evaluate<P: Pools + ?Sized>(
    condition: &Condition,
    names: &dyn Names,
    results: &BitSet,
    env: &mut Env<'_, '_, P>,
) -> Result<bool, Stop> {
    let Some(root) = condition.root else { return Ok(false) };
    let value = value(condition, root, names, results, env)?;
    Ok(value == Some(Val::Bool(true)))
}

/// The value of a part of a condition, `None` if it is undefined. A part
/// that reads a variable of a loop around it has none.
pub fn value<P: Pools + ?Sized>(
    condition: &Condition,
    part: ExprId,
    names: &dyn Names,
    results: &BitSet,
    env: &mut Env<'_, '_, P>,
) -> Result<Option<Val>, Stop> {
    let vars = vec![None; condition.vars.len()];
    let mut walk = Walk { condition, names, results, env, vars };
    walk.eval(part)
}

struct Walk<'w, 'e, 'd, P: ?Sized> {
    condition: &'w Condition,
    names: &'w dyn Names,
    results: &'w BitSet,
    env: &'w mut Env<'e, 'd, P>,
    vars: Vec<Option<Val>>,
}

type Got = Result<Option<Val>, Stop>;

/// Leaves with undefined where a value is.
macro_rules! get {
    ($value:expr) => {
        match $value? {
            Some(value) => value,
            None => return Ok(None),
        }
    };
}

impl<'e, P: Pools + ?Sized> Walk<'_, 'e, '_, P> {
    /// The value, undefined counting as false.
    fn holds(&mut self, expr: ExprId) -> Result<bool, Stop> {
        Ok(self.eval(expr)? == Some(Val::Bool(true)))
    }

    fn int(&mut self, expr: ExprId) -> Result<Option<i64>, Stop> {
        Ok(match self.eval(expr)? {
            Some(Val::Int(value)) => Some(value),
            Some(Val::UInt(value)) => Some(value as i64),
            _ => None,
        })
    }

    fn string(&mut self, expr: ExprId) -> Result<Option<Vec<u8>>, Stop> {
        Ok(match self.eval(expr)? {
            Some(Val::Str(value)) => Some(value),
            _ => None,
        })
    }

    fn eval(&mut self, expr: ExprId) -> Got {
        deep(|| self.step(expr))
    }

    fn step(&mut self, expr: ExprId) -> Got {
        let condition = self.condition;
        let ty = condition.expr(expr).ty;
        Ok(Some(match &condition.expr(expr).kind {
            Kind::Const(value) => match value {
                Const::Bool(value) => Val::Bool(*value),
                Const::Int(value) => Val::Int(*value),
                Const::UInt(value) => Val::UInt(*value),
                Const::Float(value) => Val::Float(*value),
                Const::Str(value) => Val::Str(value.clone()),
            },
            Kind::Undefined => return Ok(None),
            Kind::Filesize => {
                return Ok(self.env.filesize.map(|n| Val::Int(n as i64)));
            }
            Kind::Entrypoint => {
                return Ok(entrypoint(self.env.data).map(Val::Int));
            }
            Kind::Var(var) => return Ok(self.vars[var.0 as usize].clone()),
            Kind::External(external) => {
                match &self.env.externals[external.0 as usize] {
                    ExternalValue::Bool(value) => Val::Bool(*value),
                    ExternalValue::Int(value) => Val::Int(*value),
                    ExternalValue::UInt(value) => Val::UInt(*value),
                    ExternalValue::Float(value) => Val::Float(*value),
                    ExternalValue::Text(value) => Val::Str(value.clone()),
                    // A structure is a place, never a value.
                    ExternalValue::Data(_) => return Ok(None),
                }
            }
            Kind::Field(place) => return self.field(place),
            Kind::Len(place) => {
                let items = get!(self.items(place, None));
                Val::Int(items as i64)
            }
            Kind::Call(place, signature, args) => {
                return self.call(place, *signature, args);
            }
            Kind::Cast(cast, inner) => {
                arith::cast(*cast, get!(self.eval(*inner)))
            }
            Kind::StrLen(inner) => {
                Val::Int(get!(self.string(*inner)).len() as i64)
            }
            Kind::Not(inner) => match get!(self.eval(*inner)) {
                Val::Bool(value) => Val::Bool(!value),
                _ => return Ok(None),
            },
            Kind::Defined(inner) => Val::Bool(self.eval(*inner)?.is_some()),
            Kind::And(items) => {
                for item in items {
                    if !self.holds(*item)? {
                        return Ok(Some(Val::Bool(false)));
                    }
                }
                Val::Bool(true)
            }
            Kind::Or(items) => {
                for item in items {
                    if self.holds(*item)? {
                        return Ok(Some(Val::Bool(true)));
                    }
                }
                Val::Bool(false)
            }
            Kind::Neg(inner) => match get!(self.eval(*inner)) {
                Val::Float(value) => Val::Float(-value),
                Val::Int(value) => Val::Int(value.wrapping_neg()),
                Val::UInt(value) => Val::UInt(value.wrapping_neg()),
                _ => return Ok(None),
            },
            Kind::BitNot(inner) => match get!(self.eval(*inner)) {
                Val::Int(value) => Val::Int(!value),
                Val::UInt(value) => Val::UInt(!value),
                _ => return Ok(None),
            },
            Kind::Arith(op, a, b) => {
                let (a, b) = (get!(self.eval(*a)), get!(self.eval(*b)));
                return Ok(arith::arith(*op, a, b));
            }
            Kind::Cmp(op, a, b) => {
                let (a, b) = (get!(self.eval(*a)), get!(self.eval(*b)));
                Val::Bool(arith::compare(*op, &a, &b))
            }
            Kind::Str(op, a, b) => {
                let (a, b) = (get!(self.string(*a)), get!(self.string(*b)));
                Val::Bool(strings::test(*op, &a, &b))
            }
            Kind::Matches(text, regex) => {
                let text = get!(self.string(*text));
                let regex = self.names.regex(*regex);
                Val::Bool(self.env.regexes.is_match(regex, &text))
            }
            Kind::Read(kind, offset) => {
                let offset = get!(self.int(*offset));
                return Ok(arith::read(*kind, self.env.data, offset, ty));
            }
            Kind::Hit(sel) => Val::Bool(!self.matches(*sel).is_empty()),
            Kind::HitAt(sel, at) => {
                let at = get!(self.int(*at));
                Val::Bool(between(self.matches(*sel), at, at) > 0)
            }
            Kind::HitIn(sel, lo, hi) => {
                let (lo, hi) = (get!(self.int(*lo)), get!(self.int(*hi)));
                Val::Bool(between(self.matches(*sel), lo, hi) > 0)
            }
            Kind::Count(sel) => Val::Int(self.matches(*sel).len() as i64),
            Kind::CountIn(sel, lo, hi) => {
                let (lo, hi) = (get!(self.int(*lo)), get!(self.int(*hi)));
                Val::Int(between(self.matches(*sel), lo, hi))
            }
            Kind::Offset(sel, which) => {
                let found = get!(self.nth(*sel, *which));
                Val::Int(found.offset as i64)
            }
            Kind::Length(sel, which) => {
                let found = get!(self.nth(*sel, *which));
                Val::Int(found.length.into())
            }
            Kind::Rule(rule) => Val::Bool(self.results.contains(rule.0)),
            Kind::OfPatterns(quantifier, set, anchor) => {
                return self.of_patterns(quantifier, set, anchor.as_ref());
            }
            Kind::OfBools(quantifier, items) => {
                let need = get!(self.need(quantifier, items.len()));
                return self.turns(need, items.len(), |this, turn| {
                    this.holds(items[turn])
                });
            }
            Kind::ForPatterns(quantifier, var, set, body) => {
                let need = get!(self.need(quantifier, set.len()));
                return self.turns(need, set.len(), |this, turn| {
                    this.bind(*var, Some(Val::Pattern(set[turn])));
                    this.holds(*body)
                });
            }
            Kind::ForRange(quantifier, var, lo, hi, body) => {
                let (Some(lo), Some(hi)) = (self.int(*lo)?, self.int(*hi)?)
                else {
                    return Ok(Some(Val::Bool(false)));
                };
                if lo > hi {
                    return Ok(Some(Val::Bool(false)));
                }
                let turns = usize::try_from(i128::from(hi) - i128::from(lo))
                    .unwrap_or(usize::MAX)
                    .saturating_add(1);
                let need = get!(self.need(quantifier, turns));
                return self.turns(need, turns, |this, turn| {
                    let value = lo.wrapping_add(turn as i64);
                    this.bind(*var, Some(Val::Int(value)));
                    this.holds(*body)
                });
            }
            Kind::ForList(quantifier, var, items, body) => {
                let need = get!(self.need(quantifier, items.len()));
                return self.turns(need, items.len(), |this, turn| {
                    let value = this.eval(items[turn])?;
                    this.bind(*var, value);
                    this.holds(*body)
                });
            }
            Kind::ForArray(quantifier, var, place, body) => {
                let turns = get!(self.items(place, Some(0))) as usize;
                if turns == 0 {
                    return Ok(Some(Val::Bool(false)));
                }
                let need = get!(self.need(quantifier, turns));
                return self.turns(need, turns, |this, turn| {
                    this.bind(*var, Some(Val::Int(turn as i64)));
                    this.holds(*body)
                });
            }
            Kind::ForMap(quantifier, var, place, body) => {
                let turns = get!(self.items(place, Some(0))) as usize;
                if turns == 0 {
                    return Ok(Some(Val::Bool(false)));
                }
                let need = get!(self.need(quantifier, turns));
                return self.turns(need, turns, |this, turn| {
                    let Some(key) = this.key(place, turn as u64)? else {
                        return Ok(false);
                    };
                    this.bind(*var, Some(Val::Str(key)));
                    this.holds(*body)
                });
            }
            Kind::With(bindings, body) => {
                for (var, value) in bindings {
                    let value = self.eval(*value)?;
                    self.bind(*var, value);
                }
                return self.eval(*body);
            }
        }))
    }

    fn bind(&mut self, var: VarId, value: Option<Val>) {
        self.vars[var.0 as usize] = value;
    }
}

/// Number of matches that start in `lo..=hi`.
fn between(matches: &[Match], lo: i64, hi: i64) -> i64 {
    let range = i128::from(lo)..=i128::from(hi);
    let inside = |found: &&Match| range.contains(&i128::from(found.offset));
    matches.iter().filter(inside).count() as i64
}

mod access;
mod sets;
