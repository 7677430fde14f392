//! The typed form of conditions: every name resolved to an id, every
//! conversion explicit, wildcards and `them` expanded, constants folded.
//!
//! The tree holds no names. A rule that has an error never gets here.
//!
//! # Undefined
//!
//! An expression yields a value or *undefined*. Undefined as operand makes
//! the result undefined, except: an operand of [`Kind::And`], [`Kind::Or`],
//! an item of [`Kind::OfBools`], the body of a loop and the end of a
//! condition count it as false; [`Kind::Defined`] turns it into false.
//! A range bound of [`Kind::ForRange`] that is undefined gives no
//! iterations, hence false; so does an array or map that is undefined. A
//! quantifier that is undefined makes the whole expression undefined, except
//! that a loop without iterations is false all the same. No pattern of
//! [`Kind::OfPatterns`] matches at or in an undefined place; the quantifier
//! then counts 0.

mod children;

use dragnet_engine::cond::{ReadKind, StrOp};
use dragnet_engine::module::data::Data;

use crate::pattern::Pattern;
use crate::source::{FileId, Span};

/// Index into [`Condition::exprs`]; children come before parents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// A variable of a condition: loop variable, `with` binding, or the hidden
/// position of a loop. Numbers are unique within a condition and dense from
/// 0; [`Condition::vars`] has the type of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VarId(pub u32);

/// A rule, counted over the whole set in declaration order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub u32);

/// A pattern, counted within its rule from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PatternId(pub u32);

/// An external variable, by its place in the list of externals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExternalId(pub u32);

/// A field or function of a module: index into [`Rules::fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u32);

/// A regular expression operand: index into [`Rules::regexes`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegexId(pub u32);

/// The types of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ty {
    /// True or false.
    Bool,
    /// Signed 64-bit integer.
    Int,
    /// Unsigned 64-bit integer.
    UInt,
    /// 64-bit float.
    Float,
    /// Bytes.
    Str,
    /// A pattern of the rule: only as the type of the variable of
    /// [`Kind::ForPatterns`].
    Pattern,
}

/// Everything that compiled, ready for lowering.
#[derive(Debug, Default)]
pub struct Rules {
    /// Namespace names, in the order of first use.
    pub namespaces: Vec<String>,
    /// Rules in declaration order.
    pub rules: Vec<Rule>,
    /// External variables, with their default values.
    pub externals: Vec<External>,
    /// The module fields and functions that conditions read, each once.
    pub fields: Vec<Field>,
    /// Regular expressions used as operands, each once.
    pub regexes: Vec<Regex>,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Name.
    pub name: String,
    /// Index into [`Rules::namespaces`].
    pub namespace: u32,
    /// Must hold for any rule of its namespace to match.
    pub global: bool,
    /// Not reported.
    pub private: bool,
    /// Tags, in order.
    pub tags: Vec<String>,
    /// Metadata, in order; keys may repeat.
    pub meta: Vec<(String, MetaValue)>,
    /// Patterns; [`PatternId`] indexes this.
    pub patterns: Vec<Pattern>,
    /// The condition.
    pub condition: Condition,
    /// Where it was declared.
    pub file: FileId,
    /// Where it was declared.
    pub span: Span,
}

/// A metadata value.
#[derive(Clone, Debug, PartialEq)]
pub enum MetaValue {
    /// Bytes.
    Text(Vec<u8>),
    /// Signed integer.
    Int(i64),
    /// Unsigned integer above 2^63 − 1.
    UInt(u64),
    /// Float.
    Float(f64),
    /// Boolean.
    Bool(bool),
}

/// An external variable.
#[derive(Clone, Debug, PartialEq)]
pub struct External {
    /// Name.
    pub name: String,
    /// Default value; its type is fixed.
    pub value: ExternalValue,
}

/// The value of an external variable.
#[derive(Clone, Debug, PartialEq)]
pub enum ExternalValue {
    /// Of scalar type.
    Scalar(Const),
    /// A structure or an array: a place with the [`Field::module`] `$name`.
    Data(Data),
}

