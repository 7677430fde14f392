//! Files that hold files: their names say what it is all for.

use super::Found;
use crate::module::cursor::View;
use crate::module::olecf::compound::Compound;
use crate::module::zip::archive::Archive;

const HEADER: usize = 512;
const CHECKSUM_AT: usize = 148;

/// Archives of tapes: their headers have a sum.
pub(super) fn tar(data: &[u8]) -> Option<Found> {
    let header = data.get(..HEADER)?;
    let (sum, rest) = header[CHECKSUM_AT..].split_at(8);
    let digits = sum.iter().skip_while(|byte| **byte == b' ');
    let digits: Vec<u8> =
        digits.copied().take_while(|b| (b'0'..b'8').contains(b)).collect();
    if digits.is_empty() {
        return None;
    }
    let fold = |sum: u64, digit: &u8| sum << 3 | u64::from(digit - b'0');
    let stored = digits.iter().fold(0, fold);
    // The sum itself counts as spaces.
    let others = header[..CHECKSUM_AT].iter().chain(rest);
    let real = others.map(|byte| u64::from(*byte)).sum::<u64>() + 8 * 32;
    let name = match &header[257..265] {
        b"ustar  \0" => "POSIX tar archive (GNU)",
        magic if magic.starts_with(b"ustar\0") => "POSIX tar archive",
        _ => "tar archive",
    };
    (stored == real).then(|| Found::new(name, "application/x-tar"))
}

/// OLE compound files.
pub(super) fn compound(data: &[u8]) -> Option<Found> {
    if !data.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return None;
    }
    let known = [
        ("WordDocument", "application/msword"),
        ("Workbook", "application/vnd.ms-excel"),
        ("Book", "application/vnd.ms-excel"),
        ("PowerPoint Document", "application/vnd.ms-powerpoint"),
        ("VisioDocument", "application/vnd.visio"),
        ("__properties_version1.0", "application/vnd.ms-outlook"),
    ];
    // The class of installer packages.
    const PACKAGE: &[u8] = b"\x84\x10\x0c\0\0\0\0\0\xc0\0\0\0\0\0\0\x46";
    let name = "Composite Document File V2 Document";
    let Some(file) = Compound::open(data) else {
        return Some(Found::new(name, "application/x-ole-storage"));
    };
    if file.root_class() == Some(PACKAGE) {
        return Some(Found::new(name, "application/x-msi"));
    }
    let entries = file.entries();
    let is_there =
        |wanted: &str| entries.iter().any(|entry| entry.name == wanted);
    let mime = known.iter().find(|known| is_there(known.0));
    let mime = mime.map_or("application/CDFV2", |known| known.1);
    Some(Found::new(name, mime))
}

/// Archives of the form of PKZIP and what is made of them.
pub(super) fn zip(data: &[u8]) -> Option<Found> {
    const OFFICE: [(&[u8], &str, &str); 3] = [
        (b"word/", "Microsoft Word 2007+", "wordprocessingml.document"),
        (b"ppt/", "Microsoft PowerPoint 2007+", "presentationml.presentation"),
        (b"xl/", "Microsoft Excel 2007+", "spreadsheetml.sheet"),
    ];
    const MIMETYPE: &[u8] = b"mimetypeapplication/";
    const OTHER: [(&[u8], &str); 6] = [
        (b"vnd.oasis.opendocument.text", "OpenDocument Text"),
        (b"vnd.oasis.opendocument.spreadsheet", "OpenDocument Spreadsheet"),
        (b"vnd.oasis.opendocument.presentation", "OpenDocument Presentation"),
        (b"vnd.oasis.opendocument.graphics", "OpenDocument Drawing"),
        (b"epub+zip", "EPUB document"),
        (b"vnd.oasis.opendocument.formula", "OpenDocument Formula"),
    ];
    if !data.starts_with(b"PK\x03\x04") {
        return None;
    }
    let view = View::little(data);
    if let Some(kind) =
        data.get(30..).and_then(|rest| rest.strip_prefix(MIMETYPE))
        && let Some((mime, name)) =
            OTHER.iter().find(|o| kind.starts_with(o.0))
    {
        let mime = String::from_utf8_lossy(mime);
        return Some(Found::new(*name, format!("application/{mime}")));
    }
    let size = u64::from(view.u16(26)?);
    let first = view.cut(30, size)?;
    let office = [&b"[Content_Types].xml"[..], b"_rels/.rels", b"docProps"];
    if office.iter().any(|name| first.starts_with(name)) {
        let paths: Vec<&[u8]> = Archive::open(data)
            .map(|archive| archive.entries().map(|entry| entry.path).collect())
            .unwrap_or_default();
        let has = |front: &[u8]| paths.iter().any(|p| p.starts_with(front));
        const SHARED: &str = "application/vnd.openxmlformats-officedocument";
        return Some(match OFFICE.iter().find(|kind| has(kind.0)) {
            Some((_, name, mime)) => {
                Found::new(*name, format!("{SHARED}.{mime}"))
            }
            None => Found::new("Microsoft OOXML", "application/octet-stream"),
        });
    }
    if first == b"AndroidManifest.xml" {
        return Some(Found::new(
            "Android package (APK), with AndroidManifest.xml",
            "application/vnd.android.package-archive",
        ));
    }
    // The mark of archives of Java stands among the extra fields.
    if view.u16(28) >= Some(4) && view.u16(30 + size) == Some(0xcafe) {
        let mime = "application/java-archive";
        return Some(Found::new("Java archive data (JAR)", mime));
    }
    let (version, method) = (view.u16(4)?, view.u16(8)?);
    let method = match method {
        0 => "store",
        1 => "shrink",
        6 => "implode",
        8 => "deflate",
        9 => "deflate64",
        12 => "bzip2",
        14 => "lzma",
        93 => "zstd",
        95 => "xz",
        99 => "AES Encrypted",
        _ => "unknown",
    };
    let version = version & 0xff;
    let (major, minor) = (version / 10, version % 10);
    let name = format!(
        "Zip archive data, at least v{major}.{minor} to extract, \
         compression method={method}"
    );
    Some(Found::new(name, "application/zip"))
}
