//! The bodies of the fuzz targets.
//!
//! They live here and not in the targets so that ordinary tests run them,
//! too: `tests/fuzz_smoke.rs` includes this file.

pub mod bytes;
mod containers;
mod images;
mod memory;
pub mod pattern;
mod render;
mod ruleset;

use dragnet::{Compiled, Compiler, OpenCx, Opened, Scanner, Tree, Value};
use dragnet_compiler::pattern::naive;
use dragnet_compiler::source::{FileId, SourceMap};
use dragnet_compiler::syntax;

use bytes::Bytes;

pub use containers::containers;
pub use memory::memory;
pub use ruleset::load_ruleset;

/// Every text gives a tree and diagnostics that point into the text.
pub fn lex_parse(data: &[u8]) {
    let mut sources = SourceMap::default();
    let file: FileId = sources.add("fuzz", data);
    let (_, diagnostics) = syntax::parse(data, file);
    let length = data.len() as u32;
    for diagnostic in &diagnostics {
        assert_eq!(diagnostic.file, file);
        let spans = diagnostic
            .labels
            .iter()
            .map(|label| label.span)
            .chain(
                diagnostic
                    .fixes
                    .iter()
                    .flat_map(|fix| fix.edits.iter().map(|edit| edit.span)),
            )
            .chain([diagnostic.span]);
        for span in spans {
            assert!(span.lo <= span.hi && span.hi <= length, "{span:?}");
        }
        assert!(!diagnostic.message.is_empty());
    }
}

/// Whatever the bytes of a file are, every module gives its fields and comes
/// to an end. The first byte chooses the module.
pub fn modules(data: &[u8]) {
    let Some((first, data)) = data.split_first() else { return };
    let names = dragnet::module_names();
    let name = names[usize::from(*first) % names.len()];
    let module = dragnet::module(name).expect("a module of this name");
    let cx = OpenCx::new(data);
    let opened = Opened::open(module, cx);
    let tree = opened.tree();
    assert!(!opened.recognises() || tree != Tree::Struct(Vec::new()));
}

fn compiled(text: &[u8]) -> Compiled {
    let mut compiler = Compiler::new();
    compiler
        .define("int", Value::Int(1))
        .define("float", Value::Float(0.5))
        .define("flag", Value::Bool(true))
        .define("text", Value::Text(b"text".to_vec()));
    compiler.add_text("default", text);
    compiler.compile()
}

/// Every text compiles to rules, or to errors, or to both; the same text
/// gives the same bytes; what compiles can be loaded and scans.
pub fn compile(data: &[u8]) {
    let first = compiled(data);
    for diagnostic in &first.diagnostics {
        let source = first.sources.get(diagnostic.file);
        let length = source.text.len() as u32;
        let span = diagnostic.span;
        assert!(span.lo <= span.hi && span.hi <= length, "{diagnostic:?}");
    }
    assert!(
        first.rules.is_some() || first.errors().count() > 0,
        "neither rules nor errors"
    );
    assert!(
        first.skipped.is_empty() || !first.diagnostics.is_empty(),
        "rules are left out without a word"
    );
    let Some(rules) = first.rules else { return };
    let again = compiled(data).rules.expect("the same rules once more");
    assert!(rules.bytes() == again.bytes(), "two different rule sets");
    let mut scanner = Scanner::new(&rules);
    // What takes long is said, and is not looked for here.
    let limits = scanner.limits_mut();
    (limits.fuel, limits.pattern_fuel) = (1 << 14, 1 << 14);
    for data in [&b""[..], b"a", data] {
        let _ = scanner.scan(data).rules().count();
    }
}

/// The engine finds what the naive matcher finds.
///
/// Pattern and data are made from the bytes. The pattern goes to the
/// compiler as text, and to the naive matcher as the value that the text
/// means, so that a wrong reading of the text is found as well.
pub fn scan_vs_naive(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let case = pattern::Case::generate(&mut bytes);
    let rule = case.rule();
    let compiled = compiled(rule.as_bytes());
    let errors: Vec<&str> =
        compiled.errors().map(|e| e.message.as_str()).collect();
    assert!(errors.is_empty(), "{rule}\n{errors:?}");
    let rules = compiled.rules.expect("rules, as there are no errors");
    for haystack in case.haystacks(&mut bytes) {
        let mut scanner = Scanner::new(&rules);
        let report = scanner.scan(&haystack);
        if !report.limits().is_empty() {
            // Said, and so nothing is missing in silence.
            continue;
        }
        let found: Vec<(u64, u32)> = report
            .rules()
            .flat_map(|rule| rule.patterns().collect::<Vec<_>>())
            .flat_map(|pattern| pattern.matches().to_vec())
            .map(|m| (m.offset, m.length))
            .collect();
        let expected = naive::find(&case.pattern, &haystack);
        let same = found.len() == expected.len()
            && found.iter().zip(&expected).all(|(found, expected)| {
                found.0 == expected.offset
                    && expected.lengths.contains(&found.1)
            });
        assert!(
            same,
            "{rule}\non {:?}\nfound    {found:?}\nexpected {expected:?}",
            haystack.escape_ascii().to_string()
        );
    }
}
