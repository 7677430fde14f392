//! What `dragnet check` prints for each diagnostic code, word by word.
//!
//! The text of a code is that of `## Bad` on its page; what needs more than
//! that is built here. `DRAGNET_BLESS=1` writes the expected texts anew:
//! read the difference before you keep it.

mod cli_support;
mod support;

use std::path::PathBuf;

use cli_support::{Dir, run};
use dragnet::diag::{Code, Severity};
use support::{block, read};

/// Codes that no run of the command gives: modules are banned and includes
/// switched off by the library only, and no test has a source of 4 GiB.
const WITHOUT_TEXT: [Code; 3] =
    [Code::BannedModule, Code::IncludeDisabled, Code::SourceTooLarge];

fn golden(code: Code) -> PathBuf {
    let name = format!("tests/golden/diagnostics/{}.txt", code.name());
    support::path(&name)
}

/// What is printed for an example of the code.
fn printed(code: Code) -> String {
    let dir = Dir::new();
    let page = read(&format!("compiler/diagnostics/{}.md", code.name()));
    let mut text = block(&page, "Bad").unwrap_or_default().as_bytes().to_vec();
    let mut args = vec!["check"];
    let mut name = "bad.yar";
    match code {
        Code::ConditionTooLarge => {
            let many: String = (0..50_000)
                .map(|n| format!("$p{n} = \"t{n:06}\"\n"))
                .collect();
            let sets = vec!["any of them"; 201].join(" or\n");
            text = format!(
                "rule big {{\nstrings:\n{many}condition:\n{sets}\n}}\n"
            )
            .into();
        }
        Code::NestingDepth => {
            let (open, close) = ("(\n".repeat(10_001), ")\n".repeat(10_001));
            text = format!("rule deep {{ condition:\n{open}true\n{close}}}\n")
                .into();
        }
        Code::TooManyPatterns => {
            let many: String = (0..=100_000)
                .map(|n| format!("$p{n} = \"t{n:06}\"\n"))
                .collect();
            text = format!(
                "rule many {{\nstrings:\n{many}condition: any of them\n}}\n"
            )
            .into();
        }
        Code::TooManyVariables => {
            let names: Vec<String> =
                (0..=2_048).map(|n| format!("_v{n} = filesize")).collect();
            text = format!(
                "rule live {{ condition:\nwith\n{} :\n(_v0 == _v2048) }}\n",
                names.join(",\n")
            )
            .into();
        }
        Code::NonUtf8Source => {
            text = b"// caf\xe9\nrule a { condition: filesize > 1 }\n".into();
        }
        Code::IncludeCycle => name = "cycle.yar",
        Code::IncludeDepth => {
            for level in 1..=20 {
                let text = format!("include \"level{}.yar\"\n", level + 1);
                dir.write(&format!("level{level}.yar"), text);
            }
            text = b"include \"level1.yar\"\n".into();
        }
        Code::IncludeError => {
            std::fs::create_dir(dir.path("unreadable.yar")).expect("a folder");
        }
        Code::UnsupportedModule => {
            args.extend(["--ignore-module", "cuckoo"]);
        }
        _ => {}
    }
    dir.write(name, text);
    args.push(name);
    let out = run(&dir, &args).out;
    let full = dir.path("").canonicalize().expect("the folder of the test");
    out.replace(&*full.to_string_lossy(), "/rules")
}

#[test]
fn diagnostics_read_as_expected() {
    let bless = std::env::var_os("DRAGNET_BLESS").is_some();
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().filter(|c| !WITHOUT_TEXT.contains(c)) {
        let found = printed(*code);
        let path = golden(*code);
        if bless {
            std::fs::create_dir_all(path.parent().expect("a folder"))
                .and_then(|()| std::fs::write(&path, &found))
                .expect("the expected text is written");
            continue;
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if found != expected {
            wrong.push(format!(
                "{}: expected\n{expected}\nfound\n{found}",
                code.name()
            ));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The diagnostics of a printed text, each from its title on.
fn diagnostics(text: &str) -> impl Iterator<Item = &str> {
    let starts =
        text.match_indices('\n').map(|(at, _)| at + 1).chain([0]).filter(
            |at| {
                let rest = &text[*at..];
                rest.starts_with("error[") || rest.starts_with("warning[")
            },
        );
    let mut starts: Vec<usize> = starts.collect();
    starts.sort_unstable();
    let ends: Vec<usize> =
        starts.iter().skip(1).copied().chain([text.len()]).collect();
    starts.into_iter().zip(ends).map(|(start, end)| &text[start..end])
}

#[test]
fn each_text_has_place_label_and_advice() {
    for code in Code::ALL.iter().filter(|c| !WITHOUT_TEXT.contains(c)) {
        let text = printed(*code);
        let level = match code.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let title = format!("{level}[{}]: ", code.name());
        let own = diagnostics(&text).find(|d| d.starts_with(&title));
        let Some(own) = own else { panic!("{title}is not in\n{text}") };
        let place = own.lines().nth(1).unwrap_or_default().trim_start();
        let parts = place.strip_prefix("--> ").map(|p| p.split(':').count());
        assert_eq!(parts, Some(3), "{title}no file, line and column\n{own}");
        assert!(own.contains('^'), "{title}nothing is pointed at\n{own}");
        // What is expected is the advice of a syntax error.
        let advice = own.contains("help: ") || *code == Code::Syntax;
        assert!(advice, "{title}no advice\n{own}");
    }
}
