//! An ELF file built here, field by field as the specification of the format
//! lays it out.

use md5::{Digest, Md5};

use crate::module::Value;
use crate::module::call::hex;
use crate::module::hostile::survives;
use crate::module::testing::{File, Writer};

const STRINGS: &[u8] = b"\0.text\0Puts\0alpha\0";

/// A file with one segment of code, one dynamic segment, and a table of
/// three symbols. Tables lie at 0x100, 0x200, 0x300, 0x400, 0x500.
fn image(wide: bool, big: bool) -> Vec<u8> {
    let mut to = Writer { bytes: Vec::new(), wide, big };
    to.bytes.extend(b"\x7fELF");
    to.bytes.extend([1 + u8::from(wide), 1 + u8::from(big), 1, 3]);
    to.bytes.resize(16, 0);
    to.halves(&[3, 62]);
    to.quads(&[1]);
    to.words(&[0x4010, 0x100, 0x200]);
    to.quads(&[0]);
    to.halves(&[64, 56, 2, 64, 4, 1]);
    to.bytes.resize(0x100, 0);
    let segments = [
        [1, 5, 0x80, 0x4000, 0x14000, 0x100, 0x200, 0x1000],
        [2, 6, 0x500, 0x6000, 0x6000, 0x40, 0x40, 8],
    ];
    for [kind, flags, offset, address, physical, size, memory, align] in
        segments
    {
        to.quads(&[kind]);
        if wide {
            to.quads(&[flags]);
        }
        to.words(&[offset, address, physical, size, memory]);
        if !wide {
            to.quads(&[flags]);
        }
        to.words(&[align]);
    }
    to.bytes.resize(0x200, 0);
    let symbol = if wide { 24 } else { 16 };
    // Name, type, flags, address, offset, size, link.
    let sections = [
        [0, 0, 0, 0, 0, 0, 0],
        [1, 3, 0, 0, 0x300, 18, 0],
        [1, 1, 6, 0x4000, 0x80, 0x100, 0],
        [99, 11, 2, 0x5000, 0x400, 3 * symbol, 1],
    ];
    for [name, kind, flags, address, offset, size, link] in sections {
        to.quads(&[name, kind]);
        to.words(&[flags, address, offset, size]);
        to.quads(&[link, 0]);
        to.words(&[1, 0]);
    }
    to.bytes.resize(0x300, 0);
    to.bytes.extend(STRINGS);
    to.bytes.resize(0x400, 0);
    for [name, value, size, info, other, section] in [
        [0, 0, 0, 0, 0, 0],
        [7, 0, 0, 0x12, 2, 0],
        [12, 0x4010, 9, 0x12, 0, 2],
    ] {
        to.quads(&[name]);
        if !wide {
            to.words(&[value, size]);
        }
        to.bytes.extend([info as u8, other as u8]);
        to.halves(&[section]);
        if wide {
            to.words(&[value, size]);
        }
    }
    to.bytes.resize(0x500, 0);
    to.words(&[1, 7, 0x6fff_fffb, u64::from(u32::MAX), 0, 1, 5, 5]);
    to.bytes.resize(0x600, 0);
    to.bytes
}

#[test]
fn all_widths_and_orders_give_the_same_fields() {
    for (wide, big) in
        [(false, false), (false, true), (true, false), (true, true)]
    {
        let image = image(wide, big);
        let file = File::open("elf", &image);
        file.has_ints(&[
            ("type", 3),
            ("machine", 62),
            ("osabi", 3),
            ("entry_point", 0x90),
            ("ph_offset", 0x100),
            ("ph_entry_size", 56),
            ("sh_offset", 0x200),
            ("sh_entry_size", 64),
            ("number_of_segments", 2),
            ("number_of_sections", 4),
            ("symtab_entries", 0),
            ("dynsym_entries", 3),
            ("dynamic_section_entries", 2),
            ("segments.0.type", 1),
            ("segments.0.flags", 5),
            ("segments.0.offset", 0x80),
            ("segments.0.virtual_address", 0x4000),
            ("segments.0.physical_address", 0x14000),
            ("segments.0.file_size", 0x100),
            ("segments.0.memory_size", 0x200),
            ("segments.0.alignment", 0x1000),
            ("sections.2.type", 1),
            ("sections.2.flags", 6),
            ("sections.2.address", 0x4000),
            ("sections.2.offset", 0x80),
            ("sections.2.size", 0x100),
            ("dynsym.2.value", 0x4010),
            ("dynsym.2.size", 9),
            ("dynsym.2.type", 2),
            ("dynsym.2.bind", 1),
            ("dynsym.2.shndx", 2),
            ("dynsym.1.visibility", 2),
            ("dynamic.1.type", 0x6fff_fffb),
            ("dynamic.1.val", i64::from(u32::MAX)),
        ]);
        file.has_texts(&[
            ("sections.0.name", b""),
            ("sections.1.name", b".text"),
            ("dynsym.1.name", b"Puts"),
            ("dynsym.2.name", b"alpha"),
        ]);
        assert_eq!(file.len("dynsym"), Some(3));
        assert_eq!(file.len("dynamic"), Some(2));
    }
}

