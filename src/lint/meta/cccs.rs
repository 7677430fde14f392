//! Checks M020 to M026: the metadata of the Canadian Centre for Cyber
//! Security.

use dragnet_compiler::syntax::ast::{Pattern, PatternValue};
use sha2::{Digest, Sha256};

use super::super::subject::RuleCx;

/// Values of `malware_type`.
const MALWARE: [&str; 34] = [
    "ADWARE",
    "APT",
    "BACKDOOR",
    "BANKER",
    "BOOTKIT",
    "BOT",
    "BROWSER-HIJACKER",
    "BRUTEFORCER",
    "CLICKFRAUD",
    "CRYPTOMINER",
    "DDOS",
    "DOWNLOADER",
    "DROPPER",
    "EXPLOITKIT",
    "FAKEAV",
    "HACKTOOL",
    "INFOSTEALER",
    "KEYLOGGER",
    "LOADER",
    "MINER",
    "OBFUSCATOR",
    "POS",
    "PROXY",
    "RAT",
    "RANSOMWARE",
    "REVERSE-PROXY",
    "ROOTKIT",
    "SCANNER",
    "SCAREWARE",
    "SPAMMER",
    "TROJAN",
    "VIRUS",
    "WEBSHELL",
    "WIPER",
];

/// Categories, each with the key that a rule of it has, too.
const CATEGORIES: [(&str, &str); 5] = [
    ("INFO", "info"),
    ("EXPLOIT", "exploit"),
    ("TECHNIQUE", "technique"),
    ("TOOL", "tool"),
    ("MALWARE", "malware"),
];

pub(super) fn check(cx: &mut RuleCx<'_>) {
    status(cx);
    author(cx);
    category(cx);
    types(cx);
    attack(cx);
    generated(cx);
    version(cx);
}

fn upper(text: &str) -> String {
    text.to_ascii_uppercase()
}

/// M020
fn status(cx: &mut RuleCx<'_>) {
    let known = |key: &str, value: &str| match key {
        "status" => ["TESTING", "RELEASED", "DEPRECATED"].contains(&value),
        "sharing" => value.starts_with("TLP:") && value.len() > 4,
        _ => true,
    };
    for key in ["status", "sharing", "source"] {
        match cx.meta_text(key) {
            None => {
                let span = cx.rule.name.span;
                cx.say("M020", span, format!("the key `{key}` is missing"));
            }
            Some((text, span)) => {
                let sources = &cx.settings().sources;
                let unknown = key == "source"
                    && !sources.is_empty()
                    && !sources.contains(&text);
                if unknown || !known(key, &upper(&text)) {
                    let message = format!("`{text}` is no `{key}`");
                    cx.say("M020", span, message);
                }
            }
        }
    }
}

/// M021
fn author(cx: &mut RuleCx<'_>) {
    match cx.meta_text("author") {
        None => {
            let span = cx.rule.name.span;
            cx.say("M021", span, "the author is missing");
        }
        Some((text, span)) => {
            let org = text.rsplit('@').next().unwrap_or_default();
            let good = !org.is_empty()
                && org.bytes().all(|b| {
                    b.is_ascii_uppercase()
                        || b.is_ascii_digit()
                        || b"-_ ".contains(&b)
                });
            if !good {
                let message = "the author is not `name@ORG` or `ORG`";
                cx.say("M021", span, message);
            }
        }
    }
    if cx.meta("description").is_empty() {
        let span = cx.rule.name.span;
        cx.say("M021", span, "the description is missing");
    }
}

/// M022
fn category(cx: &mut RuleCx<'_>) {
    let Some((text, span)) = cx.meta_text("category") else {
        let span = cx.rule.name.span;
        cx.say("M022", span, "the key `category` is missing");
        return;
    };
    let found = CATEGORIES.iter().find(|(name, _)| *name == upper(&text));
    match found {
        None => {
            cx.say("M022", span, format!("`{text}` is no category"));
        }
        Some((name, key)) if cx.meta(key).is_empty() => {
            let message =
                format!("a rule of category {name} has the key `{key}`");
            cx.say("M022", span, message);
        }
        Some(_) => {}
    }
}

