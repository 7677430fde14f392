//! From what a case says to its bytes. Samples that are stored encoded are
//! decoded in memory: no plain one is ever written.

use std::io::{self, Read};
use std::path::Path;

use dragnet::read_whole;

use super::manifest::{Case, Manifest, Part, Spelling};
use super::packed;
use super::store::{self, Store};

/// No case may have more bytes.
pub(super) const LARGEST: u64 = 256 << 20;

/// Why there are no bytes.
#[derive(Debug)]
pub(crate) enum Lack {
    /// The sample store does not have it.
    Missing(String),
    /// What the manifest says makes no sense.
    Wrong(String),
}

/// The bytes of a case.
pub(crate) fn bytes(
    manifest: &Manifest,
    case: &Case,
    samples: Option<&Store>,
) -> Result<Vec<u8>, Lack> {
    let mut bytes = written(manifest, case, samples)?;
    match case.spelling {
        None => {}
        Some(Spelling::Upper) => bytes.make_ascii_uppercase(),
        Some(Spelling::Lower) => bytes.make_ascii_lowercase(),
        Some(Spelling::Wide) => {
            bytes = bytes.into_iter().flat_map(|byte| [byte, 0]).collect();
        }
    }
    Ok(bytes)
}

fn written(
    manifest: &Manifest,
    case: &Case,
    samples: Option<&Store>,
) -> Result<Vec<u8>, Lack> {
    if let Some(text) = &case.text {
        return Ok(text.get_ref().as_bytes().to_vec());
    }
    if let Some(text) = &case.base64 {
        return from_base64(text.as_bytes()).ok_or_else(|| wrong("base64"));
    }
    if let Some(text) = &case.hex {
        return from_hex(text.as_bytes()).ok_or_else(|| wrong("hex"));
    }
    if let Some(generate) = &case.generate {
        return generated(&generate.parts);
    }
    if let Some(name) = &case.file {
        return read_file(&manifest.directory().join(name.get_ref()));
    }
    if let Some(digest) = &case.sha256 {
        let digits = digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digest.len() != 64 || !digits {
            return Err(wrong("sha256"));
        }
        return sample(digest, samples);
    }
    if let Some(digest) = &case.digest {
        return sample(digest, samples);
    }
    if let Some(name) = &case.image {
        return object(&manifest.directory().join(name));
    }
    Err(Lack::Wrong("the case has no input".to_owned()))
}

fn wrong(what: &str) -> Lack {
    Lack::Wrong(format!("`{what}` is not valid {what}"))
}

/// The bytes of a sample as it is stored, decoded.
pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, Lack> {
    let stored = read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Lack::Missing(format!("there is no {}", path.display()))
        }
        _ => Lack::Wrong(format!("{}: {error}", path.display())),
    })?;
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let wrong = |why: String| {
        let name = path.display();
        Lack::Wrong(format!("{name}: not valid {extension}{why}"))
    };
    match &*extension {
        "b64" => from_base64(&stored).ok_or_else(|| wrong(String::new())),
        "hex" => from_hex(&stored).ok_or_else(|| wrong(String::new())),
        _ => match packed::unpacked(&extension, &stored, LARGEST) {
            Some(read) => read.map_err(|error| wrong(format!(": {error}"))),
            None => Ok(stored),
        },
    }
}

/// Is a sample under this name harmless as it is stored?
pub(super) fn is_encoded(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    matches!(&*ending, "b64" | "hex") || packed::ENDINGS.contains(&&*ending)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::other("too large for a case"));
    }
    Ok(bytes)
}

/// A file of the store.
fn sample(digest: &str, store: Option<&Store>) -> Result<Vec<u8>, Lack> {
    match store {
        Some(store) => store.sample(digest),
        None => Err(store::missing(digest)),
    }
}

fn object(name: &Path) -> Result<Vec<u8>, Lack> {
    let failed = |text: String| Lack::Wrong(text);
    let content = crate::commands::object::find(name)
        .map_err(|failure| failed(failure.message))?;
    let mut bytes = Vec::new();
    match read_whole(&content, LARGEST, &mut bytes) {
        None => Err(failed("the object is too large for a case".to_owned())),
        Some(report) if report.lost > 0 => {
            Err(failed("parts of the object cannot be read".to_owned()))
        }
        Some(_) => Ok(bytes),
    }
}

fn generated(parts: &[Part]) -> Result<Vec<u8>, Lack> {
    let mut bytes = Vec::new();
    for part in parts {
        let grows = match part {
            Part::Text(text) => text.len() as u64,
            Part::Hex(text) | Part::Base64(text) => text.len() as u64,
            Part::Zeros(count) | Part::Random(count) => *count,
            Part::Repeat { text, times } => {
                times.saturating_mul(text.len() as u64)
            }
        };
        if grows.saturating_add(bytes.len() as u64) > LARGEST {
            let message = "the generated input is too large";
            return Err(Lack::Wrong(message.to_owned()));
        }
        match part {
            Part::Text(text) => bytes.extend_from_slice(text.as_bytes()),
            Part::Hex(text) => bytes.extend(
                from_hex(text.as_bytes()).ok_or_else(|| wrong("hex"))?,
            ),
            Part::Base64(text) => bytes.extend(
                from_base64(text.as_bytes()).ok_or_else(|| wrong("base64"))?,
            ),
            Part::Zeros(count) => {
                bytes.resize(bytes.len() + *count as usize, 0);
            }
            Part::Random(count) => random(*count, &mut bytes),
            Part::Repeat { text, times } => {
                bytes.extend(text.repeat(*times as usize).into_bytes());
            }
        }
    }
    Ok(bytes)
}

/// xorshift: good enough to be no text, and the same everywhere.
fn random(count: u64, bytes: &mut Vec<u8>) {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    bytes.extend((0..count).map(|_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    }));
}

/// Decodes hexadecimal digits; blanks are ignored.
pub(crate) fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let digits = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let digits: Vec<u32> = digits.map(digit).collect::<Option<_>>()?;
    let pairs = digits.chunks_exact(2);
    pairs.remainder().is_empty().then(|| {
        let pairs = digits.chunks_exact(2);
        pairs.map(|pair| (pair[0] << 4 | pair[1]) as u8).collect()
    })
}

const ALPHABET: &[u8; 64] =
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Decodes base64; blanks and padding are ignored.
pub(crate) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut ended = false;
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        if *byte == b'=' {
            ended = true;
            continue;
        }
        let value = ALPHABET.iter().position(|letter| letter == byte)?;
        if ended {
            return None;
        }
        bits = (bits << 6 | value as u32) & 0xFF_FFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_decoded() {
        // RFC 4648, section 10.
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let decoded = from_base64(encoded.as_bytes());
            assert_eq!(decoded.as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(from_base64(b"Zm9*"), None);
        assert_eq!(from_base64(b"Zg==Zg=="), None);
    }

    #[test]
    fn hex_needs_pairs_of_digits() {
        assert_eq!(from_hex(b"00 ff\n1A"), Some(vec![0, 255, 26]));
        assert_eq!(from_hex(b"0"), None);
        assert_eq!(from_hex(b"0g"), None);
    }

    #[test]
    fn generated_inputs_are_bounded() {
        let huge = [Part::Repeat { text: "xy".into(), times: u64::MAX }];
        assert!(matches!(generated(&huge), Err(Lack::Wrong(_))));
        let parts = [Part::Zeros(2), Part::Text("a".into()), Part::Random(3)];
        let bytes = generated(&parts).expect("it is small");
        assert_eq!(bytes.len(), 6);
        assert_eq!(bytes[..3], *b"\0\0a");
    }
}
