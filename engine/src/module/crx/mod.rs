//! `crx`: extensions of Chrome.

mod manifest;
mod package;
mod schema;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;

use sha2::{Digest, Sha256};

use super::call::hex;
use super::node::{Node, array, members, record};
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Index, Module, OpenCx, Value};
use manifest::Manifest;
use package::Package;
use schema::{CRX, CRX_SIGNATURE};

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct Crx;

impl Module for Crx {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        let file = Package::open(cx.data)
            .map(|package| File { package, manifest: OnceCell::new() });
        parsed::open(&SCHEMA, cx, file)
    }
}

struct File<'d> {
    package: Package<'d>,
    manifest: OnceCell<Option<Manifest>>,
}

impl File<'_> {
    fn manifest(&self) -> Option<&Manifest> {
        let read = || Manifest::read(&self.package.archive);
        self.manifest.get_or_init(read).as_ref()
    }

    fn texts<'d>(&self, name: &str) -> Option<Node<'d>> {
        let texts = self.manifest()?.texts(name);
        Some(array(texts.map(str::to_owned)))
    }
}

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let text = |name: &str| Some(self.manifest()?.text(name)?.to_owned());
        let message = |name: &str| self.manifest()?.message(name);
        members!(CRX, at;
            is_crx: true,
            crx_version: self.package.version,
            header_size: self.package.header_size,
            id: self.package.id(),
            version: text("version"),
            name: message("name"),
            description: message("description"),
            raw_name: text("name"),
            raw_description: text("description"),
            minimum_chrome_version: text("minimum_chrome_version"),
            homepage_url: text("homepage_url"),
            permissions: self.texts("permissions"),
            host_permissions: self.texts("host_permissions"),
            optional_permissions: self.texts("optional_permissions"),
            optional_host_permissions:
                self.texts("optional_host_permissions"),
            signatures: array(self.package.signatures().map(
                |(key, verified)| record!(CRX_SIGNATURE {
                    key: key,
                    verified: verified,
                }),
            )),
        )
    }

    fn call(
        &self,
        name: &str,
        _: &[Index<'_>],
        _: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        if name != "permhash" {
            return None;
        }
        let mut hash = Sha256::new();
        if let Some(manifest) = self.manifest() {
            for permission in manifest.texts("permissions") {
                if !cx.charge(permission.len() as u64) {
                    return None;
                }
                hash.update(permission);
            }
        }
        let digest = hex(&hash.finalize());
        Some(Value::Bytes(digest.into_bytes().into()))
    }
}
