//! Checks of family C: which engines take a rule, and how they read it.

use dragnet_compiler::diag::Code;
use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::{
    Anchor, BinaryOp, ExprKind, MetaValue, ModifierKind, PatternValue,
    QuantifierKind, Set, SetItem, UnaryOp,
};
use dragnet_engine::module::schema::Origin;

use super::regex::constructs;
use super::subject::{Mods, RuleCx};
use crate::member::origin;

/// Warnings of the compiler about forms that only libyara accepts.
const NOT_YARAX: [Code; 15] = [
    Code::EntrypointDeprecated,
    Code::RegexEmptyMatch,
    Code::RegexArbitraryPrefix,
    Code::RegexClassBracket,
    Code::ZeroJump,
    Code::Base64Short,
    Code::Base64Alphabet,
    Code::IndexOutOfRange,
    Code::NegativeOffset,
    Code::DuplicateRuleModifier,
    Code::BoolAsInt,
    Code::IntegerOverflow,
    Code::UnclosedComment,
    Code::SelfReference,
    Code::RegexAsBool,
];

/// The lint that reports a warning of the compiler about an engine.
pub(super) fn lint_of(code: Code) -> Option<&'static str> {
    match code {
        Code::EntrypointDeprecated => None,
        Code::RegexUnescapedBrace | Code::RegexUnknownEscape => Some("C006"),
        Code::DuplicateSetItem | Code::RegexClassSetOp => Some("C004"),
        Code::LongIdentifier | Code::DivisionByZero => Some("C001"),
        code if NOT_YARAX.contains(&code) => Some("C002"),
        _ => None,
    }
}

pub(super) fn check(cx: &mut RuleCx<'_>) {
    let mut needs = Version { number: (3, 0), span: cx.rule.name.span };
    for meta in &cx.rule.meta {
        if let MetaValue::Float(_) = meta.value {
            not_yara4(cx, meta.span, "a float in `meta`");
        }
    }
    patterns(cx, &mut needs);
    for seen in cx.exprs.clone() {
        expression(cx, seen.id, &mut needs);
    }
    if let Some(private) = cx.rule.private.first() {
        cx.say("C003", *private, "ClamAV knows no private rules");
    }
    minimum(cx, &needs);
}

/// The lowest version of YARA that has everything so far.
struct Version {
    number: (u32, u32),
    span: Span,
}

impl Version {
    fn at_least(&mut self, major: u32, minor: u32, span: Span) {
        if (major, minor) > self.number {
            self.number = (major, minor);
            self.span = span;
        }
    }
}

fn not_yara4(cx: &mut RuleCx<'_>, span: Span, what: &str) {
    cx.say("C001", span, format!("YARA 4 does not know {what}"));
}

fn patterns(cx: &mut RuleCx<'_>, needs: &mut Version) {
    for pattern in &cx.rule.patterns {
        let written = cx.source(pattern.value_span);
        let span = pattern.value_span;
        let mods = Mods::of(pattern);
        match &pattern.value {
            PatternValue::Text(_) => {
                if written.starts_with("\"\"\"") && written.len() > 5 {
                    not_yara4(cx, span, "a text over several lines");
                }
                if escapes_zero(&written) {
                    not_yara4(cx, span, "the escape `\\0`");
                }
                if mods.xor && mods.fullword.is_some() {
                    let message = "YARA 4 tests the neighbours of `xor` as \
                                   they are, YARA-X under the key";
                    cx.say("C004", pattern.span, message);
                }
            }
            PatternValue::Regex(regex) => {
                let found = constructs(regex.body.of(cx.text));
                if let Some(part) = found.not_yara4 {
                    let what = format!("`{part}` in regular expressions");
                    not_yara4(cx, span, &what);
                }
                if found.place && mods.wide.is_some() {
                    let message = "places of `wide` expressions are tested \
                                   differently by YARA 4 and YARA-X";
                    cx.say("C004", pattern.span, message);
                }
            }
            PatternValue::Hex(_) => {
                let jump = written.split('[').skip(1).any(|jump| {
                    let jump = jump.trim_start();
                    jump.starts_with("0x")
                        || jump.starts_with("0o")
                        || jump.starts_with('-')
                            && !jump[1..].trim_start().starts_with(']')
                });
                if jump {
                    not_yara4(cx, span, "this form of a jump");
                }
                if written.contains('~') {
                    needs.at_least(4, 3, span);
                }
            }
            PatternValue::Error => {}
        }
        for modifier in &pattern.modifiers {
            match modifier.kind {
                ModifierKind::Base64(_)
                | ModifierKind::Base64Wide(_)
                | ModifierKind::Xor(Some(_)) => {
                    needs.at_least(4, 0, modifier.span);
                }
                ModifierKind::Private => {
                    needs.at_least(3, 10, modifier.span);
                }
                _ => {}
            }
        }
    }
}

fn escapes_zero(written: &str) -> bool {
    let bytes = written.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\\' {
            if bytes.get(at + 1) == Some(&b'0') {
                return true;
            }
            at += 1;
        }
        at += 1;
    }
    false
}

