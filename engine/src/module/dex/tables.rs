//! The tables of a Dalvik executable, each read when first asked for.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell};

use super::code::Code;
use crate::module::cursor::{Strings, View};

/// Entries of a table that are read.
pub(super) const MAX_ENTRIES: usize = 1_000_000;
/// Parameters in all prototypes, which a file can repeat many times.
const MAX_PARAMETERS: usize = 2_000_000;
/// Bytes of texts that differ from UTF-8, each time that one is named.
const MAX_COPIED: usize = 256 << 20;
/// A longer text is not allowed.
const MAX_TEXT: u64 = 1 << 20;
const HEADER_SIZE: u32 = 0x70;

/// Eight numbers of the definition of a class.
pub(super) type Class = [u32; 8];

/// A text of the string table.
#[derive(Clone)]
pub(super) struct Text<'d> {
    pub(super) offset: u32,
    /// In units of UTF-16.
    pub(super) size: Option<u64>,
    /// As it stands in the file.
    pub(super) raw: Option<&'d [u8]>,
    /// As UTF-8.
    pub(super) value: Option<Cow<'d, [u8]>>,
}

pub(super) struct Tables<'d> {
    pub(super) view: View<'d>,
    pub(super) version: u32,
    strings: OnceCell<Vec<Text<'d>>>,
    types: OnceCell<Vec<u32>>,
    protos: OnceCell<Vec<[u32; 3]>>,
    fields: OnceCell<Vec<[u32; 3]>>,
    methods: OnceCell<Vec<[u32; 3]>>,
    classes: OnceCell<Vec<Class>>,
    code: OnceCell<Code<'d>>,
    parameters: Cell<usize>,
    copied: Cell<usize>,
}

impl<'d> Tables<'d> {
    /// Checks the header; `None` if it is none, or promises what the file
    /// does not hold.
    pub(super) fn open(data: &'d [u8]) -> Option<Self> {
        let view = View::little(data);
        let version = match view.array(0)? {
            [b'd', b'e', b'x', b'\n', b'0', tens, ones, 0] => {
                let digits =
                    [tens, ones].map(|d| u32::from(d.wrapping_sub(48)));
                10 * digits[0] + digits[1]
            }
            _ => return None,
        };
        let size = u32::try_from(view.len()).unwrap_or(u32::MAX);
        let number = |at| view.u32(at);
        // File size and all offsets lie inside.
        let places = [32, 48, 52, 60, 68, 76, 84, 92, 100, 108];
        let is_inside =
            places.iter().all(|at| number(*at).is_some_and(|n| n <= size));
        let is_known = (35..=41).contains(&version)
            && number(36)? == HEADER_SIZE
            && matches!(number(40)?, 0x1234_5678 | 0x7856_3412)
            && number(64)? <= 0xffff
            && number(72)? <= 0xffff
            && (version < 41 || number(116).is_some());
        (is_inside && is_known).then(|| Self {
            view,
            version,
            strings: OnceCell::new(),
            types: OnceCell::new(),
            protos: OnceCell::new(),
            fields: OnceCell::new(),
            methods: OnceCell::new(),
            classes: OnceCell::new(),
            code: OnceCell::new(),
            parameters: Cell::new(MAX_PARAMETERS),
            copied: Cell::new(MAX_COPIED),
        })
    }

