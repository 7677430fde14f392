//! Pattern declarations: modifiers and values.

use std::collections::{BTreeMap, HashMap};

use super::cx::Cx;
use super::numbers::invalid_range;
use crate::diag::{Applicability, Code};
use crate::ir::PatternId;
use crate::pattern::hir::Hir;
use crate::pattern::{Pattern, Value};
use crate::source::Span;
use crate::syntax::ast::{self, ModifierKind, PatternValue};
use crate::syntax::hex;
use crate::syntax::regex::{self, Mode};

/// As many patterns a rule may have.
pub(super) const MAX_PATTERNS: usize = 100_000;

const STANDARD_ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The patterns of the rule.
#[derive(Default)]
pub(super) struct Declared {
    /// In order of declaration.
    pub(super) patterns: Vec<Pattern>,
    /// Those with a name.
    pub(super) names: BTreeMap<String, PatternId>,
    /// Those without.
    pub(super) anonymous: Vec<PatternId>,
    /// Was it used?
    pub(super) used: Vec<bool>,
}

/// The modifiers of one pattern.
#[derive(Default)]
struct Modifiers {
    ascii: Option<Span>,
    wide: Option<Span>,
    nocase: Option<Span>,
    fullword: Option<Span>,
    private: Option<Span>,
    xor: Option<(Span, u8, u8)>,
    base64: Option<(Span, Box<[u8; 64]>)>,
    base64wide: Option<(Span, Box<[u8; 64]>)>,
}

impl Cx<'_, '_> {
    /// Checks all declarations.
    pub(super) fn declare_patterns(&mut self) {
        let rule = self.rule;
        if rule.patterns.len() > MAX_PATTERNS {
            let message = format!(
                "the rule has {} patterns, at most {MAX_PATTERNS} are allowed",
                rule.patterns.len()
            );
            let at = rule.name.span;
            let new = self.diag(Code::TooManyPatterns, at, message);
            let help = "split it into several rules";
            self.report(new.label("too many patterns").help(help));
            return;
        }
        let mut first: HashMap<Vec<u8>, usize> = HashMap::new();
        for (at, declared) in rule.patterns.iter().enumerate() {
            self.declare(at, declared);
            let key = self.value_key(declared);
            match first.get(&key) {
                Some(first) => self.duplicate_value(declared, *first),
                None => {
                    first.insert(key, at);
                }
            }
        }
    }

    fn declare(&mut self, at: usize, declared: &ast::Pattern) {
        let id = PatternId(at as u32);
        let name = &declared.name;
        let mut again = false;
        if name.text.is_empty() {
            self.patterns.anonymous.push(id);
        } else if let Some(first) = self.patterns.names.get(&name.text) {
            let first = self.rule.patterns[first.0 as usize].name.span;
            let message =
                format!("pattern `${}` is declared twice", name.text);
            let file = self.file;
            let new = self
                .diag(Code::DuplicatePattern, name.span, message)
                .label("second declaration")
                .also(file, first, "first declaration")
                .help("give one of them another name");
            self.report(new);
            again = true;
        } else {
            self.patterns.names.insert(name.text.clone(), id);
        }
        let (flags, value) = self.pattern_value(declared);
        // Nothing can name the second one; that is said already.
        self.patterns.used.push(again);
        self.patterns.patterns.push(Pattern {
            name: name.text.clone(),
            private: flags.private.is_some(),
            value: value.unwrap_or(Value::Text(Vec::new())),
            ascii: flags.ascii.is_some() || flags.wide.is_none(),
            wide: flags.wide.is_some(),
            nocase: flags.nocase.is_some(),
            fullword: flags.fullword.is_some(),
            anchored_at: None,
            unused: false,
        });
    }

    fn pattern_value(
        &mut self,
        declared: &ast::Pattern,
    ) -> (Modifiers, Option<Value>) {
        let mut flags = self.modifiers(declared);
        let value = match &declared.value {
            PatternValue::Text(text) => {
                self.text_value(declared, text, &mut flags)
            }
            PatternValue::Regex(lit) => {
                self.regex_value(declared, lit, &flags)
            }
            PatternValue::Hex(body) => self.hex_value(declared, *body),
            PatternValue::Error => None,
        };
        (flags, value)
    }

