//! Checked reads of the bytes of a file: nothing here can panic.
//!
//! Hides all arithmetic on offsets and the byte order. Offsets and lengths
//! are 64 bits wide, because files name them so; what does not lie wholly
//! inside the bytes is `None`.

/// Bytes, and the order of bytes in their numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'d> {
    data: &'d [u8],
    big: bool,
}

impl<'d> View<'d> {
    /// Bytes whose numbers have the least significant byte first.
    pub(super) fn little(data: &'d [u8]) -> Self {
        Self { data, big: false }
    }

    /// Bytes whose numbers have the most significant byte first.
    pub(super) fn big(data: &'d [u8]) -> Self {
        Self { data, big: true }
    }

    /// Other bytes with numbers in the same order.
    pub(super) fn with(self, data: &'d [u8]) -> Self {
        Self { data, ..self }
    }

    /// All bytes.
    pub(super) fn bytes(self) -> &'d [u8] {
        self.data
    }

    /// Number of bytes.
    pub(super) fn len(self) -> u64 {
        self.data.len() as u64
    }

    /// The bytes from `at` on; none are left at the very end.
    pub(super) fn tail(self, at: u64) -> Option<View<'d>> {
        let data = self.data.get(usize::try_from(at).ok()?..)?;
        Some(self.with(data))
    }

    /// `len` bytes at `at`.
    pub(super) fn slice(self, at: u64, len: u64) -> Option<&'d [u8]> {
        self.tail(at)?.data.get(..usize::try_from(len).ok()?)
    }

    /// The bytes at `at`, `len` of them or as many as there are.
    pub(super) fn cut(self, at: u64, len: u64) -> Option<&'d [u8]> {
        let rest = self.tail(at)?;
        self.slice(at, len.min(rest.len()))
    }

    /// As [`View::slice`], with the same order of bytes.
    pub(super) fn sub(self, at: u64, len: u64) -> Option<View<'d>> {
        Some(self.with(self.slice(at, len)?))
    }

    /// The text at `at` that ends in front of a zero byte, which is among
    /// the first `max` bytes.
    pub(super) fn cstr(self, at: u64, max: u64) -> Option<&'d [u8]> {
        let text = self.cut(at, max)?;
        text.get(..memchr::memchr(0, text)?)
    }

    /// A byte.
    pub(super) fn u8(self, at: u64) -> Option<u8> {
        self.array::<1>(at).map(|[byte]| byte)
    }

    /// A number of two bytes.
    pub(super) fn u16(self, at: u64) -> Option<u16> {
        let bytes = self.array(at)?;
        let read = [u16::from_le_bytes, u16::from_be_bytes];
        Some(read[usize::from(self.big)](bytes))
    }

    /// A number of four bytes.
    pub(super) fn u32(self, at: u64) -> Option<u32> {
        let bytes = self.array(at)?;
        let read = [u32::from_le_bytes, u32::from_be_bytes];
        Some(read[usize::from(self.big)](bytes))
    }

    /// A number of eight bytes.
    pub(super) fn u64(self, at: u64) -> Option<u64> {
        let bytes = self.array(at)?;
        let read = [u64::from_le_bytes, u64::from_be_bytes];
        Some(read[usize::from(self.big)](bytes))
    }

    /// Some bytes.
    pub(super) fn array<const N: usize>(self, at: u64) -> Option<[u8; N]> {
        self.tail(at)?.data.first_chunk().copied()
    }

    /// Reads one thing after the other from `at` on, which may lie outside:
    /// then the first read fails.
    pub(super) fn reader(self, at: u64) -> Reader<'d> {
        Reader { view: self, at }
    }
}

/// Reads one thing after the other. A failed read leaves it where it was.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'d> {
    view: View<'d>,
    at: u64,
}

