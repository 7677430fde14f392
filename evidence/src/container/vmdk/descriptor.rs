//! The text that describes a disk.

use super::SECTOR;
use crate::OpenError;
use crate::container::field::corrupt;

/// How an extent holds its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flat,
    Sparse,
    Zero,
    Unknown,
}

/// A line that names an extent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) length: u64,
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) at: u64,
}

/// What matters of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Descriptor {
    pub(super) lines: Vec<Line>,
    /// The file of the parent, if there is one.
    pub(super) parent: Option<String>,
}

/// Is it such a text?
pub(super) fn is_one(head: &[u8]) -> bool {
    let head = head.trim_ascii_start();
    let magic = b"# Disk DescriptorFile";
    let begin = head.get(..magic.len()).unwrap_or_default();
    begin.eq_ignore_ascii_case(magic)
}

impl Descriptor {
    pub(super) fn parse(text: &[u8]) -> Result<Descriptor, OpenError> {
        let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
        let text = String::from_utf8_lossy(text);
        let mut descriptor = Descriptor::default();
        let mut hint = None;
        let mut has_parent = false;
        for line in text.lines().map(str::trim) {
            if let Some(extent) = extent(line) {
                let detail = "an extent whose size cannot be";
                descriptor.lines.push(extent.ok_or_else(|| corrupt(detail))?);
                continue;
            }
            let Some((key, value)) = line.split_once('=') else { continue };
            let value = value.trim().trim_matches('"');
            match key.trim().to_ascii_lowercase().as_str() {
                "parentcid" => {
                    has_parent = !value.eq_ignore_ascii_case("ffffffff");
                }
                "parentfilenamehint" => hint = Some(value.to_owned()),
                _ => {}
            }
        }
        if has_parent {
            descriptor.parent = Some(hint.unwrap_or_default());
        }
        Ok(descriptor)
    }
}

/// `None` if the line is something else, `Some(None)` if it is impossible.
fn extent(line: &str) -> Option<Option<Line>> {
    let (access, rest) = line.split_once(char::is_whitespace)?;
    if !matches!(access, "RW" | "RDONLY" | "NOACCESS") {
        return None;
    }
    let rest = rest.trim_start();
    let (sectors, rest) = rest.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (kind, rest) = rest.split_at_checked(end)?;
    let kind = match kind {
        "FLAT" | "VMFS" => Kind::Flat,
        "SPARSE" | "VMFSSPARSE" => Kind::Sparse,
        "ZERO" => Kind::Zero,
        _ => Kind::Unknown,
    };
    let mut quoted = rest.splitn(3, '"').skip(1);
    let name = quoted.next().unwrap_or_default().to_owned();
    let at = quoted.next().unwrap_or_default().trim();
    let at = at.split_whitespace().next().unwrap_or("0");
    let bytes = |text: &str| text.parse::<u64>().ok()?.checked_mul(SECTOR);
    let line = bytes(sectors).zip(bytes(at)).map(|(length, at)| Line {
        length,
        kind,
        name,
        at,
    });
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_all_kinds_are_understood() {
        let text = br#"# Disk DescriptorFile
version=1
parentCID=1a2b3c4d
parentFileNameHint="the base.vmdk"
RW 100 FLAT "a b.vmdk" 7
RDONLY  20  SPARSE   "c.vmdk"
RW 3 ZERO
RW 3 SESPARSE "d.vmdk"
ddb.adapterType = "ide"
"#;
        let found = Descriptor::parse(text).unwrap();
        let line = |length, kind, name: &str, at| {
            let name = name.to_owned();
            Line { length, kind, name, at }
        };
        let expected = [
            line(51200, Kind::Flat, "a b.vmdk", 3584),
            line(10240, Kind::Sparse, "c.vmdk", 0),
            line(1536, Kind::Zero, "", 0),
            line(1536, Kind::Unknown, "d.vmdk", 0),
        ];
        assert_eq!(found.lines, expected);
        assert_eq!(found.parent.as_deref(), Some("the base.vmdk"));
    }

    #[test]
    fn a_size_that_cannot_be_is_refused() {
        let huge = b"RW 36893488147419103232 FLAT \"a\" 0\n";
        assert!(Descriptor::parse(huge).is_err());
        let none = Descriptor::parse(b"parentCID=FFFFFFFF\n").unwrap();
        assert_eq!(none, Descriptor::default());
    }
}
