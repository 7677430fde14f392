//! `dragnet.toml`: what holds for all commands on a rule repository.

use std::path::{Path, PathBuf};

use dragnet::{Style, Value};
use serde::Deserialize;

/// Name of the file.
const NAME: &str = "dragnet.toml";

/// Externals that most public rules expect. They are text and empty, and a
/// scan sets them for each file.
pub(crate) const FILE_EXTERNALS: [&str; 5] =
    ["filename", "filepath", "extension", "filetype", "owner"];

/// The settings.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Config {
    /// External variables with their default values.
    externals: toml::Table,
    /// Which warnings are reported.
    pub(crate) warnings: Warnings,
    /// `dragnet check`.
    pub(crate) check: Check,
    /// `dragnet lint`.
    lint: dragnet::lint::Settings,
    /// `dragnet fmt`.
    fmt: Fmt,
}

/// `[warnings]`
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Warnings {
    /// Codes that are not reported.
    pub(crate) disable: Vec<String>,
}

/// `[check]`
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Check {
    /// As `--deny-warnings`.
    pub(crate) deny_warnings: bool,
}

/// `[fmt]`
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields, default)]
struct Fmt {
    indent: Option<usize>,
    width: Option<usize>,
    hex_bytes: Option<usize>,
    brace: Option<Brace>,
    align_meta: bool,
    align_strings: bool,
}

/// Where the opening brace of a rule stands.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case")]
enum Brace {
    SameLine,
    NextLine,
}

impl Config {
    /// How rules are laid out.
    pub(crate) fn style(&self) -> Style {
        let (usual, own) = (Style::default(), &self.fmt);
        Style {
            // Indents and widths that nobody means must not eat memory.
            indent: own.indent.unwrap_or(usual.indent).min(16),
            width: own.width.unwrap_or(usual.width).clamp(20, 1_000),
            hex_bytes: own.hex_bytes.unwrap_or(usual.hex_bytes).max(1),
            brace: match own.brace {
                Some(Brace::NextLine) => dragnet::Brace::NextLine,
                Some(Brace::SameLine) | None => dragnet::Brace::SameLine,
            },
            align_meta: own.align_meta,
            align_strings: own.align_strings,
        }
    }

    /// How rules are judged.
    pub(crate) fn lint(&self) -> dragnet::lint::Settings {
        let mut settings = self.lint.clone();
        settings.style = self.style();
        settings
    }

    /// The settings for rules at `start`: those of the nearest file in a
    /// directory above it, or none.
    pub(crate) fn find(start: &Path) -> Result<Config, String> {
        match Config::nearest(start) {
            None => Ok(Config::default()),
            Some(path) => Config::read(&path).map_err(|error| {
                format!("{}: {error}", dragnet::display_path(&path))
            }),
        }
    }

    fn nearest(start: &Path) -> Option<PathBuf> {
        let full = std::path::absolute(start).ok()?;
        full.ancestors().map(|dir| dir.join(NAME)).find(|p| p.is_file())
    }

    fn read(path: &Path) -> Result<Config, String> {
        let text = std::fs::read_to_string(path).map_err(|e| e.to_string())?;
        let config: Config =
            toml::from_str(&text).map_err(|e| e.to_string())?;
        config.externals()?;
        config.lint.check()?;
        Ok(config)
    }

    /// The external variables.
    pub(crate) fn externals(&self) -> Result<Vec<(String, Value)>, String> {
        let named = |(name, value): (&String, &toml::Value)| {
            Ok((name.clone(), external(name, value)?))
        };
        self.externals.iter().map(named).collect()
    }
}

fn external(name: &str, value: &toml::Value) -> Result<Value, String> {
    match value {
        toml::Value::String(text) => {
            Ok(Value::Text(text.clone().into_bytes()))
        }
        toml::Value::Integer(number) => Ok(Value::Int(*number)),
        toml::Value::Float(number) => Ok(Value::Float(*number)),
        toml::Value::Boolean(truth) => Ok(Value::Bool(*truth)),
        _ => Err(format!(
            "external `{name}` must be text, a number or a boolean"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn externals_have_the_type_of_their_value() {
        let text = "[externals]\na = 1\nb = \"x\"\nc = true\nd = 0.5\n";
        let config: Config = toml::from_str(text).unwrap();
        let expected = [
            ("a", Value::Int(1)),
            ("b", Value::Text(b"x".to_vec())),
            ("c", Value::Bool(true)),
            ("d", Value::Float(0.5)),
        ]
        .map(|(name, value)| (name.to_owned(), value));
        assert_eq!(config.externals(), Ok(expected.to_vec()));
    }

    #[test]
    fn what_is_not_known_is_refused() {
        assert!(toml::from_str::<Config>("[warning]\n").is_err());
        let list: Config = toml::from_str("[externals]\na = []").unwrap();
        assert!(list.externals().is_err());
    }
}