/// A constant.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Const {
    Bool(bool),
    Int(i64),
    UInt(u64),
    Float(f64),
    Str(Vec<u8>),
}

impl Const {
    /// Its type.
    pub fn ty(&self) -> Ty {
        match self {
            Const::Bool(_) => Ty::Bool,
            Const::Int(_) => Ty::Int,
            Const::UInt(_) => Ty::UInt,
            Const::Float(_) => Ty::Float,
            Const::Str(_) => Ty::Str,
        }
    }
}

/// A member of a module: the module's name and the numeric path to it, one
/// member index for each step (indexing of arrays and maps is no step).
/// See `dragnet_engine::module::schema`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// Module, or an external variable behind a `$`.
    pub module: &'static str,
    /// Member indexes from the module's root structure.
    pub path: Vec<u16>,
}

/// A regular expression operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Regex {
    /// What it matches, unanchored; mixed greediness and empty matches are
    /// allowed.
    pub hir: crate::pattern::hir::Hir,
    /// Text as written between the slashes, for display.
    pub source: Vec<u8>,
    /// Flag `i` (already applied to `hir`).
    pub case_insensitive: bool,
    /// Flag `s` (already applied to `hir`).
    pub dot_all: bool,
}

/// The condition of one rule.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// The arena.
    pub exprs: Vec<Expr>,
    /// The types of the variables.
    pub vars: Vec<Ty>,
    /// The whole condition; of type bool. `None` only while building.
    pub root: Option<ExprId>,
}

impl Condition {
    /// The expression with this id.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Type of its value.
    pub ty: Ty,
    /// Where it was written.
    pub span: Span,
}

/// Which pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PatternSel {
    /// This one.
    Fixed(PatternId),
    /// The current one of the loop with this variable.
    Var(VarId),
}

/// A place in a module: a field and the indexes on the way to it, in order;
/// an index is of type int for arrays and str for maps.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The field.
    pub field: FieldId,
    /// Its indexes.
    pub index: Vec<ExprId>,
}

/// An argument of a function of a module.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg {
    /// A value of exactly the type the signature wants.
    Value(ExprId),
    /// A regular expression.
    Regex(RegexId),
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quantifier {
    /// Every one.
    All,
    /// One or more.
    Any,
    /// Exactly none. The constant count 0 and 0 % are turned into this.
    None,
    /// At least so many (int); at run time 0 means exactly none, a negative
    /// number is never reached.
    Count(ExprId),
    /// At least ⌈P·n/100⌉ (int); at run time 0 means exactly none, a
    /// negative percentage is never reached.
    Percent(ExprId),
}

/// Conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// Number: not zero; string: not empty.
    ToBool,
    /// 0 or 1.
    BoolToInt,
    /// Signed to float.
    IntToFloat,
    /// Unsigned to float.
    UIntToFloat,
    /// Same bits, signed to unsigned.
    IntToUInt,
    /// Same bits, unsigned to signed.
    UIntToInt,
}

/// Arithmetic; both operands and the result have one type. `Rem`, shifts
/// and bit operations are for integers only. Integers wrap; division and
/// remainder by zero are undefined, `i64::MIN \ -1` is undefined,
/// `i64::MIN % -1` is 0. A shift by 64 or more gives 0, by a negative count
/// undefined; `Shr` is arithmetic for int, logical for uint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum ArithOp {
    Add,
    Sub,
    Mul,
    Div,
    Rem,
    Shl,
    Shr,
    BitAnd,
    BitXor,
    BitOr,
}