fn expression(
    cx: &mut RuleCx<'_>,
    id: dragnet_compiler::syntax::ast::ExprId,
    needs: &mut Version,
) {
    let expr = cx.expr(id);
    let span = expr.span;
    match &expr.kind {
        ExprKind::With(..) => not_yara4(cx, span, "`with`"),
        ExprKind::Int(_) if cx.source(span).contains(['_', 'o']) => {
            not_yara4(cx, span, "numbers of this form");
        }
        ExprKind::Unary(UnaryOp::Defined, _) => needs.at_least(4, 2, span),
        ExprKind::Binary(op, _, b, _) => {
            operator(cx, *op, *b, span, needs);
        }
        ExprKind::Of(quantifier, set, anchor) => {
            match quantifier.kind {
                QuantifierKind::None | QuantifierKind::Percent(_) => {
                    needs.at_least(4, 2, quantifier.span);
                }
                _ => {}
            }
            match anchor {
                Some(Anchor::At(_)) => needs.at_least(4, 3, span),
                Some(Anchor::In(_)) => needs.at_least(4, 2, span),
                None => {}
            }
            items(cx, set);
        }
        ExprKind::ForOf(quantifier, set, _) => {
            if let QuantifierKind::Percent(_) = quantifier.kind {
                not_yara4(cx, quantifier.span, "a percentage with `for`");
            }
            items(cx, set);
        }
        ExprKind::Call(callee, _) => {
            if let ExprKind::Field(_, name) = &cx.expr(*callee).kind
                && name.text == "len"
            {
                not_yara4(cx, name.span, "`.len()`");
            }
        }
        ExprKind::Name(name) => word(cx, name, span),
        ExprKind::Field(..) => field(cx, id, span),
        _ => {}
    }
}

fn operator(
    cx: &mut RuleCx<'_>,
    op: BinaryOp,
    right: dragnet_compiler::syntax::ast::ExprId,
    span: Span,
    needs: &mut Version,
) {
    use BinaryOp as Op;
    let folds = matches!(op, Op::IContains | Op::IStartsWith | Op::IEndsWith);
    if folds || matches!(op, Op::StartsWith | Op::EndsWith | Op::IEquals) {
        needs.at_least(4, 1, span);
    }
    if let (true, ExprKind::Text(text)) =
        (folds || op == Op::IEquals, &cx.bare(right).kind)
        && !text.is_ascii()
    {
        let message = "letters outside of ASCII have no case in YARA 4, and \
                       have one in YARA-X";
        cx.say("C004", span, message);
    }
}

fn items(cx: &mut RuleCx<'_>, set: &Set) {
    let Set::Items(items, _) = set else { return };
    for item in items {
        match item {
            SetItem::RuleWildcard(name) => {
                let message = "YARA-X knows no wildcards of rules";
                cx.say("C002", name.span, message);
            }
            SetItem::Expr(id) => {
                let expr = cx.expr(*id);
                let plain = matches!(
                    expr.kind,
                    ExprKind::Pattern(_) | ExprKind::Name(_)
                );
                if !plain {
                    not_yara4(cx, expr.span, "conditions in a set");
                }
            }
            SetItem::PatternWildcard(_) => {}
        }
    }
}

fn word(cx: &mut RuleCx<'_>, name: &str, span: Span) {
    let reads = ["float32", "float64", "uint64", "int64"];
    if reads.iter().any(|read| name.starts_with(read)) {
        not_yara4(cx, span, &format!("`{name}`"));
    }
    if name.ends_with("be") && name.contains("int") {
        cx.say("C003", span, format!("ClamAV does not know `{name}`"));
    }
    let settings = cx.settings();
    if settings.externals.iter().any(|(other, _)| other == name) {
        cx.say("C003", span, "ClamAV knows no external variables");
    }
}

/// Fields and functions that only one engine has.
fn field(
    cx: &mut RuleCx<'_>,
    id: dragnet_compiler::syntax::ast::ExprId,
    span: Span,
) {
    let Some(path) = cx.path(id) else { return };
    let Some((module, fields)) = path.split_first() else { return };
    if !cx.whole.modules.contains_key(*module) {
        return;
    }
    if let [_] = fields {
        let message = format!("ClamAV does not know the module `{module}`");
        cx.say("C003", span, message);
    }
    if path == ["string", "to_int"] {
        let message = "`string.to_int` reads other forms of numbers in \
                       YARA 4 than in YARA-X";
        cx.say("C004", span, message);
    }
    match origin(&path) {
        Some(Origin::YaraX) => {
            let what = format!("`{}`", path.join("."));
            not_yara4(cx, span, &what);
        }
        Some(Origin::Libyara) => {
            let message = format!("YARA-X has no `{}`", path.join("."));
            cx.say("C002", span, message);
        }
        _ => {}
    }
}

/// C005
fn minimum(cx: &mut RuleCx<'_>, needs: &Version) {
    let Some((text, span)) = cx.meta_text("minimum_yara") else { return };
    let (major, minor) = text.split_once('.').unwrap_or((&text, "0"));
    let (Ok(major), Ok(minor)) = (major.parse(), minor.parse::<u32>()) else {
        return;
    };
    if (major, minor) >= needs.number {
        return;
    }
    let wanted = format!("{}.{}", needs.number.0, needs.number.1);
    let (file, at) = (cx.file, needs.span);
    cx.say("C005", span, format!("the rule needs YARA {wanted}"))
        .also(file, at, "because of this")
        .fix(
            format!("write `{wanted}`"),
            true,
            vec![(span, format!("\"{wanted}\""))],
        );
}
