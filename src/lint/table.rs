//! The table of lints: the one place that names them all.

use dragnet_compiler::diag::Code;

/// How bad a finding is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Not looked for.
    Off,
    /// Worth knowing.
    Info,
    /// Should be changed.
    Warning,
    /// Must be changed.
    Error,
}

impl Level {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Level::Off => "off",
            Level::Info => "info",
            Level::Warning => "warning",
            Level::Error => "error",
        }
    }
}

/// What a machine can do about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// Nothing.
    None,
    /// A change that keeps the logic of the rule.
    Safe,
    /// A change that somebody has to look at.
    Unsafe,
}

/// A check.
#[derive(Debug)]
pub struct Lint {
    /// Its stable id.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its level unless the settings say otherwise.
    pub level: Level,
    /// Whether it can repair what it finds.
    pub repair: Repair,
    /// One line that says when it fires.
    pub summary: &'static str,
    /// The warning of the compiler that it reports, if it is one.
    pub code: Option<Code>,
    page: &'static str,
}

impl Lint {
    /// A page of Markdown that explains it with examples.
    pub fn page(&self) -> String {
        match self.code {
            Some(code) if self.page.is_empty() => {
                let (id, name) = (self.id, self.name);
                let page = code.page();
                let rest = page.split_once('\n').map_or("", |(_, rest)| rest);
                format!(
                    "# {id} {name}\n\nThe compiler's `{}`.\n{rest}",
                    code.name()
                )
            }
            _ => self.page.to_owned(),
        }
    }

    /// The lint with this id, or that reports the code of this name.
    pub fn find(name: &str) -> Option<&'static Lint> {
        let code = match name {
            "potentially_slow_loop" => "slow_loop",
            "deprecated_field" => return Lint::find("S002"),
            "missing_metadata" => return Lint::find("M001"),
            "invalid_metadata" => return Lint::find("M002"),
            "invalid_rule_name" => return Lint::find("N001"),
            "unknown_tag" => return Lint::find("N003"),
            "invalid_tag" => return Lint::find("N004"),
            other => other,
        };
        LINTS.iter().find(|lint| {
            lint.id == name
                || lint.name == name
                || lint.code.is_some_and(|c| c.name() == code)
        })
    }
}

macro_rules! lints {
    (@code) => { None };
    (@code $code:ident) => { Some(Code::$code) };
    (@page $id:literal) => {
        include_str!(concat!("../../lints/", $id, ".md"))
    };
    (@page $id:literal $code:ident) => {
        ""
    };
    (@page $id:literal $code:ident own) => {
        lints!(@page $id)
    };
    ($($id:literal $name:literal $level:ident $repair:ident
        $([$code:ident $($own:ident)?])? $summary:literal;)*) => {
        /// All lints, in the order of their ids within a family.
        pub static LINTS: &[Lint] = &[$(Lint {
            id: $id,
            name: $name,
            level: Level::$level,
            repair: Repair::$repair,
            summary: $summary,
            code: lints!(@code $($code)?),
            page: lints!(@page $id $($code $($own)?)?),
        },)*];
    };
}

