//! Turns what the parser expected into words.
//!
//! A parser that stops inside an expression would list thirty tokens; an
//! author wants to hear "expected an expression".

use super::token::Tok;
use crate::diag::{Applicability, Code, Diagnostic, closest};
use crate::source::{FileId, Span};

/// What may start an expression.
const STARTERS: &[&str] = &[
    "\"filesize\"",
    "\"entrypoint\"",
    "\"true\"",
    "\"false\"",
    "\"not\"",
    "\"defined\"",
    "\"for\"",
    "\"with\"",
    "\"all\"",
    "\"any\"",
    "\"none\"",
    "\"(\"",
    "\"-\"",
    "\"~\"",
    "IDENT",
    "INT",
    "FLOAT",
    "TEXT",
    "REGEX",
    "PATTERN_ID",
    "PATTERN_COUNT",
    "PATTERN_OFFSET",
    "PATTERN_LENGTH",
];

/// What may follow an operand.
const OPERATORS: &[&str] = &[
    "\"and\"",
    "\"or\"",
    "\"==\"",
    "\"!=\"",
    "\"<\"",
    "\"<=\"",
    "\">\"",
    "\">=\"",
    "\"contains\"",
    "\"icontains\"",
    "\"startswith\"",
    "\"istartswith\"",
    "\"endswith\"",
    "\"iendswith\"",
    "\"iequals\"",
    "\"matches\"",
    "\"+\"",
    "\"-\"",
    "\"*\"",
    "\"\\\\\"",
    "\"%\"",
    "\"<<\"",
    "\">>\"",
    "\"&\"",
    "\"|\"",
    "\"^\"",
    "\"of\"",
    "\".\"",
    "\"[\"",
    "\"(\"",
    "\"at\"",
    "\"in\"",
];

const MODIFIERS: &[&str] = &[
    "\"ascii\"",
    "\"wide\"",
    "\"nocase\"",
    "\"fullword\"",
    "\"private\"",
    "\"xor\"",
    "\"base64\"",
    "\"base64wide\"",
];

/// Tokens that are never worth naming.
const SILENT: &[&str] = &[
    "BAD_INT",
    "BAD_FLOAT",
    "BAD_TEXT",
    "BAD_REGEX",
    "BAD_HEX",
    "DEEP",
    "UNKNOWN",
];

/// One phrase for all tokens that could have come.
pub(super) fn phrase(expected: &[String]) -> String {
    let has = |name: &str| expected.iter().any(|e| e == name);
    let mut words: Vec<String> = Vec::new();
    let mut folded: Vec<&[&str]> = vec![SILENT];
    if has("\"filesize\"") {
        words.push("an expression".to_owned());
        folded.push(STARTERS);
    } else if has("\"+\"") {
        words.push("an operator".to_owned());
        folded.push(OPERATORS);
    }
    if has("\"fullword\"") {
        words.push("a modifier".to_owned());
        folded.push(MODIFIERS);
    }
    let rest = expected
        .iter()
        .filter(|e| !folded.iter().any(|list| list.contains(&e.as_str())));
    words.extend(rest.map(|name| word(name)));
    words.dedup();
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [init @ .., last] => format!("{} or {last}", init.join(", ")),
    }
}

fn word(name: &str) -> String {
    match name {
        "IDENT" => "an identifier".to_owned(),
        "INT" => "an integer".to_owned(),
        "FLOAT" => "a float".to_owned(),
        "TEXT" => "a text literal".to_owned(),
        "REGEX" => "a regular expression".to_owned(),
        "HEX" => "a hex pattern".to_owned(),
        "PATTERN_ID" => "a pattern (`$name`)".to_owned(),
        "PATTERN_WILD" => "a pattern wildcard".to_owned(),
        "PATTERN_COUNT" => "`#name`".to_owned(),
        "PATTERN_OFFSET" => "`@name`".to_owned(),
        "PATTERN_LENGTH" => "`!name`".to_owned(),
        "RULE_WILD" => "a rule wildcard".to_owned(),
        quoted => {
            let text = quoted.trim_matches('"').replace("\\\\", "\\");
            format!("`{text}`")
        }
    }
}

