//! Conditions put together by hand.

use dragnet_engine::cond::ReadKind;

use super::world::World;
use crate::ir::{
    ArithOp, CmpOp, Condition, Const, Expr, ExprId, Kind, Ty, VarId,
};
use crate::source::Span;

/// A condition under construction.
#[derive(Clone, Default)]
pub(super) struct Tree {
    pub(super) condition: Condition,
}

impl Tree {
    pub(super) fn add(&mut self, ty: Ty, kind: Kind) -> ExprId {
        let span = Span { lo: 0, hi: 0 };
        self.condition.exprs.push(Expr { kind, ty, span });
        ExprId(self.condition.exprs.len() as u32 - 1)
    }

    pub(super) fn bool(&mut self, kind: Kind) -> ExprId {
        self.add(Ty::Bool, kind)
    }

    pub(super) fn int(&mut self, value: i64) -> ExprId {
        self.add(Ty::Int, Kind::Const(Const::Int(value)))
    }

    pub(super) fn uint(&mut self, value: u64) -> ExprId {
        self.add(Ty::UInt, Kind::Const(Const::UInt(value)))
    }

    pub(super) fn yes(&mut self) -> ExprId {
        self.bool(Kind::Const(Const::Bool(true)))
    }

    pub(super) fn no(&mut self) -> ExprId {
        self.bool(Kind::Const(Const::Bool(false)))
    }

    /// `uint8(1000)`: outside of the data.
    pub(super) fn undefined(&mut self) -> ExprId {
        let at = self.int(1000);
        self.add(Ty::Int, Kind::Read(ReadKind::U8, at))
    }

    /// A number that is not known before the run: `uint8(0) - 1 + value`.
    pub(super) fn later(&mut self, value: i64) -> ExprId {
        let zero = self.int(0);
        let one = self.add(Ty::Int, Kind::Read(ReadKind::U8, zero));
        let rest = self.int(value.wrapping_sub(1));
        self.add(Ty::Int, Kind::Arith(ArithOp::Add, one, rest))
    }

    pub(super) fn var(&mut self, ty: Ty) -> VarId {
        self.condition.vars.push(ty);
        VarId(self.condition.vars.len() as u32 - 1)
    }

    pub(super) fn equal(&mut self, a: ExprId, b: ExprId) -> ExprId {
        self.bool(Kind::Cmp(CmpOp::Eq, a, b))
    }

    pub(super) fn rooted(&self, root: ExprId) -> Condition {
        Condition { root: Some(root), ..self.condition.clone() }
    }

    /// True, false or (`None`) undefined, after the code and the tree walk
    /// agreed.
    pub(super) fn outcome(&self, expr: ExprId) -> Option<bool> {
        let holds = |condition: &Condition| {
            let world = World::default();
            let ran = world.run(condition);
            assert_eq!(ran, world.walk(condition));
            ran.0 == Ok(true)
        };
        let mut negated = self.clone();
        let not = negated.bool(Kind::Not(expr));
        match (holds(&self.rooted(expr)), holds(&negated.rooted(not))) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (false, false) => None,
            (true, true) => panic!("true and not true"),
        }
    }
}
