//! The tokens of rule text, as regular expressions.
//!
//! Everything that can go wrong with a literal has a token of its own, so
//! that the lexer never fails and the parser can go on behind it.

use logos::Logos;

/// A kind of token. Values are read from the source text when needed.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(utf8 = false)]
#[logos(skip(
    "[ \t\r\n\u{a0}\u{2000}-\u{200a}\u{202f}\u{205f}]+"
))]
#[rustfmt::skip]
pub(super) enum Tok {
    #[token("rule")] Rule,
    #[token("private")] Private,
    #[token("global")] Global,
    #[token("meta")] Meta,
    #[token("strings")] Strings,
    #[token("condition")] Condition,
    #[token("import")] Import,
    #[token("ascii")] Ascii,
    #[token("wide")] Wide,
    #[token("xor")] Xor,
    #[token("base64")] Base64,
    #[token("base64wide")] Base64Wide,
    #[token("nocase")] Nocase,
    #[token("fullword")] Fullword,
    #[token("at")] At,
    #[token("in")] In,
    #[token("of")] Of,
    #[token("them")] Them,
    #[token("for")] For,
    #[token("all")] All,
    #[token("any")] Any,
    #[token("none")] None,
    #[token("filesize")] Filesize,
    #[token("entrypoint")] Entrypoint,
    #[token("matches")] Matches,
    #[token("contains")] Contains,
    #[token("startswith")] StartsWith,
    #[token("endswith")] EndsWith,
    #[token("icontains")] IContains,
    #[token("istartswith")] IStartsWith,
    #[token("iendswith")] IEndsWith,
    #[token("iequals")] IEquals,
    #[token("true")] True,
    #[token("false")] False,
    #[token("or")] Or,
    #[token("and")] And,
    #[token("not")] Not,
    #[token("defined")] Defined,

    #[token("==")] Eq,
    #[token("!=")] Ne,
    #[token("<")] Lt,
    #[token("<=")] Le,
    #[token(">")] Gt,
    #[token(">=")] Ge,
    #[token("<<")] Shl,
    #[token(">>")] Shr,
    #[token("..")] DotDot,
    #[token("(")] LParen,
    #[token(")")] RParen,
    #[token("{")] LBrace,
    #[token("}")] RBrace,
    #[token("[")] LBracket,
    #[token("]")] RBracket,
    #[token(":")] Colon,
    #[token(",")] Comma,
    #[token("=")] Assign,
    #[token(".")] Dot,
    #[token("+")] Plus,
    #[token("-")] Minus,
    #[token("*")] Star,
    #[token("\\")] Backslash,
    #[token("%")] Percent,
    #[token("^")] Caret,
    #[token("&")] Amp,
    #[token("|")] Pipe,
    #[token("~")] Tilde,

    #[regex("[A-Za-z_][A-Za-z0-9_]*")] Ident,
    #[regex(r"\$[A-Za-z0-9_]*")] PatternId,
    #[regex(r"\$[A-Za-z0-9_]*\*")] PatternWild,
    #[regex("#[A-Za-z0-9_]*")] PatternCount,
    #[regex("@[A-Za-z0-9_]*")] PatternOffset,
    #[regex("![A-Za-z0-9_]*")] PatternLength,

    #[regex("[0-9][0-9_]*(KB|MB)?", priority = 12)]
    #[regex("0x[0-9a-fA-F][0-9a-fA-F_]*", priority = 12)]
    #[regex("0o[0-7][0-7_]*", priority = 12)]
    Int,
    #[regex(r"[0-9][0-9_]*\.[0-9_]*[0-9][0-9_]*", priority = 12)]
    Float,
    /// Letters right behind a number.
    #[regex("[0-9][0-9A-Za-z_]*", priority = 4)] BadInt,
    /// Such as `1.5e3`.
    #[regex(r"[0-9][0-9_]*\.[0-9][0-9A-Za-z_]*", priority = 4)] BadFloat,

    #[regex(r#"(?-u)"([^"\\\n]|\\[^\n])*""#)]
    #[regex(r#"(?-u)"""([^"\\]|\\[^\n])*""""#)]
    Text,
    /// Not closed; up to the end of the line, or with `"""` to a quote.
    #[regex(r#"(?-u)"([^"\\\n]|\\[^\n])*\\?"#, priority = 3)]
    #[regex(r#"(?-u)"""([^"\\]|\\[^\n])*"#, priority = 3)]
    BadText,
    #[regex(r"(?-u)/([^*/\\\n]|\\[^\n])([^/\\\n]|\\[^\n])*/")]
    Regex,
    /// Not closed on its line.
    #[regex(
        r"(?-u)/([^*/\\\n]|\\[^\n])([^/\\\n]|\\[^\n])*\\?",
        priority = 3
    )]
    BadRegex,

    #[regex("(?-u)//[^\n]*", allow_greedy = true)]
    #[regex(r"(?-u)/\*([^*]|\*+[^*/])*\*+/")]
    Comment,
    #[token("/*")] UnclosedComment,

    // Made by the lexer's modes and by the token filter.
    /// From `{` to `}`.
    Hex,
    /// A hex pattern without its `}`.
    BadHex,
    /// `include` before a text.
    Include,
    /// `with` before a declaration.
    With,
    /// `name*` as an item of a set.
    RuleWild,
    /// A parenthesis that is nested too deeply, with all it holds.
    Deep,
    /// What cannot start a token.
    Unknown,
}

impl Tok {
    /// Is it a reserved word?
    pub(super) fn is_keyword(self) -> bool {
        (self as u8) <= Tok::Defined as u8
    }
}
