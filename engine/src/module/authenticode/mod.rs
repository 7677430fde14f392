//! Authenticode: the signatures that Windows checks.
//!
//! Hides the nested structures of a signature. Whether a signature is
//! verified says that the file, the digests and the certificates fit
//! together; whom to trust is not asked.

mod certificate;
mod der;
mod keys;
mod names;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::RefCell;

use const_oid::ObjectIdentifier;

use super::call::hex;
use super::node::{Node, array, record};
use super::pe::{CERTIFICATE, COUNTER_SIGNATURE, SIGNATURE, SIGNER_INFO};
use certificate::{Certificate, Checks, MAX_CERTIFICATES, chain, is_intact};
use der::{Element, Elements, tag};
pub(super) use keys::Hash;
use keys::PublicKey;
use names::{attribute, distinguished_name, listed_name, name_of, oid, time};

const SIGNED_DATA: ObjectIdentifier = oid("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = oid("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = oid("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = oid("1.2.840.113549.1.9.5");
const COUNTERSIGNATURE: ObjectIdentifier = oid("1.2.840.113549.1.9.6");
const INDIRECT_DATA: ObjectIdentifier = oid("1.3.6.1.4.1.311.2.1.4");
const OPUS_INFO: ObjectIdentifier = oid("1.3.6.1.4.1.311.2.1.12");
const NESTED_SIGNATURE: ObjectIdentifier = oid("1.3.6.1.4.1.311.2.4.1");
const MS_COUNTERSIGN: ObjectIdentifier = oid("1.3.6.1.4.1.311.3.3.1");

/// Signatures inside signatures; real files have one level.
const DEEPEST: u8 = 4;
/// Signatures inside one, countersignatures included.
const MAX_SIGNATURES: usize = 64;
/// Signatures of one file that are checked, those of certificates included.
const MAX_CHECKS: u32 = 256;

/// The pieces of a file that a signature covers whose digests are made in
/// this way.
pub(super) type Covered<'a> = &'a dyn Fn(Hash) -> Vec<Cow<'a, [u8]>>;

/// A signature.
pub(super) struct Signature<'d> {
    signer: Signer<'d>,
    digest: Digest<'d>,
    file_digest: Vec<u8>,
    certificates: Vec<Certificate<'d>>,
    countersignatures: Vec<Countersignature<'d>>,
    program_name: Option<String>,
    more_info: Option<String>,
    /// True if everything fits together.
    pub(super) verified: bool,
}

struct Countersignature<'d> {
    serial: &'d [u8],
    digest: Digest<'d>,
    sign_time: Option<i64>,
    verified: bool,
}

/// A digest and how it was made.
#[derive(Clone, Copy)]
struct Digest<'d> {
    algorithm: Option<ObjectIdentifier>,
    bytes: &'d [u8],
}

/// Who signed, and what.
struct Signer<'d> {
    issuer: Element<'d>,
    serial: &'d [u8],
    digest_algorithm: Option<ObjectIdentifier>,
    signed_attributes: Elements<'d>,
    signature: &'d [u8],
    other_attributes: Elements<'d>,
}

struct SignedData<'d> {
    version: u64,
    digest_algorithms: usize,
    content_type: ObjectIdentifier,
    content: Element<'d>,
    certificates: Vec<Certificate<'d>>,
    signers: Elements<'d>,
}

/// How a digest is signed.
#[derive(Clone, Copy)]
pub(super) enum Scheme {
    RsaSha1,
    RsaSha256,
    EcdsaSha256,
}

/// Whether a signature of a digest was made with the key that this public
/// key, as certificates hold it, belongs to.
pub(super) fn verifies(
    scheme: Scheme,
    key: &[u8],
    digest: &[u8],
    signature: &[u8],
) -> bool {
    let Some(key) = Elements(key).next().and_then(PublicKey::new) else {
        return false;
    };
    let (is_kind, hash) = match scheme {
        Scheme::RsaSha1 => (key.is_rsa(), Hash::Sha1),
        Scheme::RsaSha256 => (key.is_rsa(), Hash::Sha256),
        Scheme::EcdsaSha256 => (key.is_elliptic(), Hash::Sha256),
    };
    is_kind && key.verifies(hash, digest, signature)
}

