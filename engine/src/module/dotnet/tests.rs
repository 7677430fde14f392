//! A small assembly, made here table by table as ECMA-335 (II.24, II.25)
//! lays it out.

use crate::module::Value;
use crate::module::hostile::survives;
use crate::module::pe::tests::Builder;
use crate::module::testing::File;

/// Numbers of one width or another, the lowest byte first.
fn le(widths: &[usize], values: &[u64]) -> Vec<u8> {
    assert_eq!(widths.len(), values.len());
    let bytes = widths.iter().zip(values).flat_map(|(width, value)| {
        value.to_le_bytes().into_iter().take(*width)
    });
    bytes.collect()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A heap: where each entry begins in it.
#[derive(Default)]
struct Heap(Vec<u8>);

impl Heap {
    /// A name, with a zero behind it.
    fn name(&mut self, name: &str) -> u64 {
        self.bytes(name.as_bytes(), &[0])
    }

    /// Bytes, with how many there are in front of them.
    fn blob(&mut self, bytes: &[u8]) -> u64 {
        let at = self.0.len() as u64;
        self.0.push(bytes.len() as u8);
        self.bytes(bytes, &[]);
        at
    }

    fn bytes(&mut self, bytes: &[u8], end: &[u8]) -> u64 {
        let at = self.0.len() as u64;
        self.0.extend(bytes);
        self.0.extend(end);
        at
    }
}

/// The tables, by number and with their rows, and the heaps.
struct Tables {
    rows: Vec<(u8, Vec<Vec<u8>>)>,
    names: Heap,
    blobs: Heap,
}

/// Two types: that of the module itself, which is no class, and one with
/// methods.
fn tables() -> Tables {
    let (mut names, mut blobs) = (Heap::default(), Heap::default());
    names.name("");
    blobs.blob(b"");
    let mut name = |text| names.name(text);
    let module = le(&[2; 5], &[0, name("loader.dll"), 1, 0, 0]);
    // In the first assembly that is referred to.
    let object = le(&[2; 3], &[1 << 2 | 2, name("Object"), name("System")]);
    let type_def = [4, 2, 2, 2, 2, 2];
    let global = le(&type_def, &[0, name("<Module>"), 0, 0, 1, 1]);
    // Public, abstract, sealed; of the first type that is referred to.
    let loader = [0x181, name("Loader"), name("Shell"), 1 << 2 | 1, 1, 1];
    let loader = le(&type_def, &loader);
    let method = [4, 2, 2, 2, 2, 2];
    // Public and static: takes a text and bytes, gives nothing.
    let run = blobs.blob(&[0, 2, 0x01, 0x0e, 0x1d, 0x05]);
    let run = le(&method, &[0x2050, 0, 0x96, name("Run"), run, 1]);
    // Private and virtual, of an object: takes nothing, gives a number.
    let hide = blobs.blob(&[0x20, 0, 0x08]);
    let hide = le(&method, &[0x2060, 0, 0x41, name("Hide"), hide, 3]);
    let path = le(&[2; 3], &[0, 1, name("path")]);
    let code = le(&[2; 3], &[0, 2, name("code")]);
    let text = blobs.blob(&utf16("cmd.exe"));
    let constant = le(&[1, 1, 2, 2], &[0x0e, 0, 1 << 2, text]);
    // A number is no text.
    let other = blobs.blob(&[1, 0, 0, 0]);
    let number = le(&[1, 1, 2, 2], &[0x08, 0, 1 << 2, other]);
    let kernel = le(&[2], &[name("kernel32.dll")]);
    let rva = le(&[4, 2], &[0x1900, 1]);
    let assembly = [4, 2, 2, 2, 2, 4, 2, 2, 2];
    let own = [0x8004, 1, 2, 3, 4, 0, 0, name("loader"), name("de")];
    let own = le(&assembly, &own);
    let token = blobs.blob(&[0xb7, 0x7a, 0x5c, 0x56, 0x19, 0x34, 0xe0, 0x89]);
    let reference = [2, 2, 2, 2, 4, 2, 2, 2, 2];
    let mscorlib = [4, 0, 0, 0, 0, token, name("mscorlib"), 0, 0];
    let mscorlib = le(&reference, &mscorlib);
    let resource = le(&[4, 4, 2, 2], &[8, 1, name("payload"), 0]);
    let elsewhere = le(&[4, 4, 2, 2], &[0, 1, name("far"), 1 << 2 | 1]);
    let rows = vec![
        (0x00, vec![module]),
        (0x01, vec![object]),
        (0x02, vec![global, loader]),
        (0x06, vec![run, hide]),
        (0x08, vec![path, code]),
        (0x0b, vec![constant, number]),
        (0x1a, vec![kernel]),
        (0x1d, vec![rva]),
        (0x20, vec![own]),
        (0x23, vec![mscorlib]),
        (0x28, vec![resource, elsewhere]),
    ];
    Tables { rows, names, blobs }
}

fn stream_of_tables(rows: &[(u8, Vec<Vec<u8>>)]) -> Vec<u8> {
    let present = rows.iter().fold(0_u64, |bits, (id, _)| bits | 1 << id);
    let mut all = le(&[4, 1, 1, 1, 1], &[0, 2, 0, 0, 1]);
    all.extend(le(&[8, 8], &[present, 0]));
    for (_, rows) in rows {
        all.extend((rows.len() as u32).to_le_bytes());
    }
    all.extend(rows.iter().flat_map(|(_, rows)| rows.concat()));
    all
}

/// Where the metadata and the resources are loaded.
const METADATA: u32 = 0x1200;
const RESOURCES: u32 = 0x1a00;

fn image() -> Vec<u8> {
    let Tables { rows, names, blobs } = tables();
    let mut users = Heap::default();
    users.blob(b"");
    users.blob(&[utf16("whoami"), vec![0]].concat());
    let guid: Vec<u8> = (1..=16).collect();
    let streams: [(&[u8], Vec<u8>); 5] = [
        (b"#~\0\0", stream_of_tables(&rows)),
        (b"#Strings\0\0\0\0", names.0),
        (b"#US\0", users.0),
        (b"#GUID\0\0\0", guid),
        (b"#Blob\0\0\0", blobs.0),
    ];
    let mut root = b"BSJB\x01\0\x01\0\0\0\0\0".to_vec();
    root.extend(12_u32.to_le_bytes());
    root.extend(b"v4.0.30319\0\0\0\0\x05\0");
    let names: usize = streams.iter().map(|(name, _)| 8 + name.len()).sum();
    let mut at = root.len() + names;
    for (name, bytes) in &streams {
        root.extend(le(&[4, 4], &[at as u64, bytes.len() as u64]));
        root.extend(*name);
        at += bytes.len().next_multiple_of(4);
    }
    for (_, bytes) in &streams {
        root.extend(bytes);
        root.resize(root.len().next_multiple_of(4), 0);
    }
    let mut new = Builder::new(false);
    new.directory(14, 0x1100, 72);
    let size = root.len() as u32;
    let runtime = 5 << 16 | 2;
    new.load32(0x1100, &[72, runtime, METADATA, size, 1, 0, RESOURCES, 64]);
    new.load(METADATA, &root);
    // A resource begins with its length.
    new.load32(RESOURCES + 8, &[5]);
    new.load(RESOURCES + 12, b"hello");
    new.data
}

/// Sections are loaded so far behind their place in the file.
const SHIFT: i64 = 0xc00;

#[test]
fn the_tables_are_read() {
    let image = image();
    let file = File::open("dotnet", &image);
    assert_eq!(file.get("is_dotnet"), Some(Value::Bool(true)));
    file.has_ints(&[
        ("number_of_streams", 5),
        ("number_of_resources", 2),
        ("number_of_classes", 1),
        ("streams.0.offset", i64::from(METADATA) - SHIFT + 32 + 76),
        ("assembly.version.major", 1),
        ("assembly.version.minor", 2),
        ("assembly.version.build_number", 3),
        ("assembly.version.revision_number", 4),
        ("assembly_refs.0.version.major", 4),
        ("resources.0.offset", i64::from(RESOURCES) + 12 - SHIFT),
        ("resources.0.length", 5),
        ("field_offsets.0", 0x1900 - SHIFT),
    ]);
    file.has_texts(&[
        ("version", b"v4.0.30319"),
        ("module_name", b"loader.dll"),
        ("streams.0.name", b"#~"),
        ("streams.4.name", b"#Blob"),
        ("guids.0", b"04030201-0605-0807-090a-0b0c0d0e0f10"),
        ("assembly.name", b"loader"),
        ("assembly.culture", b"de"),
        ("assembly_refs.0.name", b"mscorlib"),
        (
            "assembly_refs.0.public_key_or_token",
            &[0xb7, 0x7a, 0x5c, 0x56, 0x19, 0x34, 0xe0, 0x89],
        ),
        ("resources.0.name", b"payload"),
        ("resources.1.name", b"far"),
        ("modulerefs.0", b"kernel32.dll"),
        ("constants.0", &utf16("cmd.exe")),
        ("user_strings.0", &utf16("whoami")),
    ]);
    assert_eq!(file.len("constants"), Some(1));
    // It lies in another assembly.
    assert_eq!(file.get("resources.1.offset"), None);
}

#[test]
fn types_and_their_methods_are_read() {
    let image = image();
    let file = File::open("dotnet", &image);
    file.has_texts(&[
        ("classes.0.fullname", b"Shell.Loader"),
        ("classes.0.name", b"Loader"),
        ("classes.0.namespace", b"Shell"),
        ("classes.0.visibility", b"public"),
        ("classes.0.type", b"class"),
        ("classes.0.base_types.0", b"System.Object"),
        ("classes.0.methods.0.name", b"Run"),
        ("classes.0.methods.0.visibility", b"public"),
        ("classes.0.methods.0.return_type", b"void"),
        ("classes.0.methods.0.parameters.0.name", b"path"),
        ("classes.0.methods.0.parameters.0.type", b"string"),
        ("classes.0.methods.0.parameters.1.name", b"code"),
        ("classes.0.methods.0.parameters.1.type", b"byte[]"),
        ("classes.0.methods.1.name", b"Hide"),
        ("classes.0.methods.1.visibility", b"private"),
        ("classes.0.methods.1.return_type", b"int"),
    ]);
    let is = |name| file.get(&format!("classes.0.{name}"));
    for name in ["abstract", "sealed", "methods.0.static", "methods.1.virtual"]
    {
        assert_eq!(is(name), Some(Value::Bool(true)), "{name}");
    }
    for name in ["methods.0.virtual", "methods.1.static", "methods.0.final"] {
        assert_eq!(is(name), Some(Value::Bool(false)), "{name}");
    }
    assert_eq!(file.len("classes.0.methods.1.parameters"), Some(0));
}

#[test]
fn a_program_without_metadata_is_no_assembly() {
    let plain = Builder::new(false).data;
    let file = File::open("dotnet", &plain);
    assert_eq!(file.get("is_dotnet"), Some(Value::Bool(false)));
    let mut other = image();
    let at = METADATA as usize - SHIFT as usize;
    other[at] = b'b';
    let file = File::open("dotnet", &other);
    assert_eq!(file.get("is_dotnet"), Some(Value::Bool(false)));
}

#[test]
fn no_damage_makes_it_panic() {
    survives("dotnet", &image());
}
