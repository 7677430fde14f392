//! Signatures that other programs made, and names and times as the
//! standards write them.

use std::borrow::Cow;
use std::cell::Cell;

use super::der::{Element, Elements, tag};
use super::keys::{Hash, PublicKey};
use super::names::{distinguished_name, listed_name, time};
use super::{Reader, Scheme, certificates, verifies};
use crate::module::testing::unhex;

const NESTED: &[u8] = include_bytes!("samples/nested.der");
const P384: &[u8] = include_bytes!("samples/p384.der");

/// An element with a body of less than 128 bytes.
fn element(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, body.len() as u8], body].concat()
}

/// An element whose length is not given.
fn open_element(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, 0x80], body, &[0, 0]].concat()
}

fn first(bytes: &[u8]) -> Option<Element<'_>> {
    Elements(bytes).next()
}

#[test]
fn elements_have_a_length_or_an_end() {
    let number = element(tag::INTEGER, &[1]);
    let inner = open_element(tag::SET, &number);
    let outer = open_element(tag::SEQUENCE, &[&inner[..], &number].concat());
    let all = [&outer[..], &number].concat();
    let mut elements = Elements(&all);
    let sequence = elements.expect(tag::SEQUENCE).unwrap();
    assert_eq!(sequence.raw, outer);
    assert_eq!(sequence.elements().count(), 2);
    let set = sequence.elements().next().unwrap();
    assert_eq!((set.body, set.raw), (&number[..], &inner[..]));
    assert_eq!(elements.expect(tag::INTEGER).unwrap().number(), Some(1));
    assert!(elements.next().is_none());
    // A length of more bytes than it needs.
    let long = [&[0x04, 0x82, 0, 2][..], b"ab"].concat();
    assert_eq!(first(&long).unwrap().body, b"ab");
}

#[test]
fn what_does_not_end_is_no_element() {
    let deep = [&[0x30, 0x80].repeat(40)[..], &[0; 80]].concat();
    let wrong: [&[u8]; 7] = [
        b"",
        b"\x30",
        b"\x30\x80",
        b"\x30\x80\0",
        b"\x04\x80\0\0",
        b"\x30\x84\xff\xff\xff\xff",
        &deep,
    ];
    for bytes in wrong {
        assert!(first(bytes).is_none(), "{bytes:?}");
    }
}

#[test]
fn times_are_seconds_since_1970() {
    let at = |tag, text: &[u8]| time(first(&element(tag, text)).unwrap());
    let utc = |text| at(tag::UTC_TIME, text);
    let long = |text| at(tag::GENERALIZED_TIME, text);
    assert_eq!(utc(b"700101000000Z"), Some(0));
    assert_eq!(utc(b"491231235959Z"), Some(2_524_607_999));
    assert_eq!(utc(b"500101000000Z"), Some(-631_152_000));
    assert_eq!(utc(b"0002291200Z"), Some(951_825_600));
    assert_eq!(long(b"20380119031408Z"), Some(2_147_483_648));
    for text in
        [&b""[..], b"Z", b"700101000000", b"701301000000Z", b"7x0101000000Z"]
    {
        assert_eq!(utc(text), None, "{text:?}");
    }
}

#[test]
fn names_are_written_in_two_ways() {
    let pair = |id: &[u8], tag, text: &[u8]| {
        let pair = [element(tag::OID, id), element(tag, text)].concat();
        element(tag::SEQUENCE, &pair)
    };
    let country = pair(&[0x55, 4, 6], tag::PRINTABLE, b"DE");
    let name = pair(&[0x55, 4, 3], tag::UTF8, "\u{dc}".as_bytes());
    let wide = pair(&[0x55, 4, 10], tag::BMP, b"\0A\0B");
    let number = pair(&[0x2a, 3], tag::INTEGER, b"\xab");
    let sets = [
        element(tag::SET, &country),
        element(tag::SET, &[name, wide].concat()),
        element(tag::SET, &number),
    ];
    let bytes = element(tag::SEQUENCE, &sets.concat());
    let name = first(&bytes).unwrap();
    let listed = listed_name(name).unwrap();
    assert_eq!(listed, "C=DE, CN=\u{dc} + O=AB, 1.2.3=AB");
    // Units of two bytes are no readable text here.
    let expected = "/C=DE/CN=\u{dc}O=#00410042/1.2.3=#ab";
    assert_eq!(distinguished_name(name), expected);
}

#[test]
fn the_file_is_digested_once_for_each_function() {
    let passes = Cell::new(0);
    let covered = |_: Hash| {
        passes.set(passes.get() + 1);
        vec![Cow::Borrowed(&b"not what was signed"[..])]
    };
    let reader = Reader::new(&covered);
    for _ in 0..3 {
        let all = reader.read(NESTED).unwrap();
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|one| !one.verified));
        assert_ne!(all[0].digest.algorithm, all[1].digest.algorithm);
    }
    assert_eq!(passes.get(), 2);
    assert!(reader.read(b"\x30\x03\x02\x01\x01").is_none());
    assert!(reader.read(&P384[..P384.len() - 1]).is_none());
}

#[test]
fn certificates_of_any_signed_data_are_listed() {
    let all = certificates(NESTED);
    assert_eq!(all.len(), 1);
    assert_eq!(all[0].subject, "C=DE, O=Some Body, CN=RSA");
    assert_eq!(all[0].issuer, all[0].subject);
    assert!(all[0].is_self_signed);
    assert!(certificates(b"\x30\0").is_empty());
}

