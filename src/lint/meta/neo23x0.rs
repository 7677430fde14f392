//! Checks M010 to M016 and M041: the style guide of signature-base.

use dragnet_compiler::source::Span;

use super::super::history::OldRule;
use super::super::samples::archive;
use super::super::subject::RuleCx;
use super::super::table::Level;
use super::{is_date, is_hash};

pub(super) fn check(cx: &mut RuleCx<'_>) {
    description(cx);
    author(cx);
    if cx.meta("reference").is_empty() {
        let span = cx.rule.name.span;
        cx.say("M012", span, "the reference is missing")
            .help("give a URL, or write \"Internal Research\"");
    }
    dates(cx);
    score(cx);
    hashes(cx);
    for key in ["license", "tags"] {
        let is_tagged = key == "tags" && !cx.rule.tags.is_empty();
        if cx.meta(key).is_empty() && !is_tagged {
            let span = cx.rule.name.span;
            cx.say("M016", span, format!("the key `{key}` is missing"));
        }
    }
}

/// M010
fn description(cx: &mut RuleCx<'_>) {
    let Some((text, span)) = cx.meta_text("description") else {
        let span = cx.rule.name.span;
        cx.say("M010", span, "the description is missing");
        return;
    };
    let length = text.chars().count();
    let wrong = if !text.starts_with("Detects ") {
        "does not begin with \"Detects\"".to_owned()
    } else if !(60..=400).contains(&length) {
        format!("has {length} characters, not 60 to 400")
    } else if text.contains("http://") || text.contains("https://") {
        "has a URL, which belongs into `reference`".to_owned()
    } else {
        return;
    };
    cx.say("M010", span, format!("the description {wrong}"));
}

/// M011
fn author(cx: &mut RuleCx<'_>) {
    let all = cx.meta("author");
    let Some(first) = all.first() else {
        let span = cx.rule.name.span;
        cx.say("M011", span, "the author is missing");
        return;
    };
    let names: Vec<String> =
        all.iter().map(|m| super::shown(&m.value)).collect();
    if names.iter().any(|name| name.contains("://")) {
        cx.say("M011", first.span, "the author is a URL");
    }
    let plain = names.iter().all(|name| {
        name.bytes().all(|b| b != b'"' && b != b'\\' && b >= b' ')
    });
    if all.len() > 1 {
        let mut edits =
            vec![(first.span, format!("\"{}\"", names.join(", ")))];
        for other in &all[1..] {
            let whole = other.key.span.to(other.span);
            let line = super::super::syntax::whole_line(cx.text, whole);
            edits.push((line, String::new()));
        }
        let span = all[1].key.span;
        let new = cx.say("M011", span, "the authors stand in several keys");
        new.help("write one list with commas");
        if plain {
            new.fix("write one list", false, edits);
        }
    }
}

/// M013
fn dates(cx: &mut RuleCx<'_>) {
    let today = cx.settings().today.clone();
    let mut read = Vec::new();
    for key in ["date", "modified"] {
        let Some((text, span)) = cx.meta_text(key) else { continue };
        if !is_date(&text) {
            let fixed = rewritten(&text);
            let message = format!("`{key}` is not of the form YYYY-MM-DD");
            let new = cx.say("M013", span, message);
            if let Some(fixed) = fixed {
                let edit = vec![(span, format!("\"{fixed}\""))];
                new.fix(format!("write `{fixed}`"), true, edit);
            }
            continue;
        }
        if !today.is_empty() && text > today {
            let message = format!("`{key}` lies in the future");
            cx.say("M013", span, message);
        }
        read.push((text, span));
    }
    if cx.meta("date").is_empty() {
        let span = cx.rule.name.span;
        cx.say("M013", span, "the date is missing");
    }
    if let [(date, _), (modified, span)] = read.as_slice()
        && modified < date
    {
        cx.say("M013", *span, "modified before it was written");
    }
}

/// A day that was written `2024/01/31` or `2024.1.31`.
fn rewritten(text: &str) -> Option<String> {
    let parts: Vec<&str> =
        text.split(['/', '.', '-']).map(str::trim).collect();
    let [year, month, day] = parts.as_slice() else { return None };
    let fixed = format!("{year:0>4}-{month:0>2}-{day:0>2}");
    (year.len() == 4 && is_date(&fixed)).then_some(fixed)
}

