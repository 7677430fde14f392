//! A small image, made here field by field as the format defines it.

use crate::module::hostile::survives;
use crate::module::registry::find;
use crate::module::testing::Call;
use crate::module::{Arg, Fields, Index, OpenCx, RegexArg, Value};

/// An image of 32 or 64 bits with one section that is loaded at 0x1000 from
/// offset 0x400, where everything else lies.
pub(in crate::module) struct Builder {
    pub(in crate::module) data: Vec<u8>,
    wide: bool,
}

const HEADER: usize = 0x80;
const OPTIONAL: usize = HEADER + 24;

impl Builder {
    pub(in crate::module) fn new(wide: bool) -> Self {
        let mut new = Self { data: vec![0; 0x1400], wide };
        new.put(0, b"MZ");
        new.put(0x3c, &(HEADER as u32).to_le_bytes());
        new.put(HEADER, b"PE\0\0");
        let machine: u16 = if wide { 0x8664 } else { 0x14c };
        let size: u16 = if wide { 240 } else { 224 };
        new.put(HEADER + 4, &machine.to_le_bytes());
        new.put(HEADER + 6, &1_u16.to_le_bytes());
        new.put(HEADER + 8, &0x5f00_0000_u32.to_le_bytes());
        new.put(HEADER + 20, &size.to_le_bytes());
        new.put(HEADER + 22, &0x2022_u16.to_le_bytes());
        let magic: u16 = if wide { 0x20b } else { 0x10b };
        new.put(OPTIONAL, &magic.to_le_bytes());
        new.put32(OPTIONAL + 16, 0x1010);
        new.put32(OPTIONAL + 32, 0x1000);
        new.put32(OPTIONAL + 36, 0x200);
        new.put32(OPTIONAL + 60, 0x400);
        let count = OPTIONAL + if wide { 108 } else { 92 };
        new.put32(count, 16);
        let section = OPTIONAL + usize::from(size);
        new.put(section, b".text");
        for (at, value) in
            [(8, 0x1000), (12, 0x1000), (16, 0xe00), (20, 0x400)]
        {
            new.put32(section + at, value);
        }
        new.put32(section + 36, 0x6000_0020);
        new
    }

