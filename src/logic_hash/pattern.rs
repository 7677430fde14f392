//! What one pattern adds to the hash: value and modifiers in one form.

use dragnet_compiler::pattern::hir::Hir;
use dragnet_compiler::pattern::standard_alphabet;
use dragnet_compiler::source::FileId;
use dragnet_compiler::syntax::ast::{ModifierKind, Pattern, PatternValue};
use dragnet_compiler::syntax::hex;
use sha2::{Digest, Sha256};

/// The digest of a pattern without its name; `None` if it is not valid.
pub(crate) fn digest(pattern: &Pattern, text: &[u8]) -> Option<[u8; 32]> {
    let mut bytes = Vec::new();
    let mut nocase = false;
    match &pattern.value {
        PatternValue::Text(value) => literal(value, &mut bytes),
        PatternValue::Hex(body) => {
            let (hir, _) = hex::parse(text, *body, FileId::default());
            match hir? {
                Hir::Literal(value) => literal(&value, &mut bytes),
                hir => {
                    bytes.push(b'h');
                    write_hir(&hir, &mut bytes);
                }
            }
        }
        PatternValue::Regex(regex) => {
            nocase = regex.case_insensitive;
            bytes.push(b'r');
            bytes.push(u8::from(regex.dot_all));
            sized(regex.body.of(text), &mut bytes);
        }
        PatternValue::Error => return None,
    }
    modifiers(pattern, nocase, &mut bytes);
    Some(Sha256::digest(&bytes).into())
}

fn modifiers(pattern: &Pattern, mut nocase: bool, bytes: &mut Vec<u8>) {
    let (mut ascii, mut wide) = (false, false);
    let (mut fullword, mut private) = (false, false);
    let mut others = Vec::new();
    let alphabet = |given: &Option<Vec<u8>>| match given {
        Some(given) => given.clone(),
        None => standard_alphabet().to_vec(),
    };
    for modifier in &pattern.modifiers {
        let mut other = Vec::new();
        match &modifier.kind {
            ModifierKind::Ascii => ascii = true,
            ModifierKind::Wide => wide = true,
            ModifierKind::Nocase => nocase = true,
            ModifierKind::Fullword => fullword = true,
            ModifierKind::Private => private = true,
            ModifierKind::Xor(keys) => {
                let (lo, hi) = keys.unwrap_or((0, 255));
                other.push(b'x');
                other.extend(lo.to_le_bytes());
                other.extend(hi.to_le_bytes());
            }
            ModifierKind::Base64(given) => {
                other.push(b'b');
                sized(&alphabet(given), &mut other);
            }
            ModifierKind::Base64Wide(given) => {
                other.push(b'w');
                sized(&alphabet(given), &mut other);
            }
        }
        others.push(other);
    }
    ascii |= !wide;
    let flags = [ascii, wide, nocase, fullword, private];
    bytes.extend(flags.map(u8::from));
    others.sort();
    others.iter().for_each(|other| bytes.extend(other));
}

fn literal(value: &[u8], bytes: &mut Vec<u8>) {
    bytes.push(b't');
    sized(value, bytes);
}

/// Bytes with their length in front, so that nothing runs into what follows.
pub(super) fn sized(value: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend((value.len() as u64).to_le_bytes());
    bytes.extend(value);
}

fn write_hir(root: &Hir, bytes: &mut Vec<u8>) {
    // Groups may be nested deeply.
    let mut open = vec![root];
    while let Some(hir) = open.pop() {
        let list = |tag, parts: &[Hir], bytes: &mut Vec<u8>| {
            bytes.push(tag);
            bytes.extend((parts.len() as u64).to_le_bytes());
        };
        match hir {
            Hir::Empty => bytes.push(b'e'),
            Hir::Literal(value) => literal(value, bytes),
            Hir::Class(set) => {
                bytes.push(b'c');
                bytes.extend(set.0.iter().flat_map(|word| word.to_le_bytes()));
            }
            // There are no places in hex patterns.
            Hir::Look(_) => bytes.push(b'l'),
            Hir::Concat(parts) => {
                list(b's', parts, bytes);
                open.extend(parts.iter().rev());
            }
            Hir::Alternation(parts) => {
                list(b'o', parts, bytes);
                open.extend(parts.iter().rev());
            }
            Hir::Repeat { min, max, greedy, sub } => {
                bytes.push(b'*');
                bytes.extend(min.to_le_bytes());
                bytes.push(u8::from(max.is_some()));
                bytes.extend(max.unwrap_or(0).to_le_bytes());
                bytes.push(u8::from(*greedy));
                open.push(sub);
            }
        }
    }
}
