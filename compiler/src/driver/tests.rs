//! Includes, limits and long inputs.

use std::collections::{HashMap, HashSet};

use dragnet_engine::cond::ExternalValue;
use dragnet_engine::module::data::Data;
use dragnet_engine::ruleset::RuleSet;
use dragnet_engine::scan::{DefineError as SetError, Scanner};

use super::load::Loading;
use super::{Compiler, DefineError, Output, Source};
use crate::check::{self, Checked, Settings};
use crate::diag::{Code, Collector};
use crate::ir::Const;
use crate::link::link;
use crate::source::{IncludeError, Included, Loader, NoIncludes, SourceMap};

struct Files(HashMap<&'static str, &'static str>);

impl Loader for Files {
    fn load(
        &self,
        path: &[u8],
        _: Option<&str>,
    ) -> Result<Included, IncludeError> {
        let path = String::from_utf8_lossy(path).into_owned();
        match self.0.get(path.as_str()) {
            Some(text) => Ok(Included {
                key: path.clone(),
                name: path,
                text: text.as_bytes().into(),
            }),
            None => Err(IncludeError::NotFound(vec![path])),
        }
    }
}

fn compile(files: &[(&'static str, &'static str)], main: &str) -> Output {
    let mut compiler = Compiler::new();
    let files = files.iter().copied().collect();
    compiler.loader(Box::new(Files(files)));
    let mut source = Source::new("main", main);
    source.key = Some("main".to_owned());
    compiler.add_source("default", source);
    compiler.compile()
}

