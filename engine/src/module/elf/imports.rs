//! Hashes over the names of symbols.

use md5::{Digest, Md5};
use tlsh2::TlshDefaultBuilder;

use super::symbols::Symbol;
use crate::module::call::hex;

const STT_FUNC: u8 = 2;
const STB_GLOBAL: u8 = 1;
const STV_DEFAULT: u8 = 0;

/// Names that say nothing about a program, as telfhash has it.
const COMMON: [&str; 8] = [
    "__libc_start_main",
    "main",
    "abort",
    "cachectl",
    "cacheflush",
    "puts",
    "atol",
    "malloc_trim",
];

/// MD5 over the names of the symbols that are defined elsewhere.
pub(super) fn md5(symbols: &[Symbol<'_>]) -> String {
    let imported = symbols.iter().filter(|symbol| symbol.section == 0);
    let names = imported.filter_map(name).filter(|name| !name.is_empty());
    hex(&Md5::digest(joined(names)))
}

/// The locality sensitive hash over the names of global functions; `None`
/// if there are too few of them.
pub(super) fn telfhash(symbols: &[Symbol<'_>]) -> Option<Vec<u8>> {
    let global = symbols.iter().filter(|symbol| {
        symbol.info == STB_GLOBAL << 4 | STT_FUNC
            && symbol.other & 3 == STV_DEFAULT
    });
    let names = global.filter_map(name).filter(|name| {
        let starts = [".", "_", "mem", "str"];
        !COMMON.contains(&name.as_ref())
            && !starts.iter().any(|start| name.starts_with(start))
            && !name.ends_with("64")
    });
    let hash = TlshDefaultBuilder::build_from(joined(names).as_bytes())?;
    Some(hash.hash().to_vec())
}

fn name<'s>(symbol: &'s Symbol<'_>) -> Option<std::borrow::Cow<'s, str>> {
    symbol.name.map(String::from_utf8_lossy)
}

/// The names in lower case, sorted, with commas between them.
fn joined(names: impl Iterator<Item = impl AsRef<str>>) -> String {
    let mut names: Vec<String> =
        names.map(|name| name.as_ref().to_lowercase()).collect();
    names.sort_unstable();
    names.join(",")
}
