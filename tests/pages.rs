//! The page of each diagnostic code is there, is well formed, and its
//! examples do what it says.
//!
//! `## Bad` must give the code, `## Good` must not. Codes that a block of
//! rule text alone cannot trigger are marked `<!-- test: KIND -->` and have
//! a test of their own here.

mod support;

use std::path::PathBuf;

use dragnet::Compiler;
use dragnet::diag::{Code, Severity};
use support::{block, codes, compile, read};

fn page(code: Code) -> String {
    read(&format!("compiler/diagnostics/{}.md", code.name()))
}

/// The kind of a page whose code needs more than a text.
fn kind(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("<!-- test: ")?;
    rest.split_once(" -->").map(|(kind, _)| kind)
}

#[test]
fn every_code_has_a_page() {
    for code in Code::ALL {
        let page = page(*code);
        let name = code.name();
        assert!(page.starts_with(&format!("# {name}\n")), "{name}: title");
        let word = match code.severity() {
            Severity::Error => "*Error.* ",
            Severity::Warning => "*Warning.* ",
        };
        assert!(page.contains(word), "{name}: the level is not {word}");
        assert!(page.contains("\n## Why\n"), "{name}: no reason");
        assert!(block(&page, "Good").is_some(), "{name}: no good example");
        assert!(
            kind(&page).is_some() || block(&page, "Bad").is_some(),
            "{name}: no bad example"
        );
    }
}

#[test]
fn every_page_has_a_code() {
    let folder = support::path("compiler/diagnostics");
    for entry in std::fs::read_dir(folder).expect("the pages") {
        let path = entry.expect("a page").path();
        let name = path.file_stem().expect("a name").to_string_lossy();
        assert!(
            Code::ALL.iter().any(|code| code.name() == name),
            "{name} is no code"
        );
    }
}

#[test]
fn bad_examples_give_the_code() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let page = page(*code);
        let Some(bad) = block(&page, "Bad") else { continue };
        if matches!(kind(&page), Some("include" | "option" | "bytes")) {
            continue;
        }
        let got = codes(&compile(bad).diagnostics);
        if !got.contains(code) {
            wrong.push(format!("{}: got {got:?}", code.name()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn good_examples_have_no_fault() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let page = page(*code);
        let Some(good) = block(&page, "Good") else { continue };
        let compiled = compile(good);
        let got = codes(&compiled.diagnostics);
        if got.contains(code) || compiled.errors().count() > 0 {
            wrong.push(format!("{}: got {got:?}", code.name()));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[track_caller]
fn assert_gives(text: impl AsRef<[u8]>, code: Code) {
    let got = codes(&compile(text).diagnostics);
    assert!(got.contains(&code), "got {got:?}");
}

#[test]
fn limits_are_errors_of_their_own() {
    let mut many = String::from("rule many { strings:\n");
    for n in 0..=100_000 {
        many.push_str(&format!("$p{n} = \"text{n:07}\"\n"));
    }
    many.push_str("condition: any of them }");
    assert_gives(many, Code::TooManyPatterns);

    let deep = format!(
        "rule deep {{ condition: {}true{} }}",
        "(".repeat(10_001),
        ")".repeat(10_001)
    );
    assert_gives(deep, Code::NestingDepth);
    let groups = format!(
        "rule groups {{ strings: $a = /x{}y{}/ condition: $a }}",
        "(".repeat(4_097),
        ")".repeat(4_097)
    );
    assert_gives(groups, Code::NestingDepth);

    let names: Vec<String> =
        (0..=2_048).map(|n| format!("v{n} = filesize")).collect();
    let live = format!(
        "rule live {{ condition: with {} : (v0 == v2048) }}",
        names.join(", ")
    );
    assert_gives(live, Code::TooManyVariables);
}

#[test]
fn bytes_outside_utf_8_are_reported() {
    let mut text = b"// caf".to_vec();
    text.push(0xE9);
    text.extend_from_slice(b"\nrule a { condition: filesize > 1 }");
    assert_gives(text, Code::NonUtf8Source);
}

/// A fresh folder for the files of one test.
fn folder(name: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).expect("a folder for the test");
    path
}

fn codes_of_file(path: &std::path::Path) -> Vec<Code> {
    let mut compiler = Compiler::new();
    compiler.add_file("default", path).expect("the main file is there");
    codes(&compiler.compile().diagnostics)
}

#[test]
fn includes_that_fail_say_why() {
    let folder = folder("pages-include");
    let bad = |code: Code| {
        let page = page(code);
        block(&page, "Bad").expect("a bad example").to_owned()
    };
    let write = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file for the test");
        path
    };
    let missing = write("main.yar", bad(Code::IncludeNotFound));
    assert_eq!(codes_of_file(&missing), [Code::IncludeNotFound]);

    std::fs::create_dir(folder.join("unreadable.yar")).expect("a folder");
    let unreadable = write("main.yar", bad(Code::IncludeError));
    assert_eq!(codes_of_file(&unreadable), [Code::IncludeError]);

    let cycle = write("cycle.yar", bad(Code::IncludeCycle));
    assert!(codes_of_file(&cycle).contains(&Code::IncludeCycle));

    for level in 0..20 {
        let text = format!("include \"level{}.yar\"\n", level + 1);
        write(&format!("level{level}.yar"), text);
    }
    write("level20.yar", "rule last { condition: filesize > 1 }".into());
    let deep = folder.join("level0.yar");
    assert!(codes_of_file(&deep).contains(&Code::IncludeDepth));
}

#[test]
fn modules_can_be_banned_and_ignored() {
    let bad = page(Code::BannedModule);
    let bad = block(&bad, "Bad").expect("a bad example");
    let mut banning = Compiler::new();
    banning.ban_module("cuckoo").add_text("default", bad);
    let compiled = banning.compile();
    assert!(codes(&compiled.diagnostics).contains(&Code::BannedModule));

    let mut ignoring = Compiler::new();
    ignoring.ignore_module("cuckoo").add_text("default", bad);
    let compiled = ignoring.compile();
    let got = codes(&compiled.diagnostics);
    assert!(got.contains(&Code::UnsupportedModule), "got {got:?}");
    assert!(got.contains(&Code::IgnoredRule), "got {got:?}");
    assert_eq!(compiled.errors().count(), 0);
}

#[test]
fn rules_that_need_a_broken_rule_are_named() {
    let page = page(Code::IgnoredRule);
    let bad = block(&page, "Bad").expect("a bad example");
    let got = codes(&compile(bad).diagnostics);
    assert!(got.contains(&Code::UnknownIdentifier), "got {got:?}");
    assert!(got.contains(&Code::IgnoredRule), "got {got:?}");
}
