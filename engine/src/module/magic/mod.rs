//! `magic`: what kind of file an object is, in the words of libmagic.
//!
//! Hides the order in which the tests are made: it is that of libmagic,
//! because the first one that holds names the type.

mod containers;
mod kinds;
mod languages;
mod programs;
mod schema;
mod scripts;
mod tabular;
#[cfg(test)]
mod tests;
mod text;

use std::cell::OnceCell;

use super::call::{Functions, OnlyFunctions};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Module, OpenCx, Value};
use text::Text;

pub(crate) use schema::SCHEMA;

/// Bytes of an object that a text in a known form is looked for in.
const MAX_TEXT: usize = 1 << 20;
/// Bytes of an object that tell the encoding of a text.
const MAX_ENCODED: usize = 64 << 10;

/// The module.
pub(super) struct Magic;

impl Module for Magic {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        let object = Object { data: cx.data, found: OnceCell::new() };
        Box::new(OnlyFunctions(object))
    }
}

/// Descriptions and media types of the types that bytes at fixed places
/// tell, for the reference page. Numbers of the file are left out.
pub(super) fn types() -> impl Iterator<Item = (String, &'static str)> {
    kinds::all().iter().map(|kind| (kinds::fill(kind.name, &[]), kind.mime))
}

struct Object<'d> {
    data: &'d [u8],
    found: OnceCell<Found>,
}

/// A description and a media type; without a media type, it is that of
/// text or of bytes.
struct Found {
    name: String,
    mime: String,
}

impl Found {
    fn new(name: impl Into<String>, mime: impl Into<String>) -> Self {
        Self { name: name.into(), mime: mime.into() }
    }
}

impl<'d> Functions<'d> for Object<'d> {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn call(
        &self,
        name: &str,
        _: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        if self.found.get().is_none() {
            let looked_at = self.data.len().min(MAX_TEXT) as u64;
            cx.charge(looked_at).then_some(())?;
        }
        let found = self.found.get_or_init(|| identify(self.data));
        let text = match name {
            "type" => &found.name,
            "mime_type" => &found.mime,
            _ => return None,
        };
        Some(Value::Bytes(text.as_bytes().into()))
    }
}

fn identify(data: &[u8]) -> Found {
    if data.is_empty() {
        return Found::new("empty", "inode/x-empty");
    }
    let start = &data[..data.len().min(MAX_TEXT)];
    let encoded = &start[..start.len().min(MAX_ENCODED)];
    let text = Text::read(encoded);
    let found = containers::tar(data)
        .or_else(|| tabular::json(start, data.len() > MAX_TEXT))
        .or_else(|| tabular::csv(start).filter(|_| text.is_some()))
        .or_else(|| containers::compound(data))
        .or_else(|| programs::elf(data))
        .or_else(|| programs::windows(data))
        .or_else(|| programs::macho(data))
        .or_else(|| containers::zip(data))
        .or_else(|| kinds::find(data))
        .or_else(|| {
            text.as_ref().and_then(|t| scripts::find(t.start(encoded)))
        });
    let mut found = found.unwrap_or_else(|| match text {
        Some(_) => Found::new(" text", ""),
        None => Found::new("data", ""),
    });
    if let Some(text) = &text {
        found.name = text.describe(&found.name);
    }
    if found.mime.is_empty() {
        let none = if text.is_some() { "text/plain" } else { BYTES };
        found.mime = none.to_owned();
    }
    found
}

const BYTES: &str = "application/octet-stream";
