//! Reads an object whole, around what cannot be read.

use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};

use dragnet_engine::source::{ExtentKind, ReadError, Source};

/// Bytes that are read at a time.
const STEP: usize = 4 << 20;
/// What is given up at a time where reading fails.
const SECTOR: usize = 512;

/// What came of reading an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadReport {
    /// Bytes that could not be read, and are zeros.
    pub lost: u64,
    /// Where reading failed first, and why.
    pub first: Option<ReadError>,
}

/// Reads everything into `buf`; `None` if there is more than `limit`.
pub fn read_whole(
    source: &dyn Source,
    limit: u64,
    buf: &mut Vec<u8>,
) -> Option<ReadReport> {
    let size = source.len().filter(|size| *size <= limit)?;
    let size = usize::try_from(size).ok()?;
    // What was in it is overwritten to the last byte.
    buf.resize(size, 0);
    let mut report = ReadReport::default();
    let mut at = 0_u64;
    for part in buf.chunks_mut(STEP) {
        report.fill(source, at, part);
        at = at.saturating_add(part.len() as u64);
    }
    Some(report)
}

/// Writes everything to an empty file, which gets the holes of the source:
/// objects that are too large for memory can be mapped from there.
///
/// # Errors
/// The file does not take the bytes, or, as [`io::ErrorKind::TimedOut`], it
/// is too late: that is asked every few megabytes.
pub fn spool(
    source: &dyn Source,
    file: &mut File,
    is_late: &dyn Fn() -> bool,
) -> io::Result<ReadReport> {
    file.set_len(source.len().unwrap_or(0))?;
    let mut report = ReadReport::default();
    let mut buf = vec![0; STEP];
    for extent in source.extents(0) {
        if extent.kind == ExtentKind::Zero {
            continue;
        }
        if extent.kind == ExtentKind::Unreadable {
            report.lost = report.lost.saturating_add(extent.length);
            report.first.get_or_insert_with(|| ReadError {
                offset: extent.offset,
                message: "the medium does not have it".to_owned(),
            });
            continue;
        }
        let end = extent.offset.saturating_add(extent.length);
        let mut at = extent.offset;
        while at < end {
            let left = usize::try_from(end.saturating_sub(at));
            let count = left.map_or(STEP, |left| left.min(STEP));
            let part = buf.get_mut(..count).unwrap_or_default();
            report.fill(source, at, part);
            if is_late() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            if part.iter().any(|byte| *byte != 0) {
                file.seek(SeekFrom::Start(at))?;
                file.write_all(part)?;
            }
            at = at.saturating_add(count as u64);
        }
    }
    Ok(report)
}

impl ReadReport {
    /// Reads a part, sector by sector where that fails.
    fn fill(&mut self, source: &dyn Source, at: u64, part: &mut [u8]) {
        if fill(source, at, part).is_ok() {
            return;
        }
        let mut from = at;
        for sector in part.chunks_mut(SECTOR) {
            if let Err(error) = fill(source, from, sector) {
                sector.fill(0);
                self.lost = self.lost.saturating_add(sector.len() as u64);
                self.first.get_or_insert(error);
            }
            from = from.saturating_add(sector.len() as u64);
        }
    }
}

/// Fills all of `buf`; what is short is an error.
fn fill(
    source: &dyn Source,
    at: u64,
    buf: &mut [u8],
) -> Result<(), ReadError> {
    let count = source.read_at(at, buf)?;
    if count == buf.len() {
        return Ok(());
    }
    let offset = at.saturating_add(count as u64);
    Err(ReadError { offset, message: "it ends before".to_owned() })
}

#[cfg(test)]
mod tests {
    use dragnet_engine::source::Origin;

    use super::*;

    /// Gives no byte of one sector.
    struct Scratched;

    impl Source for Scratched {
        fn len(&self) -> Option<u64> {
            Some(9 * 1024 * 1024 + 5)
        }

        fn read_at(
            &self,
            at: u64,
            buf: &mut [u8],
        ) -> Result<usize, ReadError> {
            let bad = 5_000_000 / 512 * 512;
            if at < bad + 512 && at + buf.len() as u64 > bad {
                let message = "bad sector".to_owned();
                return Err(ReadError { offset: bad, message });
            }
            buf.fill(7);
            Ok(buf.len())
        }

        fn origin(&self, _: u64) -> Option<Origin> {
            None
        }
    }

    #[test]
    fn a_file_gets_what_memory_gets() {
        let mut buf = Vec::new();
        let report = read_whole(&Scratched, 1 << 30, &mut buf).unwrap();
        let name = format!("dragnet-spool-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut file = File::create(&path).unwrap();
        assert_eq!(spool(&Scratched, &mut file, &|| false).unwrap(), report);
        assert_eq!(std::fs::read(&path).unwrap(), buf);
        assert!(spool(&Scratched, &mut file, &|| true).is_err());
        std::fs::remove_file(&path).unwrap();
    }

    #[test]
    fn only_the_bad_sector_is_lost() {
        let mut buf = Vec::new();
        let report = read_whole(&Scratched, 1 << 30, &mut buf).unwrap();
        assert_eq!(report.lost, 512);
        assert_eq!(report.first.unwrap().message, "bad sector");
        assert_eq!(buf.iter().filter(|b| **b == 0).count(), 512);
        assert_eq!(read_whole(&Scratched, 1 << 20, &mut buf), None);
    }
}
