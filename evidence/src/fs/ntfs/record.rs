//! Records of the file table and their attributes.
//!
//! Hides the update sequence that guards every record against half a write.

use super::super::field::{le16, le32, le64, part};

/// Every so many bytes the last two are kept elsewhere.
const STRIDE: usize = 512;

/// Kinds of attributes.
pub(super) const STANDARD: u32 = 0x10;
pub(super) const LIST: u32 = 0x20;
pub(super) const FILE_NAME: u32 = 0x30;
pub(super) const DATA: u32 = 0x80;
pub(super) const REPARSE: u32 = 0xC0;
pub(super) const EXTENDED: u32 = 0xE0;
const END: u32 = 0xFFFF_FFFF;

/// Attribute flags.
pub(super) const COMPRESSED: u16 = 0x00FF;
pub(super) const ENCRYPTED: u16 = 0x4000;

/// A reference to a record: its number and how often it was used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) number: u64,
    pub(super) sequence: u16,
}

impl Reference {
    pub(super) fn new(raw: u64) -> Reference {
        let sequence = (raw >> 48) as u16;
        Reference { number: raw & 0xFFFF_FFFF_FFFF, sequence }
    }

    /// Does it mean a record with this sequence number? Of a record that is
    /// not in use any more the number was raised when it was freed.
    pub(super) fn means(self, sequence: u16, in_use: bool) -> bool {
        self.sequence == sequence
            || !in_use && self.sequence.wrapping_add(1) == sequence
    }
}

/// A record whose update sequence was right.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) number: u64,
    pub(super) sequence: u16,
    pub(super) in_use: bool,
    pub(super) directory: bool,
    /// The record this one continues.
    pub(super) base: Option<Reference>,
    first: usize,
    bytes: Vec<u8>,
}

impl Record {
    /// Reads a record; `None` if the place was never used.
    pub(super) fn parse(
        number: u64,
        mut bytes: Vec<u8>,
    ) -> Result<Option<Record>, &'static str> {
        if bytes.iter().take(4).all(|byte| *byte == 0) {
            return match bytes.iter().all(|byte| *byte == 0) {
                true => Ok(None),
                false => Err("record without signature"),
            };
        }
        if !bytes.starts_with(b"FILE") {
            return Err("record with a wrong signature");
        }
        fix_up(&mut bytes)?;
        Record::fields(number, bytes).ok_or("record is too short").map(Some)
    }

    fn fields(number: u64, bytes: Vec<u8>) -> Option<Record> {
        let flags = le16(&bytes, 0x16)?;
        let base = le64(&bytes, 0x20)?;
        let first = usize::from(le16(&bytes, 0x14)?);
        Some(Record {
            number,
            sequence: le16(&bytes, 0x10)?,
            in_use: flags & 1 != 0,
            directory: flags & 2 != 0,
            base: (base != 0).then(|| Reference::new(base)),
            first,
            bytes,
        })
    }

    /// The attributes, up to the first one that cannot be.
    pub(super) fn attributes(&self) -> impl Iterator<Item = Attribute<'_>> {
        let mut at = self.first;
        std::iter::from_fn(move || {
            let (attribute, next) = Attribute::parse(&self.bytes, at)?;
            at = next;
            Some(attribute)
        })
    }

    /// Do the attributes end with the mark of the end?
    pub(super) fn is_complete(&self) -> bool {
        let mut at = self.first;
        while let Some((_, next)) = Attribute::parse(&self.bytes, at) {
            at = next;
        }
        le32(&self.bytes, at) == Some(END)
    }
}

/// Puts back the bytes that the update sequence replaced.
fn fix_up(bytes: &mut [u8]) -> Result<(), &'static str> {
    let start = usize::from(le16(bytes, 4).unwrap_or(0));
    let count = usize::from(le16(bytes, 6).unwrap_or(0));
    let sectors = bytes.len() / STRIDE;
    if count != sectors.saturating_add(1) {
        return Err("update sequence of a wrong length");
    }
    let array = part(bytes, start, count.saturating_mul(2))
        .ok_or("update sequence outside of the record")?
        .to_vec();
    let (pairs, _) = array.as_chunks::<2>();
    let Some((check, saved)) = pairs.split_first() else {
        return Err("no update sequence");
    };
    for (sector, saved) in bytes.chunks_exact_mut(STRIDE).zip(saved) {
        let Some(end) = sector.last_chunk_mut::<2>() else { continue };
        if end != check {
            return Err("update sequence does not match");
        }
        *end = *saved;
    }
    Ok(())
}

/// An attribute.
#[derive(Debug)]
pub(super) struct Attribute<'a> {
    pub(super) kind: u32,
    pub(super) id: u16,
    pub(super) flags: u16,
    /// UTF-16.
    pub(super) name: &'a [u8],
    pub(super) body: Body<'a>,
}

