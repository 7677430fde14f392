//! The syntax tree: what was written, with its places, and nothing else.
//!
//! The tree knows no types, no modules and no resolved names. Expressions
//! live in one arena; a child always has a smaller [`ExprId`] than its
//! parent, so passes can be loops and dropping never recurses.

use crate::source::Span;

/// Index of an expression in [`File::exprs`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// A name and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The identifier. Names of patterns carry no sigil; an anonymous
    /// pattern has an empty name.
    pub text: String,
    /// Where it stands, sigil included.
    pub span: Span,
}

/// One parsed source file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct File {
    /// What stands at the top level, in order.
    pub items: Vec<Item>,
    /// All expressions of all rules.
    pub exprs: Vec<Expr>,
    /// The comments, in order: needed for suppressions and formatting.
    pub comments: Vec<Span>,
}

impl File {
    /// The expression with this id.
    pub fn expr(&self, id: ExprId) -> &Expr {
        &self.exprs[id.0 as usize]
    }
}

/// A top-level item.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// `import "pe"`; the span covers the literal.
    Import {
        /// Decoded module name.
        module: Vec<u8>,
        /// The literal.
        literal: Span,
        /// The statement.
        span: Span,
    },
    /// `include "other.yar"`.
    Include {
        /// Decoded path.
        path: Vec<u8>,
        /// The literal.
        literal: Span,
        /// The statement.
        span: Span,
    },
    /// A rule.
    Rule(Rule),
    /// Something that did not parse; it has a diagnostic. If a rule name
    /// could still be read, it is here, so that references to it give no
    /// second error.
    Error {
        /// What was skipped.
        span: Span,
        /// Names of rules inside.
        rules: Vec<Name>,
    },
}

/// A rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name.
    pub name: Name,
    /// Each `private` in front of it.
    pub private: Vec<Span>,
    /// Each `global` in front of it.
    pub global: Vec<Span>,
    /// Tags.
    pub tags: Vec<Name>,
    /// The `meta` section.
    pub meta: Vec<Meta>,
    /// The `strings` section.
    pub patterns: Vec<Pattern>,
    /// The condition.
    pub condition: ExprId,
    /// From the first modifier to the closing brace.
    pub span: Span,
    /// A part of it did not parse or a literal is not valid; there is a
    /// diagnostic. The rule must not be compiled, but what else is wrong
    /// with it should be said.
    pub broken: bool,
}

/// `key = value` of a `meta` section.
#[derive(Clone, Debug, PartialEq)]
pub struct Meta {
    /// Key.
    pub key: Name,
    /// Value.
    pub value: MetaValue,
    /// Place of the value.
    pub span: Span,
}

/// A value of a `meta` section.
#[derive(Clone, Debug, PartialEq)]
pub enum MetaValue {
    /// A string; any bytes.
    Text(Vec<u8>),
    /// An integer.
    Int(i64),
    /// An integer above 2^63 − 1.
    UInt(u64),
    /// A float.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
}

/// A pattern declaration.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Its name without `$`; empty if anonymous.
    pub name: Name,
    /// Its value.
    pub value: PatternValue,
    /// Place of the value.
    pub value_span: Span,
    /// Modifiers, in order.
    pub modifiers: Vec<Modifier>,
    /// The whole declaration.
    pub span: Span,
}

/// The value of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternValue {
    /// `"text"`, decoded.
    Text(Vec<u8>),
    /// `/regex/is`.
    Regex(RegexLit),
    /// `{ hex }`: the span of the body without the braces. Its tokens are
    /// read by [`super::hex`].
    Hex(Span),
    /// Something that did not parse; the rule is broken.
    Error,
}

/// A regular expression as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexLit {
    /// The text between the slashes. Its content is read by
    /// [`super::regex`].
    pub body: Span,
    /// Flag `i`.
    pub case_insensitive: bool,
    /// Flag `s`.
    pub dot_all: bool,
}

/// A modifier of a pattern.
#[derive(Clone, Debug, PartialEq)]
pub struct Modifier {
    /// Which.
    pub kind: ModifierKind,
    /// Where, argument included.
    pub span: Span,
}

/// The kinds of modifiers.
#[derive(Clone, Debug, PartialEq)]
pub enum ModifierKind {
    /// `ascii`
    Ascii,
    /// `wide`
    Wide,
    /// `nocase`
    Nocase,
    /// `fullword`
    Fullword,
    /// `private`
    Private,
    /// `xor`, `xor(n)`, `xor(lo-hi)`; bounds as written, unchecked.
    Xor(Option<(u64, u64)>),
    /// `base64`, with the decoded alphabet.
    Base64(Option<Vec<u8>>),
    /// `base64wide`, with the decoded alphabet.
    Base64Wide(Option<Vec<u8>>),
}