    pub(in crate::module) fn put(&mut self, at: usize, bytes: &[u8]) {
        self.data[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(in crate::module) fn put32(&mut self, at: usize, value: u32) {
        self.put(at, &value.to_le_bytes());
    }

    /// Puts bytes where they are loaded at this address.
    pub(in crate::module) fn load(&mut self, rva: u32, bytes: &[u8]) {
        self.put(rva as usize - 0xc00, bytes);
    }

    pub(in crate::module) fn load32(&mut self, rva: u32, values: &[u32]) {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes());
        self.load(rva, &bytes.collect::<Vec<u8>>());
    }

    pub(in crate::module) fn directory(
        &mut self,
        at: usize,
        rva: u32,
        size: u32,
    ) {
        let first = OPTIONAL + if self.wide { 112 } else { 96 };
        self.put32(first + 8 * at, rva);
        self.put32(first + 8 * at + 4, size);
    }

    fn utf16(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }
}

/// A version block: its key, its value, and the blocks inside it.
fn block(key: &str, value: &[u8], children: &[Vec<u8>]) -> Vec<u8> {
    let mut all = vec![0; 6];
    all.extend(Builder::utf16(key));
    all.extend([0, 0]);
    all.resize(all.len().next_multiple_of(4), 0);
    all.extend(value);
    for child in children {
        all.resize(all.len().next_multiple_of(4), 0);
        all.extend(child);
    }
    let length = all.len() as u16;
    all[..2].copy_from_slice(&length.to_le_bytes());
    all[2..4].copy_from_slice(&(value.len() as u16).to_le_bytes());
    all
}

/// With imports by name and by number, exports, a resource of a version and
/// a header of the linker.
fn sample() -> Vec<u8> {
    let mut new = Builder::new(false);
    // Two libraries, then the end of the table.
    new.directory(1, 0x1100, 60);
    new.load32(0x1100, &[0x1180, 0, 0, 0x1200, 0x11c0]);
    new.load32(0x1114, &[0x1190, 0, 0, 0x1220, 0x11d0]);
    new.load32(0x1180, &[0x1240, 0x1260, 0]);
    new.load32(0x1190, &[0x8000_0001, 0x8000_03e7, 0]);
    new.load(0x1200, b"KERNEL32.dll\0");
    new.load(0x1220, b"WS2_32.DLL\0");
    new.load(0x1240, b"\0\0CreateFileA\0");
    new.load(0x1260, b"\0\0ExitProcess\0");
    // Two functions from number 5 on; the second one has a name and is one
    // of another library.
    new.directory(0, 0x1300, 0x100);
    new.load32(0x1300, &[0, 77, 0, 0x1340, 5, 2, 1, 0x1350, 0x1360, 0x1364]);
    new.load(0x1340, b"small.dll\0");
    new.load32(0x1350, &[0x1010, 0x1380]);
    new.load32(0x1360, &[0x1370]);
    new.load(0x1364, &[1, 0]);
    new.load(0x1370, b"Second\0");
    new.load(0x1380, b"OTHER.Thing\0");
    // Type 16, name 1, language 0x409.
    new.directory(2, 0x1400, 0x200);
    for (at, id, next) in
        [(0, 16, 0x8000_0020), (0x20, 1, 0x8000_0040), (0x40, 0x409, 0x60)]
    {
        new.load32(0x1400 + at, &[0, 9, 0, 0x0001_0000, id, next]);
    }
    let string = block("CompanyName", &Builder::utf16("Nobody\0"), &[]);
    let table = block("040904b0", &[], &[string]);
    let strings = block("StringFileInfo", &[], &[table]);
    let version = block("VS_VERSION_INFO", &[0; 52], &[strings]);
    new.load32(0x1460, &[0x1500, version.len() as u32, 0, 0]);
    new.load(0x1500, &version);
    // One debug entry with a path.
    new.directory(6, 0x1700, 28);
    new.load32(0x1700, &[0, 0, 0, 2, 0x40, 0x1740, 0]);
    new.load(0x1740, b"RSDS");
    new.load(0x1758, b"c:\\small.pdb\0");
    // The linker's header: tool 3 in version 2, seven times.
    let key = 0x1234_5678_u32;
    for (at, word) in [0x536e_6144, 0, 0, 0, 0x0003_0002, 7].iter().enumerate()
    {
        new.put32(0x40 + 4 * at, word ^ key);
    }
    new.put(0x58, b"Rich");
    new.put32(0x5c, key);
    new.data[0x1200..].fill(0);
    new.data.extend_from_slice(b"overlay");
    new.data
}

struct Reader<'d>(Box<dyn Fields<'d> + 'd>);

impl<'d> Reader<'d> {
    fn new(data: &'d [u8]) -> Self {
        let cx = OpenCx::new(data);
        Self(find("pe").unwrap().1.open(cx))
    }

    fn path(name: &str) -> Vec<u16> {
        let mut at = find("pe").unwrap().1.schema().root;
        let step = |step| {
            let (place, member) = at.member(step).unwrap();
            at = member.ty.structure().unwrap_or(at);
            place
        };
        name.split('.').map(step).collect()
    }

    fn get(&self, name: &str, index: &[i64]) -> Option<Value<'_>> {
        let index: Vec<_> = index.iter().map(|&at| Index::Int(at)).collect();
        self.0.get(&Self::path(name), &index)
    }

    #[track_caller]
    fn int(&self, name: &str, index: &[i64], expected: i64) {
        assert_eq!(
            self.get(name, index),
            Some(Value::Int(expected)),
            "{name}"
        );
    }

    #[track_caller]
    fn text(&self, name: &str, index: &[i64], expected: &str) {
        let expected = Some(Value::Bytes(expected.as_bytes().into()));
        assert_eq!(self.get(name, index), expected, "{name}");
    }
}

