//! Coverage as text, JSON, LCOV and HTML.

use std::collections::BTreeMap;
use std::io::{self, Write};

use dragnet::source::{FileId, Span};
use dragnet::study::{Facts, PatternId, Places, pattern_name};
use serde_json::{Value as Json, json};

use super::coverage::{Coverage, Share, Totals};
use crate::report::xml;

/// Coverage, and what its parts are called.
pub(crate) struct CoverReport<'c> {
    pub(crate) facts: &'c Facts,
    pub(crate) places: &'c Places,
    pub(crate) coverage: &'c Coverage,
}

impl CoverReport<'_> {
    fn line(&self, file: FileId, span: Span) -> u32 {
        self.facts.sources().get(file).line_column(span.lo).line
    }

    /// The line of a string of a rule.
    fn string_line(&self, rule: usize, string: usize) -> u32 {
        let tree = &self.facts.rules()[rule];
        let place = self.places.string(tree, PatternId(string as u32));
        self.line(tree.file, place.unwrap_or(tree.span))
    }

    /// What nothing exercises, one line each, and the figures.
    pub(crate) fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for (at, cover) in self.coverage.rules.iter().enumerate() {
            let rule = &self.facts.rules()[at];
            let file = &self.facts.sources().get(rule.file).name;
            if cover.matched == 0 {
                let line = self.line(rule.file, rule.span);
                writeln!(out, "{file}:{line}: {}: never matches", rule.name)?;
                continue;
            }
            for (string, seen) in cover.strings.iter().enumerate() {
                if seen.is_covered() {
                    continue;
                }
                let line = self.string_line(at, string);
                let name = pattern_name(rule, PatternId(string as u32));
                let what = match seen.excludes {
                    true => "never excludes anything",
                    false => "never matches with its rule",
                };
                writeln!(out, "{file}:{line}: {}: {name} {what}", rule.name)?;
            }
            for branch in &cover.branches {
                let what = match (branch.yes, branch.no) {
                    (0, _) => "never true",
                    (_, 0) => "never false",
                    _ => continue,
                };
                let span = rule.condition.expr(branch.part).span;
                let line = self.line(rule.file, span);
                let written = self.facts.written(rule, branch.part);
                let name = &rule.name;
                writeln!(out, "{file}:{line}: {name}: `{written}` is {what}")?;
            }
        }
        let totals = self.coverage.totals();
        for (name, share) in named(&totals) {
            writeln!(
                out,
                "{name}: {} of {} ({:.1} %)",
                share.covered,
                share.all,
                share.percent()
            )?;
        }
        writeln!(
            out,
            "objects: {}, {} of them hit",
            self.coverage.objects, self.coverage.hit
        )
    }

    /// One document.
    pub(crate) fn json(&self) -> Json {
        let totals = self.coverage.totals();
        let figures: BTreeMap<&str, Json> = named(&totals)
            .into_iter()
            .map(|(name, share)| {
                let key = name;
                let share = json!({
                    "covered": share.covered,
                    "all": share.all,
                    "percent": share.percent(),
                });
                (key, share)
            })
            .collect();
        let rules = self.coverage.rules.iter().enumerate();
        let rules: Vec<Json> = rules
            .map(|(at, cover)| {
                let rule = &self.facts.rules()[at];
                let strings = cover.strings.iter().enumerate();
                let strings: Vec<Json> = strings
                    .map(|(string, seen)| {
                        let id = PatternId(string as u32);
                        json!({
                            "name": pattern_name(rule, id),
                            "line": self.string_line(at, string),
                            "excludes": seen.excludes,
                            "times": seen.times(),
                        })
                    })
                    .collect();
                let branches: Vec<Json> = cover
                    .branches
                    .iter()
                    .map(|branch| {
                        let span = rule.condition.expr(branch.part).span;
                        json!({
                            "text": self.facts.written(rule, branch.part),
                            "line": self.line(rule.file, span),
                            "true": branch.yes,
                            "false": branch.no,
                        })
                    })
                    .collect();
                json!({
                    "rule": rule.name,
                    "namespace": self.facts.namespace(rule),
                    "file": self.facts.sources().get(rule.file).name,
                    "matched": cover.matched,
                    "strings": strings,
                    "branches": branches,
                })
            })
            .collect();
        json!({
            "schema": "dragnet-coverage/1",
            "objects": self.coverage.objects,
            "hit": self.coverage.hit,
            "totals": figures,
            "rules": rules,
        })
    }

    /// The rules of each file, by its name.
    fn files(&self) -> BTreeMap<&str, Vec<usize>> {
        let mut files: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, rule) in self.facts.rules().iter().enumerate() {
            let name = &self.facts.sources().get(rule.file).name;
            files.entry(name).or_default().push(at);
        }
        files
    }

    /// How often the lines of a file did what they are there for.
    fn lines(&self, rules: &[usize]) -> BTreeMap<u32, u64> {
        let mut lines = BTreeMap::new();
        let mut count = |line: u32, times: u64| {
            // Of several things in a line the one that is missing shows.
            let old = lines.entry(line).or_insert(times);
            *old = (*old).min(times);
        };
        for at in rules {
            let (rule, cover) =
                (&self.facts.rules()[*at], &self.coverage.rules[*at]);
            for (string, seen) in cover.strings.iter().enumerate() {
                count(self.string_line(*at, string), seen.times());
            }
            for branch in &cover.branches {
                let span = rule.condition.expr(branch.part).span;
                count(self.line(rule.file, span), branch.yes.min(branch.no));
            }
            count(self.line(rule.file, rule.span), cover.matched);
        }
        lines
    }

    /// LCOV: rules are functions, strings and conditions are lines.
    pub(crate) fn lcov(&self, out: &mut dyn Write) -> io::Result<()> {
        for (file, rules) in self.files() {
            writeln!(out, "TN:\nSF:{file}")?;
            for at in &rules {
                let rule = &self.facts.rules()[*at];
                let line = self.line(rule.file, rule.span);
                writeln!(out, "FN:{line},{}", rule.name)?;
                let matched = self.coverage.rules[*at].matched;
                writeln!(out, "FNDA:{matched},{}", rule.name)?;
            }
            for (block, at) in rules.iter().enumerate() {
                let rule = &self.facts.rules()[*at];
                let branches = &self.coverage.rules[*at].branches;
                for (number, branch) in branches.iter().enumerate() {
                    let span = rule.condition.expr(branch.part).span;
                    let line = self.line(rule.file, span);
                    for (side, times) in
                        [branch.yes, branch.no].into_iter().enumerate()
                    {
                        let id = 2 * number + side;
                        writeln!(out, "BRDA:{line},{block},{id},{times}")?;
                    }
                }
            }
            for (line, times) in self.lines(&rules) {
                writeln!(out, "DA:{line},{times}")?;
            }
            writeln!(out, "end_of_record")?;
        }
        Ok(())
    }

    /// One page, with the rules as they are written.
    pub(crate) fn html(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(
            out,
            "<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n\
             <title>Coverage of rules</title>\n<style>\n\
             body {{ font-family: sans-serif; }}\n\
             pre {{ line-height: 1.3; }}\n\
             .yes {{ background: #dfd; }} .no {{ background: #fdd; }}\n\
             th {{ text-align: left; }}\n</style>\n\
             <h1>Coverage of rules</h1>\n<table>"
        )?;
        for (name, share) in named(&self.coverage.totals()) {
            writeln!(
                out,
                "<tr><th>{name}<td>{} of {}<td>{:.1} %",
                share.covered,
                share.all,
                share.percent()
            )?;
        }
        writeln!(out, "</table>")?;
        for (file, rules) in self.files() {
            let lines = self.lines(&rules);
            writeln!(out, "<h2>{}</h2>\n<pre>", xml(file))?;
            let id = self.facts.rules()[rules[0]].file;
            let text = &self.facts.sources().get(id).text;
            let text = String::from_utf8_lossy(text);
            for (number, line) in (1..).zip(text.lines()) {
                let line = line.replace('\t', "    ");
                match lines.get(&number) {
                    None => writeln!(out, "{number:5}        {}", xml(&line))?,
                    Some(times) => writeln!(
                        out,
                        "<span class=\"{}\">{number:5} {times:6} {}</span>",
                        if *times > 0 { "yes" } else { "no" },
                        xml(&line)
                    )?,
                }
            }
            writeln!(out, "</pre>")?;
        }
        writeln!(out, "</html>")
    }
}

fn named(totals: &Totals) -> [(&'static str, Share); 5] {
    [
        ("rules", totals.rules),
        ("strings", totals.strings),
        ("strings of rules that match", totals.strings_of_matching),
        ("exclusions", totals.exclusions),
        ("branches", totals.branches),
    ]
}
