//! What there is to test: rule files, their manifests, the compiled rules.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use dragnet::{Compiled, display_path};
use walkdir::WalkDir;

use super::manifest::{Manifest, SUFFIX, is_manifest};
use crate::args::RuleArgs;
use crate::failure::Failure;
use crate::load::{self, Operand};

/// Manifests and rule files, found below some paths.
#[derive(Debug)]
pub(crate) struct Suite {
    pub(crate) manifests: Vec<Manifest>,
    /// Rule files, each once, under the name that was found first.
    files: BTreeMap<PathBuf, PathBuf>,
    order: Vec<PathBuf>,
}

impl Suite {
    /// Everything at these paths: directories with all that is below them,
    /// rule files with the manifest beside them, manifests.
    pub(crate) fn find(paths: &[OsString]) -> Result<Suite, Failure> {
        let mut suite = Suite {
            manifests: Vec::new(),
            files: BTreeMap::new(),
            order: Vec::new(),
        };
        let mut manifests = BTreeSet::new();
        for path in paths.iter().map(Path::new) {
            path.metadata().map_err(|error| Failure::path(path, error))?;
            if path.is_dir() {
                manifests.extend(manifests_below(path)?);
            } else if is_manifest(path) {
                manifests.insert(path.to_owned());
                continue;
            } else {
                manifests.extend(beside(path));
            }
            let files = dragnet::rule_files(path)
                .map_err(|error| Failure::path(path, error))?;
            files.iter().for_each(|file| suite.add(file));
        }
        for path in manifests {
            let manifest = Manifest::read(&path)?;
            for file in &manifest.rules {
                if !file.is_file() {
                    let message = format!(
                        "names {}, which is not there",
                        display_path(file)
                    );
                    return Err(Failure::path(&path, message));
                }
                suite.add(file);
            }
            suite.manifests.push(manifest);
        }
        suite.order.sort();
        Ok(suite)
    }

    fn add(&mut self, file: &Path) {
        if let Entry::Vacant(free) = self.files.entry(full(file)) {
            free.insert(file.to_owned());
            self.order.push(file.to_owned());
        }
    }

    /// The rule files.
    pub(crate) fn files(&self) -> impl Iterator<Item = &Path> {
        self.order.iter().map(PathBuf::as_path)
    }

    /// Compiles all rule files, each as a namespace of its own. The compiler
    /// writes what is wrong to standard error.
    pub(crate) fn compile(
        &self,
        args: &RuleArgs,
    ) -> Result<Compiled, Failure> {
        let mut args = args.clone();
        args.path_as_namespace = true;
        if !args.deny_warnings {
            // `check` and `lint` say what could be better.
            args.disable_warnings.push("all".to_owned());
        }
        let mut externals = BTreeMap::new();
        for manifest in &self.manifests {
            let cases = manifest.cases.iter().map(|case| &case.externals);
            for table in [&manifest.externals].into_iter().chain(cases) {
                for (name, value) in table {
                    externals.entry(name).or_insert(value);
                }
            }
        }
        let given: BTreeSet<String> = args
            .define
            .iter()
            .filter_map(|define| Some(define.split_once('=')?.0.to_owned()))
            .collect();
        for (name, value) in externals {
            if !given.contains(name) {
                args.define.push(format!("{name}={}", as_define(value)));
            }
        }
        let operands: Vec<Operand> =
            self.order.iter().map(|file| Operand::plain(file)).collect();
        let compiled = load::compile(&operands, &args)?;
        load::judge(&compiled, &args)?;
        Ok(compiled)
    }

    /// The namespace of a rule file.
    pub(crate) fn namespace(&self, file: &Path) -> String {
        let known = self.files.get(&full(file));
        display_path(known.map_or(file, |known| known))
    }

    /// The namespaces that a manifest is about.
    pub(crate) fn namespaces(&self, manifest: &Manifest) -> BTreeSet<String> {
        manifest.rules.iter().map(|file| self.namespace(file)).collect()
    }
}

/// As `-d` takes it; text stays text, whatever it looks like.
fn as_define(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => {
            serde_json::Value::from(text.as_str()).to_string()
        }
        other => other.to_string(),
    }
}

fn full(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

fn manifests_below(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in WalkDir::new(path).sort_by_file_name() {
        let entry = entry.map_err(|error| Failure::path(path, error))?;
        if entry.file_type().is_file() && is_manifest(entry.path()) {
            found.push(entry.into_path());
        }
    }
    Ok(found)
}

/// The manifest of a rule file.
fn beside(path: &Path) -> Option<PathBuf> {
    let stem = path.file_stem()?.to_string_lossy();
    let beside = path.with_file_name(format!("{stem}{SUFFIX}"));
    beside.is_file().then_some(beside)
}
