//! Checks of family P that look at what a string searches for.

use dragnet_compiler::diag::Code;
use dragnet_compiler::pattern::Value;
use dragnet_compiler::pattern::hir::{ByteSet, Hir};
use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::PatternValue;

use super::runs::{longest, longest_apart};
use super::subject::{How, Mods, RuleCx};
use super::syntax::whole_line;
use super::table::Level;

/// Fixed bytes in a row that make a good start.
const ATOM: usize = 4;
/// A jump that spans more is a gap.
const LARGE_JUMP: u32 = 64;
/// Such short texts are often all there is of a script.
const TAGS: [&[u8]; 4] = [b"<?", b"<%", b"<?=", b"GET"];

pub(super) fn check(cx: &mut RuleCx<'_>, slow: &[Span]) {
    for at in 0..cx.rule.patterns.len() {
        let span = cx.rule.patterns[at].value_span;
        // The compiler says it already, and louder.
        if !slow.contains(&span) {
            run_of(cx, at);
        }
        content(cx, at);
        modifiers(cx, at);
        at_offset(cx, at);
    }
}

/// P001, P003, P008, P009
fn run_of(cx: &mut RuleCx<'_>, at: usize) {
    let pattern = &cx.rule.patterns[at];
    let typed = cx.ir.and_then(|rule| rule.patterns.get(at));
    let Some(typed) = typed else { return };
    let span = pattern.value_span;
    match &typed.value {
        Value::Text(text) | Value::Xor(text, ..) => {
            let wide = typed.wide && !typed.ascii;
            let length = text.len() * if wide { 2 } else { 1 };
            if length < ATOM {
                let level = match TAGS.contains(&text.as_slice()) {
                    true => Level::Info,
                    false => Level::Warning,
                };
                short(cx, span, length, level);
            }
        }
        Value::Hex(hir) => {
            let length = longest(hir);
            let gaps = has_gaps(hir);
            if length < ATOM && gaps {
                let message = "the string has gaps, and no run of four \
                               fixed bytes";
                cx.say("P009", span, message)
                    .label(format!("at most {length} fixed bytes in a row"))
                    .help("add bytes between the gaps, or leave them out");
            } else if length < ATOM {
                short(cx, span, length, Level::Warning);
            }
        }
        Value::Regex { hir, .. } => {
            let length = longest(hir);
            if length >= ATOM {
                return;
            }
            let fixed = format!("at most {length} fixed bytes in a row");
            if longest_apart(hir) >= ATOM {
                let message = "the alternatives leave only short runs of \
                               fixed bytes";
                let edits = super::alternation::apart(cx, at);
                let new = cx.say("P008", span, message);
                new.label(fixed).help("write a string for each alternative");
                if let Some(edits) = edits {
                    new.fix("write them apart", false, edits);
                }
            } else {
                let message = "the expression has no run of four fixed bytes";
                cx.say("P003", span, message)
                    .label(fixed)
                    .help("add neighbouring bytes that are always there");
            }
        }
        Value::Base64 { .. } => {}
    }
}

fn short(cx: &mut RuleCx<'_>, span: Span, length: usize, level: Level) {
    let message = "the string has no run of four fixed bytes";
    cx.say("P001", span, message)
        .label(format!("{length} bytes"))
        .help("add a neighbouring byte that is always there")
        .level(level);
}

/// Large jumps, or as many wildcards as bytes?
fn has_gaps(hir: &Hir) -> bool {
    let parts = match hir {
        Hir::Concat(parts) => parts.as_slice(),
        other => std::slice::from_ref(other),
    };
    let (mut open, mut fixed) = (0, 0);
    for part in parts {
        match part {
            Hir::Literal(bytes) => fixed += bytes.len(),
            Hir::Class(_) => open += 1,
            Hir::Repeat { min, max, sub, .. } if is_any(sub) => {
                if max.is_none_or(|max| max > LARGE_JUMP) {
                    return true;
                }
                open += (*min).max(1) as usize;
            }
            _ => {}
        }
    }
    open > 0 && open >= fixed
}

