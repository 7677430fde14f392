//! Compiles the rules that come with the command.

use std::path::{Path, PathBuf};

use dragnet_compiler::driver::{Compiler, Source};
use dragnet_compiler::ir::Const;

/// Variables that a scan sets for each file.
const EXTERNALS: [&str; 5] =
    ["filename", "filepath", "extension", "filetype", "owner"];

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=build.rs");
    let mut compiler = Compiler::new();
    for name in EXTERNALS {
        let text = Const::Str(Vec::new());
        compiler.define(name, text).expect("names differ");
    }
    let mut files = Vec::new();
    collect(Path::new("rules"), &mut files);
    files.sort();
    for path in &files {
        let text = std::fs::read(path).expect("a readable rule file");
        let name = path.display().to_string();
        compiler.add_source("dragnet", Source::new(name, text));
    }
    let output = compiler.compile();
    for problem in output.diagnostics.iter().filter(|d| d.is_error()) {
        let file = output.sources.get(problem.file);
        let line = file.line_column(problem.span.lo).line;
        println!("cargo::error={}:{line}: {}", file.name, problem.message);
    }
    let out = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    let path = Path::new(&out).join("embedded.drs");
    let bytes = output.rules.expect("there are rules");
    std::fs::write(path, bytes).expect("OUT_DIR is writable");
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    let entries = std::fs::read_dir(dir).expect("a readable directory");
    for entry in entries {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "yar") {
            files.push(path);
        }
    }
}