lints! {
    "S001" "compile-error" Error Unsafe "The rule does not compile";
    "S002" "deprecated-field" Warning Unsafe "A field of a module is superseded";
    "S003" "unsupported-module" Error None [UnsupportedModule] "The module is not available, its rules are left out";
    "S004" "ignored-rule" Error None [IgnoredRule] "The rule depends on a rule that is left out";
    "S005" "duplicate-import" Warning Safe [DuplicateImport] "A module is imported twice";
    "S006" "unused-import" Warning Safe "A module is imported and never used";
    "S007" "non-bool-expr" Warning Safe [NonBoolExpr] "A number or a string is used as a boolean";
    "S008" "bool-int-comparison" Warning Safe [BoolIntComparison] "A boolean is compared with an integer";
    "S009" "ambiguous-expr" Warning Safe [AmbiguousExpr] "`0 of` reads as if it could mean two things";
    "S010" "sign-conversion" Warning None [SignConversion] "An implicit conversion changes the sign";
    "S011" "unsigned-unary-op" Warning None [UnsignedUnaryOp] "A sign operator on an unsigned integer";
    "S012" "redundant-modifier" Warning Safe [RedundantModifier] "The modifier says what is already said";
    "S013" "consecutive-jumps" Warning Safe [ConsecutiveJumps] "Jumps next to each other are one jump";
    "S014" "encoding" Warning Safe "The source is not UTF-8";
    "S015" "undeclared-external" Error None "A variable that nobody declares";
    "S016" "entrypoint" Warning Unsafe [EntrypointDeprecated] "`entrypoint` is deprecated";
    "S017" "unused-identifier" Warning Safe [UnusedIdentifier] "A variable is never used";
    "S018" "compiler-warning" Warning None "Any other warning of the compiler";
    "L001" "invariant-expr" Error None [InvariantExpr own] "The expression has always the same value";
    "L002" "unsatisfiable-expr" Error None [UnsatisfiableExpr] "The expression can never be true";
    "L003" "n-of-too-many" Error None "More strings are wanted than there are";
    "L004" "dead-string" Warning Unsafe "A string that cannot change any result";
    "L005" "duplicate-string" Warning Unsafe [DuplicatePatternValue] "Two strings of one rule are equal";
    "L006" "substring" Warning None "One text counts twice, because a string is part of another";
    "L007" "unintended-set" Warning None [UnintendedPatternInSet] "A wildcard also catches a string that is used by itself";
    "L008" "global-rule-misuse" Warning None [GlobalRuleMisuse] "A global rule is named in a condition";
    "L009" "fullword-pdb" Warning Unsafe "`fullword` with a PDB path that begins with a backslash";
    "L010" "fullword-segment" Warning Unsafe "`fullword` with a text between backslashes";
    "L011" "fullword-path" Warning Unsafe "`fullword` with a path that begins with a backslash";
    "L012" "fullword-edge" Warning Unsafe "`fullword` with an edge that usually touches a word";
    "L013" "pdb-wide" Info Unsafe "`wide` with a PDB path";
    "L014" "pdb-wide-only" Error Unsafe "Only `wide` with a PDB path";
    "P001" "short-atom" Warning None "The string has no run of four fixed bytes";
    "P002" "slow-pattern" Warning None [SlowPattern] "The pattern slows down every scan";
    "P003" "regex-anchor" Warning None "The regular expression has no run of four fixed bytes";
    "P004" "regex-unbounded" Warning None "A repetition without an upper bound";
    "P005" "regex-range" Warning None "A repetition with a very large bound";
    "P006" "regex-leading-class" Warning None "The expression begins with a repeated class";
    "P007" "regex-order" Info Unsafe "Two texts with anything between them are two strings";
    "P008" "alternation" Info Unsafe "Alternatives leave only short runs of fixed bytes";
    "P009" "hex-gaps" Warning None "A hex string of gaps, without a run of four fixed bytes";
    "P010" "repeated-char" Warning None "A string of one repeated character";
    "P011" "uniform" Warning None "A string that repeats itself";
    "P012" "nocase-letters" Info None "`nocase` with nothing but letters";
    "P013" "all-modifiers" Info None "`ascii`, `wide` and `nocase` together";
    "P014" "short-at-offset" Warning Unsafe "A short string at a fixed offset is a number";
    "P015" "many-strings" Info None "More than 20 strings; from 40 on a warning";
    "P016" "many-regexes" Info None "More than two regular expressions; from four on a warning";
    "P017" "whole-file-calc" Warning Unsafe "A calculation over the whole file comes before cheaper tests";
    "P018" "math-calls" Info None "Calculations of `math`; more than three are an error";
    "P019" "slow-loop" Warning None [SlowLoop] "The loop may run very often";
    "P020" "too-many-iterations" Warning None [TooManyIterations] "Nested loops of more than a million iterations";
    "P021" "cheap-first" Warning Unsafe "An expensive test comes before a cheap one";
    "P022" "header-test" Info Unsafe "`pe.is_pe` where two bytes would do";
    "P023" "magic-module" Warning None "`magic` is slow, and differs between systems";
    "P024" "rare-module" Info None "A module that hardly any rule of the set uses";
    "P025" "measured-slow" Off None "A pattern that was measured to be slow";
    "P026" "meta-weight" Info None "More than 4 KiB of metadata";
    "P027" "hash-loop" Info None "A hash for each turn of a loop";
    "M001" "missing-metadata" Warning None "A key that the settings require is missing";
    "M002" "invalid-metadata" Warning None "A value is not of the form that the settings require";
    "M003" "unknown-key" Info None "A key that the settings do not know";
    "M004" "repeated-key" Warning None "A key that must be unique is repeated";
    "M010" "neo23x0-description" Warning None "The description is missing or not in the form of the style guide";
    "M011" "neo23x0-author" Warning Unsafe "The author is missing, a URL, or in several fields";
    "M012" "neo23x0-reference" Warning None "The reference is missing";
    "M013" "neo23x0-date" Warning Safe "A date is not YYYY-MM-DD, in the future, or before the other";
    "M014" "neo23x0-score" Warning None "The score is outside of its range";
    "M015" "neo23x0-hash" Warning None "A hash is none, or no SHA-256";
    "M016" "neo23x0-fields" Info None "License, tags or the old name are missing";
    "M020" "cccs-status" Error None "Status, sharing or source is missing or unknown";
    "M021" "cccs-author" Warning None "Author or description is missing or of another form";
    "M022" "cccs-category" Error None "The category is missing or unknown, or lacks its field";
    "M023" "cccs-types" Warning None "Type of malware or actor is unknown";
    "M024" "cccs-attack" Warning None "A technique or report is of another form";
    "M025" "cccs-generated" Warning Safe "A key that is generated is missing or stale";
    "M026" "cccs-version" Info None "The lowest version of YARA is missing, or a unique key is repeated";
    "M030" "elastic" Warning None "A key of Elastic's rules is missing";
    "M031" "yarahub" Warning None "A key that YARAhub requires is missing";
    "M040" "expired" Warning None "The rule has expired or is deprecated";
    "M041" "not-bumped" Warning Safe "The logic changed, the version did not";
    "N001" "rule-name" Warning None "The name of the rule does not follow the pattern";
    "N002" "category" Info None "The name of the rule begins with no known category";
    "N003" "unknown-tag" Warning None "A tag that the settings do not list";
    "N004" "invalid-tag" Warning None "A tag that does not follow the pattern";
    "N005" "text-as-hex" Info Safe [TextAsHex] "A hex string of printable text";
    "N006" "string-names" Off None "The names of strings do not follow the style guide";
    "N007" "fp-name" Info Safe "An exclusion that is not called `$fp…`";
    "N008" "hex-comment" Off Safe "Readable hex without its text in a comment";
    "N009" "condition-order" Off Unsafe "The condition is not ordered from header to exclusions";
    "N010" "layout" Off Safe "`dragnet fmt` would change the file";
    "C001" "not-yara4" Warning None "The rule is not valid for YARA 4";
    "C002" "not-yarax" Warning None "The rule is not valid for YARA-X";
    "C003" "not-clamav" Off None "The rule uses what ClamAV does not know";
    "C004" "engines-differ" Warning None "YARA 4 and YARA-X give different results";
    "C005" "minimum-version" Warning Safe "The rule needs a later YARA than it says";
    "C006" "relaxed-regex" Info Unsafe "YARA-X accepts the expression only in its relaxed mode";
    "D001" "logic-duplicate" Warning None "Another rule has the same logic";
    "D002" "duplicate-name" Warning None "A rule of another file has the same name";
    "D003" "duplicate-id" Error None "Two rules have one `id`";
    "D004" "structural-subset" Info None "What a rule finds, another one finds by fewer or shorter strings";
    "X001" "unused-suppression" Warning Safe "A suppression that suppresses nothing";
    "X002" "no-reason" Off None "A suppression without a reason";
    "X003" "unknown-code" Warning Safe "A suppression of a code that does not exist";
    "X004" "stale-baseline" Info Safe "An entry of the baseline that is no longer found";
    "X005" "blanket" Warning None "A suppression that names no code";
}
