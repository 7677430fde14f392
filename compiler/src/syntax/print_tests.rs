//! Whatever parses is printed so that it parses to the same tree: texts are
//! derived at random from the grammar, with every construct in it.

use proptest::prelude::*;

use super::parse;
use super::tests::round_trip;
use crate::source::FileId;

const NAMES: [&str; 6] = ["a", "pe", "_x1", "rule_b", "number", "ascii_"];
const INTS: [&str; 7] =
    ["0", "1", "0x1F", "0o17", "3KB", "2MB", "18446744073709551615"];
const FLOATS: [&str; 4] = ["1.0", "0.5", "123456789012345678.25", "0.0001"];
const TEXTS: [&str; 7] = [
    r#""""#,
    r#""a b""#,
    r#""\"\\\t\n\r""#,
    r#""\x00\xff\x7f/*""#,
    "\"é // 漢\"",
    r#""{ $a }""#,
    "\"\"\"two\nlines\"\"\"",
];
const REGEXES: [&str; 6] = [
    "/a/",
    r"/a\/b[\/\]]{2,3}?/i",
    "/(x|y*)+$/s",
    r#"/"[^"]"/is"#,
    "/\\x00.é/",
    r"/a\/*b/",
];
const BINARY: [&[&str]; 8] = [
    &[
        "==",
        "!=",
        "contains",
        "icontains",
        "startswith",
        "istartswith",
        "endswith",
        "iendswith",
        "iequals",
        "matches",
    ],
    &["<", "<=", ">", ">="],
    &["|"],
    &["^"],
    &["&"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "\\", "%"],
];

/// Writes a text by choosing among the forms of the grammar. When choices
/// run out, the first form is taken, which is a leaf.
struct Writer<'c> {
    choices: std::slice::Iter<'c, u16>,
    depth: usize,
    out: String,
}

