//! File systems.
//!
//! Hides what all of them share: recognition by content, reading of
//! structures that may lie, and the cutting of allocated space into content,
//! slack and what was never written.

mod calendar;
mod emit;
mod ext;
mod fat;
mod field;
mod free;
mod fuel;
mod iso;
mod layout;
mod names;
mod ntfs;
mod stored;
mod xfs;

use crate::layer::Shared;
use crate::object::{FileSystem, Problem};

/// Opens the file system on a volume, recognised by its content; `None` if
/// there is none that is known.
///
/// # Errors
/// It is one, but cannot be read at all.
pub fn open(volume: Shared) -> Result<Option<Box<dyn FileSystem>>, Problem> {
    if let Some(ntfs) = ntfs::Ntfs::open(volume.clone())? {
        return Ok(Some(Box::new(ntfs)));
    }
    if let Some(xfs) = xfs::Xfs::open(volume.clone()) {
        return Ok(Some(Box::new(xfs)));
    }
    if let Some(ext) = ext::Ext::open(volume.clone()) {
        return Ok(Some(Box::new(ext)));
    }
    if let Some(fat) = fat::Fat::open(volume.clone()) {
        return Ok(Some(Box::new(fat)));
    }
    // Last, for its mark lies where the others leave old bytes alone.
    if let Some(iso) = iso::Iso::open(volume) {
        return Ok(Some(Box::new(iso)));
    }
    Ok(None)
}
