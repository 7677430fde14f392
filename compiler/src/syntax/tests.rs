//! The parser by example: what each construct becomes, and what each error
//! says and where.

use super::ast::{
    ExprId, ExprKind, File, Item, MetaValue, ModifierKind, PatternValue, Rule,
    Set, SetItem,
};
use super::parse;
use super::print::print;
use crate::diag::{Code, Diagnostic};
use crate::source::{FileId, Span};

fn run(text: &str) -> (File, Vec<Diagnostic>) {
    parse(text.as_bytes(), FileId(0))
}

fn sound(text: &str) -> File {
    let (file, diagnostics) = run(text);
    assert_eq!(diagnostics, [], "{text}");
    file
}

/// Code and text of the place of each diagnostic.
fn found(text: &str) -> Vec<(Code, &str)> {
    let (_, diagnostics) = run(text);
    diagnostics
        .iter()
        .map(|d| {
            let place = d.span.lo as usize..d.span.hi as usize;
            (d.code, &text[place])
        })
        .collect()
}

fn rules(file: &File) -> Vec<&Rule> {
    file.items
        .iter()
        .filter_map(|item| match item {
            Item::Rule(rule) => Some(rule),
            _ => None,
        })
        .collect()
}

/// The condition with all structure in parentheses.
fn shape(condition: &str) -> String {
    let text = format!("rule a {{ condition: {condition} }}");
    let file = sound(&text);
    show(&file, rules(&file)[0].condition)
}

fn show(file: &File, id: ExprId) -> String {
    let list = |parts: &[ExprId]| {
        let parts: Vec<_> = parts.iter().map(|p| show(file, *p)).collect();
        parts.join(" ")
    };
    match &file.expr(id).kind {
        ExprKind::Binary(op, a, b, _) => {
            format!("[{op:?} {} {}]", show(file, *a), show(file, *b))
        }
        ExprKind::And(parts) => format!("[And {}]", list(parts)),
        ExprKind::Or(parts) => format!("[Or {}]", list(parts)),
        ExprKind::Unary(op, e) => format!("[{op:?} {}]", show(file, *e)),
        ExprKind::Paren(e) => format!("({})", show(file, *e)),
        ExprKind::Name(name) => name.clone(),
        ExprKind::Int(value) => value.to_string(),
        ExprKind::Pattern(name) => format!("${}", name.text),
        ExprKind::Field(e, name) => {
            format!("[Field {} {}]", show(file, *e), name.text)
        }
        ExprKind::Index(e, i) => {
            format!("[Index {} {}]", show(file, *e), show(file, *i))
        }
        ExprKind::Call(e, parts) => {
            format!("[Call {} {}]", show(file, *e), list(parts))
        }
        other => {
            let mut children = Vec::new();
            other.for_each_child(|child| children.push(child));
            let name = format!("{other:?}");
            let end = name.find(['(', ' ', '{']).unwrap_or(name.len());
            format!("[{} {}]", &name[..end], list(&children))
                .replace(" ]", "]")
        }
    }
}

