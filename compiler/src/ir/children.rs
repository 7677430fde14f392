//! The expressions that an expression is made of: the one place that knows
//! which kinds have which.

use super::{Anchor, Arg, ExprId, Kind, Quantifier};

/// The same walk for looking at children and for changing them.
macro_rules! walk {
    ($(#[$doc:meta])* $name:ident, $count:ident $(, $mutable:tt)?) => {
        impl Kind {
            $(#[$doc])*
            pub fn $name(
                &$($mutable)? self,
                mut f: impl FnMut(&$($mutable)? ExprId),
            ) {
                match self {
                    Kind::Const(_)
                    | Kind::Undefined
                    | Kind::Filesize
                    | Kind::Entrypoint
                    | Kind::Var(_)
                    | Kind::External(_)
                    | Kind::Hit(_)
                    | Kind::Count(_)
                    | Kind::Rule(_) => {}
                    Kind::Field(place) | Kind::Len(place) => {
                        for id in &$($mutable)? place.index {
                            f(id);
                        }
                    }
                    Kind::Call(place, _, args) => {
                        for id in &$($mutable)? place.index {
                            f(id);
                        }
                        for arg in args {
                            if let Arg::Value(id) = arg {
                                f(id);
                            }
                        }
                    }
                    Kind::Cast(_, a)
                    | Kind::StrLen(a)
                    | Kind::Not(a)
                    | Kind::Defined(a)
                    | Kind::Neg(a)
                    | Kind::BitNot(a)
                    | Kind::Matches(a, _)
                    | Kind::Read(_, a)
                    | Kind::HitAt(_, a)
                    | Kind::Offset(_, a)
                    | Kind::Length(_, a) => f(a),
                    Kind::And(all) | Kind::Or(all) => {
                        for id in all {
                            f(id);
                        }
                    }
                    Kind::Arith(_, a, b)
                    | Kind::Cmp(_, a, b)
                    | Kind::Str(_, a, b)
                    | Kind::HitIn(_, a, b)
                    | Kind::CountIn(_, a, b) => {
                        f(a);
                        f(b);
                    }
                    Kind::OfPatterns(q, _, anchor) => {
                        $count(q, &mut f);
                        match anchor {
                            Some(Anchor::At(at)) => f(at),
                            Some(Anchor::In(lo, hi)) => {
                                f(lo);
                                f(hi);
                            }
                            None => {}
                        }
                    }
                    Kind::OfBools(q, all) => {
                        $count(q, &mut f);
                        for id in all {
                            f(id);
                        }
                    }
                    Kind::ForPatterns(q, _, _, body) => {
                        $count(q, &mut f);
                        f(body);
                    }
                    Kind::ForRange(q, _, lo, hi, body) => {
                        $count(q, &mut f);
                        f(lo);
                        f(hi);
                        f(body);
                    }
                    Kind::ForList(q, _, items, body) => {
                        $count(q, &mut f);
                        for id in items {
                            f(id);
                        }
                        f(body);
                    }
                    Kind::ForArray(q, _, place, body)
                    | Kind::ForMap(q, _, place, body) => {
                        $count(q, &mut f);
                        for id in &$($mutable)? place.index {
                            f(id);
                        }
                        f(body);
                    }
                    Kind::With(bound, body) => {
                        for (_, value) in bound {
                            f(value);
                        }
                        f(body);
                    }
                }
            }
        }

        fn $count(
            quantifier: &$($mutable)? Quantifier,
            f: &mut impl FnMut(&$($mutable)? ExprId),
        ) {
            if let Quantifier::Count(id) | Quantifier::Percent(id) = quantifier
            {
                f(id);
            }
        }
    };
}

walk! {
    /// Calls `f` with every child of the expression, in order.
    children, count
}
walk! {
    /// As [`Kind::children`], for giving it others.
    children_mut, count_mut, mut
}
