//! Files on disk that rules are looked at with: all of them, by several
//! threads.

use std::path::{Path, PathBuf};

use dragnet::study::Study;
use rayon::prelude::*;
use walkdir::WalkDir;

use super::coverage::Coverage;
use crate::failure::Failure;

/// Larger files are left out.
const LARGEST: u64 = 64 << 20;
/// Files for a thread at a time.
const PORTION: usize = 16;

/// The files below a path, which may be one itself.
pub(super) fn below(
    path: &Path,
) -> impl Iterator<Item = Result<PathBuf, walkdir::Error>> {
    WalkDir::new(path).follow_links(true).into_iter().filter_map(|entry| {
        let file =
            entry.map(|e| e.file_type().is_file().then(|| e.into_path()));
        file.transpose()
    })
}

/// The files below some paths, sorted.
pub(crate) fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut all = Vec::new();
    for path in paths {
        for file in below(path) {
            all.push(file.map_err(|error| Failure::path(path, error))?);
        }
    }
    all.sort();
    all.dedup();
    Ok(all)
}

/// The bytes of a file; `None` if it is too large or cannot be read.
pub(crate) fn read(path: &Path) -> Option<Vec<u8>> {
    let size = path.metadata().ok()?.len();
    (size <= LARGEST).then(|| std::fs::read(path).ok()).flatten()
}

/// What files exercise, and how many could not be read.
pub(crate) fn cover(
    study: &Study,
    files: &[PathBuf],
    start: Coverage,
) -> (Coverage, u64) {
    let facts = study.facts();
    let nothing = || (Coverage::new(facts), 0);
    let (coverage, lost) = files
        .par_chunks(PORTION)
        .map_init(
            || Study::of(facts),
            |study, files| {
                let mut coverage = Coverage::new(study.facts());
                let mut lost = 0;
                for file in files {
                    match read(file) {
                        None => lost += 1,
                        Some(data) => {
                            study.examine(&data, &mut |sample| {
                                coverage.add(sample, &[]);
                            });
                        }
                    }
                }
                (coverage, lost)
            },
        )
        .reduce(nothing, |a, b| (a.0.merge(b.0), a.1 + b.1));
    (start.merge(coverage), lost)
}
