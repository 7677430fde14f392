//! `dragnet explain`

use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;

use dragnet::study::{Change, Facts, Node, Sample, Study, Variant};
use dragnet::{DEFAULT_READ_LIMIT, read_whole};
use serde_json::{Value as Json, json};

use crate::args::ExplainArgs;
use crate::failure::{DONE, Failure, INCOMPLETE};
use crate::load;

/// Explains, and gives the exit code.
pub(crate) fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    let here = [OsString::from(".")];
    let paths = match args.rules.as_slice() {
        [] => &here[..],
        paths => paths,
    };
    let operands = load::operands(paths)?;
    let mut how = args.rule_args.clone();
    if !how.deny_warnings {
        how.disable_warnings.push("all".to_owned());
    }
    let compiled = load::compile(&operands, &how)?;
    load::judge(&compiled, &how)?;
    let data = bytes(&args.object)?;
    let name = args.rule.as_deref();
    // Near misses need a search of their own: only for what is asked.
    let study = Study::with_variants(compiled, |_, rule| {
        let last = name.map(|name| name.rsplit(':').next().unwrap_or(name));
        match last.is_none_or(|last| last == rule.name) {
            true => Variant::near(rule),
            false => Vec::new(),
        }
    });
    let Some(mut study) = study else {
        return Err(Failure::usage("no rule compiles"));
    };
    let only = match name {
        None => None,
        Some(name) => Some(study.facts().find(name).ok_or_else(|| {
            Failure::usage(format!("there is no rule `{name}`"))
        })?),
    };
    let shown = dragnet::display_path(Path::new(&args.object));
    let mut all = Vec::new();
    let complete = study.examine(&data, &mut |sample| {
        let rules = match only {
            Some(rule) => vec![rule],
            None => sample.touched(),
        };
        all.extend(rules.into_iter().map(|r| Explained::of(sample, r)));
    });
    let mut out = io::stdout().lock();
    let text = match args.json {
        true => {
            let rules: Vec<Json> = all.iter().map(Explained::json).collect();
            let document = json!({
                "schema": "dragnet-explain/1",
                "path": shown,
                "size": data.len(),
                "complete": complete,
                "rules": rules,
            });
            format!("{document:#}\n")
        }
        false => {
            let texts = all.iter().map(|one| one.text(&shown, data.len()));
            texts.collect::<Vec<String>>().join("\n")
        }
    };
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| Failure::output(&error))?;
    Ok(if complete { DONE } else { INCOMPLETE })
}

/// The bytes of a file or of an object of an image.
fn bytes(name: &OsStr) -> Result<Vec<u8>, Failure> {
    let path = Path::new(name);
    if path.exists() {
        return std::fs::read(path)
            .map_err(|error| Failure::path(path, error));
    }
    let content = super::object::find(path)?;
    let mut bytes = Vec::new();
    match read_whole(&content, DEFAULT_READ_LIMIT, &mut bytes) {
        Some(report) if report.lost == 0 => Ok(bytes),
        Some(_) => Err(Failure::path(path, "parts cannot be read")),
        None => Err(Failure::path(path, "it is too large")),
    }
}

/// A rule and why it matches, or does not.
struct Explained {
    rule: String,
    namespace: String,
    matches: bool,
    /// The global rule that does not hold.
    global: Option<String>,
    tree: Node,
    change: Option<String>,
}

impl Explained {
    fn of(sample: &mut Sample<'_, '_, '_, '_>, rule: u32) -> Explained {
        let change = Change::smallest(sample, rule);
        let tree = Node::of(sample, rule, change.as_ref());
        let facts: &Facts = sample.facts();
        let own = &facts.rules()[rule as usize];
        let global = sample.failed_global(rule);
        Explained {
            rule: own.name.clone(),
            namespace: facts.namespace(own).to_owned(),
            matches: sample.matches_rule(rule),
            global: global
                .filter(|global| *global != rule)
                .map(|global| facts.rules()[global as usize].name.clone()),
            change: change.map(|change| change.describe(facts, own)),
            tree,
        }
    }

    fn text(&self, object: &str, size: usize) -> String {
        let verdict = if self.matches { "MATCH" } else { "NO MATCH" };
        let rule = &self.rule;
        let mut text = format!("{rule}  {verdict}  {object} ({size} bytes)\n");
        let mut lines = Vec::new();
        collect(&self.tree, "", "", &mut lines);
        let widest = lines.iter().map(|line| line.0.chars().count()).max();
        let width = widest.unwrap_or(0).min(60);
        for (label, node) in lines {
            let mut line = format!("  {label:width$}  {:9}", node.value);
            if !node.note.is_empty() {
                let _ = write!(line, "  {}", node.note);
            }
            if node.decides {
                line.push_str("  <- decides");
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        if let Some(global) = &self.global {
            let _ = writeln!(text, "the global rule {global} does not hold");
        }
        let holds = self.tree.value == "true";
        let turned = if holds { "does not match" } else { "matches" };
        let _ = match &self.change {
            Some(change) => {
                writeln!(text, "nearest change: {change} the rule {turned}")
            }
            None => writeln!(text, "no change of strings alone turns it"),
        };
        text
    }

    fn json(&self) -> Json {
        json!({
            "rule": self.rule,
            "namespace": self.namespace,
            "matches": self.matches,
            "failed_global": self.global,
            "tree": tree_json(&self.tree),
            "nearest_change": self.change,
        })
    }
}

fn tree_json(node: &Node) -> Json {
    json!({
        "label": node.label,
        "value": node.value,
        "note": node.note,
        "decides": node.decides,
        "children": node.children.iter().map(tree_json).collect::<Vec<_>>(),
    })
}

/// The lines of a tree, with the branches drawn in front of them.
fn collect<'n>(
    node: &'n Node,
    own: &str,
    below: &str,
    lines: &mut Vec<(String, &'n Node)>,
) {
    lines.push((format!("{own}{}", node.label), node));
    for (at, child) in node.children.iter().enumerate() {
        let last = at + 1 == node.children.len();
        let (branch, rest) =
            if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let (own, below) =
            (format!("{below}{branch}"), format!("{below}{rest}"));
        collect(child, &own, &below, lines);
    }
}
