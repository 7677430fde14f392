//! The table of diagnostic codes.

use super::Severity;

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $doc:literal;)*) => {
        /// A stable name for one kind of diagnostic.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
        )]
        pub enum Code { $(#[doc = $doc] $variant,)* }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &[Code] = &[$(Code::$variant,)*];

            /// The stable name, as in `check --explain NAME`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// Error or warning.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// One line that says what it means.
            pub fn summary(self) -> &'static str {
                match self { $(Code::$variant => $doc,)* }
            }

            /// A page of Markdown that explains it with examples.
            pub fn page(self) -> &'static str {
                match self { $(
                    Code::$variant => include_str!(
                        concat!("../../diagnostics/", $name, ".md")
                    ),
                )* }
            }
        }
    };
}

codes! {
    Syntax "syntax" Error "The text does not follow the grammar";
    WrongType "wrong_type" Error "An operand has a type that does not fit here";
    MismatchingTypes "mismatching_types" Error "Two operands, or the items of a list, have different types";
    WrongArguments "wrong_arguments" Error "A function is called with arguments it does not take";
    AssignmentMismatch "assignment_mismatch" Error "The number of loop variables does not fit";
    NegativeNumber "negative_number" Error "A negative number is not allowed here";
    IntegerRange "integer_range" Error "An integer does not fit into 64 bits or into its place";
    FloatSyntax "float_syntax" Error "A float literal is not valid";
    UnknownField "unknown_field" Error "There is no field or method of this name";
    UnknownIdentifier "unknown_identifier" Error "There is no variable, module, external or rule of this name";
    UnknownModule "unknown_module" Error "There is no module of this name";
    InvalidRange "invalid_range" Error "The lower bound is above the upper bound";
    DuplicateRule "duplicate_rule" Error "Two rules of one namespace have one name";
    RegexSyntax "regex_syntax" Error "The regular expression is not valid";
    RegexUnsupported "regex_unsupported" Error "The regular expression uses a construct that no engine supports";
    RegexTooLarge "regex_too_large" Error "The regular expression needs too large a program";
    RegexMixedGreediness "regex_mixed_greediness" Error "Greedy and lazy repetitions are mixed in one pattern";
    EmptySet "empty_set" Error "A set matches no pattern";
    ModifierCombination "modifier_combination" Error "These modifiers exclude each other";
    DuplicateModifier "duplicate_modifier" Error "A modifier is given twice";
    ModifierNotAllowed "modifier_not_allowed" Error "The modifier does not fit this kind of pattern";
    ModifierArgument "modifier_argument" Error "The argument of a modifier is out of range";
    DuplicateTag "duplicate_tag" Error "A tag is given twice";
    UnusedPattern "unused_pattern" Error "A pattern is never used in the condition";
    DuplicatePattern "duplicate_pattern" Error "Two patterns of one rule have one name";
    UnknownPattern "unknown_pattern" Error "There is no pattern of this name in the rule";
    InvalidPattern "invalid_pattern" Error "The hex pattern is not valid";
    EmptyPattern "empty_pattern" Error "A pattern must not be empty";
    Base64AlphabetLength "base64_alphabet_length" Error "A base64 alphabet has 64 bytes";
    TextEscape "text_escape" Error "The escape sequence is not valid";
    RegexFlag "regex_flag" Error "A regular expression takes the flags i and s only";
    TooManyPatterns "too_many_patterns" Error "The rule has too many patterns";
    MethodInWith "method_in_with" Error "A method cannot be bound by `with`";
    IncludeError "include_error" Error "An included file cannot be read";
    IncludeNotFound "include_not_found" Error "An included file does not exist";
    IncludeDisabled "include_disabled" Error "Includes are switched off";
    IncludeCycle "include_cycle" Error "A file includes itself";
    IncludeDepth "include_depth" Error "Includes are nested too deeply";
    TooManyVariables "too_many_variables" Error "The condition binds too many variables";
    ConditionTooLarge "condition_too_large" Error "The condition is too large";
    BannedModule "banned_module" Error "The module is not allowed here";
    NestingDepth "nesting_depth" Error "The expression is nested too deeply";
    RuleMatchesWildcard "rule_matches_wildcard" Error "A rule is declared after a wildcard that would have named it";
    SourceTooLarge "source_too_large" Error "A source file must be smaller than 4 GiB";

    AmbiguousExpr "ambiguous_expr" Warning "`0 of` reads as if it could mean two things";
    BoolIntComparison "bool_int_comparison" Warning "A boolean is compared with 0 or 1";
    ConsecutiveJumps "consecutive_jumps" Warning "Jumps next to each other are one jump";
    DuplicateImport "duplicate_import" Warning "A module is imported twice";
    DuplicatePatternValue "duplicate_pattern_value" Warning "Two patterns of one rule are equal";
    GlobalRuleMisuse "global_rule_misuse" Warning "A global rule is named in a condition";
    IgnoredRule "ignored_rule" Warning "A rule is left out because of what it depends on";
    UnsupportedModule "unsupported_module" Warning "The module is switched off";
    InvariantExpr "invariant_expr" Warning "The expression has always the same value";
    NonBoolExpr "non_bool_expr" Warning "A number or a string is used as a boolean";
    SlowLoop "slow_loop" Warning "The loop may run very often";
    RedundantModifier "redundant_modifier" Warning "The modifier says what is already said";
    SignConversion "sign_conversion" Warning "An implicit conversion changes the sign";
    SlowPattern "slow_pattern" Warning "The pattern slows down every scan";
    TextAsHex "text_as_hex" Warning "A hex pattern of printable text";
    TooManyIterations "too_many_iterations" Warning "Nested loops of more than a million iterations";
    UnintendedPatternInSet "unintended_pattern_in_set" Warning "A wildcard also catches a pattern that is used by itself";
    UnsatisfiableExpr "unsatisfiable_expr" Warning "The expression can never be true";
    UnsignedUnaryOp "unsigned_unary_op" Warning "A sign operator on an unsigned integer";
    UnusedIdentifier "unused_identifier" Warning "A variable is never used";

    Base64Alphabet "base64_alphabet" Warning "A base64 alphabet repeats a character";
    Base64Short "base64_short" Warning "The base64 form of a very short text matches nearly everywhere";
    BoolAsInt "bool_as_int" Warning "A boolean is used as an integer";
    DivisionByZero "division_by_zero" Warning "A division by zero is undefined";
    DuplicateRuleModifier "duplicate_rule_modifier" Warning "A rule modifier is given twice";
    DuplicateSetItem "duplicate_set_item" Warning "A pattern is named twice in a set";
    EntrypointDeprecated "entrypoint_deprecated" Warning "`entrypoint` is deprecated";
    GlobalDependsOnLocal "global_depends_on_local" Warning "A global rule depends on a rule that is not global";
    IndexOutOfRange "index_out_of_range" Warning "The index can never be valid";
    IntegerOverflow "integer_overflow" Warning "The constant leaves 64 bits and wraps";
    LongIdentifier "long_identifier" Warning "libyara refuses names of more than 128 characters";
    ModuleWithoutData "module_without_data" Warning "The field is always undefined here";
    NegativeOffset "negative_offset" Warning "A negative offset never matches";
    NonUtf8Source "non_utf8_source" Warning "The source is not UTF-8";
    PercentageRange "percentage_range" Warning "A percentage outside 1 to 100";
    RegexArbitraryPrefix "regex_arbitrary_prefix" Warning "The regular expression may start anywhere";
    RegexAsBool "regex_as_bool" Warning "A regular expression as a condition is always true";
    RegexClassBracket "regex_class_bracket" Warning "A bracket inside a class is taken literally";
    RegexClassSetOp "regex_class_set_op" Warning "libyara reads this class differently";
    RegexEmptyMatch "regex_empty_match" Warning "The regular expression can match nothing";
    RegexReach "regex_reach" Warning "The match may be longer than the reach of the engine";
    RegexUnescapedBrace "regex_unescaped_brace" Warning "A brace that opens no repetition is taken literally";
    RegexUnknownEscape "regex_unknown_escape" Warning "An unknown escape stands for the character itself";
    SelfReference "self_reference" Warning "A rule that names itself is false there";
    ShadowedIdentifier "shadowed_identifier" Warning "A name hides another one";
    UnclosedComment "unclosed_comment" Warning "A comment is not closed";
    ZeroJump "zero_jump" Warning "A jump of zero bytes has no effect";
    UnknownCode "unknown_code" Warning "A suppression names a code that does not exist";
}
