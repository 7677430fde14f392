//! Rules and the codes they give, in order; an error has an exclamation
//! mark. What is expected is what the two engines do, or the manual where
//! they differ.

use crate::driver::{Compiler, Output, Source};
use crate::ir::Const;

fn compile(text: &str) -> Output {
    let mut compiler = Compiler::new();
    compiler.define("size", Const::Int(1)).unwrap();
    compiler.define("flag", Const::Bool(true)).unwrap();
    compiler.add_source("default", Source::new("test", text));
    compiler.compile()
}

fn codes(text: &str) -> String {
    let output = compile(text);
    let codes: Vec<_> = output
        .diagnostics
        .iter()
        .map(|d| {
            let mark = if d.is_error() { "!" } else { "" };
            format!("{mark}{}", d.code.name())
        })
        .collect();
    codes.join(" ")
}

/// A condition in a rule with two patterns.
fn condition(condition: &str) -> String {
    codes(&format!(
        "import \"math\" rule r {{ strings: $a = \"foofoo\" $b = \"barbar\" \
         condition: ({condition}) or all of ($a, $b) }}"
    ))
}

#[test]
fn conditions_and_what_they_give() {
    for (text, expected) in [
        ("$a at 0 and #b > 1", ""),
        ("for any i in (1..#a) : (@a[i] > 10)", "slow_loop"),
        ("for any i in (1..math.min(#a, 9)) : (@a[i] > 10)", ""),
        ("$a at -1", "negative_offset"),
        ("$a in (-1..10)", "!negative_number"),
        ("$a in (-1..filesize)", "negative_offset"),
        ("$a in (10..1)", "!invalid_range"),
        ("@a[0] == 1", "index_out_of_range"),
        ("$c", "!unknown_pattern"),
        ("#a + \"x\" > 1", "!wrong_type"),
        ("\"a\" == 1", "!mismatching_types"),
        ("\"a\" matches \"a\"", "!wrong_type"),
        ("#a == 1.5", ""),
        ("flag + 1 == 2", "bool_as_int"),
        ("flag == 0", "bool_int_comparison"),
        ("size", "non_bool_expr"),
        ("sise == 1", "!unknown_identifier"),
        ("uint8(0) == 256", "unsatisfiable_expr"),
        ("uint8(0, 1) == 1", "!wrong_arguments"),
        ("math.min(1.0, 2) == 1", "!wrong_arguments"),
        ("math.mon(1, 2) == 1", "!unknown_field"),
        ("1 \\ 0 == 1", "division_by_zero"),
        ("1 << -1 == 0", "!negative_number"),
        ("9223372036854775807 + 1 > 0", "!integer_range"),
        ("9223372036854775807 + 1 + filesize > 0", "integer_overflow"),
        ("-(-9223372036854775808) == 0", "integer_overflow"),
        ("0 of them", "ambiguous_expr"),
        ("3 of them", "invariant_expr"),
        ("0% of them", "percentage_range"),
        ("101% of them", "!integer_range"),
        ("-1 of them", "!negative_number"),
        ("all of them at 0", "unsatisfiable_expr"),
        ("any of ($a, $a)", "duplicate_set_item"),
        ("any of ($x*)", "!empty_set"),
        ("any of (x*)", "!unknown_identifier"),
        ("for any i in (1, \"a\") : (i == 1)", "!mismatching_types"),
        ("for any i, j in (1, 2) : (i == j)", "!assignment_mismatch"),
        ("for any i in (1, 2) : ($a)", "unused_identifier"),
        ("with x = #a : (x > 1)", ""),
        ("with f = \"a\".len : (f() == 1)", "!method_in_with"),
        ("for any size in (1, 2) : (size == 1)", "shadowed_identifier"),
        ("$", "!syntax"),
        ("for any of them : ($ at 0)", ""),
        ("entrypoint == 0", "entrypoint_deprecated"),
        ("r", "self_reference"),
        ("for any i in (1..2000000) : (i == #a)", "too_many_iterations"),
    ] {
        assert_eq!(condition(text), expected, "{text}");
    }
}

#[test]
fn patterns_and_what_they_give() {
    for (text, expected) in [
        ("\"abcd\" xor nocase", "!modifier_combination"),
        ("\"abcd\" base64 fullword", "!modifier_combination"),
        ("\"abcd\" wide wide", "!duplicate_modifier"),
        ("{ 01 02 03 04 } wide", "!modifier_not_allowed"),
        ("/abcd/ xor", "!modifier_not_allowed"),
        ("\"abcd\" xor(1-256)", "!modifier_argument"),
        ("\"abcd\" xor(9-1)", "!invalid_range"),
        ("\"abcd\" base64(\"abc\")", "!base64_alphabet_length"),
        ("\"\"", "!empty_pattern"),
        ("/(|)/", "!empty_pattern"),
        ("/abcd/i nocase", "redundant_modifier"),
        ("/ab.*cd.*?ef/", "!regex_mixed_greediness"),
        ("{ 61 62 63 64 }", "text_as_hex"),
        ("\"abcd\" wide ascii fullword private", ""),
    ] {
        let rule = format!("rule r {{ strings: $a = {text} condition: $a }}");
        assert_eq!(codes(&rule), expected, "{text}");
    }
}

#[test]
fn rules_see_each_other() {
    for (text, expected) in [
        (
            "rule a { condition: filesize > 1 } \
             rule b { condition: a } rule a { condition: b }",
            "!duplicate_rule",
        ),
        (
            "rule b { condition: a } rule a { condition: filesize > 1 }",
            "!unknown_identifier",
        ),
        // One error, and no second one where the rule is needed.
        (
            "rule a { condition: nothing } rule b { condition: a }",
            "!unknown_identifier ignored_rule",
        ),
        (
            "rule a1 { condition: filesize > 1 } \
             rule b { condition: any of (a*) } \
             rule a2 { condition: filesize > 1 }",
            "!rule_matches_wildcard",
        ),
        (
            "global rule g { condition: filesize > 1 } \
             rule b { condition: g }",
            "global_rule_misuse",
        ),
        (
            "rule l { condition: filesize > 1 } \
             global rule g { condition: l }",
            "global_depends_on_local",
        ),
        (
            "rule r : t t { strings: $a = \"abcd\" $_b = \"efgh\" \
             condition: filesize > 1 }",
            "!duplicate_tag !unused_pattern",
        ),
        (
            "import \"nothing\" rule r { condition: nothing.x }",
            "!unknown_module",
        ),
        ("import \"math\" import \"math\"", "duplicate_import"),
    ] {
        assert_eq!(codes(text), expected, "{text}");
    }
}

#[test]
fn good_rules_survive_bad_ones() {
    let output = compile(
        "rule bad { condition: nothing } rule needs { condition: bad } \
         rule good { condition: filesize > 1 }",
    );
    assert_eq!(output.rule_count, 1);
    assert!(output.rules.is_some());
    let names: Vec<_> =
        output.skipped.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["bad", "needs"]);
}

#[test]
fn a_comment_suppresses_a_warning() {
    for text in [
        "// suppress: non_bool_expr\nrule r { condition: filesize }",
        "rule r { condition:\n filesize // suppress: non_bool_expr\n}",
        "rule r { condition:\n // suppress: non_bool_expr\n filesize }",
    ] {
        assert_eq!(codes(text), "", "{text}");
    }
    let text = "// suppress: non_bool_exp\nrule r { condition: filesize }";
    assert_eq!(codes(text), "unknown_code non_bool_expr");
}