/// Each signature is of SHA-256 over "message".
const KEYS: [(&str, &str); 4] = [
    (
        "308201be3082013306072a8648ce38040130820126028181008b9ecea854ffed8d62\
         51b60f623bc94772ee551189d5393076f77f84ccbfa32778c283684217d07e2cd684\
         a3ff73fe5e727956adc1994cadc4fff9fb4c781afcaf16793fdd75282759ea65a158\
         ea9858540df01cdc3cfe8f20c7b7b2d9787195c52cb317238ac821f2f25428ff0094\
         bf54bdaad0bec724d20de185404474218b021d0092ddd62d0aeccc2e4591b33d0013\
         58dd4e8ab245bfa49c951b46a21502818055d7d4046a4067e0c3a121c94d2b8ccc09\
         37c262ff86b17e5124dbad7de682cde9be2bd3292a24a5065fa876f566db46b7cd58\
         ce24012f5d785d509f56c7141143ff43336f8bd2767829fa326290598adf57428639\
         f52735c038f68c42546e1d8e04b4a2df9070c0ae859810e9dfedca43804340d406b1\
         46156cf609c55f3296038184000281807a39d64b37f532fb34f1f58944d68b93878c\
         c90000acdc461fdd119a83ffb006694ef717feeae68abc57d8b3beeca51323aeb623\
         028808ca6819c906b822ef95b68acbac39152971314c8cbcceec63e9f08f49584d10\
         5b5563220ffa379f34da304b61177eb00bd740975db7567fd5256ea881e90575b643\
         93be642806cfe7c5",
        "303d021d009217615857b874e912bc52e17cc30250b0cbbd01151c55d86a5138a402\
         1c04081b57cfbdaa667664c299dd68416e42a4f29b9642ee640d52012a",
    ),
    (
        "3076301006072a8648ce3d020106052b810400220362000447056cf72fc4d208a589\
         de430a2d2bd75486630d8df6a549c23558561e352415e81e3f58e2bf6c0e6247d059\
         dac75084969de8b3eb1fcff19447d4cd5101df4e18103282d49d28296d94b687fb6e\
         79ec6afcbd7922e3dae03069826fa36a72ed",
        "306502302e101b169bfd3412daf0aed04b9f64e41230b249bf031e6fb3ef5361eea2\
         3e8d46469d9dee54b7b91256ff45786f9175023100b0452f6a89b996146a72b14734\
         640514e2596a7de289b17d8c54c690c7095d72de16e4dd1f70ea0cbdacd6464b9ba9\
         ad",
    ),
    (
        "3059301306072a8648ce3d020106082a8648ce3d030107034200042022ccd2e97e9f\
         2d7b3afe0d9bf25cca6c6f5971682d780b1a79b15651cd800e6f8bc898a93679560d\
         e8b2219510d5cdb7a9a1546c7d71c09ae23077292fac2a",
        "3046022100e57befcbddd62a290d034c98c5179f9f6bb919aae0e329b38c0fa96329\
         c57f41022100f4a435718595edb9b48e65eb3ee6b0bc2a166dec720341cb81ccfe25\
         c8b3c532",
    ),
    (
        "30819f300d06092a864886f70d010101050003818d00308189028181009f81af3853\
         ec8ae8f81c4725b14579485c8f9d20a0651086e6f7642017cca45cad314575c7be5d\
         babd4875b29c32890969c471c48003b2f86fe6cc4a5cbebbb07a932552397a5292e8\
         763e88a1056d63d7002aed03227ceee2b29f2ed1809a237fc3b511934ebd6b7fe331\
         87aff23d3712c4a5182e93da2fe02663afa9132c310203010001",
        "702d83e1e007e6f1c15deef9d864c23f13728329ebb0c36b819401388a175e6a3764\
         c5795d5a96d098f417ab08d9fff9f18736ae46a246bf4f21a62b05f64db6bc433ef9\
         35ba3eb6670a4a9559812ce2e6214d0ef25f13cfaaf0f84e50d239174d4c9a762edb\
         a2d3a3c427721f89d3e610188805b3474b71b3ceec08001df17b",
    ),
];

#[test]
fn keys_of_all_kinds_verify_what_was_signed_and_nothing_else() {
    let digest = Hash::Sha256.digest(&[b"mess", b"age"]);
    let other = Hash::Sha256.digest(&[b"massage"]);
    for (key, signature) in KEYS {
        let (bytes, signature) = (unhex(key), unhex(signature));
        let key = PublicKey::new(first(&bytes).unwrap()).unwrap();
        assert!(key.verifies(Hash::Sha256, &digest, &signature));
        assert!(!key.verifies(Hash::Sha256, &other, &signature));
        assert!(!key.verifies(Hash::Sha384, &digest, &signature[1..]));
        for at in [0, 8, signature.len() - 1] {
            let mut changed = signature.clone();
            changed[at] ^= 1;
            assert!(!key.verifies(Hash::Sha256, &digest, &changed), "{at}");
        }
        assert!(!key.verifies(Hash::Sha256, &digest, b""));
    }
    let (key, signature) = (unhex(KEYS[3].0), unhex(KEYS[3].1));
    assert!(verifies(Scheme::RsaSha256, &key, &digest, &signature));
    assert!(!verifies(Scheme::RsaSha1, &key, &digest, &signature));
    assert!(!verifies(Scheme::EcdsaSha256, &key, &digest, &signature));
}
