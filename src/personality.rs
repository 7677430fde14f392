//! The command under the names of the tools it can replace.

use std::ffi::OsString;
use std::path::Path;

/// The arguments as if the tool had been named as a command: called as
/// `yara`, `yarac` or `yr`, the rest belongs to that tool.
pub(crate) fn arguments(
    all: impl IntoIterator<Item = OsString>,
) -> Vec<OsString> {
    let mut all: Vec<OsString> = all.into_iter().collect();
    let name = all.first().map(Path::new).and_then(Path::file_stem);
    let tool = name.and_then(|name| name.to_str());
    if let Some(tool @ ("yara" | "yarac" | "yr")) = tool {
        let tool = OsString::from(tool);
        all.insert(1, tool);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(all: &[&str]) -> Vec<OsString> {
        arguments(all.iter().map(OsString::from))
    }

    #[test]
    fn the_name_of_the_binary_chooses_the_tool() {
        let all = named(&["/usr/bin/yara", "-s", "r", "t"]);
        assert_eq!(all[1..], ["yara", "-s", "r", "t"]);
        assert_eq!(named(&["yr", "scan"])[1..], ["yr", "scan"]);
        assert_eq!(named(&["dragnet", "scan"])[1..], ["scan"]);
        assert!(named(&[]).is_empty());
    }
}
