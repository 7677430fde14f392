//! What an extension says of itself, in the language that it starts with.

use serde_json::Value as Json;

use crate::module::zip::archive::Archive;

/// Bytes of a text that are read; read as values they take sixteen times as
/// much.
const MAX_TEXT: usize = 4 << 20;

/// The file `manifest.json` and the messages of the default language.
pub(super) struct Manifest {
    facts: Json,
    messages: Option<Json>,
}

impl Manifest {
    /// Reads both; `None` if there is no manifest.
    pub(super) fn read(archive: &Archive<'_>) -> Option<Self> {
        let facts = json(archive, "manifest.json")?;
        let language = facts.get("default_locale").and_then(Json::as_str);
        let language = language.unwrap_or("en");
        let path = format!("_locales/{language}/messages.json");
        let messages = json(archive, &path);
        Some(Self { facts, messages })
    }

    /// A text.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.facts.get(name)?.as_str()
    }

    /// A text, or the message that it names.
    pub(super) fn message(&self, name: &str) -> Option<String> {
        let text = self.text(name)?;
        let named = (|| {
            let key = text.strip_prefix("__MSG_")?.strip_suffix("__")?;
            self.messages.as_ref()?.get(key)?.get("message")?.as_str()
        })();
        Some(named.unwrap_or(text).to_owned())
    }

    /// The texts of a list.
    pub(super) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        let list = self.facts.get(name).and_then(Json::as_array);
        list.into_iter().flatten().filter_map(Json::as_str)
    }
}

/// An object of a file in the archive; of several files with one path, the
/// last one counts.
fn json(archive: &Archive<'_>, path: &str) -> Option<Json> {
    let is_wanted = |at: &[u8]| at == path.as_bytes();
    let entry = archive.entries().filter(|e| is_wanted(e.path)).last()?;
    let text = archive.content(&entry, MAX_TEXT)?;
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    serde_json::from_slice(text).ok().filter(Json::is_object)
}
