//! Public keys and the signatures that they verify.
//!
//! Hides the arithmetic. Nothing here is secret, so it need not take the
//! same time for all numbers. Elliptic curves are left to others.

use const_oid::ObjectIdentifier;
use md5::Md5;
use num_bigint::BigUint;
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::certificate::bits;
use super::der::{Element, Elements, tag};
use super::names::oid;

const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const DSA: ObjectIdentifier = oid("1.2.840.10040.4.1");
const EC: ObjectIdentifier = oid("1.2.840.10045.2.1");
const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = oid("1.3.132.0.34");
/// Longer moduli and exponents are for wasting time.
const MAX_MODULUS_BITS: u64 = 8192;
const MAX_DSA_BITS: u64 = 4096;
const MAX_EXPONENT_BITS: u64 = 33;

/// A function that makes digests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::module) enum Hash {
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The digest of an algorithm, alone or with a signature.
    pub(super) fn of(algorithm: ObjectIdentifier) -> Option<Self> {
        const KNOWN: [(ObjectIdentifier, Hash); 16] = [
            (oid("1.2.840.113549.2.5"), Hash::Md5),
            (oid("1.2.840.113549.1.1.4"), Hash::Md5),
            (oid("1.3.14.3.2.26"), Hash::Sha1),
            (oid("1.2.840.113549.1.1.5"), Hash::Sha1),
            (oid("1.3.14.3.2.29"), Hash::Sha1),
            (oid("1.2.840.10040.4.3"), Hash::Sha1),
            (oid("2.16.840.1.101.3.4.2.1"), Hash::Sha256),
            (oid("1.2.840.113549.1.1.11"), Hash::Sha256),
            (oid("2.16.840.1.101.3.4.3.2"), Hash::Sha256),
            (oid("1.2.840.10045.4.3.2"), Hash::Sha256),
            (oid("2.16.840.1.101.3.4.2.2"), Hash::Sha384),
            (oid("1.2.840.113549.1.1.12"), Hash::Sha384),
            (oid("1.2.840.10045.4.3.3"), Hash::Sha384),
            (oid("2.16.840.1.101.3.4.2.3"), Hash::Sha512),
            (oid("1.2.840.113549.1.1.13"), Hash::Sha512),
            (oid("1.2.840.10045.4.3.4"), Hash::Sha512),
        ];
        KNOWN.iter().find(|known| known.0 == algorithm).map(|known| known.1)
    }

    /// The digest of pieces that lie one behind the other.
    pub(in crate::module) fn digest(self, pieces: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Md5 => digest::<Md5>(pieces),
            Self::Sha1 => digest::<Sha1>(pieces),
            Self::Sha256 => digest::<Sha256>(pieces),
            Self::Sha384 => digest::<Sha384>(pieces),
            Self::Sha512 => digest::<Sha512>(pieces),
        }
    }

    /// What stands in front of a digest when it is signed with RSA.
    fn prefix(self) -> &'static [u8] {
        match self {
            Self::Md5 => {
                b"\x30\x20\x30\x0c\x06\x08\x2a\x86\x48\x86\xf7\x0d\x02\x05\
                  \x05\x00\x04\x10"
            }
            Self::Sha1 => {
                b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\
                  \x14"
            }
            Self::Sha256 => {
                b"\x30\x31\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\
                  \x01\x05\x00\x04\x20"
            }
            Self::Sha384 => {
                b"\x30\x41\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\
                  \x02\x05\x00\x04\x30"
            }
            Self::Sha512 => {
                b"\x30\x51\x30\x0d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\
                  \x03\x05\x00\x04\x40"
            }
        }
    }
}

fn digest<D: Digest>(pieces: &[&[u8]]) -> Vec<u8> {
    let mut hash = D::new();
    for piece in pieces {
        hash.update(piece);
    }
    hash.finalize().to_vec()
}

