//! The sample store: files by their digest.

use std::collections::HashMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use dragnet::lint::Samples;
use md5::Md5;
use rayon::prelude::*;
use sha1::Sha1;
use sha1::digest::Digest;

use super::input::{LARGEST, Lack, is_encoded, read_file};
use super::{corpus, packed};
use crate::report::{hex, sha256};

/// A directory of samples, named by their SHA-256, plain or packed.
#[derive(Debug)]
pub(crate) struct Store {
    directory: PathBuf,
    /// What has which MD5 or SHA-1: known once somebody asks.
    others: OnceLock<HashMap<String, PathBuf>>,
}

impl Store {
    pub(crate) fn new(directory: &Path) -> Store {
        Store { directory: directory.to_owned(), others: OnceLock::new() }
    }

    /// The sample with this digest: SHA-256, or SHA-1 or MD5, by its length.
    pub(super) fn sample(&self, digest: &str) -> Result<Vec<u8>, Lack> {
        let digest = digest.to_ascii_lowercase();
        match digest.len() {
            64 => self.by_name(&digest),
            _ => self.by_content(&digest),
        }
    }

    /// `DIR/DIGEST`, or below the first digits of it.
    fn by_name(&self, digest: &str) -> Result<Vec<u8>, Lack> {
        let store = &self.directory;
        let plain =
            [store.join(digest), store.join(&digest[..2]).join(digest)];
        let mut places: Vec<PathBuf> = plain.to_vec();
        for ending in packed::ENDINGS {
            places
                .extend(plain.iter().map(|path| path.with_extension(ending)));
        }
        let place = places.into_iter().find(|place| place.is_file());
        let bytes = read_file(&place.ok_or_else(|| missing(digest))?)?;
        if sha256(&bytes) != digest {
            let message = format!("the sample {digest} has another digest");
            return Err(Lack::Wrong(message));
        }
        Ok(bytes)
    }

    /// No file is called by its MD5: all of them are read, once.
    fn by_content(&self, digest: &str) -> Result<Vec<u8>, Lack> {
        let others = self.others.get_or_init(|| self.index());
        read_file(others.get(digest).ok_or_else(|| missing(digest))?)
    }

    fn index(&self) -> HashMap<String, PathBuf> {
        // What cannot be read has no digest, and is missing if it is asked
        // for.
        let mut files: Vec<PathBuf> =
            corpus::below(&self.directory).filter_map(Result::ok).collect();
        files.sort();
        let digests: Vec<[String; 2]> = files
            .par_iter()
            .map(|file| digests(file).unwrap_or_default())
            .collect();
        let mut all = HashMap::new();
        for (file, digests) in files.into_iter().zip(digests) {
            for digest in digests {
                all.entry(digest).or_insert_with(|| file.clone());
            }
        }
        all
    }
}

impl Samples for Store {
    fn sample(&self, digest: &str) -> Option<Vec<u8>> {
        Store::sample(self, digest).ok()
    }
}

pub(super) fn missing(digest: &str) -> Lack {
    Lack::Missing(format!("sample {digest} is not here"))
}

/// MD5 and SHA-1 of a sample, read piece by piece unless it is packed.
fn digests(path: &Path) -> Option<[String; 2]> {
    let (mut md5, mut sha1) = (Md5::new(), Sha1::new());
    let mut add = |bytes: &[u8]| {
        md5.update(bytes);
        sha1.update(bytes);
    };
    if is_encoded(path) {
        add(&read_file(path).ok()?);
    } else {
        let file = std::fs::File::open(path).ok()?;
        if file.metadata().ok()?.len() > LARGEST {
            return None;
        }
        let mut file = file.take(LARGEST);
        let mut piece = vec![0; 64 << 10];
        loop {
            match file.read(&mut piece) {
                Ok(0) => break,
                Ok(count) => add(&piece[..count]),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return None,
            }
        }
    }
    Some([hex(&md5.finalize()), hex(&sha1.finalize())])
}
