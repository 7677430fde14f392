//! Includes, limits and long inputs.

use std::collections::HashMap;

use super::{Compiler, DefineError, Output, Source};
use crate::diag::Code;
use crate::ir::Const;
use crate::source::{IncludeError, Included, Loader};

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