#[test]
fn names_outside_of_the_strings_are_undefined_or_reach_to_the_end() {
    let image = image(true, false);
    let file = File::open("elf", &image);
    // 0x300 + 99 lies in the zeros behind the strings.
    file.has_texts(&[("sections.3.name", b"")]);
    let mut cut = image.clone();
    cut[0x200] = 0xff;
    cut[0x201] = 0xff;
    assert_eq!(File::open("elf", &cut).get("sections.0.name"), None);
}

#[test]
fn imported_names_are_hashed_in_lower_case() {
    let image = image(true, false);
    let file = File::open("elf", &image);
    // The only name without a section is "Puts".
    let expected = hex(&Md5::digest(b"puts"));
    assert_eq!(
        file.call("import_md5", &[]),
        Some(Value::Bytes(expected.into_bytes().into()))
    );
    // Too few names for a hash that compares.
    assert_eq!(file.call("telfhash", &[]), None);
}

#[test]
fn tables_that_are_not_in_the_file_are_left_out() {
    let image = image(true, false);
    let file = File::open("elf", &image[..0x220]);
    assert_eq!(file.len("sections"), Some(0));
    assert_eq!(file.get("dynsym_entries"), None);
    // The segments suffice for the entry point.
    file.has_ints(&[("entry_point", 0x90), ("number_of_sections", 4)]);
    assert_eq!(File::open("elf", &image[..0x3f]).get("machine"), None);
}

#[test]
fn an_entry_point_of_zero_or_out_of_reach_is_undefined() {
    let entry = 0x18;
    let mut zero = image(true, false);
    zero[entry..entry + 8].fill(0);
    assert_eq!(File::open("elf", &zero).get("entry_point"), None);
    zero[entry..entry + 8].fill(0xff);
    assert_eq!(File::open("elf", &zero).get("entry_point"), None);
    // In an object file, sections count.
    let mut object = image(true, false);
    object[16] = 1;
    File::open("elf", &object).has_ints(&[("entry_point", 0x90)]);
}

#[test]
fn a_count_of_sections_that_is_reserved_hides_them() {
    let mut image = image(true, false);
    image[0x3c..0x3e].fill(0xff);
    let file = File::open("elf", &image);
    file.has_ints(&[
        ("number_of_sections", 0xffff),
        ("dynamic_section_entries", 2),
    ]);
    assert_eq!(file.get("entry_point"), None);
    assert_eq!(file.get("symtab_entries"), None);
}

#[test]
fn a_hostile_table_of_strings_is_read_in_bounded_time() {
    // Each of 60,000 sections names a string that reaches to the end.
    let mut image = image(true, false);
    image.resize(0x200, b'x');
    image[0x3c..0x3e].copy_from_slice(&60_000u16.to_le_bytes());
    image[0x3e] = 0;
    let section = [b'x'; 64];
    for _ in 0..60_000 {
        image.extend(section);
    }
    let strings = 0x218;
    image[strings..strings + 8].fill(0);
    for at in 0..60_000 {
        image[0x200 + at * 64 + 1..0x200 + at * 64 + 4].fill(0);
    }
    let start = std::time::Instant::now();
    let file = File::open("elf", &image);
    assert_eq!(file.len("sections"), Some(60_000));
    assert!(start.elapsed().as_secs() < 10);
}

#[test]
fn no_damage_makes_it_panic() {
    survives("elf", &image(true, false));
    survives("elf", &image(false, true));
}
