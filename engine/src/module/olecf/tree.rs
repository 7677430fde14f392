//! The tree that the entries of a compound file form, and what a signature
//! of the file covers of it.
//!
//! Hides the search trees in which a storage keeps its entries, and the
//! order in which they are signed.

use std::borrow::Cow;
use std::collections::HashSet;

use super::compound::{Compound, ROOT, STORAGE, STREAM};
use crate::module::cursor::View;

/// Names of the streams that hold a signature, and the digest that an
/// extended one starts with.
const SIGNATURE: &str = "\u{5}DigitalSignature";
const EXTENDED: &str = "\u{5}MsiDigitalSignatureEx";

/// An entry as it is stored.
#[derive(Clone, Copy)]
struct Record<'d>(View<'d>);

impl<'d> Record<'d> {
    fn new(bytes: View<'d>) -> Option<Self> {
        let record = Self(bytes);
        record.name().map(|_| record)
    }

    fn kind(self) -> u8 {
        self.0.u8(66).unwrap_or(0)
    }

    /// The bytes of the name, without the zero at the end.
    fn name(self) -> Option<&'d [u8]> {
        let size = self.0.u16(64).filter(|size| (2..=64).contains(size))?;
        self.0.slice(0, u64::from(size) - 2)
    }

    fn is_named(self, name: &str) -> bool {
        let (units, _) = self.name().unwrap_or_default().as_chunks::<2>();
        let units = units.iter().map(|unit| u16::from_le_bytes(*unit));
        units.eq(name.encode_utf16())
    }

    fn is_storage(self) -> bool {
        matches!(self.kind(), STORAGE | ROOT)
    }

    fn class(self) -> Option<&'d [u8]> {
        self.0.slice(80, 16)
    }

    /// What an extended signature covers of the entry itself.
    fn facts(self) -> Option<Vec<u8>> {
        let is_root = self.kind() == ROOT;
        let name = if is_root { &[][..] } else { self.name()? };
        let class_or_size = match self.kind() {
            STREAM => self.0.slice(120, 4)?,
            _ => self.class()?,
        };
        let state = self.0.slice(96, 4)?;
        // When it was made and changed.
        let times = if is_root { &[][..] } else { self.0.slice(100, 16)? };
        Some([name, class_or_size, state, times].concat())
    }
}

/// The pieces that a signature of the file covers: the contents of all
/// streams, and behind those of a storage its class. In front of the pieces
/// of a file with an extended signature stands the digest that `digest` makes
/// of the names, sizes and times. `None` if entries are missing, or streams
/// overlap.
pub(in crate::module) fn signed_pieces<'d>(
    file: &Compound<'d>,
    digest: impl Fn(&[&[u8]]) -> Vec<u8>,
) -> Option<Vec<Cow<'d, [u8]>>> {
    let mut pieces = Vec::new();
    let mut facts = Vec::new();
    let mut left = file.len();
    let mut is_extended = false;
    let root = Record::new(file.record(0)?).filter(|r| r.kind() == ROOT)?;
    let mut seen = HashSet::from([0]);
    let mut stack = vec![Step::Enter(root)];
    while let Some(step) = stack.pop() {
        let record = match step {
            Step::Enter(record) => record,
            Step::Leave(storage) => {
                pieces.push(Cow::Borrowed(storage.class()?));
                continue;
            }
        };
        facts.push(record.facts()?);
        if !record.is_storage() {
            let size = u64::from(record.0.u32(120)?);
            left = left.checked_sub(size)?;
            let start = record.0.u32(116)?;
            if size > 0 {
                let bytes = file.content(STREAM, start, size)?;
                pieces.push(Cow::Owned(bytes));
            }
            continue;
        }
        stack.push(Step::Leave(record));
        let mut inside = children(file, record, &mut seen)?;
        if record.kind() == ROOT {
            is_extended = inside.iter().any(|r| r.is_named(EXTENDED));
            inside.retain(|r| !r.is_named(SIGNATURE) && !r.is_named(EXTENDED));
        }
        inside.sort_by_key(|record| record.name());
        stack.extend(inside.into_iter().rev().map(Step::Enter));
    }
    if is_extended {
        let facts: Vec<&[u8]> = facts.iter().map(Vec::as_slice).collect();
        pieces.insert(0, Cow::Owned(digest(&facts)));
    }
    Some(pieces)
}

enum Step<'d> {
    Enter(Record<'d>),
    /// Behind everything in a storage.
    Leave(Record<'d>),
}

/// The entries of a storage; each entry of the file is in one storage only.
fn children<'d>(
    file: &Compound<'d>,
    storage: Record<'d>,
    seen: &mut HashSet<u32>,
) -> Option<Vec<Record<'d>>> {
    let mut found = Vec::new();
    let mut next = vec![storage.0.u32(76)?];
    while let Some(number) = next.pop() {
        // No entry, or one that is not there.
        let Some(bytes) = file.record(number) else { continue };
        if !seen.insert(number) {
            return None;
        }
        let record = Record::new(bytes)?;
        if matches!(record.kind(), STORAGE | STREAM) {
            found.push(record);
        }
        next.push(bytes.u32(68)?);
        next.push(bytes.u32(72)?);
    }
    Some(found)
}