impl<'d> Reader<'d> {
    /// Where the next read starts.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// What is left.
    pub(super) fn rest(&self) -> Option<View<'d>> {
        self.view.tail(self.at)
    }

    /// True if nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.view.len()
    }

    /// The next byte.
    pub(super) fn u8(&mut self) -> Option<u8> {
        let read = self.view.u8(self.at);
        self.advance(1, read)
    }

    /// The next number of two bytes.
    pub(super) fn u16(&mut self) -> Option<u16> {
        let read = self.view.u16(self.at);
        self.advance(2, read)
    }

    /// The next number of four bytes.
    pub(super) fn u32(&mut self) -> Option<u32> {
        let read = self.view.u32(self.at);
        self.advance(4, read)
    }

    /// The next number of eight bytes.
    pub(super) fn u64(&mut self) -> Option<u64> {
        let read = self.view.u64(self.at);
        self.advance(8, read)
    }

    /// The next number of eight bytes, or of four if not `wide`.
    pub(super) fn word(&mut self, wide: bool) -> Option<u64> {
        if wide { self.u64() } else { self.u32().map(u64::from) }
    }

    /// The next `len` bytes.
    pub(super) fn take(&mut self, len: u64) -> Option<&'d [u8]> {
        let read = self.view.slice(self.at, len);
        self.advance(len, read)
    }

    /// Leaves out `len` bytes.
    pub(super) fn skip(&mut self, len: u64) -> Option<()> {
        self.take(len).map(|_| ())
    }

    /// The text in front of the next zero byte, which is among the first
    /// `max` bytes and is read too.
    pub(super) fn cstr(&mut self, max: u64) -> Option<&'d [u8]> {
        let read = self.view.cstr(self.at, max)?;
        self.advance(read.len() as u64 + 1, Some(read))
    }

    /// A number of as many groups of seven bits as it needs, the least
    /// significant first. Bits past the 64th are dropped; more than ten
    /// bytes are no number.
    pub(super) fn uleb128(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for group in 0..10u64 {
            let byte = self.view.u8(self.at.checked_add(group)?)?;
            value |= u64::from(byte & 0x7f) << (7 * group);
            if byte & 0x80 == 0 {
                return self.advance(group + 1, Some(value));
            }
        }
        None
    }

    fn advance<T>(&mut self, len: u64, read: Option<T>) -> Option<T> {
        if read.is_some() {
            self.at = self.at.saturating_add(len);
        }
        read
    }
}

/// The bytes in front of the first zero byte; all, if there is none.
pub(super) fn until_zero(bytes: &[u8]) -> &[u8] {
    memchr::memchr(0, bytes).map_or(bytes, |end| &bytes[..end])
}

/// A table of strings that end with a zero byte.
pub(super) struct Strings<'d> {
    view: Option<View<'d>>,
    /// Bytes that may still be looked at: many long strings that overlap
    /// must not take quadratic time.
    budget: u64,
}

impl<'d> Strings<'d> {
    /// A table; without one, every string is undefined.
    pub(super) fn new(view: Option<View<'d>>) -> Self {
        let budget = view.map_or(0, View::len).saturating_mul(8);
        Self { view, budget: budget.saturating_add(1 << 20) }
    }

