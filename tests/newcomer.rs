//! The commands of the page for a first rule, of the templates for CI and of
//! the hooks are run, and do what the page says.

mod cli_support;

use std::path::Path;

use cli_support::{Dir, Run, git, run};

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Runs what stands behind `dragnet`; output goes where `>` says.
fn dragnet(dir: &Dir, line: &str) -> Run {
    let (line, to) = match line.split_once(" >") {
        Some((line, to)) => (line, Some(to.trim_start_matches('>').trim())),
        None => (line, None),
    };
    let words: Vec<String> = line
        .split_whitespace()
        .map(|word| word.trim_matches('\'').to_owned())
        .collect();
    assert_eq!(words[0], "dragnet", "{line}");
    let arguments: Vec<&str> = words[1..].iter().map(|w| &**w).collect();
    let result = run(dir, &arguments);
    if let Some(to) = to {
        dir.write(to.trim_matches('"').trim_start_matches('$'), &result.out);
    }
    result
}

/// Files are written and commands run as a reader would: a block of code
/// after a line that ends in a file's name is that file, and after `$`
/// stands what to type, followed by what is printed. `...` stands for any
/// lines.
#[test]
fn the_page_for_a_first_rule_is_true() {
    let page = read("docs/first-rule.md");
    let dir = Dir::new();
    let mut before = "";
    let mut lines = page.lines();
    let mut commands = 0;
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            if !line.trim().is_empty() {
                before = line;
            }
            continue;
        };
        let block: Vec<&str> =
            lines.by_ref().take_while(|line| *line != "```").collect();
        if language == "console" {
            commands += console(&dir, &block);
            continue;
        }
        let name = before.trim_end_matches(':').rsplit('`').nth(1);
        let name = name.unwrap_or_else(|| panic!("no name in `{before}`"));
        dir.write(name, block.join("\n") + "\n");
    }
    assert!(commands >= 10, "only {commands} commands");
    for command in ["check", "lint", "fmt", "test", "explain", "diff", "scan"]
    {
        let typed = format!("$ dragnet {command} ");
        assert!(page.contains(&typed), "the page does not {command}");
    }
}

fn console(dir: &Dir, block: &[&str]) -> usize {
    let mut commands = 0;
    let mut rest = block;
    while let Some((line, after)) = rest.split_first() {
        let typed = line.strip_prefix("$ ").expect("a command");
        let end = after.iter().position(|line| line.starts_with("$ "));
        let (shown, next) = after.split_at(end.unwrap_or(after.len()));
        let result = dragnet(dir, typed);
        assert!(result.err.is_empty(), "{typed}: {result:?}");
        assert_shown(typed, &result.out, shown);
        rest = next;
        commands += 1;
    }
    commands
}

#[track_caller]
fn assert_shown(typed: &str, printed: &str, shown: &[&str]) {
    let printed: Vec<&str> = printed.lines().collect();
    let mut at = 0;
    let mut any = false;
    for line in shown {
        if *line == "..." {
            any = true;
            continue;
        }
        let found = if any {
            printed[at..].iter().position(|other| other == line)
        } else {
            (printed.get(at) == Some(line)).then_some(0)
        };
        let found = found.unwrap_or_else(|| {
            panic!("{typed}: no line\n{line}\nin\n{}", printed.join("\n"))
        });
        at += found + 1;
        any = false;
    }
    assert!(any || at == printed.len(), "{typed}: {}", printed.join("\n"));
}

const RULE: &str = r#"rule page {
    strings:
        $a = "beacon.checkin(" nocase
    condition:
        filesize < 50KB
        and $a
}
"#;

/// A repository with rules, clean files and two commits.
fn repository() -> Option<Dir> {
    let dir = Dir::new();
    dir.write("rules/page.yar", RULE.replace("50KB", "10KB"));
    dir.write(
        "rules/page.test.toml",
        "schema = 1\n\
         [[case]]\nname = \"call\"\nrule = \"page\"\n\
         text = \"Beacon.Checkin(1)\"\nexpect = \"match\"\n\
         [[case]]\nname = \"small\"\nrule = \"page\"\n\
         text = \"beacon.checkin(1)\"\nexpect = \"match\"\n\
         [[case]]\nname = \"text\"\nrule = \"page\"\n\
         text = \"a beacon\"\nexpect = \"no_match\"\n\
         [[case]]\nname = \"large\"\nrule = \"page\"\nexpect = \"no_match\"\n\
         generate = { parts = [{ text = \"beacon.checkin(\" }, \
         { zeros = 60000 }] }\n",
    );
    dir.write("clean/one.txt", "one");
    dir.write("clean/two.txt", "two");
    let begun = git(&dir, &["init", "-q"])
        && git(&dir, &["add", "."])
        && git(&dir, &["commit", "-q", "-m", "one"])
        && git(&dir, &["update-ref", "refs/remotes/origin/main", "HEAD"]);
    dir.write("rules/page.yar", RULE);
    begun.then_some(dir)
}

#[test]
#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn templates_for_ci_work() {
    for name in ["docs/ci/github.yml", "docs/ci/gitlab.yml"] {
        let Some(dir) = repository() else {
            eprintln!("skipped: there is no git");
            return;
        };
        let template = read(name);
        let mut commands = 0;
        for line in template.lines() {
            let line = line.trim().trim_start_matches("- ");
            let line = line.trim_start_matches("run: ");
            if !line.starts_with("dragnet ") {
                continue;
            }
            let result = dragnet(&dir, line);
            assert_eq!(result.code, 0, "{name}: {line}\n{result:?}");
            commands += 1;
        }
        assert!(commands >= 6, "{name}: {commands}");
        let summary = ["GITHUB_STEP_SUMMARY", "diff.md"]
            .into_iter()
            .find_map(|to| std::fs::read_to_string(dir.path(to)).ok());
        let summary = summary.expect("a comparison is written");
        assert!(summary.contains("| `page` | widened |"), "{summary}");
    }
}

#[test]
fn hooks_work_on_single_files() {
    let Some(dir) = repository() else { return };
    let hooks = read(".pre-commit-hooks.yaml");
    let mut commands = 0;
    for line in hooks.lines() {
        let Some(entry) = line.trim().strip_prefix("entry: ") else {
            continue;
        };
        let result = dragnet(&dir, &format!("{entry} rules/page.yar"));
        assert_eq!(result.code, 0, "{entry}: {result:?}");
        commands += 1;
    }
    assert_eq!(commands, 4);
}

#[test]
fn the_hook_for_tests_lets_rules_without_any_pass() {
    let hooks = read(".pre-commit-hooks.yaml");
    let entry = hooks.split("- id: dragnet-test").nth(1).expect("the hook");
    let entry = entry.lines().find_map(|l| l.trim().strip_prefix("entry: "));
    let entry = entry.expect("what it runs");
    let dir = Dir::new();
    dir.write("new.yar", RULE);
    let result = dragnet(&dir, &format!("{entry} new.yar"));
    assert_eq!(result.code, 0, "{entry}: {result:?}");
    // Asked by a person, to have tested nothing is no success.
    assert_eq!(run(&dir, &["test", "new.yar"]).code, 3);
    // And it does fail where a case does.
    dir.write(
        "new.test.toml",
        "schema = 1\n[[case]]\nname = \"c\"\nrule = \"page\"\n\
         text = \"none\"\nexpect = \"match\"\n",
    );
    let result = dragnet(&dir, &format!("{entry} new.yar"));
    assert_eq!(result.code, 1, "{result:?}");
}