/// Who issued certificates, and whom they are for.
pub(super) struct Names {
    pub(super) issuer: String,
    pub(super) subject: String,
    pub(super) is_self_signed: bool,
}

/// The certificates of signed data of any kind.
pub(super) fn certificates(data: &[u8]) -> Vec<Names> {
    let content = Elements(data).next().and_then(content_info);
    let all = content.filter(|(kind, _)| *kind == SIGNED_DATA).map(|data| {
        let mut parts = data.1.elements();
        parts.expect(tag::INTEGER)?;
        parts.expect(tag::SET)?;
        parts.expect(tag::SEQUENCE)?;
        parts.optional(tag::member(0))
    });
    let Some(Some(all)) = all else { return Vec::new() };
    let all = Certificate::all(all.elements());
    let names = all.iter().filter_map(|one| {
        Some(Names {
            issuer: listed_name(one.issuer)?,
            subject: listed_name(one.subject)?,
            is_self_signed: one.issuer.raw == one.subject.raw,
        })
    });
    names.collect()
}

/// Reads the signatures of one file.
pub(super) struct Reader<'a> {
    covered: Covered<'a>,
    /// Digests of the file that have been made.
    digests: RefCell<Vec<(Hash, Vec<u8>)>>,
    checks: Checks,
}

impl<'a> Reader<'a> {
    /// `covered` gives the pieces of the file that are signed.
    pub(super) fn new(covered: Covered<'a>) -> Self {
        Self {
            covered,
            digests: RefCell::default(),
            checks: Checks::new(MAX_CHECKS),
        }
    }

    /// The signature in some data and those nested in it. `None` if it is
    /// no such signature.
    pub(super) fn read<'d>(
        &self,
        data: &'d [u8],
    ) -> Option<Vec<Signature<'d>>> {
        let mut found = Vec::new();
        self.read_signature(Elements(data).next()?, DEEPEST, &mut found)?;
        Some(found)
    }

    fn file_digest(&self, hash: Hash) -> Vec<u8> {
        let mut known = self.digests.borrow_mut();
        if let Some((_, digest)) = known.iter().find(|one| one.0 == hash) {
            return digest.clone();
        }
        let pieces = (self.covered)(hash);
        let pieces: Vec<&[u8]> = pieces.iter().map(|piece| &**piece).collect();
        let digest = hash.digest(&pieces);
        known.push((hash, digest.clone()));
        digest
    }

    fn read_signature<'d>(
        &self,
        element: Element<'d>,
        depth: u8,
        found: &mut Vec<Signature<'d>>,
    ) -> Option<()> {
        let deeper = depth.checked_sub(1)?;
        let data = SignedData::read(element)?;
        let mut signers = data.signers;
        let signer = Signer::read(signers.next()?)?;
        let good = data.version == 1
            && data.digest_algorithms == 1
            && data.content_type == INDIRECT_DATA
            && data.content.tag == tag::SEQUENCE
            && signers.next().is_none()
            && found.len() < MAX_SIGNATURES;
        if !good {
            return None;
        }
        let signed_digest = signer.message_digest()?;
        attribute(signer.signed_attributes, CONTENT_TYPE)?;
        let mut content = data.content.elements();
        content.next()?;
        let digest = Digest::read(content.expect(tag::SEQUENCE)?)?;
        let hash = Hash::of(signer.digest_algorithm?)?;

        let mut certificates = data.certificates;
        let mut countersignatures = Vec::new();
        let mut nested = Vec::new();
        for one in signer.other_attributes {
            let mut parts = one.elements();
            let id = parts.expect(tag::OID).and_then(Element::oid);
            let values = parts.expect(tag::SET).map(Element::elements);
            let (Some(id), Some(values)) = (id, values) else { break };
            for value in values {
                if countersignatures.len() + nested.len() >= MAX_SIGNATURES
                    || certificates.len() >= MAX_CERTIFICATES
                {
                    break;
                }
                if id == NESTED_SIGNATURE {
                    // What is no signature is left out.
                    let _ = self.read_signature(value, deeper, &mut nested);
                } else if id == MS_COUNTERSIGN {
                    let Some(stamp) = SignedData::read(value) else {
                        continue;
                    };
                    countersignatures.extend(self.stamped(
                        &signer,
                        stamp,
                        &mut certificates,
                    )?);
                } else if id == COUNTERSIGNATURE
                    && let Some(other) = Signer::read(value)
                {
                    countersignatures.push(self.countersigned(
                        &signer,
                        &other,
                        &certificates,
                    )?);
                }
            }
        }

        let file_digest = self.file_digest(hash);
        let verified = digest.bytes == file_digest
            && hash.digest(&[data.content.body]) == signed_digest
            && signer.is_intact(&certificates, &self.checks);
        let (program_name, more_info) =
            attribute(signer.signed_attributes, OPUS_INFO)
                .and_then(opus_info)
                .unwrap_or_default();
        found.push(Signature {
            signer,
            digest,
            file_digest,
            certificates,
            countersignatures,
            program_name,
            more_info,
            verified,
        });
        found.append(&mut nested);
        Some(())
    }
}

