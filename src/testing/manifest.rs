//! `NAME.test.toml`: the cases of rule files, as they are written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use crate::failure::Failure;

/// How the name of a manifest ends.
pub(crate) const SUFFIX: &str = ".test.toml";

/// A manifest, and where it is from.
#[derive(Debug)]
pub(crate) struct Manifest {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
    /// The rule files it is about.
    pub(crate) rules: Vec<PathBuf>,
    /// Variables for all cases.
    pub(crate) externals: toml::Table,
    #[allow(dead_code, reason = "the gate of clean files reads it")]
    pub(crate) corpus: Corpus,
    pub(crate) cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    schema: u32,
    rules: Option<Vec<String>>,
    #[serde(default)]
    externals: toml::Table,
    #[serde(default)]
    corpus: Corpus,
    #[serde(default)]
    case: Vec<Case>,
}

/// Files that the rules must leave alone.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Corpus {
    /// Files and directories, beside the manifest.
    pub(crate) clean: Vec<String>,
    /// So many files must really be scanned.
    pub(crate) min_files: u64,
    /// Hits that are known and may only become fewer.
    pub(crate) baseline: Option<String>,
}

/// A sample, and what its rules must say of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: Spanned<String>,
    /// The rule the case is about.
    pub(crate) rule: String,
    /// With `match`: rules of the same files that also report it. With
    /// `no_match`: rules it is a look-alike for, too.
    #[serde(default)]
    pub(crate) also: Vec<String>,
    pub(crate) expect: Expect,
    /// The input is exactly one of these.
    pub(crate) text: Option<Spanned<String>>,
    pub(crate) base64: Option<String>,
    pub(crate) hex: Option<String>,
    #[serde(alias = "gen")]
    pub(crate) generate: Option<Generate>,
    /// A file beside the manifest; `.xz`, `.gz`, `.zip`, `.b64` and `.hex`
    /// are decoded.
    pub(crate) file: Option<Spanned<String>>,
    /// A file of the sample store.
    pub(crate) sha256: Option<String>,
    /// The same for a rule that names a sample, by whatever digest.
    #[serde(skip)]
    pub(crate) digest: Option<String>,
    /// An object of an image, as `scan` names it, beside the manifest.
    pub(crate) image: Option<String>,
    /// Exactly these patterns of the rule match.
    pub(crate) strings: Option<Spanned<Vec<String>>>,
    /// These patterns do not match.
    #[serde(default)]
    pub(crate) absent: Vec<String>,
    /// The first match of a pattern is here.
    #[serde(alias = "at")]
    pub(crate) offsets: Option<Spanned<BTreeMap<String, u64>>>,
    /// A pattern matches so often.
    #[serde(alias = "count")]
    pub(crate) counts: Option<Spanned<BTreeMap<String, u64>>>,
    /// Without the matches of these patterns the verdict is the other one.
    #[serde(default, alias = "because")]
    pub(crate) decides: Vec<String>,
    /// Without the matches of any one of these patterns (`$x*`: of all of
    /// that name together), or where this rule does not hold, the verdict is
    /// the other one.
    #[serde(default)]
    pub(crate) needs: Vec<String>,
    /// In an object of this size or a larger one the rule does not match,
    /// in a smaller one it does.
    pub(crate) below: Option<String>,
    /// Written in these ways it is a case of its own.
    #[serde(default)]
    pub(crate) spellings: Vec<Spelling>,
    /// Variables for this case.
    #[serde(default)]
    pub(crate) externals: toml::Table,
    /// Known to fail: reported, not counted. To pass is an error then.
    #[serde(default)]
    pub(crate) todo: bool,
    /// Whatever else matches is of no interest.
    #[serde(skip)]
    pub(crate) alone: bool,
    /// The way its bytes are written, if it is derived from another case.
    #[serde(skip)]
    pub(crate) spelling: Option<Spelling>,
}

/// Another way to write the same text.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Spelling {
    /// ASCII letters large.
    Upper,
    /// ASCII letters small.
    Lower,
    /// A zero byte after each byte.
    Wide,
}

impl Case {
    /// The same bytes in another spelling: a rule that matches one must
    /// match the other, and nothing more is said.
    fn spelled(&self, spelling: Spelling) -> Case {
        Case {
            expect: self.expect,
            text: self.text.clone(),
            base64: self.base64.clone(),
            hex: self.hex.clone(),
            generate: self.generate.clone(),
            file: self.file.clone(),
            sha256: self.sha256.clone(),
            digest: self.digest.clone(),
            image: self.image.clone(),
            externals: self.externals.clone(),
            todo: self.todo,
            spelling: Some(spelling),
            ..Case::bare(self.name.clone(), self.rule.clone())
        }
    }