#[test]
fn operators_bind_as_in_libyara() {
    for (text, expected) in [
        ("1 + 2 * 3", "[Add 1 [Mul 2 3]]"),
        ("1 - 2 - 3", "[Sub [Sub 1 2] 3]"),
        ("1 | 2 ^ 3 & 4 << 5", "[BitOr 1 [BitXor 2 [BitAnd 3 [Shl 4 5]]]]"),
        ("-1 + ~2", "[Add [Neg 1] [BitNot 2]]"),
        ("not a == b", "[Not [Eq a b]]"),
        ("a or b and c or d", "[Or a [And b c] d]"),
        ("a and b and c", "[And a b c]"),
        ("a and (b and c)", "[And a ([And b c])]"),
        ("1 == 2 < 3", "[Eq 1 [Lt 2 3]]"),
        ("1 == 1 == 1", "[Eq [Eq 1 1] 1]"),
        ("a.b[1].c(2, d)", "[Call [Field [Index [Field a b] 1] c] 2 d]"),
        ("defined not a", "[Defined [Not a]]"),
        ("m.filesize", "[Field m filesize]"),
        ("\"a\".len()", "[Call [Field [Text] len] ]"),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn quantifiers_and_loops() {
    for (text, expected) in [
        ("any of them", "[Of]"),
        ("50 % of them", "[Of 50]"),
        ("2 * 25 % of them", "[Of [Mul 2 25]]"),
        ("2 of ($a, b and c)", "[Of 2 $a [And b c]]"),
        ("any of ($a*) at 3", "[Of 3]"),
        ("all of them in (1..2)", "[Of 1 2]"),
        ("for 2 of them : ($)", "[ForOf 2 $]"),
        ("for any i in (1..2) : (i)", "[ForIn 1 2 i]"),
        ("for 50 % i in (1, 2) : (i)", "[ForIn 50 1 2 i]"),
        ("for all k, v in m.x : (k)", "[ForIn [Field m x] k]"),
        ("for any i in (1 . . 3) : (i)", "[ForIn 1 3 i]"),
        ("with x = 1, y = x : (y)", "[With 1 x y]"),
        ("#a in (1..2) == 3", "[Eq [Count 1 2] 3]"),
        ("@a[2] + !a", "[Add [Offset 2] [Length]]"),
        ("$a at 3 and $b in (1..2)", "[And [PatternAt 3] [PatternIn 1 2]]"),
    ] {
        assert_eq!(shape(text), expected, "{text}");
    }
}

#[test]
fn wildcards_of_rules_are_not_products() {
    let file = sound("rule a { condition: any of (a*, b * c, $x *, (d*e)) }");
    let ExprKind::Of(_, Set::Items(items, _), _) =
        &file.expr(rules(&file)[0].condition).kind
    else {
        panic!("no set");
    };
    let kinds: Vec<_> = items
        .iter()
        .map(|item| match item {
            SetItem::RuleWildcard(name) => format!("{}*", name.text),
            SetItem::PatternWildcard(name) => format!("${}*", name.text),
            SetItem::Expr(e) => show(&file, *e),
        })
        .collect();
    assert_eq!(kinds, ["a*", "[Mul b c]", "$x*", "([Mul d e])"]);
}

#[test]
fn words_are_keywords_where_they_act_as_such() {
    let text = "rule with : include { meta: include = 1 with = 2 \
                condition: with.with and include and float32(with) \
                and for any with in (1, 2) : (with) \
                and with with = 1 : (with) and a.rule.and }";
    assert_eq!(rules(&sound(text)).len(), 1);
    let file =
        sound("include \"a\" import \"b\" rule include { condition: a }");
    assert_eq!(file.items.len(), 3);
    assert_eq!(
        found("rule a { meta: rule = 1 condition: true }"),
        [(Code::Syntax, "rule")]
    );
}

#[test]
fn header_meta_and_patterns() {
    let text = "private global private rule r : t u {\n\
        meta: a = \"x\" b = -1 c = 0x10 d = 1KB e = -1.5 f = true\n\
              g = 18446744073709551615 h = -9223372036854775808\n\
              i = \"\"\"l1\n\\x41\"\"\"\n\
        strings: $a = \"t\" wide ascii xor(1-0x10) private\n\
                 $ = /a\\/b/is $c = { 01 [1-2] // }\n 02 } private\n\
                 $d = \"q\" base64(\"abc\") base64wide $e = \"x\" xor(3)\n\
        condition: any of them }";
    let file = sound(text);
    let rule = rules(&file)[0];
    assert_eq!((rule.private.len(), rule.global.len()), (2, 1));
    let tags: Vec<_> = rule.tags.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(tags, ["t", "u"]);
    let values: Vec<_> = rule.meta.iter().map(|m| m.value.clone()).collect();
    assert_eq!(
        values,
        [
            MetaValue::Text(b"x".to_vec()),
            MetaValue::Int(-1),
            MetaValue::Int(16),
            MetaValue::Int(1024),
            MetaValue::Float(-1.5),
            MetaValue::Bool(true),
            MetaValue::UInt(u64::MAX),
            MetaValue::Int(i64::MIN),
            MetaValue::Text(b"l1\nA".to_vec()),
        ]
    );
    let names: Vec<_> =
        rule.patterns.iter().map(|p| p.name.text.as_str()).collect();
    assert_eq!(names, ["a", "", "c", "d", "e"]);
    let kinds = |at: usize| -> Vec<ModifierKind> {
        rule.patterns[at].modifiers.iter().map(|m| m.kind.clone()).collect()
    };
    assert_eq!(kinds(0)[2], ModifierKind::Xor(Some((1, 16))));
    assert_eq!(kinds(3)[0], ModifierKind::Base64(Some(b"abc".to_vec())));
    assert_eq!(kinds(3)[1], ModifierKind::Base64Wide(None));
    assert_eq!(kinds(4), [ModifierKind::Xor(Some((3, 3)))]);
    let PatternValue::Regex(regex) = &rule.patterns[1].value else {
        panic!("no regular expression");
    };
    assert!(regex.case_insensitive && regex.dot_all);
    assert_eq!(regex.body.of(text.as_bytes()), b"a\\/b");
    let PatternValue::Hex(body) = rule.patterns[2].value else {
        panic!("no hex pattern");
    };
    assert_eq!(body.of(text.as_bytes()), b" 01 [1-2] // }\n 02 ");
    assert_eq!(file.comments.len(), 0, "the comment is inside the pattern");
}

#[test]
fn literals() {
    for (text, value) in [
        ("10", 10),
        ("1_000", 1000),
        ("0x1_F", 31),
        ("0o17", 15),
        ("2KB", 2048),
        ("3MB", 3 << 20),
        ("18446744073709551615", u64::MAX),
    ] {
        assert_eq!(shape(text), value.to_string());
    }
    let file = sound("rule a { condition: \"\\\\\\\"\\n\\r\\t\\0\\x7f\" }");
    let condition = rules(&file)[0].condition;
    let expected = b"\\\"\n\r\t\0\x7f".to_vec();
    assert_eq!(file.expr(condition).kind, ExprKind::Text(expected));
    let file = sound("rule a { condition: 1_0.2_5 }");
    let condition = rules(&file)[0].condition;
    assert_eq!(file.expr(condition).kind, ExprKind::Float(10.25));
}

#[test]
fn flags_of_regular_expressions_end_at_words() {
    for text in [
        "rule a { strings: $a = /x/wide condition: $a }",
        "rule a { strings: $a = /x/iswide condition: $a }",
        "rule a { strings: $a = /x/si condition: $a }",
        "rule a { condition: a matches /x/sand true }",
        "rule a { condition: a matches /x/or true }",
    ] {
        sound(text);
    }
    assert_eq!(
        found("rule a { strings: $a = /x/gi condition: $a }"),
        [(Code::RegexFlag, "g")]
    );
}

#[test]
fn mistyped_words_get_a_suggestion() {
    for (text, wrong, word) in [
        ("privat rule a { condition: true }", "privat", "private"),
        ("improt \"pe\"", "improt", "import"),
        ("rule a { stings: $a = /x/ condition: $a }", "stings", "strings"),
        ("rule a { strings: $a = /x/ wdie condition: $a }", "wdie", "wide"),
        (
            "rule a { strings: $a = /x/ wide conditon: $a }",
            "conditon",
            "condition",
        ),
        ("rule a { meta: a = 1 conditon: true }", "conditon", "condition"),
        (
            "rule a { meta: a = 1 string: $a = /x/ condition: $a }",
            "string",
            "strings",
        ),
        ("rule a { condition: all off them }", "off", "of"),
        ("rule a { condition: filesize adn true }", "adn", "and"),
    ] {
        let (_, diagnostics) = run(text);
        let edits: Vec<_> = diagnostics
            .iter()
            .flat_map(|diagnostic| &diagnostic.fixes)
            .flat_map(|fix| &fix.edits)
            .map(|edit| (edit.span.of(text.as_bytes()), edit.text.as_str()))
            .collect();
        assert_eq!(edits, [(wrong.as_bytes(), word)], "{text}");
    }
}

#[test]
fn numbers_end_at_words() {
    for condition in [
        "1==1and 2==2",
        "1of them",
        "filesize>0and true",
        "filesize < 1MBand true",
        "1.5and true",
        "0or 1",
        "0o7and true",
        "0x1for 1",
        "for 1of them:($)",
        "1_0and true",
    ] {
        let head = "rule a { strings: $a = \"x\" condition: ";
        sound(&format!("{head}{condition} }}"));
    }
    assert_eq!(
        found("rule a { condition: filesize > 1MiB }"),
        [(Code::Syntax, "1MiB")]
    );
}

#[test]
fn errors_have_exact_places() {
    let in_condition = |text: &str| format!("rule a {{ condition: {text} }}");
    for (text, code, place) in [
        ("1 +", Code::Syntax, "}"),
        ("1 2", Code::Syntax, "2"),
        ("`", Code::Syntax, "`"),
        ("a and and b", Code::Syntax, "and"),
        ("\"a\\qb\" == a", Code::TextEscape, "\\q"),
        ("\"a\\x4\" == a", Code::TextEscape, "\\x"),
        ("18446744073709551616", Code::IntegerRange, "18446744073709551616"),
        ("99999999999999999MB", Code::IntegerRange, "99999999999999999MB"),
        ("1.5e3", Code::FloatSyntax, "1.5e3"),
        ("0X1F", Code::Syntax, "0X1F"),
        ("10mb", Code::Syntax, "10mb"),
        ("a == \"x", Code::Syntax, "\""),
        ("a matches /x", Code::Syntax, "/"),
        ("a == \u{201c}x\u{201d}", Code::Syntax, "\u{201c}"),
    ] {
        let text = in_condition(text);
        let found = found(&text);
        assert_eq!(found.first(), Some(&(code, place)), "{text}");
    }
}

#[test]
fn messages_name_what_was_expected_in_words() {
    let message = |text: &str| run(text).1[0].message.clone();
    assert_eq!(
        message("rule a { condition: 1 + }"),
        "expected an expression, found `}`"
    );
    assert_eq!(
        message("rule a { condition: 1 2 }"),
        "expected an operator, found `2`"
    );
    assert_eq!(
        message("rule 1a { condition: true }"),
        "expected an identifier, found `1a`"
    );
    assert_eq!(message("rule a { }"), "the rule has no condition");
    assert_eq!(
        message("rule a { strings: condition: true }"),
        "the section `strings` is empty, expected `$name = value`"
    );
    assert_eq!(
        message("hello"),
        "expected `rule`, `import` or `include`, found `hello`"
    );
    assert_eq!(message("import pe"), "expected a text literal, found `pe`");
    assert_eq!(
        message("rule a { condition: true"),
        "expected `}` at the end of the rule, found the end of the file"
    );
}

#[test]
fn fixes_apply() {
    let fixed = |text: &str| {
        let (_, diagnostics) = run(text);
        let edit = &diagnostics[0].fixes[0].edits[0];
        let place = edit.span.lo as usize..edit.span.hi as usize;
        let mut text = text.to_owned();
        text.replace_range(place, &edit.text);
        sound(&text);
        text
    };
    assert!(fixed("rule a { condition: \"\\q\" }").contains("\"\\\\q\""));
    assert!(fixed("rule a { condition: 0X1F }").contains("0x1f"));
    assert!(fixed("rule a { condition: 10mb }").contains("10MB"));
    fixed("rule a { condition: true } /* x");
}

#[test]
fn all_errors_of_a_file_are_reported() {
    let text = "rule ok1 { condition: true }\n\
        rule bad1 { meta: a = b c = 1 d = \n strings: $a = \"x\" at \
            $b = private $c = \"y\" condition: $a and }\n\
        rule ok2 { condition: true }\n\
        rule bad2 { strings: $a = { 01 02 \n condition: $a }\n\
        rule bad3 { condition: (true }\n\
        rule bad4 { meta: a =\n\
        rule ok3 { condition: true }\n\
        rule bad5 : { condition: true }\n\
        import ok\n\
        rule ok4 { condition: true }";
    let (file, diagnostics) = run(text);
    let broken: Vec<_> = rules(&file)
        .iter()
        .map(|rule| (rule.name.text.as_str(), rule.broken))
        .collect();
    assert_eq!(
        broken,
        [
            ("ok1", false),
            ("bad1", true),
            ("ok2", false),
            ("bad2", true),
            ("bad3", true),
            ("bad4", true),
            ("ok3", false),
            ("ok4", false),
        ]
    );
    let lost: Vec<_> = file
        .items
        .iter()
        .filter_map(|item| match item {
            Item::Error { rules, .. } => rules.first(),
            _ => None,
        })
        .map(|name| name.text.as_str())
        .collect();
    assert_eq!(lost, ["bad5"]);
    let lines: Vec<_> = diagnostics
        .iter()
        .map(|d| {
            let before = Span::new(0, d.span.lo).of(text.as_bytes());
            before.iter().filter(|b| **b == b'\n').count() + 1
        })
        .collect();
    // bad1: value `b`, missing value of `d`, `at`, `private`, the condition.
    assert_eq!(lines, [2, 3, 3, 3, 3, 5, 7, 9, 10, 11]);
    let names: Vec<_> = rules(&file)[1]
        .patterns
        .iter()
        .map(|p| p.name.text.as_str())
        .collect();
    assert_eq!(names, ["a", "b", "c"], "names of broken patterns are kept");
}

#[test]
fn source_text_warnings() {
    assert_eq!(
        found("rule a { condition: true } /* x"),
        [(Code::UnclosedComment, "/*")]
    );
    let text = b"// \xff\nrule a { condition: \"\xfe\" == \"\" }";
    let (file, diagnostics) = parse(text, FileId(0));
    assert_eq!(diagnostics.len(), 1);
    assert_eq!(diagnostics[0].code, Code::NonUtf8Source);
    assert_eq!(diagnostics[0].span, Span::new(3, 4));
    assert_eq!(rules(&file).len(), 1);
    sound("\u{feff}rule a\u{a0}{\u{2003}condition:\u{202f}true\u{205f}}");
}

#[test]
fn nesting_is_limited_at_the_exact_place() {
    let open = "rule a { condition: ";
    for (prefix, suffix) in [("(", ")"), ("not ", ""), ("-", "")] {
        let nested = |n: usize| {
            format!("{open}{}1{} }}", prefix.repeat(n), suffix.repeat(n))
        };
        assert_eq!(run(&nested(10_000)).1, [], "{prefix}");
        let (file, diagnostics) = run(&nested(200_000));
        let lo = (open.len() + 10_000 * prefix.len()) as u32;
        assert_eq!(diagnostics.len(), 1, "{prefix}");
        assert_eq!(diagnostics[0].code, Code::NestingDepth);
        assert_eq!(diagnostics[0].span.lo, lo, "{prefix}");
        assert!(rules(&file)[0].broken);
    }
    let fields = format!("{open}a{} }}", ".b".repeat(200_000));
    assert!(run(&fields).1.iter().any(|d| d.code == Code::NestingDepth));
    let many = format!("{open}a{} }}", " or a".repeat(200_000));
    assert_eq!(run(&many).1, []);
}

#[test]
fn hostile_files_end_soon() {
    for text in [
        "rule a {".repeat(100_000),
        "rule a { condition: ".to_owned() + &"(".repeat(1_000_000),
        "rule a { condition: ".to_owned() + &"1 2 ".repeat(500_000),
        "rule a { strings: ".to_owned() + &"$a = x ".repeat(100_000),
        "}".repeat(1_000_000),
        "= {".repeat(300_000),
        "/*".repeat(500_000),
        "\"\"\"".repeat(300_001),
        "\"\\".repeat(500_000),
        "\u{fffd}".repeat(300_000),
    ] {
        let (_, diagnostics) = run(&text);
        assert!(!diagnostics.is_empty());
        assert!(diagnostics.len() <= 10_010, "{}", diagnostics.len());
    }
}

/// The tree without its places.
pub(super) fn without_spans(file: &File) -> String {
    let text = format!("{:?}{:?}", file.items, file.exprs);
    let mut parts = text.split("Span { lo: ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once('}').map_or("", |(_, rest)| rest));
    }
    out
}

/// Printing keeps the tree.
pub(super) fn round_trip(text: &[u8]) {
    let (file, _) = parse(text, FileId(0));
    let printed = print(&file, text);
    let (again, diagnostics) = parse(&printed, FileId(0));
    let shown = String::from_utf8_lossy(&printed);
    let errors: Vec<_> = diagnostics.iter().filter(|d| d.is_error()).collect();
    assert!(errors.is_empty(), "{shown}\n{errors:#?}");
    assert_eq!(without_spans(&again), without_spans(&file), "{shown}");
    assert_eq!(print(&again, &printed), printed, "bodies are kept");
}

#[test]
fn printing_keeps_the_tree() {
    round_trip(
        b"import \"a\\x00\" include \"b\" private rule r : t { meta: a = 1.0 \
        b = -2 c = \"\xff\\\"\" strings: $a = /x\\/y/i wide $b = { 01 ?? // }\n\
        } $ = \"\" xor(1-2) base64(\"x\") condition: for any i in (1..2) : \
        (i == 1) and 50 % of ($a*, r*, (x)) in (1..2) and - -1 == ~2 and \
        with q = @a[1], z = !a : (q == z) and (\"\".len() == 2 or \
        not defined a.b[1](2)) and for all k, v in x : (k) and #a in (1..2) \
        and for 2 of them : ($ at 1) and any of them at 3 and filesize \\ 3 \
        and for none i in (1, 2) : ($a in (1..2)) and 1 matches /a/s }",
    );
}