#[test]
fn headers_and_sections() {
    let data = sample();
    let pe = Reader::new(&data);
    assert_eq!(pe.get("is_pe", &[]), Some(Value::Bool(true)));
    pe.int("machine", &[], 0x14c);
    pe.int("entry_point_raw", &[], 0x1010);
    pe.int("entry_point", &[], 0x410);
    pe.int("timestamp", &[], 0x5f00_0000);
    pe.int("number_of_sections", &[], 1);
    pe.text("sections.name", &[0], ".text");
    pe.text("sections.full_name", &[0], ".text");
    pe.int("sections.virtual_address", &[0], 0x1000);
    pe.int("data_directories.virtual_address", &[1], 0x1100);
    pe.int("overlay.offset", &[], 0x1200);
    pe.int("overlay.size", &[], 0x207);
    pe.text("pdb_path", &[], "c:\\small.pdb");
    pe.int("rich_signature.tools.version", &[0], 2);
    pe.int("rich_signature.tools.toolid", &[0], 3);
    pe.int("number_of_signatures", &[], 0);
    assert_eq!(pe.get("is_signed", &[]), Some(Value::Bool(false)));
    let wide = Builder::new(true).data;
    let wide = Reader::new(&wide);
    wide.int("opthdr_magic", &[], 0x20b);
    wide.int("entry_point", &[], 0x410);
    assert_eq!(wide.get("base_of_data", &[]), None);
}

#[test]
fn imports_exports_and_resources() {
    let data = sample();
    let pe = Reader::new(&data);
    pe.int("number_of_imports", &[], 2);
    pe.int("number_of_imported_functions", &[], 4);
    pe.text("import_details.library_name", &[1], "WS2_32.DLL");
    pe.text("import_details.functions.name", &[0, 1], "ExitProcess");
    pe.int("import_details.functions.rva", &[0, 1], 0x11c4);
    // The first function of this library is known, number 999 is not.
    pe.text("import_details.functions.name", &[1, 0], "accept");
    pe.text("import_details.functions.name", &[1, 1], "ord999");
    pe.int("import_details.functions.ordinal", &[1, 1], 999);
    pe.text("dll_name", &[], "small.dll");
    pe.int("export_timestamp", &[], 77);
    pe.int("number_of_exports", &[], 2);
    pe.int("export_details.ordinal", &[0], 5);
    pe.int("export_details.offset", &[0], 0x410);
    assert_eq!(pe.get("export_details.name", &[0]), None);
    pe.text("export_details.name", &[1], "Second");
    pe.text("export_details.forward_name", &[1], "OTHER.Thing");
    assert_eq!(pe.get("export_details.offset", &[1]), None);
    pe.int("number_of_resources", &[], 1);
    pe.int("resources.type", &[0], 16);
    pe.int("resources.id", &[0], 1);
    pe.int("resources.language", &[0], 0x409);
    pe.int("resources.offset", &[0], 0x900);
    pe.int("resource_timestamp", &[], 9);
    pe.text("version_info_list.key", &[0], "CompanyName");
    pe.text("version_info_list.value", &[0], "Nobody");
    let info = Reader::path("version_info");
    let key = [Index::Key(b"CompanyName")];
    let nobody = Some(Value::Bytes(b"Nobody".as_slice().into()));
    assert_eq!(pe.0.get(&info, &key), nobody);
}

