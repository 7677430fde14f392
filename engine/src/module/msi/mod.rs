//! `msi`: signatures of Windows installer packages.

mod schema;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use super::authenticode::{self, Signature};
use super::node::{Node, array, members};
use super::olecf::compound::Compound;
use super::olecf::tree::signed_pieces;
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Index, Module, OpenCx, Value};
use schema::MSI;

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct Msi;

impl Module for Msi {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        let package = Package {
            file: Compound::open(cx.data),
            validity: OnceCell::new(),
        };
        parsed::open(&SCHEMA, cx, Some(package))
    }
}

struct Package<'d> {
    file: Option<Compound<'d>>,
    /// From when to when the signers' certificates are valid.
    validity: OnceCell<Vec<Option<(i64, i64)>>>,
}

impl Package<'_> {
    /// What `keep` makes of each signature.
    fn signatures<T>(&self, keep: impl Fn(&Signature<'_>) -> T) -> Vec<T> {
        let found = self.file.as_ref().and_then(|file| {
            let mut entries = file.entries().iter();
            let entry = entries.find(|entry| {
                entry.name.eq_ignore_ascii_case("DigitalSignature")
            })?;
            let data = file.stream(entry)?;
            let covered = |hash: authenticode::Hash| {
                let digest = |pieces: &[&[u8]]| hash.digest(pieces);
                signed_pieces(file, digest).unwrap_or_default()
            };
            let all = authenticode::Reader::new(&covered).read(&data)?;
            Some(all.iter().map(keep).collect())
        });
        found.unwrap_or_default()
    }
}

impl<'d> Parser<'d> for Package<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        members!(MSI, at;
            is_signed: !self.signatures(|_| ()).is_empty(),
            signatures: array(self.signatures(authenticode::signature)),
        )
    }

    fn call(
        &self,
        name: &str,
        index: &[Index<'_>],
        args: &[Arg<'_>],
        _: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        let ("valid_on", &[Arg::Int(when)], &[Index::Int(at)]) =
            (name, args, index)
        else {
            return None;
        };
        let read = || self.signatures(authenticode::validity);
        let all = self.validity.get_or_init(read);
        let (start, end) = (*all.get(usize::try_from(at).ok()?)?)?;
        Some(Value::Bool((start..=end).contains(&when)))
    }
}
