//! Which bytes are text, in which encoding, and how its lines look.

/// Longer lines are mentioned.
const LONG_LINE: usize = 300;

/// What is known of a text.
pub(super) struct Text {
    encoding: &'static str,
    lines: Lines,
    /// Bytes of a mark at the start.
    mark: usize,
    /// The text itself, where it is not the bytes themselves.
    decoded: Option<Vec<u8>>,
}

#[derive(Default)]
struct Lines {
    crlf: usize,
    cr: usize,
    lf: usize,
    nel: usize,
    longest: usize,
    has_escapes: bool,
    has_backspace: bool,
}

impl Text {
    /// `None` if the bytes are no text in any known encoding.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        // Zeros at the end fill a block up.
        let end = bytes.iter().rposition(|byte| *byte != 0)? + 1;
        let bytes = &bytes[..end];
        let plain = |encoding, mark: usize| {
            let lines = Lines::count(utf8_units(&bytes[mark..], encoding));
            Some(Self { encoding, lines, mark, decoded: None })
        };
        if let Some(text) = wide(bytes) {
            return Some(text);
        }
        if bytes.iter().all(|byte| is_text(*byte)) {
            return plain("ASCII", 0);
        }
        let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        if is_utf8(&bytes[mark..]) {
            let name = if mark > 0 { UTF8_BOM } else { UTF8 };
            return plain(name, mark);
        }
        let is_latin = |byte: &u8| is_text(*byte) || *byte == 0x85;
        if bytes.iter().all(|byte| is_latin(byte) || *byte >= 0xa0) {
            return plain("ISO-8859", 0);
        }
        if bytes.iter().all(|byte| is_text(*byte) || *byte >= 0x80) {
            return plain("Non-ISO extended-ASCII", 0);
        }
        None
    }

    /// The text, in bytes.
    pub(super) fn start<'t>(&'t self, bytes: &'t [u8]) -> &'t [u8] {
        match &self.decoded {
            Some(decoded) => decoded,
            None => &bytes[self.mark..],
        }
    }

    /// Adds encoding and lines to the description of a kind of text.
    pub(super) fn describe(&self, name: &str) -> String {
        let (name, executable) = match name.strip_suffix(" executable") {
            Some(front) if front.ends_with(" text") => (front, " executable"),
            _ => (name, ""),
        };
        let Some(kind) = name.strip_suffix(" text") else {
            return format!("{name}{executable}");
        };
        if kind == "CSV" || name.starts_with("Perl script text") {
            return format!("{name}{executable}");
        }
        let comma = if kind.is_empty() { "" } else { ", " };
        let encoding = self.encoding;
        let lines = self.lines.describe();
        format!("{kind}{comma}{encoding} text{executable}{lines}")
    }
}

const UTF8: &str = "Unicode text, UTF-8";
const UTF8_BOM: &str = "Unicode text, UTF-8 (with BOM)";

fn is_text(byte: u8) -> bool {
    matches!(byte, 7..=13 | 27 | 0x20..=0x7e)
}

/// Only characters that texts have; sequences may be longer than today's
/// standard allows.
fn is_utf8(bytes: &[u8]) -> bool {
    let mut at = 0;
    while let Some(&first) = bytes.get(at) {
        at += 1;
        if first < 0x80 {
            if !is_text(first) {
                return false;
            }
            continue;
        }
        let more = match first {
            0xc0..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf7 => 3,
            _ => return false,
        };
        for _ in 0..more {
            // The end may cut a character off.
            let Some(&next) = bytes.get(at) else { return true };
            if next & 0xc0 != 0x80 {
                return false;
            }
            at += 1;
        }
    }
    true
}

/// One unit for each character, which all that counts lines needs.
fn utf8_units(bytes: &[u8], encoding: &str) -> impl Iterator<Item = u32> {
    let is_utf8 = encoding == UTF8 || encoding == UTF8_BOM;
    let bytes = bytes.iter();
    bytes
        .filter(move |byte| !is_utf8 || **byte & 0xc0 != 0x80)
        // A first byte of several is no end of a line.
        .map(move |byte| match byte {
            0x80.. if is_utf8 => 0x100,
            byte => u32::from(*byte),
        })
}

/// Text in units of two or four bytes, which a mark at the start tells.
fn wide(bytes: &[u8]) -> Option<Text> {
    let (encoding, size, big) = match bytes {
        [0xff, 0xfe, 0, 0, ..] => {
            ("Unicode text, UTF-32, little-endian", 4, false)
        }
        [0, 0, 0xfe, 0xff, ..] => {
            ("Unicode text, UTF-32, big-endian", 4, true)
        }
        [0xff, 0xfe, ..] => ("Unicode text, UTF-16, little-endian", 2, false),
        [0xfe, 0xff, ..] => ("Unicode text, UTF-16, big-endian", 2, true),
        _ => return None,
    };
    let units: Vec<u32> = bytes[size..]
        .chunks(size)
        .map(|unit| {
            let fold = |sum: u32, byte: &u8| sum << 8 | u32::from(*byte);
            match big {
                true => unit.iter().fold(0, fold),
                false => unit.iter().rev().fold(0, fold),
            }
        })
        .collect();
    let is_text = |unit: &u32| match u8::try_from(*unit) {
        Ok(byte) if byte < 0x80 => is_text(byte),
        _ => *unit != 0xfffe && *unit != 0xffff,
    };
    if !units.iter().all(is_text) {
        return None;
    }
    let byte = |unit: &u32| u8::try_from(*unit).unwrap_or(b'?');
    let decoded = units.iter().map(byte).collect();
    let lines = Lines::count(units.into_iter());
    Some(Text { encoding, lines, mark: 0, decoded: Some(decoded) })
}

impl Lines {
    fn count(units: impl Iterator<Item = u32>) -> Self {
        let mut lines = Self::default();
        let mut after_cr = false;
        let mut length = 0;
        for unit in units {
            length += 1;
            match unit {
                0x0a if after_cr => lines.crlf += 1,
                0x0a => lines.lf += 1,
                _ if after_cr => lines.cr += 1,
                _ => {}
            }
            match unit {
                0x85 => lines.nel += 1,
                0x1b => lines.has_escapes = true,
                8 => lines.has_backspace = true,
                _ => {}
            }
            after_cr = unit == 0x0d;
            if after_cr || matches!(unit, 0x0a | 0x85) {
                length = 0;
            }
            if length > LONG_LINE {
                lines.longest = lines.longest.max(length);
            }
        }
        lines.cr += usize::from(after_cr);
        lines
    }

    fn describe(&self) -> String {
        let mut text = String::new();
        if self.longest > 0 {
            text += &format!(", with very long lines ({})", self.longest);
        }
        let kinds = [
            (self.crlf, "CRLF"),
            (self.cr, "CR"),
            (self.lf, "LF"),
            (self.nel, "NEL"),
        ];
        let used: Vec<&str> =
            kinds.iter().filter(|k| k.0 > 0).map(|k| k.1).collect();
        if used.is_empty() {
            text += ", with no line terminators";
        } else if used != ["LF"] {
            text += &format!(", with {} line terminators", used.join(", "));
        }
        if self.has_escapes {
            text += ", with escape sequences";
        }
        if self.has_backspace {
            text += ", with overstriking";
        }
        text
    }
}