struct Contains(&'static str);

impl RegexArg for Contains {
    fn is_match(&self, text: &[u8]) -> bool {
        String::from_utf8_lossy(text).contains(self.0)
    }
}

#[test]
fn functions() {
    let data = sample();
    let pe = Call::new("pe", &data);
    let text = |text: &'static str| Arg::Bytes(text.as_bytes());
    let (truth, int) =
        (|value| Some(Value::Bool(value)), |value| Some(Value::Int(value)));
    let any = Arg::Regex(&Contains(""));
    let file = Arg::Regex(&Contains("File"));
    let cases: [(&str, &[Arg<'_>], Option<Value<'_>>); 32] = [
        ("is_32bit", &[], truth(true)),
        ("is_64bit", &[], truth(false)),
        ("is_dll", &[], truth(true)),
        ("rva_to_offset", &[Arg::Int(0x1010)], int(0x410)),
        ("rva_to_offset", &[Arg::Int(0x9000)], None),
        ("rva_to_offset", &[Arg::Int(-1)], None),
        ("offset_to_rva", &[Arg::Int(0x410)], int(0x1010)),
        ("section_index", &[text(".text")], int(0)),
        ("section_index", &[text(".data")], None),
        ("section_index", &[Arg::Int(0x400)], int(0)),
        ("section_index", &[Arg::Int(0x3ff)], None),
        ("imports", &[text("kernel32.dll")], int(2)),
        ("imports", &[text("kernel32.dll"), text("createfilea")], truth(true)),
        ("imports", &[text("kernel32.dll"), text("other")], truth(false)),
        ("imports", &[text("ws2_32.dll"), Arg::Int(1)], int(1)),
        ("imports", &[any, file], int(1)),
        ("imports", &[Arg::Int(2), any, file], int(0)),
        (
            "imports",
            &[Arg::Int(3), text("ws2_32.dll"), Arg::Int(1)],
            truth(true),
        ),
        (
            "import_rva",
            &[text("kernel32.dll"), text("ExitProcess")],
            int(0x11c4),
        ),
        ("delayed_import_rva", &[text("kernel32.dll"), text("a")], None),
        ("exports", &[text("second")], truth(true)),
        ("exports", &[Arg::Int(5)], truth(true)),
        ("exports", &[Arg::Int(4)], truth(false)),
        ("exports_index", &[any], int(1)),
        ("exports_index", &[text("first")], None),
        ("locale", &[Arg::Int(0x409)], truth(true)),
        ("language", &[Arg::Int(0x09)], truth(true)),
        ("language", &[Arg::Int(0x0a)], truth(false)),
        ("rich_signature.toolid", &[Arg::Int(3)], int(7)),
        ("rich_signature.toolid", &[Arg::Int(3), Arg::Int(9)], int(0)),
        ("rich_signature.version", &[Arg::Int(2), Arg::Int(3)], int(7)),
        (
            "imphash",
            &[],
            // MD5 of kernel32.createfilea,kernel32.exitprocess,
            // ws2_32.accept,ws2_32.ord999 in one line.
            Some(Value::Bytes(
                b"7d6bc8d60651d685a18b49adf2dee8df".as_slice().into(),
            )),
        ),
    ];
    for (name, args, expected) in cases {
        assert_eq!(pe.call(name, args), expected, "{name}");
    }
}

#[test]
fn a_checksum_leaves_itself_out() {
    let mut data = sample();
    let sum =
        |data: &[u8]| Call::new("pe", data).call("calculate_checksum", &[]);
    let without = sum(&data);
    data[OPTIONAL + 64..OPTIONAL + 68].copy_from_slice(&[1, 2, 3, 4]);
    assert_eq!(sum(&data), without);
    // Words that add up to more than 16 bits, by hand: the rest is zeros.
    let mut words = vec![0; 8];
    words[..4].copy_from_slice(&[0xff, 0xff, 0x02, 0x00]);
    assert_eq!(super::hash::checksum(&words, 0), 2 + 8);
    assert_eq!(super::hash::checksum(&[1, 0, 0, 0, 5], 0), 6 + 5);
}

#[test]
fn nothing_is_imported_or_exported_by_other_files() {
    let other = Call::new("pe", b"\x7fELF");
    let name = Arg::Bytes(b"a");
    assert_eq!(other.call("imports", &[name]), Some(Value::Int(0)));
    assert_eq!(other.call("exports", &[name]), Some(Value::Bool(false)));
    assert_eq!(other.call("is_dll", &[]), None);
    assert_eq!(other.call("imphash", &[]), None);
    let fields = Reader::new(b"MZ");
    assert_eq!(fields.get("is_pe", &[]), Some(Value::Bool(false)));
    assert_eq!(fields.get("number_of_sections", &[]), None);
    assert_eq!(fields.0.len(&Reader::path("sections"), &[]), Some(0));
}

#[test]
fn damage_does_no_harm() {
    survives("pe", &sample());
    // Tables that are their own children.
    let mut cyclic = Builder::new(true);
    cyclic.directory(2, 0x1400, 0x400);
    for row in 0..100 {
        let at = 0x1410 + row * 8;
        cyclic.load32(at, &[row, 0x8000_0001]);
    }
    cyclic.load32(0x1400, &[0, 0, 0, 0x0064_0000]);
    survives("pe", &cyclic.data);
}