impl Reader<'_> {
    /// A time stamp as Microsoft has it. The outer `None` means that the whole
    /// signature is broken.
    fn stamped<'d>(
        &self,
        signer: &Signer<'d>,
        stamp: SignedData<'d>,
        certificates: &mut Vec<Certificate<'d>>,
    ) -> Option<Option<Countersignature<'d>>> {
        certificates.extend(stamp.certificates);
        certificates.truncate(MAX_CERTIFICATES);
        let mut signers = stamp.signers;
        let Some(other) = signers.next().and_then(Signer::read) else {
            return Some(None);
        };
        let own_digest = other.message_digest()?;
        let Some(imprint) = imprint(stamp.content) else { return Some(None) };
        let content = stamp.content.body;
        let verified = imprint.is_of(signer.signature)
            && other.digest(own_digest).is_of(content)
            && other.is_intact(certificates, &self.checks);
        Some(Some(Countersignature {
            serial: other.serial,
            digest: imprint,
            sign_time: other.signing_time().or_else(|| made_at(stamp.content)),
            verified,
        }))
    }

    fn countersigned<'d>(
        &self,
        signer: &Signer<'d>,
        other: &Signer<'d>,
        certificates: &[Certificate<'d>],
    ) -> Option<Countersignature<'d>> {
        let digest = other.digest(other.message_digest()?);
        Some(Countersignature {
            serial: other.serial,
            digest,
            sign_time: other.signing_time(),
            verified: digest.is_of(signer.signature)
                && other.is_intact(certificates, &self.checks),
        })
    }
}

