//! Zstandard, one chunk at a time, on any number of threads.

use std::io::Read;
use std::sync::{Mutex, PoisonError};

use ruzstd::decoding::{FrameDecoder, StreamingDecoder};

use super::disk::Unpacked;

/// Largest window: more than any chunk of a disk format needs.
const MAX_WINDOW: u64 = 8 << 20;

/// Decoders, kept between chunks.
#[derive(Default)]
pub(crate) struct Unzstd {
    idle: Mutex<Vec<FrameDecoder>>,
}

impl Unzstd {
    /// Decodes into `out` and not a byte further.
    pub(crate) fn decode(&self, input: &[u8], out: &mut [u8]) -> Unpacked {
        let mut idle =
            self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let mut decoder = idle.pop().unwrap_or_default();
        drop(idle);
        decoder.set_max_window_size(MAX_WINDOW);
        let good = decode(&mut decoder, input, out);
        let mut idle =
            self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(decoder);
        Unpacked { good, checked: true }
    }
}

fn decode(decoder: &mut FrameDecoder, input: &[u8], out: &mut [u8]) -> usize {
    let Ok(mut stream) = StreamingDecoder::new_with_decoder(input, decoder)
    else {
        return 0;
    };
    let mut good: usize = 0;
    while let Some(rest) = out.get_mut(good..).filter(|b| !b.is_empty()) {
        match stream.read(rest) {
            Ok(count) if count > 0 => good = good.saturating_add(count),
            _ => break,
        }
    }
    good
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of one block that repeats a byte.
    fn frame(byte: u8, count: u32, window: u8) -> Vec<u8> {
        let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, window];
        let header = (count << 3) | (1 << 1) | 1;
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(byte);
        frame
    }

    #[test]
    fn a_frame_is_decoded_and_cut_at_the_chunk() {
        let unzstd = Unzstd::default();
        let mut out = [0; 1000];
        // A window of 1 MiB.
        let input = frame(7, 100_000, 0x50);
        assert_eq!(unzstd.decode(&input, &mut out).good, 1000);
        assert_eq!(out, [7; 1000]);
        let short = frame(9, 10, 0x50);
        assert_eq!(unzstd.decode(&short, &mut out).good, 10);
        assert_eq!(unzstd.decode(b"nothing", &mut out).good, 0);
    }

    #[test]
    fn a_huge_window_is_refused() {
        let mut out = [0; 1000];
        // 2 GiB.
        let input = frame(7, 1000, 21 << 3);
        assert_eq!(Unzstd::default().decode(&input, &mut out).good, 0);
    }
}