/// M014
fn score(cx: &mut RuleCx<'_>) {
    let Some((text, span)) = cx.meta_text("score") else { return };
    let Some(score) = text.parse::<i64>().ok() else {
        cx.say("M014", span, "the score is no number");
        return;
    };
    if !(0..=100).contains(&score) {
        cx.say("M014", span, "the score is not from 0 to 100");
        return;
    }
    let name = &cx.rule.name.text;
    let category = name.split('_').next().unwrap_or_default();
    let band = match category {
        "SUSP" => 40..=79,
        "PUA" => 40..=79,
        "MAL" | "WEBSHELL" | "EXPL" | "APT" | "CRIME" | "RANSOM" => 60..=100,
        _ => return,
    };
    if !band.contains(&score) {
        let message = format!(
            "a score of {score} does not go with `{category}`: {} to {}",
            band.start(),
            band.end()
        );
        cx.say("M014", span, message);
    }
}

/// M015
fn hashes(cx: &mut RuleCx<'_>) {
    for meta in &cx.rule.meta {
        let key = meta.key.text.to_ascii_lowercase();
        let digits = key.strip_prefix("hash");
        let is_key = digits
            .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
        if !is_key {
            continue;
        }
        let text = super::shown(&meta.value);
        if !is_hash(&text, &[32, 40, 64]) {
            cx.say("M015", meta.span, "this is no MD5, SHA-1 or SHA-256");
            continue;
        }
        if text.len() != 64 {
            cx.say("M015", meta.span, "the hash is no SHA-256")
                .level(Level::Info);
        }
        let bytes = cx.samples().and_then(|all| all.sample(&text));
        if let Some(kind) = bytes.as_deref().and_then(archive) {
            let message = format!("the hash is that of an archive ({kind})");
            cx.say("M015", meta.span, message)
                .help("name the file that is in it");
        }
    }
}

/// M016 and M041: what changed since an earlier state of the file.
pub(in crate::lint) fn check_history(cx: &mut RuleCx<'_>, old: &[OldRule]) {
    let Some(hash) = cx.hash else { return };
    let name = cx.rule.name.text.clone();
    let same_name = old.iter().find(|(other, ..)| *other == name);
    match same_name {
        Some((_, before, meta)) if *before != Some(hash) => {
            let value = |key: &str| {
                let found = meta.iter().find(|(other, _)| other == key);
                found.map(|(_, value)| value.clone())
            };
            let keys = ["version", "modified", "last_modified"];
            let kept: Vec<(&str, Span)> = keys
                .iter()
                .filter_map(|key| {
                    let (text, span) = cx.meta_text(key)?;
                    (value(key) == Some(text)).then_some((*key, span))
                })
                .collect();
            let has = keys.iter().any(|key| !cx.meta(key).is_empty());
            if kept.is_empty() && has {
                return;
            }
            let today = cx.settings().today.clone();
            let (span, key) = match kept.first() {
                Some((key, span)) => (*span, *key),
                None => (cx.rule.name.span, "version"),
            };
            let message =
                format!("the logic of the rule changed, its `{key}` did not");
            let new = cx.say("M041", span, message);
            let day = key != "version" && !today.is_empty();
            if day && !kept.is_empty() {
                let edit = vec![(span, format!("\"{today}\""))];
                new.fix("write today's date", true, edit);
            }
        }
        Some(_) => {}
        None => {
            let renamed = old.iter().find(|(_, h, _)| *h == Some(hash));
            let named = !cx.meta("old_rule_name").is_empty();
            let profile = super::Profile::Neo23x0;
            if let (Some((other, ..)), false, true) =
                (renamed, named, cx.settings().has(profile))
            {
                let message = format!("the rule was called `{other}`; say so");
                let span = cx.rule.name.span;
                let key = format!("old_rule_name = \"{other}\"\n        ");
                let at = cx.rule.meta.first().map(|m| m.key.span.lo);
                let new = cx.say("M016", span, message);
                if let Some(at) = at {
                    let at = Span::new(at, at);
                    new.fix("add `old_rule_name`", true, vec![(at, key)]);
                }
            }
        }
    }
}
