//! Rows as JSON: schema `dragnet/1`.

use std::path::Path;

use dragnet::Constant;
use md5::Md5;
use serde_json::{Map, Value as Json, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::encode::{base64, escape, hex, unxor};
use super::memory;
use super::tree::TreeJson;
use super::{
    InMemory, Output, Place, Report, Row, RuleHit, StringHit, Summary,
};

/// The name of the schema in every row.
pub(crate) const SCHEMA: &str = "dragnet/1";

/// How the rows are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// One row for each line.
    Lines,
    /// One document that holds all rows.
    Document,
}

/// Writes rows of the schema.
#[derive(Clone, Copy, Debug)]
pub(crate) struct JsonReport {
    pub(crate) layout: Layout,
    /// Most bytes of a match in a row.
    pub(crate) match_bytes: usize,
}

impl Report for JsonReport {
    fn begin(&self) -> Vec<u8> {
        match self.layout {
            Layout::Lines => Vec::new(),
            Layout::Document => {
                format!("{{\"schema\":\"{SCHEMA}\",\"rows\":[\n").into()
            }
        }
    }

    fn row(&self, row: &Row<'_>, to: &mut Output) {
        let fields = self.fields(row);
        write_json(&Json::Object(fields), &mut to.out);
        // In a document the summary is the last row, without a comma.
        let end: &[u8] = match self.layout {
            Layout::Lines => b"\n",
            Layout::Document => b",\n",
        };
        to.out.extend_from_slice(end);
    }

    fn end(&self, summary: &Summary<'_>) -> Output {
        let mut to = Output::default();
        write_json(&Json::Object(summary_fields(summary)), &mut to.out);
        to.out.push(b'\n');
        if self.layout == Layout::Document {
            to.out.extend_from_slice(b"]}\n");
        }
        to
    }
}

impl JsonReport {
    fn fields(&self, row: &Row<'_>) -> Map<String, Json> {
        match row {
            Row::Match(found) => {
                let mut fields = start("match", Some(found.path));
                let place = found.place.as_ref();
                let memory = place.and_then(|place| place.memory.as_ref());
                // Each match is in a region of its own.
                let whole = memory.filter(|m| m.unit.is_whole());
                fields.insert("rules".into(), self.rules(&found.rules, whole));
                if let Some(list) = found.known {
                    fields.insert("known".into(), list.into());
                }
                if let Some(place) = &found.place {
                    insert_place(&mut fields, place);
                    if let Some(memory) = &place.memory {
                        memory::insert(&mut fields, memory, &found.rules);
                    }
                }
                fields
            }
            Row::Medium(whole) => {
                let mut fields = start("medium", Some(whole.path));
                fields.insert("size".into(), whole.size.into());
                fields.insert("scanned".into(), whole.scanned.into());
                fields.insert("holes".into(), whole.holes.into());
                fields.insert("metadata".into(), whole.metadata.into());
                fields.insert("unread".into(), whole.unread.into());
                fields
            }
            Row::NoMatch(missed) => {
                let mut fields = start("nomatch", Some(missed.path));
                fields.insert("bytes".into(), missed.size.into());
                if let Some(data) = missed.data {
                    insert_hashes(&mut fields, data);
                }
                if let Some(rules) = &missed.rules {
                    fields.insert("rules".into(), self.rules(rules, None));
                }
                fields
            }
            Row::Skipped(skipped) => {
                let mut fields = start("skipped", Some(skipped.path));
                fields.insert("reason".into(), skipped.reason.name().into());
                fields.insert("bytes".into(), skipped.bytes.into());
                fields.insert("detail".into(), skipped.detail.into());
                fields
            }
            Row::Error(failed) => {
                let mut fields = start("error", failed.path);
                fields.insert("code".into(), failed.code.into());
                fields.insert("message".into(), failed.message.into());
                fields.insert("fatal".into(), failed.fatal.into());
                fields
            }
            Row::Limit(limited) => {
                let mut fields = start("limit", Some(limited.path));
                fields.insert("rule".into(), limited.rule.into());
                fields.insert("pattern".into(), limited.pattern.into());
                fields.insert("limit".into(), limited.limit.into());
                fields.insert("value".into(), limited.value.into());
                fields
            }
            Row::Console(message) => {
                let mut fields = start("console", Some(message.path));
                fields.insert("rule".into(), message.rule.into());
                fields.insert("message".into(), message.message.into());
                fields
            }
            Row::Module(parsed) => {
                let mut fields = start("module", Some(parsed.path));
                fields.insert("module".into(), parsed.module.into());
                fields.insert("fields".into(), json!(TreeJson(parsed.fields)));
                fields
            }
        }
    }