impl Writer<'_> {
    fn pick(&mut self, of: usize) -> usize {
        match self.choices.next() {
            Some(choice) if self.depth < 12 => usize::from(*choice) % of,
            _ => 0,
        }
    }

    fn one_of(&mut self, words: &[&str]) {
        let at = self.pick(words.len());
        self.word(words[at]);
    }

    /// Blanks, line breaks and comments may stand between any two tokens.
    fn space(&mut self) {
        let space = [" ", "\n", " /* $a */ ", " // x\n", "\t"];
        let at = self.pick(12);
        self.out.push_str(space.get(at).unwrap_or(&" "));
    }

    fn word(&mut self, word: &str) {
        self.out.push_str(word);
        self.space();
    }

    fn name(&mut self) {
        self.one_of(&NAMES);
    }

    fn list(&mut self, item: fn(&mut Self)) {
        item(self);
        for _ in 0..self.pick(3) {
            self.word(",");
            item(self);
        }
    }

    fn rule(&mut self) {
        for _ in 0..self.pick(3) {
            self.one_of(&["private", "global"]);
        }
        self.word("rule");
        self.name();
        if self.pick(2) == 1 {
            self.word(":");
            self.name();
            self.name();
        }
        self.word("{");
        if self.pick(2) == 1 {
            self.word("meta");
            self.word(":");
            for _ in 0..1 + self.pick(4) {
                self.meta();
            }
        }
        if self.pick(4) > 0 {
            self.word("strings");
            self.word(":");
            for _ in 0..1 + self.pick(4) {
                self.pattern();
            }
        }
        self.word("condition");
        self.word(":");
        self.expr();
        self.word("}");
    }

    fn meta(&mut self) {
        self.name();
        self.word("=");
        match self.pick(5) {
            0 => self.one_of(&["true", "false"]),
            1 => self.one_of(&TEXTS),
            2 => self.one_of(&INTS),
            3 => self.one_of(&["-1", "-9223372036854775808", "-0.5"]),
            _ => self.one_of(&FLOATS),
        }
    }

    fn pattern(&mut self) {
        self.one_of(&["$", "$a", "$_b", "$c1"]);
        self.word("=");
        match self.pick(3) {
            0 => self.one_of(&TEXTS),
            1 => self.one_of(&REGEXES),
            _ => {
                self.out.push('{');
                self.hex();
                self.word("}");
            }
        }
        for _ in 0..self.pick(4) {
            match self.pick(3) {
                0 => self.one_of(&[
                    "ascii", "wide", "nocase", "fullword", "private",
                ]),
                1 => self.one_of(&["xor", "xor(7)", "xor ( 0x01 - 0xff )"]),
                _ => {
                    self.one_of(&["base64", "base64wide"]);
                    if self.pick(2) == 1 {
                        self.word("(");
                        self.one_of(&TEXTS);
                        self.word(")");
                    }
                }
            }
        }
    }

    fn hex(&mut self) {
        self.depth += 1;
        for _ in 0..1 + self.pick(4) {
            self.one_of(&["4D", "5a", "??", "?F", "0?", "~00", "~?1"]);
            match self.pick(4) {
                1 => self.one_of(&["[2]", "[1-2]", "[3-]", "[-]", "[-7]"]),
                2 => {
                    self.word("(");
                    self.hex();
                    self.word("|");
                    self.hex();
                    self.word(")");
                }
                _ => continue,
            }
            self.word("90");
        }
        self.depth -= 1;
    }

    fn expr(&mut self) {
        self.depth += 1;
        self.joined("or", |this| this.joined("and", Self::not));
        self.depth -= 1;
    }

    fn joined(&mut self, word: &str, part: fn(&mut Self)) {
        part(self);
        for _ in 0..[0, 0, 0, 1, 2][self.pick(5)] {
            self.word(word);
            part(self);
        }
    }

    fn not(&mut self) {
        for _ in 0..[0, 0, 0, 1, 2][self.pick(5)] {
            self.one_of(&["not", "defined"]);
        }
        match self.pick(3) {
            2 => self.test(),
            _ => self.binary(0),
        }
    }

    fn test(&mut self) {
        match self.pick(7) {
            0 => {
                self.one_of(&["$", "$a"]);
                self.word("at");
                self.binary(2);
            }
            1 => {
                self.one_of(&["$", "$a"]);
                self.word("in");
                self.range();
            }
            2 | 3 => {
                self.quantifier();
                self.word("of");
                self.set();
                match self.pick(3) {
                    1 => {
                        self.word("at");
                        self.binary(2);
                    }
                    2 => {
                        self.word("in");
                        self.range();
                    }
                    _ => {}
                }
            }
            4 => {
                self.word("for");
                self.quantifier();
                self.word("of");
                self.set();
                self.body();
            }
            5 => {
                self.word("for");
                self.quantifier();
                self.list(Self::name);
                self.word("in");
                match self.pick(3) {
                    0 => self.path(),
                    1 => self.range(),
                    _ => {
                        self.word("(");
                        self.list(Self::expr);
                        self.word(")");
                    }
                }
                self.body();
            }
            _ => {
                self.word("with");
                self.list(|this| {
                    this.name();
                    this.word("=");
                    this.binary(2);
                });
                self.body();
            }
        }
    }

    fn body(&mut self) {
        self.word(":");
        self.word("(");
        self.expr();
        self.word(")");
    }

    fn quantifier(&mut self) {
        match self.pick(5) {
            0 => self.word("all"),
            1 => self.word("any"),
            2 => self.word("none"),
            3 => self.binary(2),
            _ => {
                self.unary();
                self.word("%");
            }
        }
    }

    fn set(&mut self) {
        if self.pick(2) == 0 {
            return self.word("them");
        }
        self.word("(");
        self.list(|this| match this.pick(4) {
            0 => this.word("$a"),
            1 => this.one_of(&["$*", "$a*", "$_b*"]),
            2 => this.one_of(&["a*", "rule_*"]),
            _ => this.expr(),
        });
        self.word(")");
    }

    fn range(&mut self) {
        self.word("(");
        self.expr();
        self.word("..");
        self.expr();
        self.word(")");
    }

    /// An operator of this level or of one that binds more tightly.
    fn binary(&mut self, level: usize) {
        let Some(operators) = BINARY.get(level) else {
            return self.unary();
        };
        self.binary(level + 1);
        for _ in 0..[0, 0, 0, 0, 0, 0, 0, 1, 2][self.pick(9)] {
            self.one_of(operators);
            self.binary(level + 1);
        }
    }

    fn unary(&mut self) {
        for _ in 0..[0, 0, 0, 1, 2][self.pick(5)] {
            self.one_of(&["-", "~"]);
        }
        self.depth += 1;
        match self.pick(12) {
            0 => self.word("filesize"),
            1 => self.one_of(&["true", "false", "entrypoint"]),
            2 => self.one_of(&INTS),
            3 => self.one_of(&FLOATS),
            4 => self.one_of(&REGEXES),
            5 => self.one_of(&["$", "$a", "#", "#a", "@", "@a", "!", "!a"]),
            6 => {
                self.one_of(&["@", "@a", "!", "!a"]);
                self.word("[");
                self.expr();
                self.word("]");
            }
            7 => {
                self.one_of(&["#", "#a"]);
                self.word("in");
                self.range();
            }
            8 => self.group(),
            9 => {
                self.word("(");
                self.expr();
                self.word(")");
            }
            _ => self.path(),
        }
        self.depth -= 1;
    }

    fn path(&mut self) {
        self.name();
        for _ in 0..self.pick(4) {
            match self.pick(3) {
                0 => {
                    self.word(".");
                    self.name();
                }
                1 => {
                    self.word("[");
                    self.expr();
                    self.word("]");
                }
                _ => self.arguments(),
            }
        }
    }

    /// What a field can be taken of besides a name.
    fn group(&mut self) {
        if self.pick(2) == 0 {
            self.one_of(&TEXTS);
        } else {
            self.word("(");
            self.expr();
            self.word(")");
        }
        let fields = self.pick(3);
        for _ in 0..fields {
            self.word(".");
            self.name();
        }
        if fields > 0 && self.pick(2) == 1 {
            self.arguments();
        }
    }

    fn arguments(&mut self) {
        self.word("(");
        if self.pick(3) > 0 {
            self.list(Self::expr);
        }
        self.word(")");
    }
}

fn file(choices: &[u16]) -> String {
    let mut writer =
        Writer { choices: choices.iter(), depth: 0, out: String::new() };
    for _ in 0..1 + writer.pick(4) {
        match writer.pick(4) {
            0 | 1 => writer.rule(),
            2 => {
                writer.word("import");
                writer.one_of(&TEXTS);
            }
            _ => {
                writer.word("include");
                writer.one_of(&TEXTS);
            }
        }
    }
    writer.out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn printing_keeps_random_trees(
        choices in proptest::collection::vec(any::<u16>(), 0..600)
    ) {
        let text = file(&choices);
        let (_, diagnostics) = parse(text.as_bytes(), FileId(0));
        let error = diagnostics.iter().find(|d| d.is_error());
        prop_assert_eq!(error, None, "{}", text);
        round_trip(text.as_bytes());
    }
}
