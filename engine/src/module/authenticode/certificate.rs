//! Certificates, and the chains that they form.

use std::cell::Cell;

use const_oid::ObjectIdentifier;
use sha1::{Digest, Sha1};

use super::der::{Element, Elements, tag, without_zeros};
use super::keys::PublicKey;

/// Certificates that come with a signature.
pub(super) const MAX_CERTIFICATES: usize = 256;

/// A certificate.
pub(super) struct Certificate<'d> {
    raw: &'d [u8],
    /// What its issuer signed.
    signed: &'d [u8],
    pub(super) version: u64,
    pub(super) serial: &'d [u8],
    pub(super) issuer: Element<'d>,
    pub(super) subject: Element<'d>,
    pub(super) not_before: Element<'d>,
    pub(super) not_after: Element<'d>,
    key: Element<'d>,
    pub(super) algorithm: ObjectIdentifier,
    signature: &'d [u8],
}

impl<'d> Certificate<'d> {
    fn new(element: Element<'d>) -> Option<Self> {
        if element.tag != tag::SEQUENCE {
            return None;
        }
        let mut parts = element.elements();
        let signed = parts.expect(tag::SEQUENCE)?;
        let algorithm = parts.expect(tag::SEQUENCE)?.elements().next()?;
        let signature = bits(parts.expect(tag::BIT_STRING)?)?;
        let mut facts = signed.elements();
        let version = match facts.optional(tag::member(0)) {
            Some(version) => version.elements().next()?.number()?,
            None => 0,
        };
        let serial = facts.expect(tag::INTEGER)?.body;
        facts.expect(tag::SEQUENCE)?;
        let issuer = facts.expect(tag::SEQUENCE)?;
        let mut validity = facts.expect(tag::SEQUENCE)?.elements();
        let subject = facts.expect(tag::SEQUENCE)?;
        Some(Self {
            raw: element.raw,
            signed: signed.raw,
            version: version.checked_add(1)?,
            serial,
            issuer,
            subject,
            not_before: validity.next()?,
            not_after: validity.next()?,
            key: facts.expect(tag::SEQUENCE)?,
            algorithm: algorithm.oid()?,
            signature,
        })
    }

    /// The certificates up to the first thing that is none, or so many.
    pub(super) fn all(elements: Elements<'d>) -> Vec<Self> {
        elements.map_while(Self::new).take(MAX_CERTIFICATES).collect()
    }

    pub(super) fn has_serial(&self, serial: &[u8]) -> bool {
        without_zeros(self.serial) == without_zeros(serial)
    }

    pub(super) fn thumbprint(&self) -> String {
        crate::module::call::hex(&Sha1::digest(self.raw))
    }

    pub(super) fn public_key(&self) -> Option<PublicKey<'d>> {
        PublicKey::new(self.key)
    }

    fn is_signed_by(&self, issuer: &Certificate<'_>) -> bool {
        issuer.public_key().is_some_and(|key| {
            key.verifies_message(self.algorithm, self.signed, self.signature)
        })
    }
}

/// The bytes of a string of bits; a part of a byte is not used here.
pub(super) fn bits(element: Element<'_>) -> Option<&[u8]> {
    element.body.split_first().map(|(_, bits)| bits)
}

/// The certificates from one up to one that signed itself, or up to one
/// whose issuer is not among them.
pub(super) fn chain<'c, 'd>(
    all: &'c [Certificate<'d>],
    is_first: impl Fn(&Certificate<'d>) -> bool,
) -> Vec<&'c Certificate<'d>> {
    let mut chain: Vec<&Certificate<'d>> = Vec::new();
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut next = all.iter().find(|one| is_first(one));
    while let Some(one) = next {
        chain.push(one);
        next = None;
        if one.subject.raw != one.issuer.raw {
            // An issuer met before closes a circle.
            next = all
                .iter()
                .find(|other| other.subject.raw == one.issuer.raw)
                .filter(|other| !seen.contains(&other.subject.raw));
            seen.extend(next.map(|next| next.subject.raw));
        }
    }
    chain
}

/// Whether each certificate of a chain is signed by the next one.
pub(super) fn is_intact(chain: &[&Certificate<'_>], checks: &Checks) -> bool {
    chain.windows(2).all(|pair| checks.take() && pair[0].is_signed_by(pair[1]))
}

/// How many signatures may still be checked: each costs arithmetic.
pub(super) struct Checks(Cell<u32>);

impl Checks {
    pub(super) fn new(most: u32) -> Self {
        Self(Cell::new(most))
    }

    /// False if it were one too many.
    pub(super) fn take(&self) -> bool {
        let left = self.0.get().checked_sub(1);
        self.0.set(left.unwrap_or(0));
        left.is_some()
    }
}