fn codes(output: &Output) -> Vec<Code> {
    output.diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn an_included_rule_stands_where_the_include_is() {
    let files = [("a.yar", "rule a { condition: filesize > 1 }")];
    let main = "include \"a.yar\" rule b { condition: a }";
    let output = compile(&files, main);
    assert_eq!(codes(&output), []);
    assert_eq!(output.rule_count, 2);
}

#[test]
fn includes_that_fail_leave_the_other_rules() {
    let files =
        [("a.yar", "include \"b.yar\""), ("b.yar", "include \"a.yar\"")];
    let main = "include \"a.yar\" include \"none\" \
                rule r { condition: filesize > 1 }";
    let output = compile(&files, main);
    assert_eq!(codes(&output), [Code::IncludeNotFound, Code::IncludeCycle]);
    assert_eq!(output.rule_count, 1);
}

#[test]
fn externals_have_names_and_types() {
    let mut compiler = Compiler::new();
    compiler.define("a", Const::Int(1)).unwrap();
    let again = compiler.define("a", Const::Int(1)).err();
    assert_eq!(again, Some(DefineError::Duplicate("a".to_owned())));
    let name = compiler.define("1a", Const::Int(1)).err();
    assert_eq!(name, Some(DefineError::Name("1a".to_owned())));
    let ty = compiler.define("b", Const::UInt(1)).err();
    assert_eq!(ty, Some(DefineError::Type("b".to_owned())));
}

#[test]
fn a_raised_warning_leaves_the_rule_out() {
    let mut compiler = Compiler::new();
    compiler.raise(Code::NonBoolExpr);
    let text = "rule r { condition: filesize }";
    compiler.add_source("default", Source::new("test", text));
    let output = compiler.compile();
    assert_eq!(output.error_count(), 1);
    assert_eq!(output.rule_count, 0);
    assert!(output.rules.is_none());
}

#[test]
fn long_chains_and_deep_nesting_end() {
    let sum =
        format!("rule r {{ condition: filesize{} }}", " + 1".repeat(5_000));
    let mut deep = "not ".repeat(5_000);
    deep.push_str("filesize == 1");
    let deep = format!("rule d {{ condition: {deep} }}");
    for text in [sum, deep] {
        let mut compiler = Compiler::new();
        compiler.add_source("default", Source::new("test", text));
        assert_eq!(compiler.compile().error_count(), 0);
    }
}

fn alone(texts: &[(&str, &str)]) -> Output {
    let mut compiler = Compiler::new();
    for (namespace, text) in texts {
        compiler.add_source(namespace, Source::new(*namespace, text));
    }
    compiler.compile()
}

/// The rules before they are written.
fn checked(text: &str) -> Checked {
    let (mut sources, mut collector) =
        (SourceMap::default(), Collector::default());
    let mut loading = Loading::new(&NoIncludes, &mut sources, &mut collector);
    loading.sources(vec![(0, Source::new("test", text))]);
    let (units, steps) = loading.finish();
    let names = ["n".to_owned()];
    let settings = Settings::default();
    check::check(&units, &steps, &names, &settings, &sources, &mut collector)
}

#[test]
fn a_rule_that_is_left_out_late_leaves_nothing_behind() {
    let imports = "import \"math\" import \"hash\"";
    let good = "rule good { condition: math.entropy(0, 9) > 1.0 and \
                hash.sha1(0, 9) matches /^00/ }";
    let bad = "rule bad { strings: $a = /xyz[^y]+z/ condition: $a and \
               math.mean(0, filesize) > 1.0 and \
               hash.md5(0, 9) matches /^0+[a-f]/ }";
    let only = checked(&format!("{imports} {good}"));
    for text in
        [format!("{imports} {bad} {good}"), format!("{imports} {good} {bad}")]
    {
        let mut both = checked(&text);
        let at = both.rules.rules.iter().position(|r| r.name == "bad");
        let gone = HashSet::from([at.unwrap()]);
        check::remove_rules(&mut both.rules, &gone);
        assert_eq!(link(&both.rules).bytes, link(&only.rules).bytes);
    }
}

#[test]
fn a_namespace_falls_with_its_global_rule() {
    let good = "rule good { condition: filesize > 1 }";
    for bad in [
        "global rule g { condition: nothing }",
        "private global rule g { condition: ( }",
        "global rule g { condition }",
        "global rule g { broken }",
    ] {
        for text in [format!("{bad} {good}"), format!("{good} {bad}")] {
            let output = alone(&[("lost", &text), ("kept", good)]);
            assert_eq!(output.rule_count, 1, "{text}");
            let mut names: Vec<_> = output
                .skipped
                .iter()
                .map(|s| (s.name.as_str(), s.namespace.as_str()))
                .collect();
            names.sort_unstable();
            assert_eq!(names, [("g", "lost"), ("good", "lost")], "{text}");
            let said = output.diagnostics.iter().any(|d| {
                d.code == Code::IgnoredRule && d.message.contains("`lost`")
            });
            assert!(said, "{text}");
        }
    }
}

/// The same condition twice: with constant offsets, and with offsets that
/// are constant only when the rules run.
#[test]
fn anchoring_a_pattern_changes_no_verdict() {
    let strings =
        [("$a", "\"ab\""), ("$b", "/b+c/"), ("$c", "{ 63 [0-400] 61 }")];
    let conditions = [
        "$a at @0",
        "not $a at @1",
        "$a at @0 or $b at @1",
        "$a at @2 and $a at @2",
        "$a at @0 or $a at @3",
        "$b at @1 and $b",
        "any of ($a, $b) at @3",
        "all of them at @4",
        "none of ($a, $c) at @2",
        "$c at @2 and filesize > 3",
        "$c at @5 and not $a at @0",
        "for any i in (0..2) : ($a at @1 and i == 1)",
        "$a at @99999",
        "$a at @0 and #b > 0 and $b at @1",
        "#b == 1 or $b at @1",
    ];
    let mut text = String::new();
    for (at, condition) in conditions.iter().enumerate() {
        for (kind, offset) in
            [("fixed", ""), ("free", "filesize - filesize + ")]
        {
            let condition = condition.replace('@', offset);
            // The sum binds tighter than `at`. Patterns that the condition
            // does not name would be an error.
            let all = condition.contains("them");
            let used =
                strings.iter().filter(|s| all || condition.contains(s.0));
            let strings: String =
                used.map(|s| format!("{} = {} ", s.0, s.1)).collect();
            text.push_str(&format!(
                "rule {kind}_{at:02} {{ strings: {strings} condition: \
                 {condition} }} "
            ));
        }
    }
    let output = alone(&[("n", &text)]);
    assert_eq!(output.error_count(), 0, "{:?}", output.diagnostics);
    let rules = RuleSet::from_bytes(output.rules.unwrap()).unwrap();
    let mut scanner = Scanner::new(&rules);
    let mut matching = 0;
    for data in [
        &b"abbbc"[..],
        b"abc",
        b"xabbc",
        b"bbcab",
        b"ababc",
        b"abc....a",
        b"abcabcabc",
        b"aabc",
        b"",
        b"cabab",
        b"...ab",
        b"abxxxca",
    ] {
        let report = scanner.scan(data);
        let names: Vec<_> = report.rules().map(|r| r.name()).collect();
        matching += names.len();
        for (at, condition) in conditions.iter().enumerate() {
            let holds =
                |kind| names.contains(&format!("{kind}_{at:02}").as_str());
            assert_eq!(holds("fixed"), holds("free"), "{condition} {data:?}");
        }
    }
    assert!(matching > 40, "{matching}");
}

const HOST: &str = r#"{
    "name": "db1", "load": 0.5, "up": true, "nothing": {},
    "ports": [22, 5432], "net": {"mask": 24, "names": ["a", "b"]},
    "disks": [{"size": 10, "tags": ["x"]}, {"size": 20, "tags": ["y", "z"]}]
}"#;

