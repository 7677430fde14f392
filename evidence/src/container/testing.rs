//! Folders in memory, and what every container has to hold to.

use std::collections::BTreeMap;
use std::sync::Arc;

use dragnet_engine::source::ExtentKind;

use super::{Opened, Siblings, open};
use crate::layer::tests::Bytes;
use crate::{OpenError, Reason, Shared};

/// A folder of files.
#[derive(Default)]
pub(crate) struct Folder(BTreeMap<String, Shared>);

impl Folder {
    pub(crate) fn put(&mut self, name: &str, bytes: Vec<u8>) {
        self.0.insert(name.to_owned(), Arc::new(Bytes(bytes)));
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        let mut bytes = vec![0; self.0[name].len().unwrap() as usize];
        self.0[name].read_at(0, &mut bytes).unwrap();
        bytes
    }

    /// The file of another folder.
    pub(crate) fn copy(&mut self, other: &Folder, name: &str) {
        self.0.insert(name.to_owned(), other.0[name].clone());
    }
}

impl Siblings for Folder {
    fn open(&self, name: &str) -> Result<Shared, OpenError> {
        let gone = || OpenError::new(Reason::Gone, "no such file");
        self.0.get(name).cloned().ok_or_else(gone)
    }

    fn names(&self) -> Vec<String> {
        self.0.keys().cloned().collect()
    }
}

/// Opens a file of a folder.
pub(crate) fn open_in(
    folder: &Folder,
    name: &str,
) -> Result<Option<Opened>, OpenError> {
    open(folder.0[name].clone(), name, folder)
}

/// Opens bytes that stand alone.
pub(crate) fn open_bytes(bytes: Vec<u8>) -> Result<Option<Opened>, OpenError> {
    let mut folder = Folder::default();
    folder.put("image", bytes);
    open_in(&folder, "image")
}

/// All bytes, and a check that extents and small reads say the same.
pub(crate) fn read_all(source: &Shared) -> Vec<u8> {
    let length = source.len().unwrap() as usize;
    let mut all = vec![0xEE; length + 1];
    assert_eq!(source.read_at(0, &mut all), Ok(length));
    all.truncate(length);
    let mut at = 0;
    for extent in source.extents(0) {
        assert_eq!(extent.offset, at, "extents without gaps");
        at += extent.length;
        let part = &all[extent.offset as usize..at as usize];
        if matches!(extent.kind, ExtentKind::Zero | ExtentKind::Unallocated) {
            assert!(part.iter().all(|byte| *byte == 0), "{extent:?}");
        }
    }
    assert_eq!(at, length as u64);
    let mut small = [0; 7];
    for at in (0..length).step_by(length / 50 + 1) {
        let count = source.read_at(at as u64, &mut small).unwrap();
        assert_eq!(small[..count], all[at..at + count]);
        let origin = source.origin(at as u64).unwrap();
        assert_eq!(origin.physical, at as u64);
        assert!(origin.length > 0);
        let from: Vec<_> = source.extents(at as u64).take(1).collect();
        assert_eq!(from[0].offset, at as u64);
    }
    all
}
