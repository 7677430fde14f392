//! Where a run stands, in a file, so that the same command can go on after
//! it was ended by whatever it was.
//!
//! Results are written in the order of the work, so a number says which of
//! them are in the output. The file is written beside its place and renamed:
//! there is always a whole one.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use dragnet::{Problem, Reason};
use serde::{Deserialize, Serialize};

use crate::report::{Tally, sha256};

/// Changes with the meaning of the file.
const SCHEMA: u32 = 1;
/// Bytes in front and at the end by which a target is known again.
const EDGE: u64 = 1 << 20;

/// Keeps the file up to date.
pub(crate) struct Checkpoint {
    path: PathBuf,
    every: Duration,
    /// Of the rules, the flags and the targets.
    identity: String,
    last: Instant,
}

/// Where a run stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Kept {
    schema: u32,
    identity: String,
    /// Pieces of work whose results are in the output.
    pub(crate) done: u64,
    /// What the last of them was about.
    pub(crate) last: String,
    /// Bytes of the output.
    pub(crate) length: u64,
    /// Nothing was written yet that others stand behind.
    pub(crate) is_first: bool,
    tally: KeptTally,
    pub(crate) images: Vec<KeptImage>,
}

/// What was learned of an image so far.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct KeptImage {
    /// Bytes of objects that were left out.
    pub(crate) left_out: u64,
    problems: Vec<KeptProblem>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct KeptProblem {
    reason: String,
    path: Vec<u8>,
    physical: Option<u64>,
    bytes: u64,
    detail: String,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct KeptTally {
    scanned: u64,
    bytes: u64,
    matched: u64,
    rule_matches: u64,
    holes: u64,
    reasons: Vec<(String, u64, u64)>,
    errors: u64,
    incomplete: bool,
    clocked: bool,
}

/// The reason of this name.
fn reason(name: &str) -> Option<Reason> {
    Reason::ALL.iter().copied().find(|reason| reason.name() == name)
}

impl KeptTally {
    fn of(tally: &Tally) -> KeptTally {
        let reasons = tally.reasons.iter();
        KeptTally {
            scanned: tally.scanned,
            bytes: tally.bytes,
            matched: tally.matched,
            rule_matches: tally.rule_matches,
            holes: tally.holes,
            reasons: reasons
                .map(|(name, (objects, bytes))| {
                    ((*name).to_owned(), *objects, *bytes)
                })
                .collect(),
            errors: tally.errors,
            incomplete: tally.incomplete,
            clocked: tally.clocked,
        }
    }

    fn tally(&self) -> Tally {
        let reasons = self
            .reasons
            .iter()
            .filter_map(|(name, a, b)| Some((reason(name)?.name(), (*a, *b))));
        Tally {
            scanned: self.scanned,
            bytes: self.bytes,
            matched: self.matched,
            rule_matches: self.rule_matches,
            holes: self.holes,
            reasons: reasons.collect(),
            errors: self.errors,
            incomplete: self.incomplete,
            clocked: self.clocked,
        }
    }
}

impl KeptImage {
    /// Of what was left out, and of what was wrong.
    pub(crate) fn new(left_out: u64, problems: &[Problem]) -> KeptImage {
        let problems = problems.iter().map(|problem| KeptProblem {
            reason: problem.reason.name().to_owned(),
            path: problem.path.clone(),
            physical: problem.physical,
            bytes: problem.bytes,
            detail: problem.detail.clone(),
        });
        KeptImage { left_out, problems: problems.collect() }
    }

    /// What was wrong.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let problem = |kept: &KeptProblem| {
            Some(Problem {
                reason: reason(&kept.reason)?,
                path: kept.path.clone(),
                physical: kept.physical,
                bytes: kept.bytes,
                detail: kept.detail.clone(),
            })
        };
        self.problems.iter().filter_map(problem).collect()
    }
}

impl Kept {
    /// What was counted.
    pub(crate) fn tally(&self) -> Tally {
        self.tally.tally()
    }

    /// A run that has counted this.
    pub(crate) fn new(tally: &Tally) -> Kept {
        Kept { tally: KeptTally::of(tally), ..Kept::default() }
    }
}

impl Checkpoint {
    /// In this file, for a run that is known by this text.
    pub(crate) fn new(
        path: &Path,
        every: Duration,
        run: &str,
        targets: &[PathBuf],
    ) -> io::Result<Checkpoint> {
        let mut all = format!("{} {run}", dragnet::VERSION).into_bytes();
        for target in targets {
            all.extend_from_slice(dragnet::path_bytes(target));
            edges(target, &mut all)?;
        }
        let (path, identity) = (path.to_owned(), sha256(&all));
        Ok(Checkpoint { path, every, identity, last: Instant::now() })
    }

    /// Where an earlier run of the same command stopped.
    ///
    /// # Errors
    /// There is a file, but of another run, or none of ours.
    pub(crate) fn kept(&self) -> io::Result<Option<Kept>> {
        let text = match std::fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let kept: Kept = serde_json::from_slice(&text)
            .map_err(|_| io::Error::other("this is no checkpoint"))?;
        if kept.schema != SCHEMA || kept.identity != self.identity {
            let message = "the checkpoint is of another run: other rules, \
                           flags or targets; delete it to begin anew";
            return Err(io::Error::other(message));
        }
        Ok(Some(kept))
    }

    /// Is it time to write?
    pub(crate) fn is_due(&self) -> bool {
        self.last.elapsed() >= self.every
    }

    /// Writes where the run stands.
    pub(crate) fn keep(&mut self, kept: &Kept) -> io::Result<()> {
        // One name, so that a run that is killed leaves one file at most.
        let mut new = self.path.clone().into_os_string();
        new.push(".new");
        let kept = Kept {
            schema: SCHEMA,
            identity: self.identity.clone(),
            ..kept.clone()
        };
        let mut file = File::create(&new)?;
        serde_json::to_writer(&mut file, &kept)?;
        file.sync_data()?;
        std::fs::rename(&new, &self.path)?;
        self.last = Instant::now();
        Ok(())
    }

    /// The run is over.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_file(&self.path) {
            // A short run may have written none.
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

/// By what a file is known again: its size and its edges.
fn edges(path: &Path, to: &mut Vec<u8>) -> io::Result<()> {
    if !path.metadata()?.is_file() {
        return Ok(());
    }
    let mut file = File::open(path)?;
    let size = file.seek(SeekFrom::End(0))?;
    write!(to, " {size} ")?;
    for start in [0, size.saturating_sub(EDGE)] {
        file.seek(SeekFrom::Start(start))?;
        let mut edge = Vec::new();
        (&file).take(EDGE).read_to_end(&mut edge)?;
        to.extend_from_slice(sha256(&edge).as_bytes());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_comes_back_as_it_was() {
        let mut tally = Tally { scanned: 3, bytes: 9, ..Tally::default() };
        tally.note(Reason::Truncated, 7);
        let kept = Kept::new(&tally);
        let text = serde_json::to_string(&kept).unwrap();
        let back: Kept = serde_json::from_str(&text).unwrap();
        assert_eq!(back.tally(), tally);
    }
}
