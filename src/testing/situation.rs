//! What a case says of its object if that were a little different: without
//! some strings, larger, smaller.

use std::collections::BTreeMap;

use dragnet::study::{Facts, Mutant, PatternId, Sample, Trial, pattern_name};

use super::manifest::{Case, Expect};
use crate::args::parse_size;

/// What the fields of a case can name.
pub(crate) struct Names {
    pub(crate) patterns: BTreeMap<String, PatternId>,
    /// Rules of the same namespace.
    rules: BTreeMap<String, u32>,
}

impl Names {
    /// The names that a case about this rule can use.
    pub(crate) fn of(facts: &Facts, rule: u32) -> Names {
        let tree = &facts.rules()[rule as usize];
        let ids = (0..tree.patterns.len() as u32).map(PatternId);
        let numbered = (0..).zip(facts.rules());
        let near = numbered.filter(|(_, r)| r.namespace == tree.namespace);
        Names {
            patterns: ids.map(|id| (pattern_name(tree, id), id)).collect(),
            rules: near.map(|(id, r)| (r.name.clone(), id)).collect(),
        }
    }

    /// The patterns that a name or `$name*` stands for.
    fn patterns(&self, name: &str) -> Vec<PatternId> {
        match name.strip_suffix('*') {
            None => self.patterns.get(name).copied().into_iter().collect(),
            Some(start) => {
                let like = self.patterns.iter();
                let like = like.filter(|(name, _)| name.starts_with(start));
                like.map(|(_, id)| *id).collect()
            }
        }
    }
}

/// The object of a case, changed, and the verdict on it.
pub(crate) struct Situation {
    /// What is wrong if the verdict is another one.
    problem: String,
    without: Vec<PatternId>,
    failing: Vec<u32>,
    size: Option<u64>,
    holds: bool,
}

/// The situations that a case speaks of.
///
/// # Errors
/// It names what is not there.
pub(crate) fn of(
    case: &Case,
    names: &Names,
) -> Result<Vec<Situation>, String> {
    let matches = case.expect == Expect::Match;
    let mut all = Vec::new();
    if !case.decides.is_empty() {
        all.push(without(&case.decides, names, !matches)?);
    }
    for name in &case.needs {
        all.push(without(std::slice::from_ref(name), names, !matches)?);
    }
    if let Some(text) = &case.below {
        let size = parse_size(text)
            .ok()
            .filter(|size| *size > 0)
            .ok_or_else(|| format!("`below`: {text} is no size"))?;
        for (size, holds) in [(size - 1, matches), (size, !matches)] {
            let verb = if holds { "does not match" } else { "matches" };
            all.push(Situation {
                problem: format!("with {size} bytes it {verb}"),
                without: Vec::new(),
                failing: Vec::new(),
                size: Some(size),
                holds,
            });
        }
    }
    Ok(all)
}

fn without(
    listed: &[String],
    names: &Names,
    holds: bool,
) -> Result<Situation, String> {
    let mut situation = Situation {
        problem: format!(
            "{} does not decide: without it the verdict is the same",
            listed.join(", ")
        ),
        without: Vec::new(),
        failing: Vec::new(),
        size: None,
        holds,
    };
    for name in listed {
        let patterns = names.patterns(name);
        let rule = names.rules.get(name);
        if patterns.is_empty() && rule.is_none() {
            let what = if name.starts_with('$') { "string" } else { "rule" };
            return Err(format!("there is no {what} {name}"));
        }
        situation.without.extend(patterns);
        situation.failing.extend(rule);
    }
    Ok(situation)
}

impl Situation {
    fn trial(&self) -> Trial<'_> {
        Trial {
            without: &self.without,
            failing: &self.failing,
            size: self.size,
            ..Trial::default()
        }
    }

    /// What is wrong, if the verdict of the rule is another one.
    pub(crate) fn problem(
        &self,
        sample: &mut Sample<'_, '_, '_, '_>,
        rule: u32,
    ) -> Option<String> {
        let holds = sample.would_hold(rule, self.trial());
        (holds != self.holds).then(|| self.problem.clone())
    }

    /// Does a mutant say something else than what the case wants?
    pub(crate) fn tells(
        &self,
        sample: &mut Sample<'_, '_, '_, '_>,
        mutant: &Mutant,
    ) -> bool {
        mutant.would_hold(sample, self.trial()) != self.holds
    }
}