/// A public key.
pub(super) enum PublicKey<'d> {
    Rsa { modulus: BigUint, exponent: BigUint },
    Dsa { p: BigUint, q: BigUint, g: BigUint, y: BigUint },
    P256(&'d [u8]),
    P384(&'d [u8]),
}

impl<'d> PublicKey<'d> {
    /// Reads what a certificate says of its key.
    pub(super) fn new(info: Element<'d>) -> Option<Self> {
        let mut info = info.elements();
        let mut algorithm = info.expect(tag::SEQUENCE)?.elements();
        let id = algorithm.expect(tag::OID)?.oid()?;
        let key = bits(info.expect(tag::BIT_STRING)?)?;
        let mut numbers = Elements(key);
        if id == RSA {
            let mut pair = numbers.expect(tag::SEQUENCE)?.elements();
            let modulus = integer(&mut pair)?;
            let exponent = integer(&mut pair)?;
            let good = modulus.bits() <= MAX_MODULUS_BITS
                && modulus.bit(0)
                && (2..=MAX_EXPONENT_BITS).contains(&exponent.bits());
            good.then_some(Self::Rsa { modulus, exponent })
        } else if id == DSA {
            let mut group = algorithm.expect(tag::SEQUENCE)?.elements();
            let (p, q) = (integer(&mut group)?, integer(&mut group)?);
            let (g, y) = (integer(&mut group)?, integer(&mut numbers)?);
            let good = p.bits() <= MAX_DSA_BITS
                && (2..=512).contains(&q.bits())
                && p.bits() > 1;
            good.then_some(Self::Dsa { p, q, g, y })
        } else if id == EC {
            match algorithm.expect(tag::OID)?.oid()? {
                P256 => Some(Self::P256(key)),
                P384 => Some(Self::P384(key)),
                _ => None,
            }
        } else {
            None
        }
    }

    pub(super) fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa { .. })
    }

    pub(super) fn is_elliptic(&self) -> bool {
        matches!(self, Self::P256(_) | Self::P384(_))
    }

    pub(super) fn verifies_message(
        &self,
        algorithm: ObjectIdentifier,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        Hash::of(algorithm).is_some_and(|hash| {
            self.verifies(hash, &hash.digest(&[message]), signature)
        })
    }

    pub(super) fn verifies(
        &self,
        hash: Hash,
        digest: &[u8],
        signature: &[u8],
    ) -> bool {
        match self {
            Self::Rsa { modulus, exponent } => {
                let size = modulus.bits().div_ceil(8) as usize;
                let number = BigUint::from_bytes_be(signature);
                if signature.len() != size || number >= *modulus {
                    return false;
                }
                let opened = power(number, exponent, modulus).to_bytes_be();
                // Some signers leave out the name of the algorithm.
                opened == padded(size, &[hash.prefix(), digest].concat())
                    || opened == padded(size, digest)
            }
            Self::Dsa { p, q, g, y } => {
                let (Some((r, s)), one) =
                    (pair(signature, q), BigUint::from(1_u8))
                else {
                    return false;
                };
                let Some(w) = s.modinv(q) else { return false };
                let z = leading_bits(digest, q.bits());
                let g = g.modpow(&(z * &w % q), p);
                let y = y.modpow(&(&r * &w % q), p);
                p > &one && g * y % p % q == r
            }
            Self::P256(point) => {
                use p256::ecdsa::{DerSignature, VerifyingKey};
                let key = VerifyingKey::from_sec1_bytes(point);
                let signature = DerSignature::from_bytes(signature);
                let (Ok(key), Ok(signature)) = (key, signature) else {
                    return false;
                };
                key.verify_prehash(digest, &signature).is_ok()
            }
            Self::P384(point) => {
                use p384::ecdsa::{DerSignature, VerifyingKey};
                let key = VerifyingKey::from_sec1_bytes(point);
                let signature = DerSignature::from_bytes(signature);
                let (Ok(key), Ok(signature)) = (key, signature) else {
                    return false;
                };
                key.verify_prehash(digest, &signature).is_ok()
            }
        }
    }
}

/// The number that RSA signs, as far as it has digits: a zero in front is
/// none.
fn padded(size: usize, content: &[u8]) -> Vec<u8> {
    let filling = size.saturating_sub(content.len() + 3);
    let mut all = vec![1];
    all.resize(1 + filling, 0xff);
    all.push(0);
    all.extend_from_slice(content);
    all
}

fn integer(elements: &mut Elements<'_>) -> Option<BigUint> {
    let element = elements.expect(tag::INTEGER)?;
    Some(BigUint::from_bytes_be(element.body))
}

/// A power of a number below the modulus. For the small exponents that keys
/// have, squaring takes a third of the time of what prepares for large ones.
fn power(number: BigUint, exponent: &BigUint, modulus: &BigUint) -> BigUint {
    let Some(small) = u64::try_from(exponent).ok().filter(|e| *e > 0) else {
        return number.modpow(exponent, modulus);
    };
    let bits = (0..small.ilog2()).rev();
    bits.fold(number.clone(), |power, bit| {
        let square = &power * &power % modulus;
        match small >> bit & 1 {
            0 => square,
            _ => square * &number % modulus,
        }
    })
}

/// The two numbers of a signature, if they are in range.
fn pair(signature: &[u8], order: &BigUint) -> Option<(BigUint, BigUint)> {
    let mut outer = Elements(signature);
    let mut numbers = outer.expect(tag::SEQUENCE)?.elements();
    let (r, s) = (integer(&mut numbers)?, integer(&mut numbers)?);
    let good = |n: &BigUint| n.bits() > 0 && n < order;
    (good(&r) && good(&s)).then_some((r, s))
}

/// A digest as a number of at most so many bits.
fn leading_bits(digest: &[u8], bits: u64) -> BigUint {
    let number = BigUint::from_bytes_be(digest);
    number >> (digest.len() as u64 * 8).saturating_sub(bits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn small_powers_are_those_of_the_library(
            number in proptest::collection::vec(any::<u8>(), 0..40),
            exponent in prop_oneof![0_u64..70_000, any::<u64>()],
            modulus in proptest::collection::vec(any::<u8>(), 1..40),
        ) {
            let modulus = BigUint::from_bytes_be(&modulus) + 2_u8;
            let number = BigUint::from_bytes_be(&number) % &modulus;
            let exponent = BigUint::from(exponent);
            let expected = number.modpow(&exponent, &modulus);
            prop_assert_eq!(power(number, &exponent, &modulus), expected);
        }
    }
}
