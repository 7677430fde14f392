//! Survivors of a mutation, with the case that each of them asks for.

use std::io::{self, Write};

use dragnet::study::{Facts, MissingTest, Mutant, Places};
use serde_json::{Value as Json, json};

use super::mutate::Mutation;

/// The file and line of what was changed.
fn place(facts: &Facts, places: &Places, mutant: &Mutant) -> (String, u32) {
    let rule = &facts.rules()[mutant.rule as usize];
    let file = facts.sources().get(rule.file);
    let string = mutant.pattern.and_then(|id| places.string(rule, id));
    let span = mutant.span.or(string).unwrap_or(rule.span);
    (file.name.clone(), file.line_column(span.lo).line)
}

/// Two lines for each survivor, and the figures.
pub(crate) fn text(
    mutation: &Mutation,
    facts: &Facts,
    places: &Places,
    out: &mut dyn Write,
) -> io::Result<()> {
    for survivor in &mutation.survivors {
        let (file, line) = place(facts, places, &survivor.mutant);
        let rule = &facts.rules()[survivor.mutant.rule as usize].name;
        let what = &survivor.mutant.what;
        writeln!(out, "{file}:{line}: {rule}: no case notices: {what}")?;
        writeln!(out, "    {}", survivor.missing)?;
    }
    writeln!(
        out,
        "mutants: {} noticed, {} not ({:.1} %), {} equivalent, {} not tried",
        mutation.killed,
        mutation.survivors.len(),
        mutation.percent(),
        mutation.equivalent,
        mutation.left,
    )
}

/// One document.
pub(crate) fn json(
    mutation: &Mutation,
    facts: &Facts,
    places: &Places,
) -> Json {
    let survivors: Vec<Json> = mutation
        .survivors
        .iter()
        .map(|survivor| {
            let mutant = &survivor.mutant;
            let (file, line) = place(facts, places, mutant);
            let missing = match &survivor.missing {
                MissingTest::File {
                    matches,
                    with,
                    without,
                    holding,
                    failing,
                } => json!({
                    "expect": if *matches { "match" } else { "no_match" },
                    "with": with,
                    "without": without,
                    "holding": holding,
                    "failing": failing,
                }),
                _ => Json::Null,
            };
            json!({
                "rule": facts.rules()[mutant.rule as usize].name,
                "mutation": mutant.mutation.name(),
                "what": mutant.what,
                "file": file,
                "line": line,
                "missing": missing,
            })
        })
        .collect();
    json!({
        "schema": "dragnet-mutation/1",
        "killed": mutation.killed,
        "equivalent": mutation.equivalent,
        "left": mutation.left,
        "percent": mutation.percent(),
        "survivors": survivors,
    })
}
