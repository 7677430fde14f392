//! The JSON shapes of YARA-X, for those who read them already.

use dragnet::Constant;
use serde_json::{Map, Value as Json, json};

use super::encode::{escape, unxor};
use super::json::write_json;
use super::{Output, Report, Row, RuleHit, StringHit, Summary};

/// Version of the shapes.
const VERSION: &str = "1.22.1";

/// What YARA-X leaves out unless it is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct YrSettings {
    /// One document instead of lines.
    pub(crate) document: bool,
    pub(crate) namespace: bool,
    pub(crate) meta: bool,
    pub(crate) tags: bool,
    /// Most bytes of a match.
    pub(crate) strings: Option<usize>,
    pub(crate) count: bool,
}

/// Writes the shapes of YARA-X.
#[derive(Clone, Copy, Debug)]
pub(crate) struct YrReport(pub(crate) YrSettings);

impl Report for YrReport {
    fn knows_images(&self) -> bool {
        false
    }

    fn begin(&self) -> Vec<u8> {
        if self.0.document {
            let start = format!("{{\"version\":\"{VERSION}\",\"matches\":[");
            start.into_bytes()
        } else {
            Vec::new()
        }
    }

    fn separator(&self) -> &'static [u8] {
        if self.0.document { b",\n" } else { b"" }
    }

    fn row(&self, row: &Row<'_>, to: &mut Output) {
        let (path, rules) = match row {
            Row::Match(found) => (found.path, &found.rules),
            Row::NoMatch(missed) => match &missed.rules {
                Some(rules) => (missed.path, rules),
                None => return,
            },
            _ => return super::text::write_note(row, false, &mut to.err),
        };
        if self.0.document {
            let full = path.canonicalize();
            let file = dragnet::display_path(full.as_deref().unwrap_or(path));
            if self.0.count {
                let found = json!({"file": file, "count": rules.len()});
                return self.push(&found, to);
            }
            for rule in rules {
                let mut fields = Map::new();
                fields.insert("rule".into(), rule.identifier.into());
                fields.insert("file".into(), file.as_str().into());
                self.insert_details(&mut fields, rule);
                self.push(&Json::Object(fields), to);
            }
            return;
        }
        let path = dragnet::display_path(path);
        let line = if self.0.count {
            json!({"path": path, "count": rules.len()})
        } else {
            let rules: Json = rules.iter().map(|r| self.rule(r)).collect();
            json!({"path": path, "rules": rules})
        };
        write_json(&line, &mut to.out);
        to.out.push(b'\n');
    }

    fn end(&self, _: &Summary<'_>) -> Output {
        let mut to = Output::default();
        if self.0.document {
            to.out.extend_from_slice(b"]}\n");
        }
        to
    }
}

impl YrReport {
    fn push(&self, value: &Json, to: &mut Output) {
        if !to.out.is_empty() {
            to.out.extend_from_slice(self.separator());
        }
        write_json(value, &mut to.out);
    }

    fn rule(&self, rule: &RuleHit<'_>) -> Json {
        let mut fields = Map::new();
        fields.insert("identifier".into(), rule.identifier.into());
        if self.0.namespace {
            fields.insert("namespace".into(), rule.namespace.into());
        }
        self.insert_details(&mut fields, rule);
        Json::Object(fields)
    }

    fn insert_details(
        &self,
        fields: &mut Map<String, Json>,
        rule: &RuleHit<'_>,
    ) {
        if self.0.meta {
            fields.insert("meta".into(), self.meta(rule));
        }
        if self.0.tags {
            fields.insert("tags".into(), json!(rule.tags));
        }
        if let Some(limit) = self.0.strings {
            let strings = rule.strings.iter().map(|hit| string(hit, limit));
            fields.insert("strings".into(), strings.collect());
        }
    }

    /// Pairs in lines, an object in a document.
    fn meta(&self, rule: &RuleHit<'_>) -> Json {
        let pairs =
            rule.meta.iter().map(|(name, value)| (*name, meta_json(value)));
        if self.0.document {
            pairs.map(|(n, value)| (n.to_owned(), value)).collect()
        } else {
            pairs.map(|(name, value)| json!([name, value])).collect()
        }
    }
}

/// Text that is not UTF-8 is an array of bytes there.
fn meta_json(value: &Constant<'_>) -> Json {
    match value {
        Constant::Text(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => text.into(),
            Err(_) => json!(*bytes),
        },
        other => super::json::value_json(other),
    }
}

fn string(hit: &StringHit<'_>, limit: usize) -> Json {
    let mut fields = Map::new();
    fields.insert("identifier".into(), hit.identifier().into());
    fields.insert("offset".into(), hit.offset.into());
    let text = |bytes: &[u8]| shorten(&escape(bytes), hit, limit);
    let (data, _) = hit.shown(limit);
    fields.insert("match".into(), text(data).into());
    if let Some(key) = hit.xor_key {
        fields.insert("xor_key".into(), key.into());
        fields.insert("plaintext".into(), text(&unxor(data, key)).into());
    }
    Json::Object(fields)
}

/// Says how much is missing, as YARA-X does.
pub(super) fn shorten(
    shown: &str,
    hit: &StringHit<'_>,
    limit: usize,
) -> String {
    match hit.length.checked_sub(limit as u64) {
        Some(more) if more > 0 => format!("{shown} ... {more} more bytes"),
        _ => shown.to_owned(),
    }
}