/// How the token that was found is called in a message.
pub(super) fn describe(tok: Tok, span: Span, text: &[u8]) -> String {
    let source = String::from_utf8_lossy(span.of(text));
    match tok {
        Tok::Text | Tok::BadText => "a text literal".to_owned(),
        Tok::Regex | Tok::BadRegex => "a regular expression".to_owned(),
        Tok::Hex | Tok::BadHex => "a hex pattern".to_owned(),
        Tok::Deep => "a parenthesis".to_owned(),
        Tok::Unknown => {
            let first = source.chars().next().unwrap_or('\u{fffd}');
            format!("`{}`", first.escape_debug())
        }
        tok if tok.is_keyword() => format!("the keyword `{source}`"),
        _ if source.chars().count() > 40 => {
            let head: String = source.chars().take(37).collect();
            format!("`{head}…`")
        }
        _ => format!("`{source}`"),
    }
}

/// The error for a token that does not fit.
pub(super) fn unexpected(
    text: &[u8],
    file: FileId,
    found: Option<(Tok, Span)>,
    expected: &[String],
) -> Diagnostic {
    let end = text.len() as u32;
    let (name, span) = match found {
        Some((tok, span)) => (describe(tok, span, text), span),
        None => ("the end of the file".to_owned(), Span::new(end, end)),
    };
    let phrase = phrase(expected);
    if let Some((Tok::Unknown, span)) = found {
        return unknown_character(file, span, &name, text);
    }
    let message = if phrase.is_empty() {
        format!("unexpected {name}")
    } else {
        format!("expected {phrase}, found {name}")
    };
    let mut error = Diagnostic::new(Code::Syntax, file, span, message).label(
        if phrase.is_empty() {
            "unexpected".to_owned()
        } else {
            format!("expected {phrase}")
        },
    );
    if let Some((Tok::Ident, span)) = found
        && let Some(word) = meant(text, span, expected)
    {
        let title = format!("did you mean `{word}`?");
        error = error.fix(title, span, word, Applicability::Unsafe);
    }
    let keyword = found.is_some_and(|(tok, _)| tok.is_keyword());
    if keyword && expected.iter().any(|e| e == "IDENT") {
        error = error.note(format!("{name} cannot be used as a name"));
    }
    error
}

/// The word that was meant by one that does not fit.
fn meant(text: &[u8], span: Span, expected: &[String]) -> Option<String> {
    let found = std::str::from_utf8(span.of(text)).ok()?;
    let after = text.get(span.hi as usize..).unwrap_or_default();
    if found.len() < 2 {
        return None;
    }
    let has = |name: &str| expected.iter().any(|e| e == name);
    let mut words: Vec<&str> =
        expected.iter().map(|name| name.trim_matches('"')).collect();
    // What may come as well, but is not for the same parser.
    if after.trim_ascii_start().starts_with(b":") {
        words.extend(["meta", "strings", "condition"]);
    }
    if has("\"rule\"") {
        words.extend(["private", "global"]);
    }
    words.retain(|word| word.starts_with(|c: char| c.is_ascii_lowercase()));
    closest(found, words.into_iter()).map(str::to_owned)
}

fn unknown_character(
    file: FileId,
    span: Span,
    name: &str,
    text: &[u8],
) -> Diagnostic {
    let source = String::from_utf8_lossy(span.of(text)).into_owned();
    let error = Diagnostic::new(
        Code::Syntax,
        file,
        span,
        format!("unexpected character {name}"),
    )
    .label("means nothing in a rule");
    if source.starts_with(['\u{201c}', '\u{201d}', '\u{201e}']) {
        return error.help("text stands between plain quotes: `\"`");
    }
    error
}
