//! Images built here as the headers of the format lay them out.

use md5::{Digest, Md5};

use crate::module::call::hex;
use crate::module::hostile::survives;
use crate::module::testing::{File, Writer};
use crate::module::{Arg, Value};

impl Writer {
    fn name(&mut self, name: &str) {
        let end = self.bytes.len() + 16;
        self.bytes.extend(name.as_bytes());
        self.bytes.resize(end, 0);
    }

    /// A command and what `fill` puts behind its size.
    fn command(&mut self, command: u64, fill: impl Fn(&mut Writer)) {
        let start = self.bytes.len();
        self.quads(&[command, 0]);
        fill(self);
        let size = self.bytes.len() - start;
        let mut number = (size as u32).to_le_bytes();
        if self.big {
            number.reverse();
        }
        self.bytes[start + 4..start + 8].copy_from_slice(&number);
    }
}

const ENTITLEMENTS: &str = "<plist><dict><key>com.a</key><true/>\
    <key>com.b</key><array> <string>x</string> <string>x</string></array>\
    </dict></plist>";

/// An image of 0x600 bytes with one segment.
fn image(wide: bool, big: bool) -> Vec<u8> {
    let mut to = Writer { bytes: Vec::new(), wide, big };
    let magic = if wide { 0xfeed_facf } else { 0xfeed_face };
    let cputype = if wide { 0x100_0007 } else { 7 };
    to.quads(&[magic, cputype, 3, 2, 11, 0, 0x85]);
    if wide {
        to.quads(&[0]);
    }
    to.command(if wide { 0x19 } else { 1 }, |to| {
        to.name("__TEXT");
        to.words(&[0x1000, 0x800, 0x40, 0x300]);
        to.quads(&[7, 5, 1, 4]);
        to.name("__text");
        to.name("__TEXT");
        to.words(&[0x1010, 0x20]);
        to.quads(&[0x50, 4, 1, 2, 0x8000_0400, 8, 9]);
        if to.wide {
            to.quads(&[10]);
        }
    });
    to.command(0x8000_0028, |to| {
        to.put(0x77, 8);
        to.put(0x8000, 8);
    });
    to.command(0xc, |to| {
        to.quads(&[24, 2, 0x0001_0203, 0x0004_0500]);
        to.bytes.extend(b"/usr/lib/libA.dylib\0");
    });
    to.command(0x8000_001c, |to| {
        to.quads(&[12]);
        to.bytes.extend(b"@loader_path\0\0\0\0");
    });
    to.command(0xe, |to| {
        to.quads(&[12]);
        to.bytes.extend(b"/usr/lib/dyld\0\0\0");
    });
    to.command(0x1b, |to| to.bytes.extend(1..17));
    to.command(0x2a, |to| to.put(7 << 40 | 1 << 30 | 2 << 20, 8));
    to.command(0x32, |to| {
        to.quads(&[1, 0x000b_0000, 0x000d_0100, 1, 3, 0x0250_0100]);
    });
    to.command(0x2, |to| to.quads(&[0x400, 2, 0x440, 0x20]));
    to.command(0x8000_0022, |to| {
        to.quads(&[0, 0, 0x480, 0x10, 0x480, 0x10, 0, 0, 0x4a0, 0x20]);
    });
    to.command(0x1d, |to| to.quads(&[0x500, 0x100]));
    to.bytes.resize(0x400, 0);
    for (name, kind) in [(1, 1), (7, 0xf)] {
        to.quads(&[name]);
        to.bytes.extend([kind, 1]);
        to.put(0, 2);
        to.words(&[0x1010]);
    }
    to.bytes.resize(0x440, 0);
    to.bytes.extend(b"\0_puts\0_main\0");
    to.bytes.resize(0x480, 0);
    to.bytes.extend(b"\x11\x40_puts\0\x51\x90\0");
    to.bytes.resize(0x4a0, 0);
    // Two names below one prefix.
    to.bytes.extend(b"\0\x01_m\0\x06\0\x02ain\0\x14ap\0\x18");
    to.bytes.resize(0x4b4, 0);
    to.bytes.extend(b"\x02\0\x10\0\x02\0\x20\0");
    to.bytes.resize(0x500, 0);
    let blob = ENTITLEMENTS.len() as u32 + 8;
    for number in [0xfade_0cc0_u32, 0x100, 1, 5, 20, 0xfade_7171, blob] {
        to.bytes.extend(number.to_be_bytes());
    }
    to.bytes.extend(ENTITLEMENTS.as_bytes());
    to.bytes.resize(0x600, 0);
    to.bytes
}

