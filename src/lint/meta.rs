//! Checks M001 to M004 and M040: what the settings say about metadata.

mod cccs;
mod keys;
mod neo23x0;

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::{Meta, MetaValue};

use super::settings::{MetaKey, Pattern, Profile};
use super::subject::RuleCx;

pub(super) use neo23x0::check_history;

pub(super) fn check(cx: &mut RuleCx<'_>) {
    wanted(cx);
    expired(cx);
    if cx.settings().has(Profile::Neo23x0) {
        neo23x0::check(cx);
    }
    if cx.settings().has(Profile::Cccs) {
        cccs::check(cx);
    }
    keys::check(cx);
}

impl<'a> RuleCx<'a> {
    /// The entries of a key, in any case.
    pub(super) fn meta(&self, key: &str) -> Vec<&'a Meta> {
        let all = self.rule.meta.iter();
        all.filter(|m| m.key.text.eq_ignore_ascii_case(key)).collect()
    }

    /// The first text of a key and where it stands.
    pub(super) fn meta_text(&self, key: &str) -> Option<(String, Span)> {
        self.meta(key).first().map(|m| (shown(&m.value), m.span))
    }
}

/// A value as text.
pub(super) fn shown(value: &MetaValue) -> String {
    match value {
        MetaValue::Text(text) => String::from_utf8_lossy(text).into_owned(),
        MetaValue::Int(value) => value.to_string(),
        MetaValue::UInt(value) => value.to_string(),
        MetaValue::Float(value) => value.to_string(),
        MetaValue::Bool(value) => value.to_string(),
    }
}

/// M001 to M004
fn wanted(cx: &mut RuleCx<'_>) {
    let settings = cx.settings();
    for (name, wanted) in &settings.meta {
        let found = cx.meta(name);
        if found.is_empty() && wanted.required {
            let span = cx.rule.name.span;
            cx.say("M001", span, format!("the key `{name}` is missing"));
        }
        if let (true, [first, .., last]) = (wanted.unique, found.as_slice()) {
            let (file, first) = (cx.file, first.key.span);
            let message = format!("the key `{name}` is there twice");
            cx.say("M004", last.key.span, message).also(
                file,
                first,
                "first time",
            );
        }
        for meta in found {
            if let Err(wrong) = fits(wanted, &meta.value) {
                cx.say("M002", meta.span, format!("`{name}` {wrong}"));
            }
        }
    }
    if !settings.meta_closed {
        return;
    }
    for meta in &cx.rule.meta {
        let key = &meta.key;
        let mut known = settings.meta.keys();
        if !known.any(|name| name.eq_ignore_ascii_case(&key.text)) {
            let message = format!("the key `{}` is not known", key.text);
            cx.say("M003", key.span, message);
        }
    }
}

fn fits(wanted: &MetaKey, value: &MetaValue) -> Result<(), String> {
    let text = shown(value);
    let is_text = matches!(value, MetaValue::Text(_));
    let is_int = matches!(value, MetaValue::Int(_) | MetaValue::UInt(_));
    if let Some(kind) = &wanted.kind {
        let good = match kind.as_str() {
            "string" => is_text,
            "integer" => is_int,
            "float" => matches!(value, MetaValue::Float(_)),
            "bool" => matches!(value, MetaValue::Bool(_)),
            "date" => is_text && is_date(&text),
            "md5" => is_hash(&text, &[32]),
            "sha1" => is_hash(&text, &[40]),
            "sha256" => is_hash(&text, &[64]),
            "hash" => is_hash(&text, &[32, 40, 64]),
            _ => true,
        };
        if !good {
            return Err(format!("is of no form of `{kind}`"));
        }
    }
    if let Some(pattern) = &wanted.pattern
        && let Ok(regex) = Pattern::new(pattern)
        && !regex.is_match(text.as_bytes())
    {
        return Err(format!("does not match `{pattern}`"));
    }
    if !wanted.values.is_empty() && !wanted.values.contains(&text) {
        return Err(format!("is none of {}", wanted.values.join(", ")));
    }
    Ok(())
}

/// Is it a day, written YYYY-MM-DD?
pub(super) fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, digits: usize| match text.len() == digits {
        true => text.parse::<u32>().ok(),
        false => None,
    };
    let (Some(year), Some(month), Some(day)) =
        (number(year, 4), number(month, 2), number(day, 2))
    else {
        return false;
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    };
    (1..=12).contains(&month) && (1..=days).contains(&day)
}

/// Hexadecimal digits of one of these lengths?
pub(super) fn is_hash(text: &str, lengths: &[usize]) -> bool {
    lengths.contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// M040
fn expired(cx: &mut RuleCx<'_>) {
    if let Some((day, span)) = cx.meta_text("expires")
        && is_date(&day)
        && day < cx.settings().today
    {
        cx.say("M040", span, format!("the rule expired on {day}"))
            .help("remove the rule, or look at it again");
    }
    if let Some((status, span)) = cx.meta_text("status")
        && status.eq_ignore_ascii_case("deprecated")
    {
        cx.say("M040", span, "the rule is deprecated")
            .help("move it out of the set that is in use");
    }
}