    fn rules(
        &self,
        rules: &[RuleHit<'_>],
        whole: Option<&InMemory<'_>>,
    ) -> Json {
        rules.iter().map(|rule| self.rule(rule, whole)).collect()
    }

    fn rule(&self, rule: &RuleHit<'_>, whole: Option<&InMemory<'_>>) -> Json {
        let meta: Json = rule
            .meta
            .iter()
            .map(|(name, value)| json!([name, value_json(value)]))
            .collect();
        let strings: Json =
            rule.strings.iter().map(|hit| self.string(hit, whole)).collect();
        json!({
            "identifier": rule.identifier,
            "namespace": rule.namespace,
            "rule_id": rule.id(),
            "tags": rule.tags,
            "meta": meta,
            "strings": strings,
        })
    }

    fn string(
        &self,
        hit: &StringHit<'_>,
        whole: Option<&InMemory<'_>>,
    ) -> Json {
        let (data, is_truncated) = hit.shown(self.match_bytes);
        let mut fields = Map::new();
        fields.insert("identifier".into(), hit.identifier().into());
        fields.insert("offset".into(), hit.offset.into());
        fields.insert("length".into(), hit.length.into());
        fields.insert("match".into(), escape(data).into());
        fields.insert("data_hex".into(), hex(data).into());
        if let Some(key) = hit.xor_key {
            let plain = escape(&unxor(data, key));
            fields.insert("xor_key".into(), key.into());
            fields.insert("plaintext".into(), plain.into());
        }
        if is_truncated {
            fields.insert("truncated".into(), true.into());
        }
        if hit.is_cut {
            fields.insert("reach_limited".into(), true.into());
        }
        if let Some(address) = hit.address {
            fields.insert("va".into(), hex_number(address).into());
        }
        if hit.origin.is_some() || hit.address.is_some() {
            let [before, after] = &hit.context;
            fields.insert("before_hex".into(), hex(before).into());
            fields.insert("after_hex".into(), hex(after).into());
        }
        if let Some(origin) = hit.origin {
            fields.insert("physical".into(), origin.physical.into());
            fields.insert("file_off".into(), origin.file_offset.into());
        }
        if let (Some(memory), Some(address)) = (whole, hit.address) {
            memory::insert_place(&mut fields, memory, address);
        }
        Json::Object(fields)
    }
}

fn start(kind: &str, path: Option<&Path>) -> Map<String, Json> {
    let mut fields = Map::new();
    fields.insert("schema".into(), SCHEMA.into());
    fields.insert("type".into(), kind.into());
    if let Some(path) = path {
        insert_path(&mut fields, path);
    }
    fields
}

fn insert_path(fields: &mut Map<String, Json>, path: &Path) {
    match path.to_str() {
        Some(text) => {
            fields.insert("path".into(), text.into());
        }
        None => {
            let shown = dragnet::display_path(path);
            fields.insert("path".into(), shown.into());
            let bytes = dragnet::path_bytes(path);
            fields.insert("path_b64".into(), base64(bytes).into());
        }
    }
}

fn insert_place(fields: &mut Map<String, Json>, place: &Place<'_>) {
    let mut object = Map::new();
    object.insert("kind".into(), place.kind.name().into());
    insert_path(&mut object, &dragnet::path_from_bytes(place.path));
    object.insert("inode".into(), place.inode.into());
    object.insert("size".into(), place.size.into());
    if let Some(memory) = &place.memory
        && !memory.unit.is_whole()
    {
        object.insert("address".into(), hex_number(memory.base).into());
    }
    fields.insert("object".into(), Json::Object(object));
    let volume = json!({"label": place.volume, "fs": place.fs});
    fields.insert("volume".into(), volume);
    let mut image = Map::new();
    insert_path(&mut image, place.image);
    image.insert("size".into(), place.image_size.into());
    image.insert("chain".into(), json!(place.formats));
    fields.insert("image".into(), Json::Object(image));
}

/// Addresses do not fit the numbers of all that read JSON.
pub(super) fn hex_number(number: u64) -> String {
    format!("{number:#x}")
}

fn insert_hashes(fields: &mut Map<String, Json>, data: &[u8]) {
    fields.insert("md5".into(), hex(&Md5::digest(data)).into());
    fields.insert("sha1".into(), hex(&Sha1::digest(data)).into());
    fields.insert("sha256".into(), hex(&Sha256::digest(data)).into());
}

fn summary_fields(summary: &Summary<'_>) -> Map<String, Json> {
    let tally = summary.tally;
    let mut reasons = Map::new();
    for (reason, (objects, bytes)) in &tally.reasons {
        let counted = json!({"objects": objects, "bytes": bytes});
        reasons.insert((*reason).into(), counted);
    }
    let mut fields = start("summary", None);
    fields.insert("objects".into(), tally.scanned.into());
    fields.insert("bytes".into(), tally.bytes.into());
    fields.insert("holes".into(), tally.holes.into());
    fields.insert("reasons".into(), Json::Object(reasons));
    fields.insert("errors".into(), tally.errors.into());
    fields.insert("matches".into(), tally.matched.into());
    fields.insert("rule_matches".into(), tally.rule_matches.into());
    fields.insert("complete".into(), (!tally.incomplete).into());
    fields.insert("deterministic".into(), (!tally.clocked).into());
    fields.insert("rules".into(), summary.rules.len().into());
    fields.insert("rules_sha256".into(), sha256(summary.rules.bytes()).into());
    fields.insert("engine".into(), dragnet::VERSION.into());
    fields
}

/// SHA-256 in hex.
pub(crate) fn sha256(data: &[u8]) -> String {
    hex(&Sha256::digest(data))
}

/// A value of the metadata. What JSON cannot hold is written as text.
pub(super) fn value_json(value: &Constant<'_>) -> Json {
    match value {
        Constant::Int(number) => (*number).into(),
        Constant::UInt(number) => (*number).into(),
        Constant::Bool(truth) => (*truth).into(),
        Constant::Float(number) => (*number).into(),
        Constant::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => escape(bytes).into(),
        },
    }
}

pub(super) fn write_json(value: &Json, to: &mut Vec<u8>) {
    // Writing plain values into memory cannot fail.
    let _ = serde_json::to_writer(to, value);
}
