//! What the signature of an image says.

use std::collections::HashSet;

use roxmltree::{Document, ParsingOptions};

use super::image::Image;
use crate::module::authenticode::{self, Names};
use crate::module::cursor::View;

const ENTITLEMENTS: u32 = 0xfade_7171;
/// Bytes of all property lists: elements in each other take more time than
/// their length tells.
const MAX_TEXT: usize = 256 << 10;
/// Nodes in arrays that are looked at.
const MAX_NODES: usize = 1_000_000;
/// What holds the signed data.
const WRAPPER: u32 = 0xfade_0b01;

/// The certificates of those who signed.
pub(super) fn certificates(image: &Image<'_>) -> Option<Vec<Names>> {
    let found = blobs(signature(image)?, WRAPPER)?;
    let all = found.into_iter().flat_map(authenticode::certificates);
    Some(all.collect())
}

fn signature<'d>(image: &Image<'d>) -> Option<View<'d>> {
    let [at, size] = image.commands().code_signature?;
    let signature = image.view.slice(u64::from(at), u64::from(size))?;
    Some(View::big(signature))
}

/// The keys of the entitlements, and the texts of arrays among their values.
pub(super) fn entitlements(image: &Image<'_>) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut left = MAX_TEXT;
    for text in blobs(signature(image)?, ENTITLEMENTS)? {
        let Some(rest) = left.checked_sub(text.len()) else { break };
        left = rest;
        property_list(text, &mut found);
    }
    Some(found)
}

/// The blobs of a kind. They may overlap only so far.
fn blobs(signature: View<'_>, kind: u32) -> Option<Vec<&[u8]>> {
    let mut reader = signature.reader(8);
    let count = reader.u32()?;
    let mut budget = signature.len().saturating_mul(2);
    let mut found = Vec::new();
    for _ in 0..count {
        let _kind = reader.u32()?;
        let at = u64::from(reader.u32()?);
        let blob = (|| {
            let size = u64::from(signature.u32(at.checked_add(4)?)?);
            let blob = signature.slice(at, size)?.get(8..)?;
            (signature.u32(at)? == kind).then_some(blob)
        })();
        let Some(blob) = blob else { continue };
        if let Some(left) = budget.checked_sub(blob.len() as u64) {
            budget = left;
            found.push(blob);
        }
    }
    Some(found)
}

fn property_list(text: &[u8], found: &mut Vec<String>) {
    let text = std::str::from_utf8(text).unwrap_or_default();
    let options =
        ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let Ok(document) = Document::parse_with_options(text, options) else {
        return;
    };
    let mut left = MAX_NODES;
    for node in document.descendants() {
        let Some(text) = node.text().filter(|_| node.is_element()) else {
            continue;
        };
        if node.has_tag_name("key") {
            found.push(text.to_owned());
        } else if node.has_tag_name("array") {
            let mut seen = HashSet::new();
            let inside = node.descendants().take(left);
            let inside = inside.inspect(|_| left -= 1);
            let texts = inside.filter_map(|inner| inner.text());
            let texts = texts.filter(|text| !text.trim().is_empty());
            let new = texts.filter(|text| seen.insert(*text));
            found.extend(new.map(str::to_owned));
        }
    }
}
