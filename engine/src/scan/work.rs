//! What the patterns and conditions of a set cost, counted and not timed:
//! the same objects give the same figures on every machine.

/// What the search for one pattern has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PatternWork {
    /// Places where one of its literals was found and that were worth a
    /// verification.
    pub hits: u64,
    /// Verifications, those of patterns without a literal included.
    pub verifications: u64,
    /// What the verifications spent: about one unit a byte looked at.
    pub steps: u64,
    /// Matches.
    pub matches: u64,
}

impl PatternWork {
    /// All of it in one figure. A verification costs some units before it
    /// looks at the first byte.
    pub fn cost(&self) -> u64 {
        let fixed = self.hits.saturating_add(self.verifications);
        fixed.saturating_mul(8).saturating_add(self.steps)
    }

    /// Adds what another scan has cost.
    pub fn add(&mut self, other: &PatternWork) {
        self.hits += other.hits;
        self.verifications += other.verifications;
        self.steps += other.steps;
        self.matches += other.matches;
    }
}

/// What the condition of one rule has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleWork {
    /// How often it was evaluated.
    pub evaluations: u64,
    /// What that spent: bytes looked at, turns of loops.
    pub steps: u64,
}

/// What a set has cost, summed over scans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// By pattern, counted over the whole set.
    pub patterns: Vec<PatternWork>,
    /// By rule.
    pub rules: Vec<RuleWork>,
}

impl Work {
    /// Adds what another scanner of the same set has counted.
    pub fn add(&mut self, other: &Work) {
        let patterns = other.patterns.len();
        if self.patterns.len() < patterns {
            self.patterns.resize(patterns, PatternWork::default());
        }
        for (to, from) in self.patterns.iter_mut().zip(&other.patterns) {
            to.add(from);
        }
        if self.rules.len() < other.rules.len() {
            self.rules.resize(other.rules.len(), RuleWork::default());
        }
        for (to, from) in self.rules.iter_mut().zip(&other.rules) {
            to.evaluations += from.evaluations;
            to.steps += from.steps;
        }
    }
}