    fn text_value(
        &mut self,
        declared: &ast::Pattern,
        text: &[u8],
        flags: &mut Modifiers,
    ) -> Option<Value> {
        if text.is_empty() {
            let message = "a pattern must not be empty";
            self.empty_pattern(declared.value_span, message);
            return None;
        }
        self.combinations(flags);
        let text = text.to_vec();
        if let Some((_, lo, hi)) = flags.xor {
            return Some(Value::Xor(text, lo, hi));
        }
        if flags.base64.is_none() && flags.base64wide.is_none() {
            return Some(Value::Text(text));
        }
        if text.len() < 3 {
            let message = "the base64 form of a text this short matches \
                           nearly everywhere";
            let new = self
                .diag(Code::Base64Short, declared.value_span, message)
                .label(match text.len() {
                    1 => "this is one byte",
                    _ => "these are two bytes",
                })
                .help("use a text of three bytes or more");
            self.report(new);
        }
        let plain = flags.base64.take().map(|(_, alphabet)| alphabet);
        let wide = flags.base64wide.take().map(|(_, alphabet)| alphabet);
        Some(Value::Base64 { text, plain, wide })
    }

    fn empty_pattern(&mut self, at: Span, message: &str) {
        let new = self
            .diag(Code::EmptyPattern, at, message)
            .label("nothing to search for")
            .help("write what to search for, or remove the pattern");
        self.report(new);
    }

    fn regex_value(
        &mut self,
        declared: &ast::Pattern,
        lit: &ast::RegexLit,
        flags: &Modifiers,
    ) -> Option<Value> {
        if let (Some(nocase), true) = (flags.nocase, lit.case_insensitive) {
            let message = "the flag `i` and `nocase` say the same";
            let new = self
                .diag(Code::RedundantModifier, nocase, message)
                .label("redundant")
                .fix(
                    "remove it",
                    nocase.for_removal(self.text),
                    "",
                    Applicability::Safe,
                );
            self.report(new);
        }
        let mut folded = lit.clone();
        folded.case_insensitive |= flags.nocase.is_some();
        let (parsed, diagnostics) =
            regex::parse(self.text, &folded, self.file, Mode::Pattern);
        for new in diagnostics {
            self.report(new);
        }
        let parsed = parsed?;
        let body = lit.body.of(self.text);
        if body.iter().all(|byte| matches!(byte, b'(' | b')' | b'|')) {
            let message = "the regular expression is empty";
            self.empty_pattern(declared.value_span, message);
            return None;
        }
        if let (Some(greedy), Some(lazy)) =
            (parsed.first_greedy, parsed.first_lazy)
        {
            let message = "greedy and lazy repetitions are mixed";
            let file = self.file;
            let at = declared.value_span;
            let new = self
                .diag(Code::RegexMixedGreediness, at, message)
                .also(file, greedy, "this is greedy")
                .also(file, lazy, "this is lazy")
                .note("the length of a match would depend on the search")
                .help("make all repetitions greedy, or all of them lazy");
            self.report(new);
            return None;
        }
        let greedy = parsed.first_lazy.is_none();
        let longest = greedy && parsed.first_greedy.is_some();
        let mut hir = parsed.hir;
        shortest_first(&mut hir);
        Some(Value::Regex { hir, greedy, longest })
    }

    fn hex_value(
        &mut self,
        declared: &ast::Pattern,
        body: Span,
    ) -> Option<Value> {
        let (hir, diagnostics) = hex::parse(self.text, body, self.file);
        for new in diagnostics {
            self.report(new);
        }
        let hir = hir?;
        if let Hir::Literal(bytes) = &hir
            && let Some(text) = printable(bytes)
        {
            let at = declared.value_span;
            let new = self
                .diag(
                    Code::TextAsHex,
                    at,
                    "the bytes of this hex pattern are plain text",
                )
                .label(format!("this is {text}"))
                .fix(
                    format!("use {text}"),
                    at,
                    text.clone(),
                    Applicability::Safe,
                );
            self.report(new);
        }
        Some(Value::Hex(hir))
    }

    fn modifiers(&mut self, declared: &ast::Pattern) -> Modifiers {
        let mut flags = Modifiers::default();
        let mut seen: Vec<(std::mem::Discriminant<ModifierKind>, Span)> =
            Vec::new();
        for modifier in &declared.modifiers {
            let kind = std::mem::discriminant(&modifier.kind);
            let span = modifier.span;
            if let Some((_, first)) = seen.iter().find(|(k, _)| *k == kind) {
                let file = self.file;
                let message = "a modifier is given twice";
                let new = self
                    .diag(Code::DuplicateModifier, span, message)
                    .label("second time")
                    .also(file, *first, "first time")
                    .fix(
                        "remove it",
                        span.for_removal(self.text),
                        "",
                        Applicability::Unsafe,
                    );
                self.report(new);
                continue;
            }
            seen.push((kind, span));
            if !self.modifier_fits(declared, modifier) {
                continue;
            }
            match &modifier.kind {
                ModifierKind::Ascii => flags.ascii = Some(span),
                ModifierKind::Wide => flags.wide = Some(span),
                ModifierKind::Nocase => flags.nocase = Some(span),
                ModifierKind::Fullword => flags.fullword = Some(span),
                ModifierKind::Private => flags.private = Some(span),
                ModifierKind::Xor(bounds) => {
                    flags.xor = self.xor(*bounds, span);
                }
                ModifierKind::Base64(alphabet) => {
                    flags.base64 = self.alphabet(alphabet.as_deref(), span);
                }
                ModifierKind::Base64Wide(alphabet) => {
                    flags.base64wide =
                        self.alphabet(alphabet.as_deref(), span);
                }
            }
        }
        flags
    }