/// An expression and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it stands.
    pub span: Span,
}

/// A use of one pattern: `$a`, `#a`, `@a`, `!a`; an empty name is the
/// current pattern of the innermost `for … of`.
pub type PatternUse = Name;

/// `(lo..hi)`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower bound.
    pub lo: ExprId,
    /// Upper bound, inclusive.
    pub hi: ExprId,
    /// Parentheses included.
    pub span: Span,
}

/// The kinds of expressions.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `true`, `false`
    Bool(bool),
    /// An integer literal, suffix applied.
    Int(u64),
    /// A float literal.
    Float(f64),
    /// A text literal, decoded.
    Text(Vec<u8>),
    /// A regular expression.
    Regex(RegexLit),
    /// `filesize`
    Filesize,
    /// `entrypoint`
    Entrypoint,
    /// `$a`
    Pattern(PatternUse),
    /// `$a at e`
    PatternAt(PatternUse, ExprId),
    /// `$a in (lo..hi)`
    PatternIn(PatternUse, Range),
    /// `#a`, `#a in (lo..hi)`
    Count(PatternUse, Option<Range>),
    /// `@a`, `@a[i]`
    Offset(PatternUse, Option<ExprId>),
    /// `!a`, `!a[i]`
    Length(PatternUse, Option<ExprId>),
    /// An identifier: variable, module, external, rule or function.
    Name(String),
    /// `base.field`
    Field(ExprId, Name),
    /// `base[index]`
    Index(ExprId, ExprId),
    /// `callee(args)`
    Call(ExprId, Vec<ExprId>),
    /// A prefix operator.
    Unary(UnaryOp, ExprId),
    /// An infix operator; the span is the operator's.
    Binary(BinaryOp, ExprId, ExprId, Span),
    /// `a and b and c`: two or more operands, never itself an `And`
    /// without parentheses.
    And(Vec<ExprId>),
    /// `a or b or c`
    Or(Vec<ExprId>),
    /// `quantifier of set`
    Of(Quantifier, Set, Option<Anchor>),
    /// `for quantifier of set : ( body )`
    ForOf(Quantifier, Set, ExprId),
    /// `for quantifier a, b in iterable : ( body )`
    ForIn(Quantifier, Vec<Name>, Iterable, ExprId),
    /// `with a = e, b = f : ( body )`
    With(Vec<(Name, ExprId)>, ExprId),
    /// `( e )`
    Paren(ExprId),
    /// Something that did not parse; it has a diagnostic.
    Error,
}

/// Prefix operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `defined`
    Defined,
    /// `-`
    Neg,
    /// `~`
    BitNot,
}

/// Infix operators, `and` and `or` excepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
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
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Contains,
    IContains,
    StartsWith,
    IStartsWith,
    EndsWith,
    IEndsWith,
    IEquals,
    Matches,
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantifier {
    /// Which kind.
    pub kind: QuantifierKind,
    /// Where.
    pub span: Span,
}

/// The kinds of quantifiers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum QuantifierKind {
    /// `all`
    All,
    /// `any`
    Any,
    /// `none`
    None,
    /// A number.
    Count(ExprId),
    /// A number before `%`.
    Percent(ExprId),
}

/// What stands after `of`.
#[derive(Clone, Debug, PartialEq)]
pub enum Set {
    /// `them`
    Them(Span),
    /// `( items )`
    Items(Vec<SetItem>, Span),
}

/// An item of a set.
#[derive(Clone, Debug, PartialEq)]
pub enum SetItem {
    /// `$a*`: the prefix without `$` and `*`.
    PatternWildcard(Name),
    /// `rule_*`: the prefix without `*`.
    RuleWildcard(Name),
    /// A pattern (`ExprKind::Pattern`), a rule or any boolean expression.
    Expr(ExprId),
}

/// Where the patterns of a set must match.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Anchor {
    /// `at e`
    At(ExprId),
    /// `in (lo..hi)`
    In(Range),
}

/// What a loop runs over.
#[derive(Clone, Debug, PartialEq)]
pub enum Iterable {
    /// `(lo..hi)`
    Range(Range),
    /// `(a, b, c)`, one item or more.
    List(Vec<ExprId>, Span),
    /// An array, a map, or whatever an expression names.
    Expr(ExprId),
}
