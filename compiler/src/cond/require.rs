//! What must be true of an object before a condition can hold: rules whose
//! requirements fail need not be evaluated.
//!
//! The gate comes from evaluating the condition for the case that no pattern
//! of the rule matched, with everything else unknown. A rule that writes to
//! the console has no requirements: leaving it out would be visible.

use dragnet_engine::cond::ReadKind;

use super::emit::deep;
use crate::ir::{CmpOp, Condition, Const, ExprId, Field, Kind, Place, Ty};

mod bare;
mod hits;

pub use hits::Need;

/// Must a pattern match for the rule to match?
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Gate {
    /// No.
    #[default]
    Always,
    /// At least one pattern of the rule must have matched.
    NeedsHit,
}

/// Bounds of `filesize`. Any but the widest hold only where it is defined.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileBounds {
    /// Smallest size.
    pub min_size: u64,
    /// Largest size, if there is a bound.
    pub max_size: Option<u64>,
}

impl FileBounds {
    const NOTHING: FileBounds =
        FileBounds { min_size: u64::MAX, max_size: Some(0) };

    /// Does an object of this size fit?
    pub fn allow(&self, filesize: Option<u64>) -> bool {
        match filesize {
            None => *self == FileBounds::default(),
            Some(size) => {
                size >= self.min_size
                    && self.max_size.is_none_or(|max| size <= max)
            }
        }
    }

    fn both(self, other: FileBounds) -> FileBounds {
        let max_size = match (self.max_size, other.max_size) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        FileBounds { min_size: self.min_size.max(other.min_size), max_size }
    }

    fn either(self, other: FileBounds) -> FileBounds {
        let max_size =
            self.max_size.zip(other.max_size).map(|(a, b)| a.max(b));
        FileBounds { min_size: self.min_size.min(other.min_size), max_size }
    }
}

/// An integer that the object must have at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeaderTest {
    /// Width and byte order.
    pub kind: ReadKind,
    /// Where.
    pub offset: u64,
    /// The bits of the int or uint.
    pub value: u64,
}

impl HeaderTest {
    /// Does the object have it?
    pub fn holds(&self, data: &[u8]) -> bool {
        self.kind.read(data, self.offset) == Some(self.value)
    }
}

/// What a rule needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirements {
    /// Matches.
    pub gate: Gate,
    /// Size.
    pub file: FileBounds,
    /// Content; all must hold.
    pub header: Vec<HeaderTest>,
    /// Which patterns.
    pub hits: Need,
}

impl Default for Requirements {
    fn default() -> Requirements {
        Requirements {
            gate: Gate::default(),
            file: FileBounds::default(),
            header: Vec::new(),
            hits: Need::Nothing,
        }
    }
}

/// Finds the requirements of a condition. `fields` are those of the set.
pub fn require(condition: &Condition, fields: &[Field]) -> Requirements {
    let Some(root) = condition.root else { return Requirements::default() };
    if condition.exprs.iter().any(|expr| talks(&expr.kind, fields)) {
        return Requirements::default();
    }
    let gate = match bare::can_hold(condition, root) {
        true => Gate::Always,
        false => Gate::NeedsHit,
    };
    let mut found = necessary(condition, root);
    found.gate = gate;
    found.hits = hits::need(condition);
    found
}

/// Does the expression write to the console?
fn talks(kind: &Kind, fields: &[Field]) -> bool {
    let Kind::Call(Place { field, .. }, ..) = kind else { return false };
    fields.get(field.0 as usize).is_none_or(|field| field.module == "console")
}

/// Size and content without which the expression is not true.
fn necessary(condition: &Condition, expr: ExprId) -> Requirements {
    deep(|| match &condition.expr(expr).kind {
        Kind::And(items) => {
            let mut all = Requirements::default();
            for item in items {
                let item = necessary(condition, *item);
                all.file = all.file.both(item.file);
                for test in item.header {
                    if !all.header.contains(&test) {
                        all.header.push(test);
                    }
                }
            }
            all
        }
        Kind::Or(items) => {
            let mut items =
                items.iter().map(|item| necessary(condition, *item));
            let Some(mut any) = items.next() else {
                return Requirements::default();
            };
            for item in items {
                any.file = any.file.either(item.file);
                any.header.retain(|test| item.header.contains(test));
            }
            any
        }
        Kind::With(_, body) => necessary(condition, *body),
        Kind::Cmp(op, a, b) => compared(condition, *op, *a, *b),
        Kind::Not(inner) => match &condition.expr(*inner).kind {
            Kind::Cmp(op, a, b) => compared(condition, op.negated(), *a, *b),
            _ => Requirements::default(),
        },
        _ => Requirements::default(),
    })
}

fn compared(
    condition: &Condition,
    op: CmpOp,
    a: ExprId,
    b: ExprId,
) -> Requirements {
    let (a, b) = (condition.expr(a), condition.expr(b));
    let mut found = Requirements::default();
    match (&a.kind, &b.kind) {
        (Kind::Filesize, Kind::Const(Const::Int(size))) => {
            found.file = sized(op, *size);
        }
        (Kind::Const(Const::Int(size)), Kind::Filesize) => {
            found.file = sized(op.mirrored(), *size);
        }
        (Kind::Read(kind, offset), Kind::Const(value))
        | (Kind::Const(value), Kind::Read(kind, offset))
            if op == CmpOp::Eq && a.ty == b.ty && a.ty != Ty::Float =>
        {
            let Kind::Const(Const::Int(offset)) = condition.expr(*offset).kind
            else {
                return found;
            };
            let value = match value {
                Const::Int(value) => *value as u64,
                Const::UInt(value) => *value,
                _ => return found,
            };
            let kind = *kind;
            if let Ok(offset) = u64::try_from(offset) {
                found.header.push(HeaderTest { kind, offset, value });
            }
        }
        _ => {}
    }
    found
}

/// The sizes for which `filesize op size` holds.
fn sized(op: CmpOp, size: i64) -> FileBounds {
    let from = |min: Option<i64>| match min {
        Some(min) => {
            let min_size = u64::try_from(min).unwrap_or(0);
            FileBounds { min_size, max_size: None }
        }
        None => FileBounds::NOTHING,
    };
    let up_to =
        |max: Option<i64>| match max.and_then(|max| u64::try_from(max).ok()) {
            Some(max) => FileBounds { min_size: 0, max_size: Some(max) },
            None => FileBounds::NOTHING,
        };
    match op {
        CmpOp::Eq => from(Some(size)).both(up_to(Some(size))),
        CmpOp::Ne => FileBounds::default(),
        CmpOp::Lt => up_to(size.checked_sub(1)),
        CmpOp::Le => up_to(Some(size)),
        CmpOp::Gt => from(size.checked_add(1)),
        CmpOp::Ge => from(Some(size)),
    }
}