fn is_any(hir: &Hir) -> bool {
    matches!(hir, Hir::Class(set) if *set == ByteSet::ALL)
}

/// P010, P011
fn content(cx: &mut RuleCx<'_>, at: usize) {
    let typed = cx.ir.and_then(|rule| rule.patterns.get(at));
    let bytes = match typed.map(|typed| &typed.value) {
        Some(Value::Text(bytes) | Value::Hex(Hir::Literal(bytes))) => {
            bytes.clone()
        }
        _ => return,
    };
    let span = cx.rule.patterns[at].value_span;
    let period = (1..=4).find(|period| {
        bytes.len() >= (2 * period).max(3)
            && bytes.iter().zip(&bytes[*period..]).all(|(a, b)| a == b)
    });
    match period {
        Some(1) => {
            let message = "the string is one character, repeated";
            cx.say("P010", span, message)
                .label("matches at every place of a long run")
                .help("add what stands before or behind it");
        }
        Some(period) => {
            let message =
                format!("the string repeats itself each {period} bytes");
            cx.say("P011", span, message)
                .label("matches again and again in a run")
                .help("add what stands before or behind it");
        }
        None => {}
    }
}

/// P012, P013
fn modifiers(cx: &mut RuleCx<'_>, at: usize) {
    let pattern = &cx.rule.patterns[at];
    let mods = Mods::of(pattern);
    let Some(nocase) = mods.nocase else { return };
    if let PatternValue::Text(text) = &pattern.value {
        let letters =
            |window: &[u8]| window.iter().all(u8::is_ascii_alphabetic);
        let all = text.len() >= ATOM && text.windows(ATOM).all(letters);
        if all {
            let message = "`nocase` with nothing but letters";
            cx.say("P012", nocase, message)
                .label("four letters can be written in 16 ways")
                .help("leave it out, or add a digit or a sign");
        }
    }
    if mods.ascii.is_some() && mods.wide.is_some() {
        let span = pattern.span;
        let message = "`ascii`, `wide` and `nocase` together";
        cx.say("P013", span, message).help("leave out what was never seen");
    }
}

/// P014
fn at_offset(cx: &mut RuleCx<'_>, at: usize) {
    let pattern = &cx.rule.patterns[at];
    let typed = cx.ir.and_then(|rule| rule.patterns.get(at));
    let bytes = match typed.map(|typed| (&typed.value, typed)) {
        Some((Value::Text(bytes), typed))
            if typed.ascii && !typed.wide && !typed.nocase =>
        {
            bytes.clone()
        }
        Some((Value::Hex(Hir::Literal(bytes)), _)) => bytes.clone(),
        _ => return,
    };
    if bytes.is_empty() || bytes.len() > ATOM {
        return;
    }
    let uses = cx.uses_of(at).to_vec();
    let all_at = uses.iter().all(|u| matches!(u.how, How::At(_)));
    if uses.is_empty() || !all_at {
        return;
    }
    let read = match bytes.len() {
        1 => Some("uint8"),
        2 => Some("uint16be"),
        4 => Some("uint32be"),
        _ => None,
    };
    let digits: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let mut edits = vec![(whole_line(cx.text, pattern.span), String::new())];
    for used in &uses {
        let How::At(offset) = used.how else { continue };
        let offset = cx.source(cx.expr(offset).span);
        let read = read.unwrap_or_default();
        let new = format!("{read}({offset}) == 0x{digits}");
        edits.push((cx.expr(used.expr).span, new));
    }
    // A section must not be empty.
    let only = cx.rule.patterns.len() == 1;
    let span = pattern.span;
    let new = cx.say("P014", span, "a short string at an offset is a number");
    new.help("read it with `uint16` and its kin");
    if read.is_some() && !only {
        new.fix("compare a number", false, edits);
    }
}

/// Is this code a warning about the cost of a pattern?
pub(super) fn is_slow(code: Code) -> bool {
    code == Code::SlowPattern
}
