//! Formatting keeps what rules mean, and formatting twice changes nothing.

mod support;

use dragnet::{
    Brace, NotFormatted, Style, format_rules, logic_hashes, rule_files,
};

fn formatted(text: &str) -> String {
    let bytes = format_rules(text.as_bytes(), &Style::default());
    let bytes = bytes.unwrap_or_else(|error| panic!("{error:?}\n{text}"));
    String::from_utf8(bytes).expect("text stays text")
}

#[track_caller]
fn assert_formats(text: &str, expected: &str) {
    let once = formatted(text);
    assert_eq!(once, expected, "\n{once}");
    assert_eq!(formatted(&once), once, "not stable");
}

#[test]
fn a_rule_gets_one_form() {
    assert_formats(
        "import   \"pe\"\nprivate rule  a:x y{meta:b=\"c\" d=-1\n\n\n e=true \
         strings:$a=\"q\"wide ascii $b={4d5A [ 2 - 4 ]??}$c=/x/i private\n\
         $d = \"z\" xor ( 1 - 2 ) condition:$a and(pe.sections [0] . name \
         ==\"x\" or#b in(0..filesize-1)>- 2)or 50 %of($a , $b *)}",
        "import \"pe\"\n\nprivate rule a : x y {\n    meta:\n        \
         b = \"c\"\n        d = -1\n\n        e = true\n    strings:\n        \
         $a = \"q\" wide ascii\n        $b = { 4d 5A [2-4] ?? }\n        \
         $c = /x/i private\n        $d = \"z\" xor(1-2)\n    condition:\n        \
         $a\n        and (pe.sections[0].name == \"x\" or #b in \
         (0..filesize - 1) > -2)\n        or 50% of ($a, $b*)\n}\n",
    );
}

#[test]
fn comments_stay() {
    assert_formats(
        "// head\n\n\n/* two */\nrule a // why\n{\n strings: // these\n\
         // first\n$a = \"x\" // what\n\n // last\n condition: // all\n\
         $a // one\n and ( // two\n $a /* three */ or $a)\n // end\n}\n\
         // after",
        "// head\n\n/* two */\nrule a // why\n{\n    strings: // these\n        \
         // first\n        $a = \"x\" // what\n\n        // last\n    \
         condition: // all\n        $a // one\n        and ( // two\n            \
         $a /* three */\n            or $a\n        )\n        // end\n}\n\
         // after\n",
    );
}

#[test]
fn what_does_not_fit_is_broken() {
    let item = |at: usize| format!("$some_long_name_{at}");
    let items: Vec<String> = (10..20).map(item).collect();
    let declared: String =
        items.iter().map(|i| format!("{i} = \"{i}\"\n")).collect();
    let text = format!(
        "rule a {{ strings: {declared} condition: (all of ({}) or ({})) }}",
        items.join(","),
        items.join(" and ")
    );
    let once = formatted(&text);
    assert!(once.lines().all(|line| line.len() <= 100), "{once}");
    assert_eq!(formatted(&once), once);
    assert!(once.contains("\n                and $some_long"), "{once}");
}

#[test]
fn long_hex_patterns_get_lines() {
    let bytes = "00112233445566778899AABBCCDDEEFF".repeat(4);
    let text = format!("rule a {{ strings: $a = {{{bytes}}} condition: $a }}");
    let once = formatted(&text);
    let line = "\n            00 11 22 33 44 55 66 77 88 99 AA BB CC DD EE FF";
    assert!(once.contains(&line.repeat(4)), "{once}");
    assert_eq!(formatted(&once), once);
}

#[test]
fn lines_of_hex_patterns_and_their_comments_stay() {
    assert_formats(
        "rule a { strings: $a = { 4D5A // MZ\n   90 00 /* x */ 03\n}\n\
         $b = {\n 41 42\n ( 43|44 ) } condition: any of them }",
        "rule a {\n    strings:\n        $a = {\n            4D5A // MZ\n            \
         90 00 /* x */ 03\n        }\n        $b = {\n            41 42\n            \
         ( 43 | 44 )\n        }\n    condition:\n        any of them\n}\n",
    );
}

#[test]
fn the_style_is_kept() {
    let style = Style {
        indent: 3,
        brace: Brace::NextLine,
        align_meta: true,
        align_strings: true,
        ..Style::default()
    };
    let text = b"rule a { meta: a = 1 long = 2 strings: $a = \"x\" \
                 $bcd = \"y\" condition: all of them }";
    let expected = "rule a\n{\n   meta:\n      a    = 1\n      long = 2\n   \
                    strings:\n      $a   = \"x\"\n      $bcd = \"y\"\n   \
                    condition:\n      all of them\n}\n";
    let once = format_rules(text, &style).expect("it has no errors");
    assert_eq!(String::from_utf8_lossy(&once), expected);
    assert_eq!(format_rules(&once, &style), Ok(once.clone()));
}

