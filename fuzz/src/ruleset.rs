//! Compiled rule sets with damage in them and a checksum that fits.

use std::mem::offset_of;
use std::sync::LazyLock;

use dragnet::{Isa, IsaName, LiteralEngine, LoadError, Rules, Scanner};
use dragnet_engine::ruleset::LoadError as Refused;
use dragnet_engine::ruleset::layout::Header;

use super::bytes::Bytes;
use super::compiled;

/// Rules that fill every section of a set.
const RULES: &[&str] = &[
    r#"
import "math"
import "cuckoo"
import "pe"
global rule small { condition: filesize < 1MB }
private rule part { strings: $ = "part" condition: any of them }
rule texts : one two {
    meta: author = "somebody" score = 75 ratio = 0.5 good = true
    strings:
        $a = "eval(" nocase wide ascii
        $b = "secret" xor(1-9)
        $c = "password" base64
        $d = "if" fullword
    condition:
        part and (2 of them or #a > 1 or @b[1] == 3 or $d at 0)
}
rule header {
    strings: $a = "common" $b = "a much rarer text"
    condition: uint16(0) == 0x5A4D and all of them
}
rule values {
    condition:
        int + 1 == 2 and float > 0.1 and flag and text contains "ex"
        and math.entropy(0, filesize) >= 0.0
        and not cuckoo.network.http_request(/evil\.(com|org)/)
        and pe.number_of_sections == 3
}
"#,
    r#"
rule patterns {
    strings:
        $a = /ab+c[0-9]{2,5}(x|yz)*/
        $b = /\bword.{0,9}end$/i
        $c = { 4D 5A ?? 9? [2-8] ( 50 45 | 4E 45 ) ~00 }
        $d = { 64 72 61 67 [40-] 6E 65 74 }
        $e = /[a-f]{3}./s
    condition:
        any of ($a, $b, $c) or #d > 1 or $e at 4
        or for any i in (1..#a) : (@a[i] < 100 and !a[i] > 2)
        or for all k in (1, 2, 3) : (uint8(k) == k)
}
"#,
];

/// Something for the rules to find.
const DATA: &[u8] = b"MZ\x90\x93abbc123xyzx if eval(e\0v\0a\0l\0(\0 common \
    part word and end drag.............................................net \
    cGFzc3dvcmQ= rdbsdu a much rarer text MZ..\x9f....PE!abcabc";

static SETS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let set = |text: &&str| {
        let compiled = compiled(text.as_bytes());
        let errors: Vec<_> = compiled.errors().collect();
        assert!(errors.is_empty(), "{errors:?}");
        let rules = compiled.rules.expect("rules, as there are no errors");
        rules.bytes().to_vec()
    };
    RULES.iter().map(set).collect()
});

/// Whatever lies in a set whose checksum fits: it is refused, or it scans to
/// an end.
pub fn load_ruleset(data: &[u8]) {
    let mut bytes = Bytes::new(data);
    let mut set = SETS[usize::from(bytes.below(SETS.len() as u8))].clone();
    let start = size_of::<Header>();
    let is_damaged = !bytes.is_empty();
    while !bytes.is_empty() {
        let place = u32::from_le_bytes([(); 4].map(|()| bytes.byte()));
        let place = start + place as usize % (set.len() - start);
        let value = bytes.byte();
        match bytes.below(4) {
            0 => set[place] = value,
            1 => set[place] ^= value,
            2 => set[place] = set[place].wrapping_add(value),
            _ => set[place..].iter_mut().take(4).for_each(|b| *b = value),
        }
    }
    let checksum = crc32fast::hash(&set[start..]).to_le_bytes();
    set[offset_of!(Header, checksum)..][..4].copy_from_slice(&checksum);
    let rules = match Rules::from_bytes(set) {
        Ok(rules) => rules,
        Err(LoadError::Format(Refused::Invalid(_))) if is_damaged => return,
        Err(error) => panic!("refused for the wrong reason: {error}"),
    };
    let scalar = Isa::find(IsaName::Scalar).expect("any processor has it");
    let engines = [
        LiteralEngine::default(),
        LiteralEngine::Grid(scalar),
        LiteralEngine::Automaton,
    ];
    for engine in engines {
        let mut scanner = Scanner::new(&rules);
        scanner.set_literal_engine(engine);
        scanner.limits_mut().fuel = 1 << 20;
        for data in [&b""[..], DATA] {
            for rule in scanner.scan(data).rules() {
                let _ =
                    (rule.name(), rule.tags().count(), rule.meta().count());
                let matches = rule.patterns().map(|p| p.matches().len());
                let _ = matches.sum::<usize>();
            }
        }
    }
}
