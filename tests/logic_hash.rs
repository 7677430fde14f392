//! What must not change the hash, and what must.

use dragnet::{LogicHash, logic_hashes};

fn hash(text: &str) -> LogicHash {
    let all = logic_hashes(text.as_bytes());
    assert_eq!(all.len(), 1, "{text}");
    all[0].hash.unwrap_or_else(|| panic!("no hash: {text}"))
}

fn rule(strings: &str, condition: &str) -> String {
    format!("rule r {{ strings: {strings} condition: {condition} }}")
}

#[track_caller]
fn same(a: (&str, &str), b: (&str, &str)) {
    let (a, b) = (rule(a.0, a.1), rule(b.0, b.1));
    assert_eq!(hash(&a), hash(&b), "{a}\n{b}");
}

#[track_caller]
fn differ(a: (&str, &str), b: (&str, &str)) {
    let (a, b) = (rule(a.0, a.1), rule(b.0, b.1));
    assert_ne!(hash(&a), hash(&b), "{a}\n{b}");
}

#[test]
fn names_order_and_layout_do_not_count() {
    let a = hash(
        "rule one : t { meta: a = 1 strings: $a = \"abc\" $b = /d+e/i \
         condition: $a and for any i in (1..#b) : (@b[i] < 1KB) }",
    );
    let b = hash(
        "rule two { strings: $x = /d+e/ nocase $y = \"\\x61bc\" ascii // c\n\
         condition: ($y) and (for any n in (1..#x): (@x[n] < 1024)) }",
    );
    assert_eq!(a, b);
}

#[test]
fn one_meaning_has_one_hash() {
    let two = "$a = \"abc\" $b = \"def\"";
    same((two, "all of them"), (two, "2 of ($b, $a)"));
    same((two, "none of them"), (two, "0 of ($*)"));
    same((two, "any of them"), (two, "1 of them"));
    same((two, "$a and ($b and #a > 2)"), (two, "$a and $b and #a > 2"));
    same((two, "($a or $b) == 1"), (two, "$a or $b"));
    same((two, "pe.is_pe == 1 and $a"), (two, "pe.is_pe and $a"));
    same((two, "#a != 0 and $b"), (two, "#a and $b"));
    same((two, "$a and $b == 0"), (two, "$a and not $b"));
    same((two, "@a == 4 and $b"), (two, "@a[1] == 4 and $b"));
    same(("$a = { 61 62 63 }", "$a"), ("$a = \"abc\"", "$a"));
    same(("$a = { 61 [1-2] [3] 62 }", "$a"), ("$a = {61[4-5]62}", "$a"));
    same(("$a = \"abc\" xor", "$a"), ("$a = \"abc\" xor(0-255)", "$a"));
}

#[test]
fn another_meaning_has_another_hash() {
    let two = "$a = \"abc\" $b = \"def\"";
    differ((two, "$a or $b"), (two, "$a and $b"));
    differ((two, "$a and not $b"), (two, "not $a and $b"));
    differ((two, "#a == 1 and $b"), (two, "#a and $b"));
    differ((two, "($a and $b) or #a > 1"), (two, "$a and ($b or #a > 1)"));
    differ((two, "any of them at 1"), (two, "any of them"));
    differ((two, "pe.machine == 1 and $a"), (two, "pe.machine and $a"));
    differ(("$a = \"abc\"", "$a"), ("$a = \"abd\"", "$a"));
    differ(("$a = \"abc\"", "$a"), ("$a = \"abc\" wide", "$a"));
    differ(("$a = \"abc\"", "$a"), ("$a = \"abc\" private", "$a"));
    differ(("$a = \"abc\" xor(1)", "$a"), ("$a = \"abc\" xor(2)", "$a"));
    differ(("$a = /a.c/s", "$a"), ("$a = /a.c/", "$a"));
    differ(("$a = {61 [1-2] 62}", "$a"), ("$a = {61 [1-3] 62}", "$a"));
    differ(
        (two, "for any i in (1..2) : (for any k in (3..4) : (@a[i] < k))"),
        (two, "for any i in (1..2) : (for any k in (3..4) : (@a[k] < i))"),
    );
    assert_ne!(
        hash("global rule r { condition: true }"),
        hash("rule r { condition: true }")
    );
}

#[test]
fn the_text_form_can_be_read_back() {
    let hash = hash("rule r { condition: filesize > 10 }");
    let text = hash.to_string();
    assert!(text.starts_with("d1:") && text.len() == 43, "{text}");
    assert_eq!(text.parse(), Ok(hash));
    assert!("d2:00".parse::<LogicHash>().is_err());
    assert!(format!("{text}0").parse::<LogicHash>().is_err());
}

/// A changed number here renames every rule: then the version has to grow.
#[test]
fn the_algorithm_is_fixed() {
    let text = "import \"pe\" rule r { strings: $a = \"abc\" wide \
                $b = { 01 ?? [2-4] 03 } $c = /x[0-9]{2}/i \
                condition: pe.is_pe and $a at 0 and 1 of ($b, $c) }";
    assert_eq!(
        hash(text).to_string(),
        "d1:e65608a76438ee17a4a6026b837405215768e368"
    );
}

#[test]
fn deep_and_broken_rules_are_no_trouble() {
    let deep = format!(
        "rule r {{ condition: {}true{} }}",
        "(not ".repeat(4_000),
        ")".repeat(4_000)
    );
    hash(&deep);
    let broken =
        logic_hashes(b"rule r { condition: ( } rule s { condition: true }");
    assert_eq!(broken.last().map(|rule| rule.name.as_str()), Some("s"));
    assert!(broken.last().is_some_and(|rule| rule.hash.is_some()));
}
