//! Deflate, one chunk at a time, on any number of threads.

use std::sync::{Mutex, PoisonError};

use flate2::{Decompress, FlushDecompress, Status};

use super::disk::Unpacked;

/// Decoders, kept between chunks because a new one costs as much as a small
/// chunk.
pub(crate) struct Inflater {
    zlib: bool,
    idle: Mutex<Vec<Decompress>>,
}

impl Inflater {
    /// For chunks with the header and checksum of zlib, or without.
    pub(crate) fn new(zlib: bool) -> Inflater {
        Inflater { zlib, idle: Mutex::default() }
    }

    /// Decodes into `out` and not a byte further.
    pub(crate) fn inflate(&self, input: &[u8], out: &mut [u8]) -> Unpacked {
        let mut idle =
            self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = idle.pop();
        drop(idle);
        let mut decoder = match kept {
            Some(mut decoder) => {
                decoder.reset(self.zlib);
                decoder
            }
            None => Decompress::new(self.zlib),
        };
        let status = decoder.decompress(input, out, FlushDecompress::Finish);
        let good = usize::try_from(decoder.total_out()).unwrap_or(0);
        let mut idle =
            self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(decoder);
        // Without the end of the stream the checksum was not compared.
        let checked = matches!(status, Ok(Status::StreamEnd)) || !self.zlib;
        Unpacked { good: good.min(out.len()), checked }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_chunk_comes_out_whole() {
        let bytes: Vec<u8> = (0..40_000u32).map(|n| (n / 7) as u8).collect();
        let input = packed(&bytes);
        let inflater = Inflater::new(true);
        for _ in 0..3 {
            let mut out = vec![0; bytes.len()];
            let done = inflater.inflate(&input, &mut out);
            assert_eq!(done, Unpacked { good: bytes.len(), checked: true });
            assert_eq!(out, bytes);
        }
    }

    #[test]
    fn a_bomb_stops_at_the_size_of_the_chunk() {
        let input = packed(&vec![0; 10_000_000]);
        let mut out = vec![1; 1000];
        let done = Inflater::new(true).inflate(&input, &mut out);
        assert_eq!(done.good, 1000);
        assert_eq!(out, [0; 1000]);
    }

    #[test]
    fn what_comes_before_the_damage_is_kept() {
        let bytes: Vec<u8> =
            (0..30_000u32).map(|n| (n * n / 5) as u8).collect();
        let mut input = packed(&bytes);
        let inflater = Inflater::new(true);
        let mut out = vec![0; bytes.len()];
        let done = inflater.inflate(&input[..input.len() / 2], &mut out);
        assert!(done.good > 400 && !done.checked);
        assert_eq!(out[..done.good], bytes[..done.good]);
        // A wrong checksum at the end damages nothing.
        *input.last_mut().unwrap() ^= 1;
        let mut out = vec![0; bytes.len()];
        let done = inflater.inflate(&input, &mut out);
        assert_eq!(done, Unpacked { good: bytes.len(), checked: false });
        assert_eq!(out, bytes);
    }
}