#[test]
fn line_ends_marks_and_bytes_stay() {
    let text = b"\xef\xbb\xbf// caf\xe9\r\nrule a { condition:\r\ntrue }\r\n";
    let expected = b"\xef\xbb\xbf// caf\xe9\r\nrule a {\r\n    condition:\r\n        true\r\n}\r\n";
    assert_eq!(format_rules(text, &Style::default()), Ok(expected.to_vec()));
    assert_eq!(format_rules(b"", &Style::default()), Ok(Vec::new()));
    assert_eq!(formatted("/* open"), "/* open\n");
    assert_eq!(formatted("/* open\n"), "/* open\n");
}

#[test]
fn what_has_errors_is_refused() {
    for text in ["rule a { condition: ( }", "rule", "x", "rule a { }"] {
        let result = format_rules(text.as_bytes(), &Style::default());
        let errors = matches!(result, Err(NotFormatted::Syntax(_)));
        assert!(errors, "{text}: {result:?}");
    }
}

#[test]
fn deep_conditions_stay_small() {
    let text = format!(
        "rule a {{ condition: {}true{} }}",
        "(true or ".repeat(5_000),
        ")".repeat(5_000)
    );
    let once = formatted(&text);
    assert!(once.len() < 50 * text.len(), "{}", once.len());
    assert_eq!(formatted(&once), once);
}

/// Rules with white space and comments thrown in between all tokens.
#[test]
fn thrown_about_rules_keep_their_logic_and_comments() {
    let text = "import \"pe\" private rule a : x y { meta: b = \"c\" d = -1 \
                strings: $a = \"q // \" wide ascii $b = { 4D 5A [2-4] ( 01 \
                | 02 ) } $c = /x\\/y/i private $d = \"z\" xor(1-2) \
                condition: $a and (pe.sections[0].name == \"x\" or #b in \
                (0..filesize - 1) > -2) or 50% of ($a, $b*) and not (for \
                any i in (1, 2) : (@c[i] < 1KB or all of them) and $d) }\n\
                rule b { condition: a and uint8(-1 + 2) == ~3 % 4 }";
    let source = text.as_bytes();
    let pieces = dragnet_compiler::syntax::pieces(source);
    let trivia = [
        "",
        " ",
        "\n",
        "\n\n\n",
        "\t",
        " /* c */ ",
        " // c\n",
        "\n// c\n",
        "\n\n/* a\n b */\n",
        "/* c */\n",
        "\r\n",
    ];
    let hashes = |text: &[u8]| -> Vec<_> {
        logic_hashes(text).into_iter().map(|rule| rule.hash).collect()
    };
    let mut seed = 7_u64;
    let mut next = || {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1);
        (seed >> 33) as usize
    };
    for round in 0..400 {
        let mut thrown = Vec::new();
        for piece in &pieces {
            let all = if round % 3 == 0 { 2..5 } else { 0..trivia.len() };
            let chosen = trivia[all.start + next() % all.len()];
            let word = |b: Option<&u8>| {
                b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            };
            let shown = piece.span.of(source);
            // Two words, and a value and what follows it, stay apart.
            if chosen.is_empty() && word(shown.first()) {
                thrown.push(b' ');
            }
            thrown.extend(chosen.as_bytes());
            thrown.extend(shown);
        }
        let shown = String::from_utf8_lossy(&thrown).into_owned();
        let style = Style::default();
        let once = format_rules(&thrown, &style);
        let once = once.unwrap_or_else(|e| panic!("{e:?}\n{shown}"));
        assert_eq!(hashes(&once), hashes(source), "{shown}");
        let twice = format_rules(&once, &style);
        assert_eq!(twice.as_ref(), Ok(&once), "not stable:\n{shown}");
        let count = |text: &[u8]| {
            let all = dragnet_compiler::syntax::pieces(text);
            all.iter().filter(|piece| piece.comment).count()
        };
        assert_eq!(count(&once), count(&thrown), "{shown}");
    }
}

/// All example rules of the repository, and of the collections that lie
/// beside it.
#[test]
fn collections_keep_their_logic() {
    let folders = [Some(support::path("rules")), support::shared("corpora")];
    let mut wrong = Vec::new();
    let mut rules = 0;
    for folder in folders.into_iter().flatten() {
        for path in rule_files(&folder).expect("a folder of rules") {
            let text = std::fs::read(&path).expect("a rule file");
            let style = Style::default();
            let once = match format_rules(&text, &style) {
                Ok(once) => once,
                Err(NotFormatted::Syntax(_)) => continue,
                Err(NotFormatted::Defect) => {
                    wrong.push(format!("{}: defect", path.display()));
                    continue;
                }
            };
            let hashes = |text: &[u8]| -> Vec<_> {
                let all = logic_hashes(text).into_iter();
                all.map(|rule| (rule.name, rule.hash)).collect()
            };
            let before = hashes(&text);
            rules += before.len();
            if before != hashes(&once) {
                wrong.push(format!("{}: another logic", path.display()));
            }
            if format_rules(&once, &style) != Ok(once) {
                wrong.push(format!("{}: not stable", path.display()));
            }
        }
    }
    assert!(rules > 50, "only {rules} rules");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