fn data(json: &str) -> Data {
    Data::from_json(json.as_bytes()).unwrap()
}

fn with_host(condition: &str) -> Output {
    let mut compiler = Compiler::new();
    compiler.define_data("host", data(HOST)).unwrap();
    compiler.define_data("list", data("[1, 2, 3]")).unwrap();
    let text = format!("rule r {{ condition: {condition} }}");
    compiler.add_source("default", Source::new("test", text));
    compiler.compile()
}

#[test]
fn structures_are_read_as_modules_are() {
    for (condition, holds) in [
        ("host.name == \"db1\" and host.load < 1.0 and host.up", true),
        ("host.name contains \"2\"", false),
        ("host.ports[1] == 5432 and host.net.mask == 24", true),
        ("defined host.ports[2] or defined host.ports[-1]", false),
        ("not defined host.ports[2]", true),
        ("host.ports.len() == 2 and list.len() == 3", true),
        ("for any p in host.ports : (p == 22)", true),
        ("for all p in host.ports : (p == 22)", false),
        ("for all i in list : (i < 4)", true),
        ("list[0] + list[2] == 4", true),
        (
            "for any d in host.disks : (d.size == 20 and d.tags[1] == \"z\")",
            true,
        ),
        (
            "for any d in host.disks : (for any t in d.tags : (t == \"q\"))",
            false,
        ),
        ("for any n in host.net.names : (n matches /^b$/)", true),
        ("with n = host.net : (n.mask == 24)", true),
    ] {
        let output = with_host(condition);
        assert_eq!(output.error_count(), 0, "{condition}");
        let rules = RuleSet::from_bytes(output.rules.unwrap()).unwrap();
        assert_eq!(rules.modules(), [""; 0]);
        let mut scanner = Scanner::new(&rules);
        let count = scanner.scan(b"").rules().count();
        assert_eq!(count == 1, holds, "{condition}");
    }
}

#[test]
fn structures_have_types() {
    for (condition, code) in [
        ("host.nme == \"db1\"", Code::UnknownField),
        ("host.name.x == 1", Code::UnknownField),
        ("host", Code::WrongType),
        ("host == 1", Code::WrongType),
        ("host.ports == 22", Code::WrongType),
        ("host.name == 1", Code::MismatchingTypes),
    ] {
        let found = codes(&with_host(condition));
        assert_eq!(found.first(), Some(&code), "{condition}: {found:?}");
    }
    for wrong in [
        "host[0] == 1",
        "list[\"a\"] == 1",
        "for any p in host : (true)",
        "host()",
        "host.len() == 1",
    ] {
        assert!(with_host(wrong).error_count() > 0, "{wrong}");
    }
}

#[test]
fn a_structure_is_replaced_by_one_of_its_shape_only() {
    let output = with_host("host.ports[0] == 7 or list[0] == 9");
    let rules = RuleSet::from_bytes(output.rules.unwrap()).unwrap();
    let mut scanner = Scanner::new(&rules);
    assert_eq!(scanner.scan(b"").rules().count(), 0);
    for wrong in [
        ExternalValue::Int(1),
        ExternalValue::Data(data("[7]")),
        ExternalValue::Data(data(&HOST.replace("\"up\"", "\"upp\""))),
        ExternalValue::Data(data(&HOST.replace("0.5", "1"))),
    ] {
        assert_eq!(scanner.define("host", wrong), Err(SetError::Type));
    }
    let unknown = scanner.define("hots", ExternalValue::Data(data(HOST)));
    assert_eq!(unknown, Err(SetError::Unknown));
    let new = ExternalValue::Data(data(&HOST.replace("22,", "7,")));
    scanner.define("host", new).unwrap();
    assert_eq!(scanner.scan(b"").rules().count(), 1);
    let list = data("[0]");
    scanner.define("list", ExternalValue::Data(list)).unwrap();
    let host = ExternalValue::Data(data(HOST));
    scanner.define("host", host).unwrap();
    assert_eq!(scanner.scan(b"").rules().count(), 0);
}