    fn modifier_fits(
        &mut self,
        declared: &ast::Pattern,
        modifier: &ast::Modifier,
    ) -> bool {
        let (fits, what) = match declared.value {
            PatternValue::Text(_) => (true, "text"),
            PatternValue::Regex(_) => (
                !matches!(
                    modifier.kind,
                    ModifierKind::Xor(_)
                        | ModifierKind::Base64(_)
                        | ModifierKind::Base64Wide(_)
                ),
                "regular expression",
            ),
            PatternValue::Hex(_) => {
                (modifier.kind == ModifierKind::Private, "hex pattern")
            }
            PatternValue::Error => return true,
        };
        if !fits {
            let name = modifier_name(&modifier.kind);
            let message = format!("`{name}` does not fit a {what}");
            let at = modifier.span;
            let new = self
                .diag(Code::ModifierNotAllowed, at, message)
                .label("not allowed here")
                .fix(
                    "remove it",
                    at.for_removal(self.text),
                    "",
                    Applicability::Unsafe,
                );
            self.report(new);
        }
        fits
    }

    fn xor(
        &mut self,
        bounds: Option<(u64, u64)>,
        span: Span,
    ) -> Option<(Span, u8, u8)> {
        let (lo, hi) = bounds.unwrap_or((0, 255));
        if lo > 255 || hi > 255 {
            let message = "an xor key is a byte, from 0 to 255";
            let new = self.diag(Code::ModifierArgument, span, message);
            let help = "give one key, or two bounds, from 0 to 255";
            self.report(new.label("out of range").help(help));
            return None;
        }
        if lo > hi {
            let new = self.diag(Code::InvalidRange, span, "");
            self.report(invalid_range(new, &lo, &hi));
            return None;
        }
        Some((span, lo as u8, hi as u8))
    }

