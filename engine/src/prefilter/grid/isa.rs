//! Which instructions the search may use.

/// An instruction set that this processor has: a value exists only after
/// the processor was asked, and so is the proof that the loops written for
/// it may run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Isa(Name);

/// The instruction sets for which the search is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// Any processor.
    Scalar,
    /// AVX2: 32 bytes at a time.
    Avx2,
    /// AVX-512 with the parts F, BW, DQ and VL: 64 bytes at a time.
    Avx512,
}

impl Name {
    /// All of them, the plainest first.
    pub const ALL: [Name; 3] = [Name::Scalar, Name::Avx2, Name::Avx512];
}

impl Isa {
    /// The best one of this processor.
    pub fn best() -> Isa {
        let mut all = Name::ALL.into_iter().rev();
        all.find_map(Isa::find).unwrap_or(Isa(Name::Scalar))
    }

    /// The instruction set, if this processor has it.
    pub fn find(name: Name) -> Option<Isa> {
        #[cfg(target_arch = "x86_64")]
        let available = match name {
            Name::Scalar => true,
            Name::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("popcnt")
                    && is_x86_feature_detected!("bmi1")
            }
            Name::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("popcnt")
            }
        };
        #[cfg(not(target_arch = "x86_64"))]
        let available = name == Name::Scalar;
        available.then_some(Isa(name))
    }

    /// Which one it is.
    pub fn name(self) -> Name {
        self.0
    }
}