/// What a time stamp was given for.
fn imprint(content: Element<'_>) -> Option<Digest<'_>> {
    let mut stamp = Elements(content.body).expect(tag::SEQUENCE)?.elements();
    stamp.expect(tag::INTEGER)?;
    stamp.next()?;
    Digest::read(stamp.expect(tag::SEQUENCE)?)
}

/// When a time stamp was made, to the second.
fn made_at(content: Element<'_>) -> Option<i64> {
    let mut stamp = Elements(content.body).expect(tag::SEQUENCE)?.elements();
    stamp.nth(3)?;
    let made = stamp.expect(tag::GENERALIZED_TIME)?;
    let seconds = made.body.get(..14)?;
    let body = &[seconds, b"Z"].concat();
    time(Element { body, ..made })
}

/// The name of the program and where to learn more of it.
fn opus_info(info: Element<'_>) -> Option<(Option<String>, Option<String>)> {
    let mut parts = info.elements();
    let name = match parts.optional(tag::member(0)) {
        None => None,
        Some(name) => Some(spc_string(name.elements().next()?)?),
    };
    let link = parts.optional(tag::member(1)).and_then(|link| {
        let link = link.elements().expect(tag::primitive(0))?;
        ascii(link.body)
    });
    Some((name, link))
}

fn spc_string(text: Element<'_>) -> Option<String> {
    if text.tag == tag::primitive(1) {
        return ascii(text.body);
    }
    let (units, odd) = text.body.as_chunks::<2>();
    let units = units.iter().map(|&unit| u16::from_be_bytes(unit));
    let whole = text.tag == tag::primitive(0) && odd.is_empty();
    whole.then(|| char::decode_utf16(units).collect::<Result<_, _>>().ok())?
}

fn ascii(text: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(text).ok()?;
    text.is_ascii().then(|| text.to_owned())
}

impl<'d> SignedData<'d> {
    /// Reads the content of this kind, with the header around it.
    fn read(element: Element<'d>) -> Option<Self> {
        let (kind, data) = content_info(element)?;
        if kind != SIGNED_DATA || data.tag != tag::SEQUENCE {
            return None;
        }
        let mut parts = data.elements();
        let version = parts.expect(tag::INTEGER)?.number()?;
        let algorithms = parts.expect(tag::SET)?.elements();
        let (content_type, content) = content_info(parts.next()?)?;
        let certificates = parts.optional(tag::member(0));
        parts.optional(tag::member(1));
        let certificates = certificates.map(Element::elements);
        Some(Self {
            version,
            digest_algorithms: algorithms.take(2).count(),
            content_type,
            content,
            certificates: certificates
                .map(Certificate::all)
                .unwrap_or_default(),
            signers: parts.expect(tag::SET)?.elements(),
        })
    }
}

fn content_info(
    element: Element<'_>,
) -> Option<(ObjectIdentifier, Element<'_>)> {
    if element.tag != tag::SEQUENCE {
        return None;
    }
    let mut parts = element.elements();
    let kind = parts.expect(tag::OID)?.oid()?;
    let content = parts.expect(tag::member(0))?.elements().next()?;
    Some((kind, content))
}

impl<'d> Digest<'d> {
    /// Reads an algorithm and bytes.
    fn read(element: Element<'d>) -> Option<Self> {
        let mut parts = element.elements();
        let algorithm = parts.expect(tag::SEQUENCE)?.elements().next()?;
        let bytes = parts.expect(tag::OCTET_STRING)?.body;
        Some(Self { algorithm: algorithm.oid(), bytes })
    }

    fn is_of(self, message: &[u8]) -> bool {
        let hash = self.algorithm.and_then(Hash::of);
        hash.is_some_and(|hash| hash.digest(&[message]) == self.bytes)
    }
}

impl<'d> Signer<'d> {
    fn read(element: Element<'d>) -> Option<Self> {
        if element.tag != tag::SEQUENCE {
            return None;
        }
        let mut parts = element.elements();
        parts.expect(tag::INTEGER)?;
        let mut name = parts.expect(tag::SEQUENCE)?.elements();
        let issuer = name.expect(tag::SEQUENCE)?;
        let serial = name.expect(tag::INTEGER)?.body;
        let algorithm = parts.expect(tag::SEQUENCE)?.elements().next()?;
        let attributes = |element: Option<Element<'d>>| {
            element.map_or(Elements(&[]), Element::elements)
        };
        let signed_attributes = attributes(parts.optional(tag::member(0)));
        parts.expect(tag::SEQUENCE)?;
        Some(Self {
            issuer,
            serial,
            digest_algorithm: algorithm.oid(),
            signed_attributes,
            signature: parts.expect(tag::OCTET_STRING)?.body,
            other_attributes: attributes(parts.optional(tag::member(1))),
        })
    }

    /// The digest that the signer signed.
    fn message_digest(&self) -> Option<&'d [u8]> {
        attribute(self.signed_attributes, MESSAGE_DIGEST)
            .map(|digest| digest.body)
    }

    /// Bytes as a digest made as the signer says.
    fn digest(&self, bytes: &'d [u8]) -> Digest<'d> {
        Digest { algorithm: self.digest_algorithm, bytes }
    }

    fn signing_time(&self) -> Option<i64> {
        attribute(self.signed_attributes, SIGNING_TIME)
            .filter(|element| element.tag == tag::UTC_TIME)
            .and_then(time)
    }

    /// Whether the signature fits the attributes and the certificates up
    /// the chain fit each other.
    fn is_intact(
        &self,
        certificates: &[Certificate<'_>],
        checks: &Checks,
    ) -> bool {
        let chain = chain(certificates, |one| one.has_serial(self.serial));
        let (Some(first), Some(algorithm)) =
            (chain.first(), self.digest_algorithm)
        else {
            return false;
        };
        let (Some(hash), Some(key)) =
            (Hash::of(algorithm), first.public_key())
        else {
            return false;
        };
        // Signed is the set of attributes, not the member that holds it.
        let attributes = self.signed_attributes.0;
        let digest = hash.digest(&[&set_header(attributes.len()), attributes]);
        checks.take()
            && key.verifies(hash, &digest, self.signature)
            && is_intact(&chain, checks)
    }
}

/// Tag and length of a set.
fn set_header(length: usize) -> Vec<u8> {
    let digits = length.to_be_bytes();
    let digits = der::without_zeros(&digits);
    match digits {
        [] => vec![tag::SET, 0],
        [small @ 0..0x80] => vec![tag::SET, *small],
        _ => [&[tag::SET, 0x80 | digits.len() as u8], digits].concat(),
    }
}

/// The value of a signature as rules see it.
pub(super) fn signature<'n>(signature: &Signature<'_>) -> Node<'n> {
    let all = &signature.certificates;
    let issuer = signature.signer.issuer.raw;
    let own = chain(all, |one| one.issuer.raw == issuer);
    let signer = &signature.signer;
    let signer_info = record!(SIGNER_INFO {
        program_name: signature.program_name.clone(),
        more_info: signature.more_info.clone(),
        digest: signer.message_digest().map(hex),
        digest_alg: name_of(signer.digest_algorithm),
        length_of_chain: own.len(),
        chain: array(own.iter().map(|one| certificate(one))),
    });
    let countersignature = |one: &Countersignature<'_>| {
        let chain = chain(all, |other| other.has_serial(one.serial));
        record!(COUNTER_SIGNATURE {
            verified: one.verified,
            sign_time: one.sign_time,
            digest: hex(one.digest.bytes),
            digest_alg: name_of(one.digest.algorithm),
            length_of_chain: chain.len(),
            chain: array(chain.iter().map(|one| certificate(one))),
        })
    };
    let first = own.first();
    record!(SIGNATURE {
        subject: first.map(|one| distinguished_name(one.subject)),
        issuer: first.map(|one| distinguished_name(one.issuer)),
        thumbprint: first.map(|one| one.thumbprint()),
        version: first.map(|one| one.version),
        algorithm: first.map(|one| name_of(Some(one.algorithm))),
        algorithm_oid: first.map(|one| one.algorithm.to_string()),
        serial: first.map(|one| serial(one)),
        not_before: first.and_then(|one| time(one.not_before)),
        not_after: first.and_then(|one| time(one.not_after)),
        verified: signature.verified,
        digest_alg: name_of(signature.digest.algorithm),
        digest: hex(signature.digest.bytes),
        file_digest: hex(&signature.file_digest),
        number_of_certificates: all.len(),
        number_of_countersignatures: signature.countersignatures.len(),
        signer_info: signer_info,
        certificates: array(all.iter().map(certificate)),
        countersignatures: array(
            signature.countersignatures.iter().map(countersignature)
        ),
    })
}

/// From when to when the signer's certificate is valid.
pub(super) fn validity(signature: &Signature<'_>) -> Option<(i64, i64)> {
    let issuer = signature.signer.issuer.raw;
    let mut all = signature.certificates.iter();
    let first = all.find(|one| one.issuer.raw == issuer)?;
    Some((time(first.not_before)?, time(first.not_after)?))
}

fn certificate<'d>(one: &Certificate<'_>) -> Node<'d> {
    record!(CERTIFICATE {
        issuer: distinguished_name(one.issuer),
        subject: distinguished_name(one.subject),
        thumbprint: one.thumbprint(),
        version: one.version,
        algorithm: name_of(Some(one.algorithm)),
        algorithm_oid: one.algorithm.to_string(),
        serial: serial(one),
        not_before: time(one.not_before),
        not_after: time(one.not_after),
    })
}

/// The bytes of a serial number with colons between them.
fn serial(one: &Certificate<'_>) -> String {
    let digits: Vec<String> =
        one.serial.iter().map(|byte| format!("{byte:02x}")).collect();
    digits.join(":")
}
