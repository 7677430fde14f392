//! Chunks of the overlay of Windows (WOF).
//!
//! Hides the table in front of them, whose entries say where each chunk but
//! the first starts, counted from the end of the table.

use dragnet_engine::source::ReadError;

use super::{lzx, xpress};
use crate::object::WofMethod;

/// Bytes that a chunk stands for.
pub(super) fn chunk_size(method: WofMethod) -> u64 {
    match method {
        WofMethod::Xpress { chunk } => u64::from(chunk.clamp(1, 65_536)),
        WofMethod::Lzx => 32_768,
    }
}

/// Decodes chunk `number` of a file of `size` bytes; `read` fills a buffer
/// from the stored stream, which has `stored` bytes.
pub(super) fn unit(
    read: impl Fn(u64, &mut [u8]) -> Result<(), ReadError>,
    method: WofMethod,
    stored: u64,
    size: u64,
    number: u64,
) -> Result<Vec<u8>, ReadError> {
    let unit = chunk_size(method);
    let start = number.saturating_mul(unit);
    let error = |message: &str| ReadError {
        offset: start,
        message: message.to_owned(),
    };
    let chunks = size.div_ceil(unit);
    let entry: u64 = if size > u64::from(u32::MAX) { 8 } else { 4 };
    let table = chunks.saturating_sub(1).saturating_mul(entry);
    let bound = |index: u64| -> Result<u64, ReadError> {
        if index == 0 {
            return Ok(table);
        }
        if index >= chunks {
            return Ok(stored);
        }
        let mut bytes = [0; 8];
        let at = index.saturating_sub(1).saturating_mul(entry);
        let (used, _) = bytes.split_at_mut(entry as usize);
        read(at, used)?;
        Ok(u64::from_le_bytes(bytes).saturating_add(table))
    };
    let from = bound(number)?;
    let to = bound(number.saturating_add(1))?;
    let length = to
        .checked_sub(from)
        .filter(|length| to <= stored && *length <= unit)
        .ok_or_else(|| error("damaged table of chunks"))?;
    let mut packed = vec![0; length as usize];
    read(from, &mut packed)?;
    let wanted = size.saturating_sub(start).min(unit);
    if length == wanted {
        return Ok(packed);
    }
    let decoded = match method {
        WofMethod::Xpress { .. } => xpress::decode(&packed, wanted as usize),
        WofMethod::Lzx => lzx::decode(&packed, wanted as usize),
    };
    decoded.ok_or_else(|| error("damaged chunk"))
}
