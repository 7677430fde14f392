//! Reading of structures: exactly what was asked for, or a typed problem.

use dragnet_engine::source::Source;

use crate::object::Problem;
use crate::{Reason, Shared};

/// Largest structure that is read in one piece.
const LARGEST: u64 = 1 << 26;

/// Reads `length` bytes at `offset`; a shorter volume, and a medium that
/// does not give them, is a problem. `what` says what was to be read.
pub(crate) fn read(
    volume: &(dyn Source + Send + Sync),
    offset: u64,
    length: u64,
    what: &str,
) -> Result<Vec<u8>, Problem> {
    let problem = |reason, detail: String| Problem {
        reason,
        path: Vec::new(),
        physical: Some(offset),
        bytes: length,
        detail,
    };
    let end = volume.len().unwrap_or(0);
    let fits = offset.checked_add(length).is_some_and(|last| last <= end);
    if !fits {
        return Err(problem(
            Reason::Truncated,
            format!("{what} reaches beyond the end of the volume"),
        ));
    }
    if length > LARGEST {
        return Err(problem(
            Reason::CorruptMetadata,
            format!("{what} is too large"),
        ));
    }
    let mut bytes = vec![0; length as usize];
    match volume.read_at(offset, &mut bytes) {
        Ok(count) if count == bytes.len() => Ok(bytes),
        Ok(_) => Err(problem(Reason::Truncated, format!("{what} ends early"))),
        Err(e) => {
            Err(problem(Reason::UnreadableSector, format!("{what}: {e}")))
        }
    }
}

/// As [`read`], up to the end of the volume only.
pub(crate) fn read_some(
    volume: &Shared,
    offset: u64,
    length: usize,
) -> Vec<u8> {
    let mut bytes = vec![0; length];
    let count = volume.read_at(offset, &mut bytes).unwrap_or(0);
    bytes.truncate(count);
    bytes
}

/// A problem of a structure that contradicts itself.
pub(crate) fn corrupt(physical: Option<u64>, detail: &str) -> Problem {
    Problem {
        reason: Reason::CorruptMetadata,
        path: Vec::new(),
        physical,
        bytes: 0,
        detail: detail.to_owned(),
    }
}

/// What to say of a volume that ends before the size that it gives itself.
pub(super) fn cut_short(volume: &Shared, size: u64) -> Option<Problem> {
    let have = volume.len().unwrap_or(0);
    (have < size).then(|| Problem {
        reason: Reason::Truncated,
        bytes: size.saturating_sub(have),
        ..corrupt(Some(have), "the volume is shorter than it says")
    })
}