/// A universal file of two images.
fn fat() -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in [0xcafe_babe_u32, 2] {
        bytes.extend(number.to_be_bytes());
    }
    for arch in [[0x100_0007_u32, 3, 0x100], [7, 3, 0x700]] {
        for number in arch.into_iter().chain([0x600, 8]) {
            bytes.extend(number.to_be_bytes());
        }
    }
    bytes.resize(0x100, 0);
    bytes.extend(image(true, false));
    bytes.extend(image(false, true));
    bytes
}

fn has_fields(file: &File<'_>, at: &str) {
    let named = |names: &[(&str, i64)]| {
        for (name, value) in names {
            file.has_ints(&[(&format!("{at}{name}"), *value)]);
        }
    };
    named(&[
        ("cpusubtype", 3),
        ("filetype", 2),
        ("ncmds", 11),
        ("flags", 0x85),
        ("number_of_segments", 1),
        ("entry_point", 0x77),
        ("stack_size", 0x8000),
        ("dylibs.0.timestamp", 2),
        ("symtab.nsyms", 2),
        ("symtab.nlists.1.n_type", 15),
        ("symtab.nlists.1.n_value", 0x1010),
        ("dyld_info.export_size", 0x20),
        ("code_signature_data.dataoff", 0x500),
        ("build_version.platform", 1),
        ("build_version.ntools", 1),
        ("build_version.tools.0.tool", 3),
    ]);
    for (name, value) in [
        ("vmaddr", 0x1000),
        ("vmsize", 0x800),
        ("fileoff", 0x40),
        ("filesize", 0x300),
        ("fsize", 0x300),
        ("maxprot", 7),
        ("initprot", 5),
        ("nsects", 1),
        ("flags", 4),
        ("sections.0.addr", 0x1010),
        ("sections.0.offset", 0x50),
        ("sections.0.flags", 0x8000_0400),
        ("sections.0.reserved2", 9),
    ] {
        let name = format!("{at}segments.0.{name}");
        file.has_ints(&[(&name, value)]);
    }
    for (name, value) in [
        ("segments.0.segname", "__TEXT"),
        ("segments.0.sections.0.sectname", "__text"),
        ("dylibs.0.name", "/usr/lib/libA.dylib"),
        ("dylibs.0.current_version", "1.2.3"),
        ("dylibs.0.compatibility_version", "4.5.0"),
        ("rpaths.0", "@loader_path"),
        ("dynamic_linker", "/usr/lib/dyld"),
        ("uuid", "01020304-0506-0708-090A-0B0C0D0E0F10"),
        ("source_version", "7.1.2.0.0"),
        ("build_version.minos", "11.0.0"),
        ("build_version.sdk", "13.1.0"),
        ("build_version.tools.0.version", "592.1"),
        ("symtab.entries.0", "_puts"),
        ("imports.0", "_puts"),
        ("exports.0", "_map"),
        ("exports.1", "_main"),
        ("entitlements.0", "com.a"),
        ("entitlements.2", "x"),
    ] {
        file.has_texts(&[(&format!("{at}{name}"), value.as_bytes())]);
    }
    assert_eq!(file.len(&format!("{at}imports")), Some(1));
    assert_eq!(file.len(&format!("{at}entitlements")), Some(3));
}

#[test]
fn all_widths_and_orders_give_the_same_fields() {
    for (wide, big) in
        [(false, false), (false, true), (true, false), (true, true)]
    {
        let image = image(wide, big);
        let file = File::open("macho", &image);
        has_fields(&file, "");
        assert_eq!(file.get("reserved").is_some(), wide);
        assert_eq!(file.get("fat_magic"), None);
        assert_eq!(file.len("file"), Some(0));
    }
}

#[test]
fn images_of_a_universal_file_are_read_one_by_one() {
    let fat = fat();
    let file = File::open("macho", &fat);
    has_fields(&file, "file.0.");
    has_fields(&file, "file.1.");
    file.has_ints(&[
        ("fat_magic", 0xcafe_babe),
        ("nfat_arch", 2),
        ("fat_arch.1.cputype", 7),
        ("fat_arch.1.offset", 0x700),
        ("fat_arch.1.align", 8),
    ]);
    assert_eq!(file.get("cputype"), None);
    let call = |name: &str, args: &[i64]| {
        let args: Vec<_> = args.iter().map(|arg| Arg::Int(*arg)).collect();
        file.call(name, &args)
    };
    let int = |int| Some(Value::Int(int));
    assert_eq!(call("file_index_for_arch", &[7]), int(1));
    assert_eq!(call("file_index_for_arch", &[7, 3]), int(1));
    assert_eq!(call("file_index_for_arch", &[7, 4]), None);
    assert_eq!(call("entry_point_for_arch", &[7]), int(0x777));
}

