//! Runs the bodies of the fuzz targets over their corpora and over some
//! thousand mutations, so that every test run exercises them.
//!
//! `DRAGNET_FUZZ_ROUNDS` asks for more rounds and `DRAGNET_FUZZ_SEED` for
//! other ones: without the counters of a fuzzer a body runs ten times as
//! often in the same time. `DRAGNET_FUZZ_CORPUS` names a folder of other
//! inputs to start from, such as real files.

#[allow(unreachable_pub, reason = "the fuzz crate exports them")]
#[path = "../fuzz/src/lib.rs"]
mod bodies;
mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// A small generator of pseudo-random numbers; the same in every run that
/// does not ask for another seed.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Random {
        let other = number("DRAGNET_FUZZ_SEED").unwrap_or(0);
        // The state must not be zero.
        Random((seed ^ other.wrapping_mul(0x9E37_79B9_7F4A_7C15)) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n.max(1)
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| (self.next() >> 40) as u8).collect()
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = std::env::var(variable).ok()?;
    let value = value.parse();
    Some(value.unwrap_or_else(|_| panic!("{variable} is no number")))
}

/// How often a body runs.
fn rounds(usual: u64) -> u64 {
    number("DRAGNET_FUZZ_ROUNDS").unwrap_or(usual)
}

/// The inputs kept for a target.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = std::env::var_os("DRAGNET_FUZZ_CORPUS").map_or_else(
        || support::path("fuzz/corpus").join(target),
        PathBuf::from,
    );
    let mut paths: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("a file of the corpus").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    paths
        .iter()
        .map(|path| std::fs::read(path).expect("a readable file"))
        .collect()
}

/// Runs a body, and says on which input it failed.
fn run(body: fn(&[u8]), input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| body(input))).is_err() {
        panic!("failed on b\"{}\"", input.escape_ascii());
    }
}

/// Pieces of rules that mutations put in.
const PIECES: &[&[u8]] = &[
    b"rule ",
    b"condition:",
    b"strings:",
    b"meta:",
    b" $a = ",
    b"{ 01 [1-2] ",
    b"/a+/",
    b"\"text\"",
    b" for any i in (1..3) : (",
    b" of them",
    b" and ",
    b"(",
    b")",
    b"}",
    b"\\",
    b"*/",
    b"/*",
    b"// suppress: x\n",
    b"0x",
    b"KB",
    b"import \"math\"\n",
    b"math.entropy(0,1)",
    b"@a[1]",
    b"#a",
    b"!a",
    b"..",
    b"with x = 1 : (",
    b" wide",
    b" xor(1-2)",
    b" base64",
    b"[^]",
    b"{1,2}?",
    b"\xff",
    b"\0",
    b"%",
    b"any",
    b"all",
    b"private ",
    b"global ",
    b"-",
    b"~",
];

fn mutate(random: &mut Random, input: &[u8]) -> Vec<u8> {
    let mut out = input.to_vec();
    for _ in 0..1 + random.below(4) {
        let at = random.below(out.len() + 1);
        let end = (at + random.below(12)).min(out.len());
        match random.below(4) {
            0 => drop(out.drain(at..end)),
            1 => {
                let piece = PIECES[random.below(PIECES.len())];
                out.splice(at..at, piece.iter().copied());
            }
            2 => {
                let piece = out[at..end].to_vec();
                let to = random.below(out.len() + 1);
                out.splice(to..to, piece);
            }
            _ => {
                let byte = random.next() as u8;
                if let Some(slot) = out.get_mut(at) {
                    *slot = byte;
                }
            }
        }
    }
    out
}

/// Files are cut at places of their first so many bytes.
const CUT: usize = 64 << 10;

/// What counts, lengths and offsets in damaged files are.
const NUMBERS: [u64; 12] = [
    0,
    1,
    2,
    0x10,
    0x7f,
    0x80,
    0x1000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_fff0,
    u64::MAX,
];

