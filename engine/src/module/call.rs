//! What the function modules share: no fields, and reads of byte ranges.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write;
use std::hash::Hash;
use std::ops::Range;

use super::schema::{Schema, Struct};
use super::{Arg, CallCx, Fields, Index, Value};
use crate::scan::Regions;

/// An opened module that has functions only.
pub(super) trait Functions<'d> {
    /// The module's schema.
    fn schema(&self) -> &'static Schema;

    /// Calls the function of this name, whichever structure it is in.
    fn call(
        &self,
        name: &str,
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>>;
}

/// Presents functions as [`Fields`] without fields.
pub(super) struct OnlyFunctions<F>(pub(super) F);

impl<'d, F: Functions<'d>> Fields<'d> for OnlyFunctions<F> {
    fn get(&self, _: &[u16], _: &[Index<'_>]) -> Option<Value<'_>> {
        None
    }

    fn len(&self, _: &[u16], _: &[Index<'_>]) -> Option<u64> {
        None
    }

    fn call(
        &self,
        path: &[u16],
        _signature: u16,
        _index: &[Index<'_>],
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        // The arguments say which overload is meant.
        let name = last_name(self.0.schema().root, path)?;
        self.0.call(name, args, cx)
    }
}

/// The name of the member at a path.
pub(super) fn last_name(root: &Struct, path: &[u16]) -> Option<&'static str> {
    let (&last, before) = path.split_last()?;
    let mut at = root;
    for &step in before {
        at = at.members.get(usize::from(step))?.ty.structure()?;
    }
    Some(at.members.get(usize::from(last))?.name)
}

/// Bytes as lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string can't fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The largest number of results that a module keeps for one object: a rule
/// that asks for a million ranges must not fill the memory.
const MEMO_ENTRIES: usize = 4096;

/// Results already computed for one object.
pub(super) struct Memo<K, V>(RefCell<HashMap<K, V>>);

impl<K: Hash + Eq, V: Clone> Memo<K, V> {
    pub(super) fn new() -> Self {
        Self(RefCell::new(HashMap::new()))
    }

    /// The known result, or the one that `compute` finds. A result that was
    /// not found for want of budget is not kept.
    pub(super) fn get_or_try(
        &self,
        key: K,
        compute: impl FnOnce() -> Option<V>,
    ) -> Option<V> {
        if let Some(known) = self.0.borrow().get(&key) {
            return Some(known.clone());
        }
        let value = compute()?;
        let mut known = self.0.borrow_mut();
        if known.len() < MEMO_ENTRIES {
            known.insert(key, value.clone());
        }
        Some(value)
    }
}

/// The range of bytes that starts at `offset`, cut at the end of the data.
/// `None` if a number is negative or the start lies past the end.
pub(super) fn range_cut(
    data: &[u8],
    offset: i64,
    length: i64,
) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let length = usize::try_from(length).ok()?;
    let end = start.saturating_add(length).min(data.len());
    (start <= end).then_some(start..end)
}

/// The range of bytes that starts at `offset`. `None` if it is not wholly
/// inside the data.
pub(super) fn range_whole(
    data: &[u8],
    offset: i64,
    length: i64,
) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let length = usize::try_from(length).ok()?;
    let end = start.checked_add(length)?;
    (end <= data.len()).then_some(start..end)
}

/// Most bytes of memory that one function looks at,
const MAX_RANGE: usize = 64 << 20;
/// and how many are read at a time.
const STEP: usize = 1 << 20;

/// The bytes at an address of memory; `None` if not all of them are known.
/// Regions may follow on each other. Reading is charged.
pub(super) fn range_in(
    memory: &dyn Regions,
    address: i64,
    length: i64,
    cx: &mut dyn CallCx,
) -> Option<Vec<u8>> {
    let address = u64::try_from(address).ok()?;
    let length = usize::try_from(length).ok()?;
    if length > MAX_RANGE || !cx.charge(length as u64) {
        return None;
    }
    let mut bytes = Vec::new();
    let mut done = 0;
    while done < length {
        bytes.resize(length.min(done + STEP), 0);
        let at = address.checked_add(done as u64)?;
        let (found, count) = memory.read(at, &mut bytes[done..])?;
        if found != at || count == 0 {
            return None;
        }
        done += count;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_or_refused() {
        let data = [0; 10];
        assert_eq!(range_cut(&data, 0, 10), Some(0..10));
        assert_eq!(range_cut(&data, 4, 100), Some(4..10));
        assert_eq!(range_cut(&data, 10, 1), Some(10..10));
        assert_eq!(range_cut(&data, 11, 0), None);
        assert_eq!(range_whole(&data, 4, 6), Some(4..10));
        assert_eq!(range_whole(&data, 4, 7), None);
        assert_eq!(range_whole(&data, 10, 0), Some(10..10));
        assert_eq!(range_whole(&data, 11, 0), None);
        for cut in [range_cut, range_whole] {
            assert_eq!(cut(&data, -1, 1), None);
            assert_eq!(cut(&data, 1, -1), None);
            assert_eq!(cut(&data, i64::MIN, i64::MIN), None);
        }
        assert_eq!(range_cut(&data, 1, i64::MAX), Some(1..10));
        assert_eq!(range_whole(&data, i64::MAX, i64::MAX), None);
    }

    #[test]
    fn a_memo_stays_small_and_forgets_failures() {
        let memo = Memo::new();
        assert_eq!(memo.get_or_try(0, || None::<u32>), None);
        assert_eq!(memo.get_or_try(0, || Some(7)), Some(7));
        assert_eq!(memo.get_or_try(0, || Some(8)), Some(7));
        for key in 1..10_000 {
            memo.get_or_try(key, || Some(0));
        }
        assert_eq!(memo.0.borrow().len(), MEMO_ENTRIES);
    }
}
