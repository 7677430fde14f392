//! Samples as they are stored: packed, so that they harm nobody. They are
//! unpacked in memory only.

use std::io::{self, Cursor, Read, Write};

use lzma_rust2::{XzOptions, XzReader, XzWriter};
use zip::ZipArchive;

/// What everybody who exchanges samples closes archives with.
const PASSWORD: &[u8] = b"infected";

/// Most memory for the window of an xz file, in KiB: that of `xz -9`.
const WINDOW: u32 = 80 << 10;

/// Endings of names of packed samples.
pub(super) const ENDINGS: [&str; 3] = ["gz", "xz", "zip"];

/// The sample in a packed file whose name has this ending; `None` if files
/// with this ending are not packed.
pub(super) fn unpacked(
    ending: &str,
    stored: &[u8],
    most: u64,
) -> Option<io::Result<Vec<u8>>> {
    let read = match ending {
        "gz" => all(flate2::read::MultiGzDecoder::new(stored), most),
        "xz" => all(XzReader::new_mem_limit(stored, true, WINDOW), most),
        "zip" => only_member(stored, most),
        _ => return None,
    };
    Some(read)
}

/// Packs a sample as xz.
pub(super) fn xz(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(6))?;
    writer.write_all(bytes)?;
    writer.finish()
}

fn only_member(stored: &[u8], most: u64) -> io::Result<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(stored))?;
    if archive.len() != 1 {
        let message = format!("{} files where one is needed", archive.len());
        return Err(io::Error::other(message));
    }
    // One that is not closed is read, too.
    all(archive.by_index_decrypt(0, PASSWORD)?, most)
}

fn all(reader: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other("too large for a case"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::input::from_base64;

    /// `hello dragnet`, by `xz`, by `gzip`, by `zip -P infected`, and by 7-Zip
    /// with AES.
    const STORED: [(&str, &str); 4] = [
        (
            "xz",
            "/Td6WFoAAATm1rRGAgAhARYAAAB0L+WjAQAMaGVsbG8gZHJhZ25ldAAAAAAF+1YN+A3bjgABJQ1xGcS2H7bzfQEAAAAABFla",
        ),
        ("gz", "H4sIAAAAAAAAA8tIzcnJV0gpSkzPSy0BAB0B1zYNAAAA"),
        (
            "zip",
            "UEsDBAoACQAAAIeRdl0dAdc2GQAAAA0AAAABABwAaFVUCQADfjADa34wA2t1eAsAAQQAAAAABAAAAAB0/5X3bO7H3A5rsZd5+Ta1cWTFcJtzszjKUEsHCB0B1zYZAAAADQAAAFBLAQIeAwoACQAAAIeRdl0dAdc2GQAAAA0AAAABABgAAAAAAAEAAACkgQAAAABoVVQFAAN+MANrdXgLAAEEAAAAAAQAAAAAUEsFBgAAAAABAAEARwAAAGQAAAAAAA==",
        ),
        (
            "zip",
            "UEsDBDMAAQBjAIiRdl0AAAAAKQAAAA0AAAABAAsAaAGZBwACAEFFAwAASeww9meVDBGJwNCRewg+ajsEUlbxDCinVt13U2IGq8JoZg8ASm+51+lQSwECPwMzAAEAYwCIkXZdAAAAACkAAAANAAAAAQAvAAAAAAAAACCApIEAAAAAaAoAIAAAAAAAAQAYABJ5nwCtet0BAAAAAAAAAAAAAAAAAAAAAAGZBwACAEFFAwAAUEsFBgAAAAABAAEAXgAAAFMAAAAAAA==",
        ),
    ];

    #[test]
    fn what_other_programs_packed_is_unpacked() {
        for (ending, text) in STORED {
            let stored = from_base64(text.as_bytes()).expect("base64");
            let read = |most| unpacked(ending, &stored, most).expect("known");
            assert_eq!(read(100).ok().as_deref(), Some(&b"hello dragnet"[..]));
            assert!(read(12).is_err(), "{ending} is bounded");
            for cut in 0..stored.len() {
                assert!(unpacked(ending, &stored[..cut], 100).is_some());
            }
        }
        assert!(unpacked("php", b"", 100).is_none());
    }

    #[test]
    fn what_is_packed_is_the_same_again() {
        let bytes = b"sample ".repeat(1000);
        let packed = xz(&bytes).expect("memory takes it");
        assert!(packed.len() < 200);
        let read = unpacked("xz", &packed, 7000).expect("known");
        assert_eq!(read.ok(), Some(bytes));
    }
}