/// What an attribute holds.
#[derive(Debug)]
pub(super) enum Body<'a> {
    /// The value, and where in the record it is.
    Resident { value: &'a [u8], at: usize },
    /// Clusters.
    Mapped {
        /// First cluster of the stream that this attribute is about.
        first: u64,
        /// Clusters of a compression unit, as an exponent.
        unit: u8,
        pairs: &'a [u8],
        size: u64,
        valid: u64,
    },
}

impl<'a> Attribute<'a> {
    /// The attribute at a place, and the place of the next one.
    fn parse(record: &'a [u8], at: usize) -> Option<(Attribute<'a>, usize)> {
        let kind = le32(record, at)?;
        if kind == END || kind == 0 {
            return None;
        }
        let length = le32(record, at.checked_add(4)?)? as usize;
        if length < 0x18 {
            return None;
        }
        let bytes = part(record, at, length)?;
        let name_length = usize::from(*bytes.get(9)?).checked_mul(2)?;
        let name = part(bytes, usize::from(le16(bytes, 10)?), name_length)?;
        let body = if *bytes.get(8)? == 0 {
            let inside = usize::from(le16(bytes, 0x14)?);
            let value = part(bytes, inside, le32(bytes, 0x10)? as usize)?;
            Body::Resident { value, at: at.checked_add(inside)? }
        } else {
            let pairs = usize::from(le16(bytes, 0x20)?);
            Body::Mapped {
                first: le64(bytes, 0x10)?,
                unit: *bytes.get(0x22)?,
                pairs: bytes.get(pairs..)?,
                size: le64(bytes, 0x30)?,
                valid: le64(bytes, 0x38)?,
            }
        };
        let (flags, id) = (le16(bytes, 12)?, le16(bytes, 14)?);
        let next = at.checked_add(length)?;
        Some((Attribute { kind, id, flags, name, body }, next))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A record of 1 KiB with these attributes behind its header.
    pub(in super::super) fn record(flags: u16, attributes: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 1024];
        bytes[..4].copy_from_slice(b"FILE");
        bytes[4] = 0x30;
        bytes[6] = 3;
        bytes[0x10] = 7;
        bytes[0x14] = 0x38;
        bytes[0x16..0x18].copy_from_slice(&flags.to_le_bytes());
        bytes[0x38..0x38 + attributes.len()].copy_from_slice(attributes);
        let end = 0x38 + attributes.len();
        bytes[end..end + 4].fill(0xFF);
        seal(&mut bytes);
        bytes
    }

    fn seal(bytes: &mut [u8]) {
        bytes[0x30..0x32].copy_from_slice(&[0xAB, 0xCD]);
        for sector in 0..2 {
            let end = sector * 512 + 510;
            let kept = [bytes[end], bytes[end + 1]];
            let at = 0x32 + sector * 2;
            bytes[at..at + 2].copy_from_slice(&kept);
            bytes[end..end + 2].copy_from_slice(&[0xAB, 0xCD]);
        }
    }

    /// A resident attribute.
    pub(in super::super) fn resident(kind: u32, value: &[u8]) -> Vec<u8> {
        let length = (0x18 + value.len()).next_multiple_of(8);
        let mut bytes = vec![0; length];
        bytes[..4].copy_from_slice(&kind.to_le_bytes());
        bytes[4..8].copy_from_slice(&(length as u32).to_le_bytes());
        bytes[0x10..0x14].copy_from_slice(&(value.len() as u32).to_le_bytes());
        bytes[0x14] = 0x18;
        bytes[0x18..0x18 + value.len()].copy_from_slice(value);
        bytes
    }

    #[test]
    fn the_update_sequence_is_checked_and_undone() {
        let value: Vec<u8> = (0..600u32).map(|n| n as u8).collect();
        let good = record(1, &resident(DATA, &value));
        let parsed = Record::parse(5, good.clone()).unwrap().unwrap();
        assert!(parsed.in_use && parsed.is_complete());
        let first = parsed.attributes().next().unwrap();
        let Body::Resident { value: found, at } = first.body else {
            panic!("not resident");
        };
        assert_eq!((found, at), (&value[..], 0x38 + 0x18));
        let mut torn = good.clone();
        torn[1023] ^= 1;
        assert!(Record::parse(5, torn).is_err());
        let mut lying = good;
        lying[6] = 200;
        assert!(Record::parse(5, lying).is_err());
    }

    #[test]
    fn attributes_that_cannot_be_end_the_record() {
        let mut bad = resident(DATA, b"value");
        bad[0x10] = 0xFF;
        let parsed = Record::parse(5, record(1, &bad)).unwrap().unwrap();
        assert_eq!(parsed.attributes().count(), 0);
        assert!(!parsed.is_complete());
        assert!(matches!(Record::parse(5, vec![0; 1024]), Ok(None)));
        assert!(Record::parse(5, vec![1; 1024]).is_err());
    }

    #[test]
    fn references_know_records_that_were_freed() {
        let reference = Reference::new(7 << 48 | 0x1234);
        assert_eq!(reference.number, 0x1234);
        assert!(reference.means(7, true) && reference.means(7, false));
        assert!(reference.means(8, false) && !reference.means(8, true));
    }
}
