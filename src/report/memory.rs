//! Where in memory something was found, as JSON.

use dragnet::memory::Protection;
use dragnet::{Process, Region};
use serde_json::{Map, Value as Json, json};

use super::json::hex_number;
use super::{InMemory, RuleHit};

/// Adds the process, and the region and the module of the first match.
pub(super) fn insert(
    fields: &mut Map<String, Json>,
    memory: &InMemory<'_>,
    rules: &[RuleHit<'_>],
) {
    let space = memory.space;
    fields.insert("mode".into(), memory.unit.name().into());
    fields.insert("view".into(), space.view.name().into());
    if space.process != Process::default() {
        fields.insert("process".into(), process(&space.process));
    }
    let strings = rules.iter().flat_map(|rule| &rule.strings);
    let first = strings.filter_map(|hit| hit.address).min();
    insert_place(fields, memory, first.unwrap_or(memory.base));
}

/// Adds the region and the module that hold an address.
pub(super) fn insert_place(
    fields: &mut Map<String, Json>,
    memory: &InMemory<'_>,
    address: u64,
) {
    let space = memory.space;
    if let Some(found) = space.region_at(address) {
        fields.insert("region".into(), region(found));
    }
    if let Some(module) = space.module_at(address) {
        let offset = address.saturating_sub(module.base);
        let module = json!({
            "name": text(&module.name),
            "base": hex_number(module.base),
            "size": module.size,
            "offset": offset,
        });
        fields.insert("module".into(), module);
    }
}

/// A process.
pub(crate) fn process(process: &Process) -> Json {
    let Process { pid, parent, user, name, command } = process;
    json!({
        "pid": pid, "ppid": parent, "uid": user,
        "name": text(name), "cmdline": text(command),
    })
}

/// A region.
pub(crate) fn region(region: &Region) -> Json {
    let Region { start, length, protection, kind, file, .. } = region;
    // Of what nothing is allowed nothing is known, more often than not.
    let is_known = *protection != Protection::default();
    let letters = is_known.then(|| protection.letters());
    json!({
        "start": hex_number(*start), "len": length, "prot": letters,
        "type": kind.name(), "file": file.as_deref().map(text),
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