    /// The entries of the table whose size and offset stand at a place of
    /// the header, as far as the file goes.
    fn table<T>(
        &self,
        at: u64,
        mut entry: impl FnMut(&mut crate::module::cursor::Reader<'d>) -> Option<T>,
    ) -> Vec<T> {
        let (size, offset) = (self.view.u32(at), self.view.u32(at + 4));
        let offset = offset.filter(|offset| *offset != 0);
        let (Some(size), Some(offset)) = (size, offset) else {
            return Vec::new();
        };
        let mut reader = self.view.reader(u64::from(offset));
        let all = (0..size).take(MAX_ENTRIES);
        all.map_while(|_| entry(&mut reader)).collect()
    }

    pub(super) fn strings(&self) -> &[Text<'d>] {
        self.strings.get_or_init(|| {
            let mut texts = Strings::new(Some(self.view));
            self.table(56, |r| {
                let offset = r.u32()?;
                Some(text(self.view, &mut texts, offset))
            })
        })
    }

    /// For each type, its name among the strings.
    pub(super) fn types(&self) -> &[u32] {
        self.types.get_or_init(|| self.table(64, |r| r.u32()))
    }

    /// Short form, type of the result, place of the parameters.
    pub(super) fn protos(&self) -> &[[u32; 3]] {
        self.protos.get_or_init(|| {
            self.table(72, |r| Some([r.u32()?, r.u32()?, r.u32()?]))
        })
    }

    /// Class, type, name.
    pub(super) fn fields(&self) -> &[[u32; 3]] {
        self.fields.get_or_init(|| self.references(80))
    }

    /// Class, prototype, name.
    pub(super) fn methods(&self) -> &[[u32; 3]] {
        self.methods.get_or_init(|| self.references(88))
    }

    fn references(&self, at: u64) -> Vec<[u32; 3]> {
        self.table(at, |r| {
            let (class, other) = (r.u16()?, r.u16()?);
            Some([u32::from(class), u32::from(other), r.u32()?])
        })
    }

    pub(super) fn classes(&self) -> &[Class] {
        self.classes.get_or_init(|| {
            self.table(96, |r| {
                let mut class = Class::default();
                for number in &mut class {
                    *number = r.u32()?;
                }
                Some(class)
            })
        })
    }

    /// What the classes define.
    pub(super) fn code(&self) -> &Code<'d> {
        self.code.get_or_init(|| Code::read(self))
    }

    /// The string of this number.
    pub(super) fn string(&self, at: u32) -> Option<Cow<'d, [u8]>> {
        let value = self.strings().get(usize::try_from(at).ok()?)?;
        let value = value.value.as_ref()?;
        if let Cow::Owned(text) = value {
            let left = self.copied.get().checked_sub(text.len())?;
            self.copied.set(left);
        }
        Some(value.clone())
    }

    /// The name of the type of this number.
    pub(super) fn type_name(&self, at: u32) -> Option<Cow<'d, [u8]>> {
        self.string(*self.types().get(usize::try_from(at).ok()?)?)
    }

    /// The types of the parameters that are listed at a place.
    pub(super) fn parameters(&self, at: u32) -> Vec<Cow<'d, [u8]>> {
        let read = || {
            let mut reader = self.view.reader(u64::from(at));
            // More can't be passed.
            let size = reader.u32().filter(|size| *size <= 255)?;
            let size = size as usize;
            let left = self.parameters.get().checked_sub(size)?;
            self.parameters.set(left);
            let all = (0..size).map_while(|_| reader.u16());
            let names = all.filter_map(|at| self.type_name(u32::from(at)));
            Some(names.collect())
        };
        if at == 0 { Vec::new() } else { read().unwrap_or_default() }
    }
}

fn text<'d>(view: View<'d>, texts: &mut Strings<'d>, offset: u32) -> Text<'d> {
    let mut text = Text { offset, size: None, raw: None, value: None };
    if offset < HEADER_SIZE {
        return text;
    }
    let mut reader = view.reader(u64::from(offset));
    text.size = reader.uleb128();
    if text.size.is_none_or(|size| size > MAX_TEXT) {
        return text;
    }
    // Three bytes at most for each unit.
    let raw = texts.terminated(reader.at());
    text.raw = raw.filter(|raw| raw.len() as u64 <= 3 * MAX_TEXT);
    text.value = text.raw.map(decode);
    text
}

/// Turns the two ways in which the text differs from UTF-8 into it: a zero
/// of two bytes, and characters as pairs of surrogates.
fn decode(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.iter().any(|byte| matches!(byte, 0xc0 | 0xed)) {
        return Cow::Borrowed(raw);
    }
    let unit = |at: usize| match *raw.get(at..at + 3)? {
        [0xed, b @ 0x80..=0xbf, c @ 0x80..=0xbf] => {
            Some(0xd000 | u32::from(b & 0x3f) << 6 | u32::from(c & 0x3f))
        }
        _ => None,
    };
    let mut text = Vec::with_capacity(raw.len());
    let mut at = 0;
    while let Some(byte) = raw.get(at) {
        let pair = (unit(at), unit(at + 3));
        if raw[at..].starts_with(b"\xc0\x80") {
            text.push(0);
            at += 2;
        } else if let (Some(high @ 0xd800..0xdc00), Some(low @ 0xdc00..0xe000)) =
            pair
            && let Some(char) = char::from_u32(
                0x1_0000 + ((high - 0xd800) << 10 | (low - 0xdc00)),
            )
        {
            text.extend(char.encode_utf8(&mut [0; 4]).as_bytes());
            at += 6;
        } else {
            text.push(*byte);
            at += 1;
        }
    }
    Cow::Owned(text)
}
