//! The section `[lint]` of `dragnet.toml`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::table::{Level, Lint};

/// Whose rules for metadata and names hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The style guide of signature-base.
    Neo23x0,
    /// The Canadian Centre for Cyber Security.
    Cccs,
    /// Elastic's protections.
    Elastic,
    /// YARAhub of abuse.ch.
    Yarahub,
}

/// What is wanted of a key of `meta`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetaKey {
    /// Every rule has it.
    pub required: bool,
    /// No rule has it twice.
    pub unique: bool,
    /// `string`, `integer`, `float`, `bool`, `date`, `md5`, `sha1`,
    /// `sha256` or `hash`.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The value matches this regular expression.
    pub pattern: Option<String>,
    /// The value is one of these.
    pub values: Vec<String>,
}

/// Levels for some files.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PathLevels {
    /// Which files: a pattern such as `rules/php/**`.
    pub path: String,
    /// Levels by id.
    pub levels: BTreeMap<String, Level>,
}

/// How rules are judged.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Profiles of metadata.
    pub profiles: Vec<Profile>,
    /// Levels by id.
    pub levels: BTreeMap<String, Level>,
    /// Levels for some files.
    pub paths: Vec<PathLevels>,
    /// Names of rules match this regular expression.
    pub rule_name: Option<String>,
    /// The tags that are known; none: all are.
    pub tags: Vec<String>,
    /// Tags match this regular expression.
    pub tag_pattern: Option<String>,
    /// Keys of `meta`.
    pub meta: BTreeMap<String, MetaKey>,
    /// There are no keys but these.
    pub meta_closed: bool,
    /// Values of `source` that the profile `cccs` knows; none: all.
    pub sources: Vec<String>,
    /// Milliseconds for a MiB above which P025 calls a pattern slow.
    pub slow_ms: Option<u64>,
    /// How `dragnet fmt` writes, for N010.
    #[serde(skip)]
    pub style: crate::format::Style,
    /// The day, as YYYY-MM-DD.
    #[serde(skip)]
    pub today: String,
    /// Names of the external variables, with their values.
    #[serde(skip)]
    pub externals: Vec<(String, crate::Value)>,
    /// Only these lints, if there are any.
    #[serde(skip)]
    pub select: Vec<String>,
    /// None of these.
    #[serde(skip)]
    pub ignore: Vec<String>,
}

impl Settings {
    /// The settings of a text in TOML.
    ///
    /// # Errors
    /// It is no TOML, or names what there is not.
    pub fn parse(text: &str) -> Result<Settings, String> {
        let settings: Settings =
            toml::from_str(text).map_err(|e| e.to_string())?;
        settings.check()?;
        Ok(settings)
    }

    /// Are all names and patterns valid?
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self) -> Result<(), String> {
        let of_paths = self.paths.iter().flat_map(|p| p.levels.keys());
        let ids = self.levels.keys().chain(of_paths);
        for id in ids.chain(&self.select).chain(&self.ignore) {
            if !is_family(id) && Lint::find(id).is_none() {
                return Err(format!("there is no lint `{id}`"));
            }
        }
        let of_meta = self.meta.values().filter_map(|m| m.pattern.as_ref());
        let patterns = self.rule_name.iter().chain(&self.tag_pattern);
        for pattern in patterns.chain(of_meta) {
            Pattern::new(pattern)?;
        }
        for path in &self.paths {
            globset::Glob::new(&path.path).map_err(|e| e.to_string())?;
        }
        Ok(())
    }

    /// Does a profile hold?
    pub(super) fn has(&self, profile: Profile) -> bool {
        self.profiles.contains(&profile)
    }

    /// The level of a lint for a file, if the settings say one.
    fn level_for(&self, lint: &Lint, file: &str) -> Option<Level> {
        let of = |levels: &BTreeMap<String, Level>| {
            let family = &lint.id[..1];
            let by_id = levels.get(lint.id).or_else(|| levels.get(lint.name));
            by_id.or_else(|| levels.get(family)).copied()
        };
        let paths = self.paths.iter().rev().filter(|p| {
            let glob = globset::Glob::new(&p.path);
            glob.is_ok_and(|glob| glob.compile_matcher().is_match(file))
        });
        let mut found = paths.filter_map(|p| of(&p.levels));
        found.next().or_else(|| of(&self.levels))
    }

    /// What a finding counts as; `usual` unless the settings say otherwise.
    pub(super) fn level(
        &self,
        lint: &Lint,
        usual: Level,
        file: &str,
    ) -> Level {
        let named = |list: &[String]| {
            list.iter().any(|name| {
                lint.id == name
                    || lint.name == name
                    || is_family(name) && lint.id.starts_with(name.as_str())
            })
        };
        if named(&self.ignore)
            || !self.select.is_empty() && !named(&self.select)
        {
            return Level::Off;
        }
        let level = self.level_for(lint, file);
        // Who asks for a lint by name wants to see it.
        let asked = self.select.iter().any(|name| lint.id == name);
        match level.unwrap_or(usual) {
            Level::Off if asked => Level::Warning,
            level => level,
        }
    }
}

fn is_family(name: &str) -> bool {
    name.len() == 1 && "SLPMNCDX".contains(name)
}

/// A regular expression of the settings; it has to match the whole text.
pub(super) struct Pattern(regex_automata::meta::Regex);

impl Pattern {
    pub(super) fn new(text: &str) -> Result<Pattern, String> {
        let whole = format!("^(?:{text})$");
        let regex = regex_automata::meta::Regex::new(&whole);
        regex.map(Pattern).map_err(|e| format!("`{text}`: {e}"))
    }

    pub(super) fn is_match(&self, text: &[u8]) -> bool {
        self.0.is_match(text)
    }
}