#[test]
fn names_are_found_in_any_image_whatever_their_case() {
    let (fat, thin) = (fat(), image(true, false));
    for data in [&fat, &thin] {
        let file = File::open("macho", data);
        for (function, name) in [
            ("has_dylib", "/USR/lib/libA.dylib"),
            ("has_rpath", "@loader_path"),
            ("has_import", "_PUTS"),
            ("has_export", "_Main"),
            ("has_entitlement", "com.B"),
        ] {
            let args = [Arg::Bytes(name.as_bytes())];
            let found = file.call(function, &args);
            assert_eq!(found, Some(Value::Bool(true)), "{function}");
            let found = file.call(function, &[Arg::Bytes(b"no")]);
            assert_eq!(found, Some(Value::Bool(false)), "{function}");
        }
        for (function, text) in [
            ("dylib_hash", "/usr/lib/liba.dylib"),
            ("import_hash", "_puts"),
            ("export_hash", "_main,_map"),
            ("entitlement_hash", "com.a,com.b,x"),
            ("symhash", "_puts"),
        ] {
            let expected = hex(&Md5::digest(text));
            let expected = Value::Bytes(expected.into_bytes().into());
            assert_eq!(file.call(function, &[]), Some(expected), "{function}");
        }
    }
}

#[test]
fn other_files_have_no_fields() {
    for data in [&b""[..], b"\xfe\xed\xfa\xce", b"\xca\xfe\xba\xbe\0\0\0\x34"]
    {
        let file = File::open("macho", data);
        assert_eq!(file.get("magic"), None);
        assert_eq!(file.get("fat_magic"), None);
        assert_eq!(file.call("import_hash", &[]), None);
        let found = file.call("has_import", &[Arg::Bytes(b"a")]);
        assert_eq!(found, Some(Value::Bool(false)));
    }
}

#[test]
fn no_damage_makes_it_panic() {
    survives("macho", &image(false, true));
    survives("macho", &fat());
}

#[test]
fn certificates_come_from_the_signature_of_the_image() {
    let signed = include_bytes!("../authenticode/samples/p384.der");
    let mut image = image(true, false);
    let size = (signed.len() + 28) as u32;
    // The command that says where the signature is.
    let command = [&[0x1d, 0, 0, 0, 16, 0, 0, 0][..], &[0, 5]].concat();
    let at = image.windows(10).position(|w| w == command).unwrap();
    let end = (image.len() as u32).to_le_bytes();
    image[at + 8..at + 12].copy_from_slice(&end);
    image[at + 12..at + 16].copy_from_slice(&size.to_le_bytes());
    let blob = signed.len() as u32 + 8;
    for number in [0xfade_0cc0, size, 1, 0x1_0000, 20, 0xfade_0b01, blob] {
        image.extend(number.to_be_bytes());
    }
    image.extend(signed);
    let file = File::open("macho", &image);
    assert_eq!(file.len("certificates"), Some(1));
    file.has_texts(&[
        ("certificates.0.subject", b"CN=Elliptic"),
        ("certificates.0.issuer", b"CN=Elliptic"),
    ]);
    let is_self_signed = file.get("certificates.0.is_self_signed");
    assert_eq!(is_self_signed, Some(Value::Bool(true)));
}

/// Nodes that overlap, each with a long label that is no text.
#[test]
fn a_trie_is_not_read_again_and_again() {
    let mut image = image(true, false);
    let start = image.len();
    // The root has 255 children, and so has each place behind it.
    let mut trie = vec![0, 255];
    for child in 0..255_u32 {
        let at = 1_000 + child * 1_000;
        let digits = [at & 0x7f | 0x80, at >> 7 & 0x7f | 0x80, at >> 14];
        trie.extend([b'a', 0]);
        trie.extend(digits.map(|digit| digit as u8));
    }
    trie.resize(1_000, 0);
    let node = [&[0, 255][..], &[0xff; 998]].concat();
    trie.extend(node.repeat(8_000));
    trie.push(0);
    let command = [0x22, 0, 0, 0x80, 48, 0, 0, 0];
    let info = image.windows(8).position(|w| w == command);
    let at = info.expect("the image has a trie") + 8 + 32;
    image[at..at + 4].copy_from_slice(&(start as u32).to_le_bytes());
    let size = (trie.len() as u32).to_le_bytes();
    image[at + 4..at + 8].copy_from_slice(&size);
    image.extend(trie);
    // 255 nodes of 8 MB each, were there no limit of 64 MB.
    assert!(File::open("macho", &image).len("exports").is_some());
}