/// Comparison. Operands are two ints, two uints, one of each (compared by
/// value), two floats, two strings (byte order) or, for `Eq` and `Ne`, two
/// bools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum CmpOp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl CmpOp {
    /// What holds when this does not.
    pub fn negated(self) -> CmpOp {
        match self {
            CmpOp::Eq => CmpOp::Ne,
            CmpOp::Ne => CmpOp::Eq,
            CmpOp::Lt => CmpOp::Ge,
            CmpOp::Le => CmpOp::Gt,
            CmpOp::Gt => CmpOp::Le,
            CmpOp::Ge => CmpOp::Lt,
        }
    }

    /// The same with the operands exchanged.
    pub fn mirrored(self) -> CmpOp {
        match self {
            CmpOp::Eq | CmpOp::Ne => self,
            CmpOp::Lt => CmpOp::Gt,
            CmpOp::Le => CmpOp::Ge,
            CmpOp::Gt => CmpOp::Lt,
            CmpOp::Ge => CmpOp::Le,
        }
    }
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A constant.
    Const(Const),
    /// Undefined, of the expression's type.
    Undefined,
    /// Size of the object in bytes (int).
    Filesize,
    /// File offset of the entry point of a PE or ELF file (int).
    Entrypoint,
    /// A variable of scalar type.
    Var(VarId),
    /// An external variable.
    External(ExternalId),
    /// A scalar field of a module.
    Field(Place),
    /// Number of items of an array or a map (int).
    Len(Place),
    /// A function of a module: its place, which of its signatures, and the
    /// arguments.
    Call(Place, u16, Vec<Arg>),
    /// A conversion.
    Cast(Cast, ExprId),
    /// Length of a string in bytes (int).
    StrLen(ExprId),
    /// `not`
    Not(ExprId),
    /// `defined`
    Defined(ExprId),
    /// All of these; two or more.
    And(Vec<ExprId>),
    /// Any of these; two or more.
    Or(Vec<ExprId>),
    /// Arithmetic negation; wraps.
    Neg(ExprId),
    /// Bitwise complement.
    BitNot(ExprId),
    /// Arithmetic.
    Arith(ArithOp, ExprId, ExprId),
    /// Comparison.
    Cmp(CmpOp, ExprId, ExprId),
    /// `contains` and its family.
    Str(StrOp, ExprId, ExprId),
    /// `matches`
    Matches(ExprId, RegexId),
    /// `uint8(e)` and its family: int, except float32/64 (float) and uint64
    /// (uint).
    Read(ReadKind, ExprId),
    /// `$a`
    Hit(PatternSel),
    /// `$a at e`
    HitAt(PatternSel, ExprId),
    /// `$a in (lo..hi)`
    HitIn(PatternSel, ExprId, ExprId),
    /// `#a`
    Count(PatternSel),
    /// `#a in (lo..hi)`
    CountIn(PatternSel, ExprId, ExprId),
    /// `@a[i]`, i from 1
    Offset(PatternSel, ExprId),
    /// `!a[i]`, i from 1
    Length(PatternSel, ExprId),
    /// `q of ($a, $b)`; ids ascending and distinct.
    OfPatterns(Quantifier, Vec<PatternId>, Option<Anchor>),
    /// `q of (e, f)`: each of type bool.
    OfBools(Quantifier, Vec<ExprId>),
    /// The result of an earlier rule.
    Rule(RuleId),
    /// `for q of ($a, $b) : (body)`
    ForPatterns(Quantifier, VarId, Vec<PatternId>, ExprId),
    /// `for q v in (lo..hi) : (body)`; both bounds are int.
    ForRange(Quantifier, VarId, ExprId, ExprId, ExprId),
    /// `for q v in (e, f) : (body)`
    ForList(Quantifier, VarId, Vec<ExprId>, ExprId),
    /// `for q x in array : (body)`: the variable (int) is the position from
    /// 0; uses of `x` in the body are places with that index.
    ForArray(Quantifier, VarId, Place, ExprId),
    /// `for q k, v in map : (body)`: the variable (str) is the key; uses of
    /// `v` in the body are places with that key.
    ForMap(Quantifier, VarId, Place, ExprId),
    /// `with`: variables are bound in order, then the body (bool) counts.
    With(Vec<(VarId, ExprId)>, ExprId),
}

/// Where patterns of a set must match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Anchor {
    /// At this offset.
    At(ExprId),
    /// Within these bounds, both included.
    In(ExprId, ExprId),
}