/// M023
fn types(cx: &mut RuleCx<'_>) {
    for meta in cx.meta("malware_type") {
        let text = upper(&super::shown(&meta.value));
        if !MALWARE.contains(&text.as_str()) {
            let message = format!("`{text}` is no type of malware");
            cx.say("M023", meta.span, message);
        }
    }
    let actors = cx.meta("actor_type");
    for meta in &actors {
        let text = upper(&super::shown(&meta.value));
        if !["APT", "CRIMEWARE", "FIN"].contains(&text.as_str()) {
            let message = format!("`{text}` is no type of actor");
            cx.say("M023", meta.span, message);
        }
    }
    if let [_, _, third, ..] = actors.as_slice() {
        cx.say("M023", third.span, "there are more than two types of actor");
    }
    if let (Some(actor), true) = (cx.meta("actor").first(), actors.is_empty())
    {
        let message = "an actor has an `actor_type`";
        cx.say("M023", actor.key.span, message);
    }
}

/// M024
fn attack(cx: &mut RuleCx<'_>) {
    for meta in cx.meta("mitre_att") {
        let text = super::shown(&meta.value);
        let digits = text.trim_start_matches(|c: char| c.is_alphabetic());
        let kind = &text[..text.len() - digits.len()];
        let (main, sub) = digits.split_once('.').unwrap_or((digits, "000"));
        let all = |text: &str, count: usize| {
            text.len() == count && text.bytes().all(|b| b.is_ascii_digit())
        };
        let known = ["TA", "T", "M", "G", "S"].contains(&kind);
        if !known || !all(main, 4) || !all(sub, 3) {
            let message = format!("`{text}` is no id of ATT&CK");
            cx.say("M024", meta.span, message);
        }
    }
    for meta in cx.meta("report") {
        let text = super::shown(&meta.value);
        if text != upper(&text) {
            cx.say("M024", meta.span, "the report is not in upper case");
        }
    }
}

/// M025
fn generated(cx: &mut RuleCx<'_>) {
    for key in ["id", "version", "modified"] {
        if cx.meta(key).is_empty() {
            let span = cx.rule.name.span;
            cx.say("M025", span, format!("the key `{key}` is missing"));
        }
    }
    if let Some((text, span)) = cx.meta_text("id") {
        let good = (20..=22).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric());
        if !good {
            cx.say("M025", span, "`id` is no UUID in base 62");
        }
    }
    if let Some((text, span)) = cx.meta_text("version")
        && !is_version(&text)
    {
        cx.say("M025", span, "`version` is not of the form 1.0");
    }
    let wanted = fingerprint(cx);
    match cx.meta_text("fingerprint") {
        None => {
            let span = cx.rule.name.span;
            cx.say("M025", span, "the key `fingerprint` is missing");
        }
        Some((text, span)) if text != wanted => {
            cx.say("M025", span, "the fingerprint is stale").fix(
                "write the new one",
                true,
                vec![(span, format!("\"{wanted}\""))],
            );
        }
        Some(_) => {}
    }
}

fn is_version(text: &str) -> bool {
    text.split_once('.').is_some_and(|(major, minor)| {
        let digits = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
        };
        digits(major) && digits(minor)
    })
}

/// SHA-256 of the strings, sorted, and of the condition without white space.
fn fingerprint(cx: &RuleCx<'_>) -> String {
    let value = |pattern: &Pattern| match &pattern.value {
        PatternValue::Text(text) => text.clone(),
        _ => squeezed(pattern.value_span.of(cx.text)),
    };
    let mut strings: Vec<Vec<u8>> =
        cx.rule.patterns.iter().map(value).collect();
    strings.sort();
    let mut hash = Sha256::new();
    strings.iter().for_each(|text| hash.update(text));
    let condition = cx.expr(cx.rule.condition).span;
    hash.update(squeezed(condition.of(cx.text)));
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn squeezed(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect()
}

/// M026
fn version(cx: &mut RuleCx<'_>) {
    match cx.meta_text("minimum_yara") {
        None => {
            let span = cx.rule.name.span;
            cx.say("M026", span, "the key `minimum_yara` is missing");
        }
        Some((text, span)) if !is_version(&text) => {
            cx.say("M026", span, "`minimum_yara` is not of the form 4.2");
        }
        Some(_) => {}
    }
    let unique = ["id", "fingerprint", "version", "status", "sharing"];
    for key in unique {
        if let [_, second, ..] = cx.meta(key).as_slice() {
            let message = format!("the key `{key}` is there twice");
            cx.say("M026", second.key.span, message);
        }
    }
}