    /// The string at a place of the table; the last one may end with it.
    pub(super) fn get(&mut self, at: u64) -> Option<&'d [u8]> {
        if self.budget == 0 {
            return None;
        }
        let found = until_zero(self.view?.tail(at)?.bytes());
        self.budget = self.budget.saturating_sub(found.len() as u64);
        Some(found)
    }

    /// The string at a place of the table, if a zero byte ends it.
    pub(super) fn terminated(&mut self, at: u64) -> Option<&'d [u8]> {
        let found = self.get(at)?;
        let end = at.checked_add(found.len() as u64)?;
        self.view?.u8(end).map(|_| found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = &[1, 2, 3, 4, 5, 6, 7, 8, 0];

    #[test]
    fn numbers_are_read_in_the_order_of_the_view() {
        let (little, big) = (View::little(BYTES), View::big(BYTES));
        assert_eq!(little.u8(1), Some(2));
        assert_eq!(little.u16(1), Some(0x0302));
        assert_eq!(big.u16(1), Some(0x0203));
        assert_eq!(little.u32(0), Some(0x0403_0201));
        assert_eq!(big.u32(0), Some(0x0102_0304));
        assert_eq!(little.u64(0), Some(0x0807_0605_0403_0201));
        assert_eq!(big.u64(0), Some(0x0102_0304_0506_0708));
        assert_eq!(big.sub(6, 2).and_then(|v| v.u16(0)), Some(0x0708));
    }

    #[test]
    fn what_is_not_wholly_inside_is_not_read() {
        let view = View::little(BYTES);
        for at in [2, 9, 10, u64::MAX - 7, u64::MAX] {
            assert_eq!(view.u64(at), None, "{at}");
        }
        assert_eq!(view.u8(9), None);
        assert_eq!(view.slice(9, 0), Some(&[][..]));
        assert_eq!(view.slice(10, 0), None);
        assert_eq!(view.slice(1, u64::MAX), None);
        assert_eq!(view.cut(7, u64::MAX), Some(&[8, 0][..]));
        assert_eq!(view.cut(10, 1), None);
        assert_eq!(view.cstr(6, 3), Some(&[7, 8][..]));
        assert_eq!(view.cstr(6, 2), None);
        assert_eq!(view.cstr(9, 5), None);
        assert_eq!(view.reader(u64::MAX).u8(), None);
    }

    #[test]
    fn a_reader_moves_only_when_it_has_read() {
        let mut reader = View::big(BYTES).reader(2);
        assert_eq!(reader.u16(), Some(0x0304));
        assert_eq!(reader.u64(), None);
        assert_eq!(reader.at(), 4);
        assert_eq!(reader.take(1), Some(&[5][..]));
        assert_eq!(reader.skip(5), None);
        assert_eq!(reader.cstr(10), Some(&[6, 7, 8][..]));
        assert!(reader.is_empty());
        assert_eq!(reader.u8(), None);
        assert_eq!(reader.rest().map(View::len), Some(0));
    }

    #[test]
    fn numbers_of_any_length_end() {
        let read = |bytes| {
            let mut reader = View::little(bytes).reader(0);
            (reader.uleb128(), reader.at())
        };
        assert_eq!(read(&[0x7f]), (Some(0x7f), 1));
        assert_eq!(read(&[0xe5, 0x8e, 0x26]), (Some(624_485), 3));
        assert_eq!(read(&[0x80]), (None, 0));
        assert_eq!(read(&[0xff; 20]), (None, 0));
        let widest = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];
        assert_eq!(read(&widest), (Some(u64::MAX), 10));
    }

    #[test]
    fn strings_may_overlap_but_not_for_long() {
        let mut strings = Strings::new(Some(View::little(b"ab\0cd")));
        assert_eq!(strings.get(1), Some(&b"b"[..]));
        assert_eq!(strings.get(3), Some(&b"cd"[..]));
        assert_eq!(strings.get(5), Some(&b""[..]));
        assert_eq!(strings.get(6), None);
        assert_eq!(strings.terminated(0), Some(&b"ab"[..]));
        assert_eq!(strings.terminated(3), None);
        assert_eq!(Strings::new(None).get(0), None);
        let long = vec![b'x'; 1 << 20];
        let mut strings = Strings::new(Some(View::little(&long)));
        let found = (0..100).map_while(|_| strings.get(0)).count();
        assert_eq!(found, 9);
    }

    #[test]
    fn padded_names_end_at_the_first_zero() {
        assert_eq!(until_zero(b"ab\0c\0"), b"ab");
        assert_eq!(until_zero(b"abc"), b"abc");
        assert_eq!(until_zero(b""), b"");
    }
}
