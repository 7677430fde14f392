//! The header in front of the archive that an extension is.
//!
//! Hides its two forms: a key and a signature that lie side by side, or
//! fields with numbers, as protocol buffers write them.

use std::cell::OnceCell;

use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::module::authenticode::{Scheme, verifies};
use crate::module::cursor::View;
use crate::module::zip::archive::Archive;

const MAGIC: [u8; 4] = *b"Cr24";
/// What a signature covers in front of the fields and the archive.
const CONTEXT: &[u8] = b"CRX3 SignedData\0";

// Numbers of fields.
const SHA256_WITH_RSA: u64 = 2;
const SHA256_WITH_ECDSA: u64 = 3;
const SIGNED_HEADER_DATA: u64 = 10_000;
const PUBLIC_KEY: u64 = 1;
const SIGNATURE: u64 = 2;
const CRX_ID: u64 = 1;

/// Signatures that are looked at: each costs arithmetic.
const MAX_SIGNATURES: usize = 64;
/// Groups inside groups among unknown fields.
const MAX_DEPTH: u8 = 100;

/// An extension.
pub(super) struct Package<'d> {
    pub(super) version: u32,
    pub(super) header_size: u64,
    pub(super) archive: Archive<'d>,
    /// The bytes of the archive.
    content: &'d [u8],
    raw_id: Vec<u8>,
    proofs: Vec<Proof<'d>>,
    /// The part of the header that is signed with the archive.
    signed: Option<&'d [u8]>,
    digest: OnceCell<Vec<u8>>,
}

struct Proof<'d> {
    scheme: Scheme,
    key: &'d [u8],
    signature: &'d [u8],
}

impl<'d> Package<'d> {
    /// Reads the header; `None` if this is no extension.
    pub(super) fn open(data: &'d [u8]) -> Option<Self> {
        let mut r = View::little(data).reader(0);
        if r.take(4)? != MAGIC {
            return None;
        }
        match r.u32()? {
            2 => {
                let sizes = (u64::from(r.u32()?), u64::from(r.u32()?));
                let (key, signature) = (r.take(sizes.0)?, r.take(sizes.1)?);
                Some(Self {
                    version: 2,
                    header_size: sizes.0 + sizes.1,
                    archive: Archive::open(r.rest()?.bytes())?,
                    content: r.rest()?.bytes(),
                    raw_id: Sha256::digest(key)[..16].to_vec(),
                    proofs: vec![Proof {
                        scheme: Scheme::RsaSha1,
                        key,
                        signature,
                    }],
                    signed: None,
                    digest: OnceCell::new(),
                })
            }
            3 => {
                let size = u64::from(r.u32()?);
                let header = r.take(size)?;
                let signed = last(header, SIGNED_HEADER_DATA)??;
                Some(Self {
                    version: 3,
                    header_size: size,
                    archive: Archive::open(r.rest()?.bytes())?,
                    content: r.rest()?.bytes(),
                    raw_id: last(signed, CRX_ID)?.unwrap_or(&[]).to_vec(),
                    proofs: proofs(header)?,
                    signed: Some(signed),
                    digest: OnceCell::new(),
                })
            }
            _ => None,
        }
    }

    /// The identifier: digits from `a` to `p`.
    pub(super) fn id(&self) -> String {
        let digit = |digit: u8| char::from(b'a' + digit);
        let pair = |byte: &u8| [digit(byte >> 4), digit(byte & 15)];
        self.raw_id.iter().flat_map(pair).collect()
    }

    /// The key of each signature, and whether the signature fits.
    pub(super) fn signatures(
        &self,
    ) -> impl Iterator<Item = (String, bool)> + '_ {
        self.proofs.iter().map(|proof| {
            let (scheme, digest) = (proof.scheme, self.digest());
            let good = verifies(scheme, proof.key, digest, proof.signature);
            (base64(proof.key), good)
        })
    }

    /// The digest that all signatures are of.
    fn digest(&self) -> &[u8] {
        self.digest.get_or_init(|| match self.signed {
            None => Sha1::digest(self.content).to_vec(),
            Some(signed) => {
                let mut hash = Sha256::new();
                hash.update(CONTEXT);
                hash.update((signed.len() as u32).to_le_bytes());
                hash.update(signed);
                hash.update(self.content);
                hash.finalize().to_vec()
            }
        })
    }
}

fn proofs(header: &[u8]) -> Option<Vec<Proof<'_>>> {
    let mut all = Vec::new();
    let kinds = [
        (SHA256_WITH_RSA, Scheme::RsaSha256),
        (SHA256_WITH_ECDSA, Scheme::EcdsaSha256),
    ];
    for (number, scheme) in kinds {
        each(header, |field, proof| {
            if field == number && all.len() < MAX_SIGNATURES {
                let key = last(proof, PUBLIC_KEY)?;
                let signature = last(proof, SIGNATURE)?;
                if let (Some(key), Some(signature)) = (key, signature) {
                    all.push(Proof { scheme, key, signature });
                }
            }
            Some(())
        })?;
    }
    Some(all)
}

/// The field of this number: the last one counts. The outer `None` means
/// that the message is damaged.
fn last(message: &[u8], number: u64) -> Option<Option<&[u8]>> {
    let mut found = None;
    each(message, |field, value| {
        if field == number {
            found = Some(value);
        }
        Some(())
    })?;
    Some(found)
}

/// Visits numbers and values of the fields that are made of bytes; `None` if
/// the message is damaged.
fn each<'d>(
    message: &'d [u8],
    mut visit: impl FnMut(u64, &'d [u8]) -> Option<()>,
) -> Option<()> {
    let mut r = View::little(message).reader(0);
    let mut depth: u8 = 0;
    while !r.is_empty() {
        let tag = r.uleb128().filter(|tag| *tag <= u64::from(u32::MAX))?;
        let number = tag >> 3;
        match tag & 7 {
            _ if number == 0 => return None,
            0 => {
                r.uleb128()?;
            }
            1 => r.skip(8)?,
            2 => {
                let size = r.uleb128()?;
                let value = r.take(size)?;
                if depth == 0 {
                    visit(number, value)?;
                }
            }
            3 if depth < MAX_DEPTH => depth += 1,
            4 => depth = depth.checked_sub(1)?,
            5 => r.skip(4)?,
            _ => return None,
        }
    }
    (depth == 0).then_some(())
}

/// Bytes written with 64 letters.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] =
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |at: usize| u32::from(*group.get(at).unwrap_or(&0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            let is_there = at <= group.len() as u32;
            text.push(char::from(if is_there { letter } else { b'=' }));
        }
    }
    text
}
