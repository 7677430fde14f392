//! The samples that hashes in metadata name, as far as they are here.

use std::fmt::Debug;

/// Where samples are kept.
pub trait Samples: Debug + Send + Sync {
    /// The bytes of the sample with this digest, if it is here: MD5, SHA-1
    /// or SHA-256 in hexadecimal digits of any case.
    fn sample(&self, digest: &str) -> Option<Vec<u8>>;
}

/// Members that begin documents and programs, which are no archives to
/// those who use them.
const DOCUMENTS: [&[u8]; 6] = [
    b"[Content_Types].xml",
    b"_rels/",
    b"mimetype",
    b"META-INF/",
    b"AndroidManifest.xml",
    b"docProps/",
];

/// What kind of archive the bytes are: what is in it is the sample.
pub(super) fn archive(bytes: &[u8]) -> Option<&'static str> {
    let starts: [(&[u8], &str); 7] = [
        (b"\x1f\x8b\x08", "gzip"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ\0", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07", "rar"),
        (b"MSCF\0\0\0\0", "cab"),
    ];
    if let Some(first) = bytes.strip_prefix(b"PK\x03\x04") {
        // The name of the first member stands behind 30 bytes of header.
        let name = first.get(26..).unwrap_or_default();
        let is_document = DOCUMENTS.iter().any(|d| name.starts_with(d));
        return (!is_document).then_some("zip");
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Some("tar");
    }
    let found = starts.iter().find(|(start, _)| bytes.starts_with(start));
    found.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn archives_are_known_by_their_beginning() {
        let zip = |name: &str| {
            let header = [&b"PK\x03\x04"[..], &[0; 26]].concat();
            archive(&[&header[..], name.as_bytes()].concat())
        };
        assert_eq!(zip("shell.php"), Some("zip"));
        assert_eq!(zip("[Content_Types].xml"), None, "a document");
        assert_eq!(zip("META-INF/MANIFEST.MF"), None, "a program");
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        assert_eq!(archive(&tar), Some("tar"));
        assert_eq!(archive(b"Rar!\x1a\x07\0"), Some("rar"));
        assert_eq!(archive(b"MZ\x90\0"), None);
        assert_eq!(archive(b"PK"), None);
        assert_eq!(archive(b""), None);
    }
}
