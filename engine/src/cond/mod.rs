//! Conditions: the compiled form and its evaluation.

/// Fixed-width reads: `int8(e)`, `uint32be(e)`, `float64(e)` …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ReadKind {
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F32,
    F64,
    I8Be,
    I16Be,
    I32Be,
    I64Be,
    U8Be,
    U16Be,
    U32Be,
    U64Be,
    F32Be,
    F64Be,
}

/// Tests on two strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum StrOp {
    Contains,
    IContains,
    StartsWith,
    IStartsWith,
    EndsWith,
    IEndsWith,
    IEquals,
}
