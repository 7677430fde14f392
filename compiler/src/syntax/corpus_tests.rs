//! Real rules: everything public must parse.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::parse;
use crate::source::FileId;

/// The files of the corpus; none, with a loud remark, where it is missing.
pub(super) fn corpus() -> Vec<(PathBuf, Arc<[u8]>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let root = std::env::var_os("DRAGNET_SHARED")
        .map_or(root, PathBuf::from)
        .join("corpora/signature-base/yara");
    let Ok(entries) = std::fs::read_dir(&root) else {
        let mut stderr = std::io::stderr();
        let _ = std::io::Write::write_fmt(
            &mut stderr,
            format_args!(
                "SKIPPED: no rules in {}; set DRAGNET_SHARED to the folder \
                 that holds corpora/\n",
                root.display()
            ),
        );
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let text = std::fs::read(&path).ok()?;
            Some((path, text.into()))
        })
        .collect();
    files.sort();
    files
}

#[test]
fn real_rules_have_no_syntax_error() {
    for (path, text) in corpus() {
        let (_, diagnostics) = parse(&text, FileId(0));
        let errors: Vec<_> =
            diagnostics.iter().filter(|d| d.is_error()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
    }
}