    /// A sample that a rule must match.
    pub(crate) fn of_sample(
        name: Spanned<String>,
        rule: String,
        digest: &str,
    ) -> Case {
        let digest = Some(digest.to_owned());
        Case { digest, ..Case::bare(name, rule) }
    }

    /// The file that its bytes come from, if it is one.
    pub(super) fn source(&self, manifest: &Manifest) -> Option<PathBuf> {
        let name = match (&self.file, &self.image) {
            (Some(name), _) => name.get_ref(),
            (None, Some(name)) => name.split("::").next()?,
            (None, None) => return None,
        };
        Some(manifest.directory().join(name))
    }

    /// A rule must match, whatever else does; the input is not there yet.
    fn bare(name: Spanned<String>, rule: String) -> Case {
        Case {
            name,
            rule,
            also: Vec::new(),
            expect: Expect::Match,
            text: None,
            base64: None,
            hex: None,
            generate: None,
            file: None,
            sha256: None,
            digest: None,
            image: None,
            strings: None,
            absent: Vec::new(),
            offsets: None,
            counts: None,
            decides: Vec::new(),
            needs: Vec::new(),
            below: None,
            spellings: Vec::new(),
            externals: toml::Table::new(),
            todo: false,
            alone: true,
            spelling: None,
        }
    }
}

/// Bytes that are put together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Generate {
    pub(crate) parts: Vec<Part>,
}

/// A piece of a generated input.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Part {
    Text(String),
    Hex(String),
    Base64(String),
    /// So many zeros.
    Zeros(u64),
    /// So many bytes that look random and are always the same.
    Random(u64),
    /// Text, so often.
    Repeat {
        text: String,
        times: u64,
    },
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Expect {
    Match,
    NoMatch,
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn read(path: &Path) -> Result<Manifest, Failure> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::path(path, error))?;
        let written: Written = toml::from_str(&text)
            .map_err(|error| Failure::path(path, error))?;
        if written.schema != 1 {
            let message = format!("schema {} is not known", written.schema);
            return Err(Failure::path(path, message));
        }
        let directory = path.parent().unwrap_or(Path::new(""));
        let rules = match &written.rules {
            Some(names) => names.iter().map(|n| directory.join(n)).collect(),
            None => vec![same_stem(path)],
        };
        let mut manifest = Manifest {
            path: path.to_owned(),
            rules,
            externals: written.externals,
            corpus: written.corpus,
            cases: written.case,
            text,
        };
        for case in &manifest.cases {
            manifest.check(case)?;
        }
        let spelled = |case: &Case| {
            let spellings = case.spellings.clone().into_iter();
            let case = case.clone();
            spellings.map(move |spelling| case.spelled(spelling))
        };
        let more: Vec<Case> =
            manifest.cases.iter().flat_map(spelled).collect();
        manifest.cases.extend(more);
        Ok(manifest)
    }

    /// Refuses a case that has no input, or more than one.
    fn check(&self, case: &Case) -> Result<(), Failure> {
        let count = [
            case.text.is_some(),
            case.base64.is_some(),
            case.hex.is_some(),
            case.generate.is_some(),
            case.file.is_some(),
            case.sha256.is_some(),
            case.image.is_some(),
        ]
        .into_iter()
        .filter(|given| *given)
        .count();
        if count == 1 {
            return Ok(());
        }
        let message = format!(
            "line {}: case `{}` has {count} inputs; give one of text, \
             base64, hex, generate, file, sha256, image",
            self.line(case),
            case.name.get_ref(),
        );
        Err(Failure::path(&self.path, message))
    }

    /// The line of a case, from 1.
    pub(crate) fn line(&self, case: &Case) -> usize {
        let before = self.text.get(..case.name.span().start);
        before.map_or(1, |text| text.matches('\n').count() + 1)
    }

    /// The directory that the names of files are relative to.
    pub(crate) fn directory(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }
}

/// `NAME.yar` for `NAME.test.toml`.
fn same_stem(path: &Path) -> PathBuf {
    path.with_extension("").with_extension("yar")
}

/// Is this the name of a manifest?
pub(crate) fn is_manifest(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.ends_with(SUFFIX)
}
