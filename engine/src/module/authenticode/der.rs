//! Elements of ASN.1 in its binary form.
//!
//! Hides tags and lengths. An element whose length is not given ends with
//! two zeros.

use const_oid::ObjectIdentifier;

pub(super) mod tag {
    pub(in super::super) const INTEGER: u8 = 0x02;
    pub(in super::super) const BIT_STRING: u8 = 0x03;
    pub(in super::super) const OCTET_STRING: u8 = 0x04;
    pub(in super::super) const OID: u8 = 0x06;
    pub(in super::super) const UTF8: u8 = 0x0c;
    pub(in super::super) const PRINTABLE: u8 = 0x13;
    pub(in super::super) const TELETEX: u8 = 0x14;
    pub(in super::super) const IA5: u8 = 0x16;
    pub(in super::super) const UTC_TIME: u8 = 0x17;
    pub(in super::super) const GENERALIZED_TIME: u8 = 0x18;
    pub(in super::super) const SEQUENCE: u8 = 0x30;
    pub(in super::super) const SET: u8 = 0x31;

    pub(in super::super) const BMP: u8 = 0x1e;
    /// Texts of one byte a character, or of UTF-8.
    pub(in super::super) const TEXTS: [u8; 10] =
        [0x07, UTF8, 0x12, PRINTABLE, TELETEX, 0x15, IA5, 0x19, 0x1a, 0x1b];

    /// What a structure calls its member `[number]`.
    pub(in super::super) const fn member(number: u8) -> u8 {
        0xa0 | number
    }

    /// The same for a value that is not made of others.
    pub(in super::super) const fn primitive(number: u8) -> u8 {
        0x80 | number
    }
}

/// One element.
#[derive(Clone, Copy)]
pub(super) struct Element<'d> {
    pub(super) tag: u8,
    /// With tag and length.
    pub(super) raw: &'d [u8],
    pub(super) body: &'d [u8],
}

impl<'d> Element<'d> {
    pub(super) fn elements(self) -> Elements<'d> {
        Elements(self.body)
    }

    pub(super) fn oid(self) -> Option<ObjectIdentifier> {
        ObjectIdentifier::from_bytes(self.body).ok()
    }

    /// A small number.
    pub(super) fn number(self) -> Option<u64> {
        let digits = without_zeros(self.body);
        let mut number = [0; 8];
        let start = number.len().checked_sub(digits.len())?;
        number[start..].copy_from_slice(digits);
        Some(u64::from_be_bytes(number))
    }
}

/// Leaves out zeros at the start.
pub(super) fn without_zeros(number: &[u8]) -> &[u8] {
    let start = number.iter().position(|&byte| byte != 0);
    &number[start.unwrap_or(number.len())..]
}

/// Elements one after the other; they end where the bytes are no element.
#[derive(Clone, Copy)]
pub(super) struct Elements<'d>(pub(super) &'d [u8]);

impl<'d> Iterator for Elements<'d> {
    type Item = Element<'d>;

    fn next(&mut self) -> Option<Element<'d>> {
        let all = self.0;
        let (&tag, rest) = all.split_first()?;
        // No structure read here has tags of several bytes.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x84 => {
                let (digits, rest) =
                    rest.split_at_checked(usize::from(first & 0x7f))?;
                let fold = |sum, &digit: &u8| sum << 8 | usize::from(digit);
                (digits.iter().fold(0, fold), rest)
            }
            0x80 if tag & 0x20 != 0 => {
                let (body, rest) = rest.split_at(end_of_contents(rest)?);
                self.0 = &rest[2..];
                let raw = &all[..all.len() - self.0.len()];
                return Some(Element { tag, raw, body });
            }
            _ => return None,
        };
        let (body, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        let raw = &all[..all.len() - rest.len()];
        Some(Element { tag, raw, body })
    }
}

/// Elements of unknown length inside of each other that are read: each is
/// walked through once more for each level that it is inside of.
const MAX_DEPTH: u32 = 32;

/// Where the two zeros stand that end an element of unknown length.
fn end_of_contents(body: &[u8]) -> Option<usize> {
    let mut depth = 0;
    let mut rest = body;
    loop {
        let (header, behind) = rest.split_at_checked(2)?;
        match *header {
            [0, 0] if depth == 0 => return Some(body.len() - rest.len()),
            [0, 0] => {
                depth -= 1;
                rest = behind;
            }
            [tag, 0x80] if tag & 0x1f != 0x1f && depth < MAX_DEPTH => {
                depth += 1;
                rest = behind;
            }
            [_, 0x80] => return None,
            _ => {
                let mut elements = Elements(rest);
                elements.next()?;
                rest = elements.0;
            }
        }
    }
}

impl<'d> Elements<'d> {
    /// The next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<Element<'d>> {
        self.optional(tag)
    }

    /// The next element if it has this tag; else it stays the next one.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Element<'d>> {
        let mut after = *self;
        let next = after.next().filter(|element| element.tag == tag)?;
        *self = after;
        Some(next)
    }
}
