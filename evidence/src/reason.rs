//! Why something was not scanned, or not as it should have been.

macro_rules! reasons {
    ($($variant:ident $name:literal $incomplete:literal $doc:literal;)*) => {
        /// The closed list of reasons.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord,
        )]
        pub enum Reason { $(#[doc = $doc] $variant,)* }

        impl Reason {
            /// All reasons.
            pub const ALL: &[Reason] = &[$(Reason::$variant,)*];

            /// The name in output rows.
            pub fn name(self) -> &'static str {
                match self { $(Reason::$variant => $name,)* }
            }

            /// One line that says what it means.
            pub fn summary(self) -> &'static str {
                match self { $(Reason::$variant => $doc,)* }
            }

            /// Does it make a run incomplete?
            pub fn is_incomplete(self) -> bool {
                match self { $(Reason::$variant => $incomplete,)* }
            }
        }
    };
}

reasons! {
    Excluded "excluded" false "Left out by a filter of the user";
    KnownGood "known_good" false "Known good content, skipped on demand";
    Decided "decided" false "No active rule can match";
    SpecialFile "special_file" false "Not a file with bytes to scan";
    TooLarge "too_large" true "Above an internal limit";
    Timeout "timeout" true "The time limit was reached";
    Fuel "fuel" true "The step limit was reached";
    Encrypted "encrypted" true "The content is encrypted";
    UnsupportedFormat "unsupported_format" true
        "Recognised, but not readable by this version";
    UnsupportedCompression "unsupported_compression" true
        "The compression is not readable by this version";
    UnreadableSector "unreadable_sector" true
        "The medium does not give the bytes back";
    BadChecksum "bad_checksum" false
        "A checksum is wrong; the data was scanned";
    CorruptMetadata "corrupt_metadata" true "The metadata contradict themselves";
    Truncated "truncated" true "The data end before they should";
    MissingSegment "missing_segment" true "A part of a split image is missing";
    MissingParent "missing_parent" true "A backing file is missing";
    NestingLimit "nesting_limit" true "Containers are nested too deeply";
    ExpansionLimit "expansion_limit" true "The content expands too much";
    Reused "reused" false "The space belongs to another object by now";
    Zeros "zeros" true "Zeros where data were expected";
    NotCaptured "not_captured" false "Memory that is not part of the dump";
    Swapped "swapped" false "The page is in swap";
    DeviceMemory "device_memory" false "The mapping belongs to a device";
    NoPermission "no_permission" true "Access was refused";
    Gone "gone" true "It ceased to exist";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_files_and_filters_keep_a_run_complete() {
        assert!(!Reason::SpecialFile.is_incomplete());
        assert!(!Reason::Excluded.is_incomplete());
        assert!(Reason::Truncated.is_incomplete());
        assert!(Reason::NoPermission.is_incomplete());
    }

    #[test]
    fn names_are_distinct() {
        let mut names: Vec<&str> =
            Reason::ALL.iter().map(|r| r.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Reason::ALL.len());
    }
}