    fn alphabet(
        &mut self,
        given: Option<&[u8]>,
        span: Span,
    ) -> Option<(Span, Box<[u8; 64]>)> {
        let Some(given) = given else {
            return Some((span, Box::new(*STANDARD_ALPHABET)));
        };
        let Ok(alphabet) = <[u8; 64]>::try_from(given) else {
            let message = format!(
                "a base64 alphabet has 64 bytes, this one has {}",
                given.len()
            );
            let new = self
                .diag(Code::Base64AlphabetLength, span, message)
                .label("this alphabet")
                .help(
                    "name all 64 characters in order, or leave the alphabet \
                     out for the usual one",
                );
            self.report(new);
            return None;
        };
        let mut sorted = alphabet;
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            let byte = pair[0].escape_ascii();
            let message = format!("the base64 alphabet repeats `{byte}`");
            let new = self
                .diag(Code::Base64Alphabet, span, message)
                .label(format!("`{byte}` stands for two values here"))
                .help("name each character once");
            self.report(new);
        }
        Some((span, Box::new(alphabet)))
    }

    fn combinations(&mut self, flags: &Modifiers) {
        let xor = ("xor", flags.xor.as_ref().map(|x| x.0));
        let base64 = ("base64", flags.base64.as_ref().map(|b| b.0));
        let wide = ("base64wide", flags.base64wide.as_ref().map(|b| b.0));
        let nocase = ("nocase", flags.nocase);
        let fullword = ("fullword", flags.fullword);
        let pairs = [
            (xor, nocase),
            (base64, nocase),
            (wide, nocase),
            (base64, fullword),
            (wide, fullword),
            (base64, xor),
            (wide, xor),
        ];
        for ((a, a_at), (b, b_at)) in pairs {
            let (Some(a_at), Some(b_at)) = (a_at, b_at) else { continue };
            let message = format!("`{a}` and `{b}` exclude each other");
            let file = self.file;
            let new = self
                .diag(Code::ModifierCombination, a_at, message)
                .label("this one")
                .also(file, b_at, "not together with this one")
                .help("remove one of the two, or write two patterns");
            self.report(new);
            return;
        }
    }

    /// Two patterns with equal keys are equal.
    fn value_key(&self, declared: &ast::Pattern) -> Vec<u8> {
        let mut key = Vec::new();
        match &declared.value {
            PatternValue::Text(text) => {
                key.push(b'"');
                key.extend(text);
            }
            PatternValue::Regex(lit) => {
                key.push(b'/');
                key.push(u8::from(lit.case_insensitive));
                key.push(u8::from(lit.dot_all));
                key.extend(lit.body.of(self.text));
            }
            PatternValue::Hex(body) => {
                key.push(b'{');
                let body = body.of(self.text).iter();
                let body = body.filter(|b| !b.is_ascii_whitespace());
                key.extend(body.map(u8::to_ascii_uppercase));
            }
            PatternValue::Error => {
                key.extend(declared.span.lo.to_le_bytes());
            }
        }
        key.push(0);
        let mut modifiers: Vec<String> = declared
            .modifiers
            .iter()
            .filter(|m| m.kind != ModifierKind::Private)
            .map(|m| format!("{:?}", m.kind))
            .collect();
        modifiers.sort();
        key.extend(modifiers.join(" ").bytes());
        key
    }

    fn duplicate_value(&mut self, second: &ast::Pattern, first: usize) {
        let first = &self.rule.patterns[first];
        let message = "two patterns of the rule are equal";
        let name = |pattern: &ast::Pattern| format!("${}", pattern.name.text);
        let file = self.file;
        let new = self
            .diag(Code::DuplicatePatternValue, second.span, message)
            .label(format!("the same as `{}`", name(first)))
            .also(file, first.span, "first declared here")
            .help("remove one of the two, and its name in the condition");
        self.report(new);
    }

    /// Reports patterns that nothing uses.
    pub(super) fn unused_patterns(&mut self) {
        for at in 0..self.patterns.patterns.len() {
            if self.patterns.used[at] {
                continue;
            }
            let name = &self.rule.patterns[at].name;
            if name.text.starts_with('_') {
                self.patterns.patterns[at].unused = true;
                continue;
            }
            let shown = format!("${}", name.text);
            let message = format!("pattern `{shown}` is never used");
            let help = match name.text.is_empty() {
                true => "an anonymous pattern is used by `them` or `($*)`"
                    .to_owned(),
                false => format!(
                    "use it in the condition, remove it, or call it \
                     `$_{}`",
                    name.text
                ),
            };
            let new = self
                .diag(Code::UnusedPattern, name.span, message)
                .label("not used in the condition")
                .help(help);
            self.report(new);
        }
    }
}

/// The text literal for these bytes, if a human can read it.
fn printable(bytes: &[u8]) -> Option<String> {
    let mut text = String::from("\"");
    for byte in bytes {
        match byte {
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'"' => text.push_str("\\\""),
            b'\\' => text.push_str("\\\\"),
            b' '..=b'~' => text.push(char::from(*byte)),
            _ => return None,
        }
    }
    text.push('"');
    Some(text)
}

fn modifier_name(kind: &ModifierKind) -> &'static str {
    match kind {
        ModifierKind::Ascii => "ascii",
        ModifierKind::Wide => "wide",
        ModifierKind::Nocase => "nocase",
        ModifierKind::Fullword => "fullword",
        ModifierKind::Private => "private",
        ModifierKind::Xor(_) => "xor",
        ModifierKind::Base64(_) => "base64",
        ModifierKind::Base64Wide(_) => "base64wide",
    }
}

/// Of words that begin at one place the shortest counts, whichever is
/// written first: libyara and YARA-X search for each of them. Groups among
/// the words change nothing, as in libyara.
fn shortest_first(hir: &mut Hir) {
    fn is_words(hir: &Hir) -> bool {
        match hir {
            Hir::Literal(_) => true,
            Hir::Alternation(parts) => parts.iter().all(is_words),
            _ => false,
        }
    }
    fn flatten(hir: Hir, words: &mut Vec<Hir>) {
        match hir {
            Hir::Alternation(parts) => {
                parts.into_iter().for_each(|part| flatten(part, words));
            }
            word => words.push(word),
        }
    }
    if matches!(hir, Hir::Alternation(_)) && is_words(hir) {
        let mut words = Vec::new();
        flatten(std::mem::replace(hir, Hir::Empty), &mut words);
        words.sort_by_key(|word| word.length());
        *hir = Hir::Alternation(words);
    }
}