/// Damages a file as [`mutate`] does a text: numbers in it, mostly those of
/// its headers, and now and then its length.
fn damage(random: &mut Random, input: &[u8]) -> Vec<u8> {
    let mut out = input.to_vec();
    for _ in 0..1 + random.below(4) {
        let within = match random.below(3) {
            0 => out.len().min(512),
            _ => out.len(),
        };
        let at = random.below(within);
        let width = 1 << random.below(4);
        let number = match random.below(4) {
            0 => random.next(),
            1 => random.below(out.len()) as u64,
            _ => NUMBERS[random.below(NUMBERS.len())],
        };
        let number = match random.below(4) {
            0 => number.to_be_bytes()[8 - width..].to_vec(),
            _ => number.to_le_bytes()[..width].to_vec(),
        };
        let end = (at + width).min(out.len());
        match random.below(16) {
            0 => out.truncate(at),
            1 => out[at..end].reverse(),
            _ => out[at..end].copy_from_slice(&number[..end - at]),
        }
    }
    out
}

fn mutations(
    target: &str,
    mutate: fn(&mut Random, &[u8]) -> Vec<u8>,
    body: fn(&[u8]),
    usual: u64,
) {
    let corpus = corpus(target);
    for input in &corpus {
        run(body, input);
    }
    let mut random = Random::new(0x9E37_79B9_7F4A_7C15);
    for _ in 0..rounds(usual) {
        let input = &corpus[random.below(corpus.len())];
        run(body, &mutate(&mut random, input));
    }
}

#[test]
fn lex_parse() {
    mutations("lex_parse", mutate, bodies::lex_parse, 20_000);
}

#[test]
fn compile() {
    mutations("compile", mutate, bodies::compile, 2_000);
}

#[test]
fn modules() {
    for input in corpus("modules") {
        for end in (1..input.len().min(CUT)).step_by(97) {
            run(bodies::modules, &input[..end]);
        }
    }
    // The first byte says which module reads the rest.
    let rest = |random: &mut Random, input: &[u8]| {
        let (first, file) = input.split_first().expect("a module's number");
        [&[*first], &*damage(random, file)].concat()
    };
    mutations("modules", rest, bodies::modules, 20_000);
}

#[test]
fn scan_vs_naive() {
    for input in corpus("scan_vs_naive") {
        run(bodies::scan_vs_naive, &input);
    }
    let mut random = Random::new(0xD1B5_4A32_D192_ED03);
    for _ in 0..rounds(5_000) {
        let length = 20 + random.below(150);
        let input = random.bytes(length);
        run(bodies::scan_vs_naive, &input);
    }
}

#[test]
fn containers() {
    let mut random = Random::new(0x2545_F491_4F6C_DD1D);
    // Untouched, then with some bytes changed.
    for image in 0..13 {
        run(bodies::containers, &[image]);
    }
    for _ in 0..rounds(3_000) {
        let length = 1 + 5 * (1 + random.below(4));
        let input = random.bytes(length);
        run(bodies::containers, &input);
    }
}

#[test]
fn memory() {
    let mut random = Random::new(0x8CB9_2BA7_2F3D_8DD7);
    // Untouched, then with some bytes changed.
    for dump in 0..7 {
        run(bodies::memory, &[dump]);
    }
    for _ in 0..rounds(4_000) {
        let length = 1 + 5 * (1 + random.below(6));
        let input = random.bytes(length);
        run(bodies::memory, &input);
    }
}

#[test]
fn load_ruleset() {
    let mut random = Random::new(0xA076_1D64_78BD_642F);
    // Untouched, then with some bytes changed.
    for set in 0..2 {
        run(bodies::load_ruleset, &[set]);
    }
    for _ in 0..rounds(4_000) {
        let length = 1 + 6 * (1 + random.below(3));
        let input = random.bytes(length);
        run(bodies::load_ruleset, &input);
    }
}
