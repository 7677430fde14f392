//! The hash of the imports, and the checksum that a header ought to have.

use std::borrow::Cow;

use md5::{Digest, Md5};

use super::imports::Import;

/// MD5 over `library.function` of all imports in lower case, with commas
/// between them.
pub(super) fn imphash(imports: &[Import<'_>]) -> String {
    let mut hash = Md5::new();
    let mut first = true;
    for import in imports {
        let library = lower(without_extension(import.library));
        for function in &import.functions {
            if !first {
                hash.update(b",");
            }
            first = false;
            hash.update(&library);
            hash.update(b".");
            hash.update(lower(function.name.as_deref().unwrap_or_default()));
        }
    }
    crate::module::call::hex(&hash.finalize())
}

fn without_extension(library: &[u8]) -> &[u8] {
    match library.split_last_chunk::<4>() {
        Some((name, extension))
            if [b".dll", b".sys", b".ocx"]
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(*known)) =>
        {
            name
        }
        _ => library,
    }
}

fn lower(name: &[u8]) -> Vec<u8> {
    match String::from_utf8_lossy(name) {
        Cow::Borrowed(text) if !text.is_ascii() => {
            text.to_lowercase().into_bytes()
        }
        _ => name.to_ascii_lowercase(),
    }
}

/// The sum of the file's 16-bit words with the carries added again, without
/// the checksum of the header, plus the length of the file.
pub(super) fn checksum(data: &[u8], in_header: u32) -> u32 {
    // Words of 32 bits add up to the same, once folded. The checksum is
    // taken out of the sum rather than looked for in the file.
    let (words, rest) = data.as_chunks::<4>();
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    let words = words.iter().chain([&last]);
    let mut sum: u64 =
        words.map(|&word| u64::from(u32::from_le_bytes(word))).sum();
    let in_header = u64::from(in_header);
    if sum < in_header {
        sum += u64::from(u32::MAX);
    }
    sum -= in_header;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    (sum as u32).wrapping_add(data.len() as u32)
}
