//! Programs and libraries: what their headers say.

use super::Found;
use crate::module::cursor::{View, until_zero};

const DYNAMIC: u32 = 2;
const INTERPRETER: u32 = 3;
/// Headers of a program that are looked at.
const MAX_HEADERS: u16 = 128;
/// Entries of the dynamic section that are looked at.
const MAX_DYNAMIC: u64 = 10_000;
const NEEDED: u64 = 1;
const FLAGS_1: u64 = 0x6fff_fffb;
const PIE: u64 = 0x0800_0000;

/// Programs of Unix.
pub(super) fn elf(data: &[u8]) -> Option<Found> {
    if !data.starts_with(b"\x7fELF") {
        return None;
    }
    let wide = data.get(4) == Some(&2);
    let big = data.get(5) == Some(&2);
    let view = if big { View::big(data) } else { View::little(data) };
    let headers = headers(view, wide).unwrap_or_default();
    let has = |kind: u32| headers.iter().find(|header| header.0 == kind);
    let dynamic = has(DYNAMIC);
    let (mut is_pie, mut needs_others) = (false, false);
    let entries = dynamic.and_then(|(_, at, size)| view.sub(*at, *size));
    let mut r = entries.unwrap_or(view.with(&[])).reader(0);
    for _ in 0..MAX_DYNAMIC {
        match (r.word(wide), r.word(wide)) {
            (Some(NEEDED), _) => needs_others = true,
            (Some(FLAGS_1), Some(flags)) => is_pie = flags & PIE != 0,
            (Some(1..), Some(_)) => {}
            _ => break,
        }
    }
    let (kind, mime) = match view.u16(16)? {
        1 => ("relocatable", "object"),
        2 => ("executable", "executable"),
        3 if is_pie => ("pie executable", "pie-executable"),
        3 => ("shared object", "sharedlib"),
        4 => ("core file", "coredump"),
        _ => ("unknown type", ""),
    };
    let machine = MACHINES.iter().find(|one| Some(one.0) == view.u16(18));
    let machine = machine.map_or("unknown arch", |one| one.1);
    let system = SYSTEMS.iter().find(|one| Some(one.0) == view.u8(7));
    let system = system.map_or("", |one| one.1);
    let bits = if wide { "64" } else { "32" };
    let order = if big { "MSB" } else { "LSB" };
    let version = view.u32(20)?;
    let mut name = format!(
        "ELF {bits}-bit {order} {kind}, {machine}, version {version}{system}"
    );
    if matches!(view.u16(16), Some(2 | 3)) && !headers.is_empty() {
        name += match view.u16(16) {
            _ if needs_others => ", dynamically linked",
            Some(3) => ", static-pie linked",
            _ => ", statically linked",
        };
        let path = has(INTERPRETER).and_then(|at| view.slice(at.1, at.2));
        if let Some(path) = path.map(until_zero).filter(|p| p.len() < 256) {
            name += ", interpreter ";
            name += &String::from_utf8_lossy(path);
        }
    }
    let mime =
        if mime.is_empty() { "" } else { &format!("application/x-{mime}") };
    Some(Found::new(name, mime))
}

/// Kind, place and size of the parts of a program.
fn headers(view: View<'_>, wide: bool) -> Option<Vec<(u32, u64, u64)>> {
    let (at, size, count) = if wide {
        (view.u64(32)?, view.u16(54)?, view.u16(56)?)
    } else {
        (u64::from(view.u32(28)?), view.u16(42)?, view.u16(44)?)
    };
    let read = |number: u16| {
        let header =
            view.tail(at.checked_add(u64::from(number) * u64::from(size))?)?;
        let (at, size) = if wide {
            (header.u64(8)?, header.u64(32)?)
        } else {
            (u64::from(header.u32(4)?), u64::from(header.u32(16)?))
        };
        Some((header.u32(0)?, at, size))
    };
    Some((0..count.min(MAX_HEADERS)).map_while(read).collect())
}

const MACHINES: [(u16, &str); 13] = [
    (2, "SPARC"),
    (3, "Intel 80386"),
    (8, "MIPS"),
    (20, "PowerPC or cisco 4500"),
    (21, "64-bit PowerPC or cisco 7500"),
    (22, "IBM S/390"),
    (40, "ARM"),
    (42, "Renesas SH"),
    (50, "IA-64"),
    (62, "x86-64"),
    (183, "ARM aarch64"),
    (243, "UCB RISC-V"),
    (247, "eBPF"),
];

const SYSTEMS: [(u8, &str); 5] = [
    (0, " (SYSV)"),
    (2, " (NetBSD)"),
    (3, " (GNU/Linux)"),
    (6, " (Solaris)"),
    (9, " (FreeBSD)"),
];

/// Programs of DOS and Windows.
pub(super) fn windows(data: &[u8]) -> Option<Found> {
    if !data.starts_with(b"MZ") {
        return None;
    }
    let view = View::little(data);
    let old = |name: &str| {
        let mime = "application/x-dosexec";
        Some(Found::new(format!("MS-DOS executable{name}"), mime))
    };
    let Some(at) = view.u32(60).map(u64::from) else { return old("") };
    match view.array::<4>(at) {
        Some(magic) if magic == *b"PE\0\0" => {
            let name = portable(view.tail(at)?).unwrap_or_default();
            let mime = "application/vnd.microsoft.portable-executable";
            Some(Found::new(name, mime))
        }
        Some([b'N', b'E', ..]) => Some(Found::new(
            "MS-DOS executable, NE for MS Windows 3.x",
            "application/x-ms-ne-executable",
        )),
        Some([b'L', b'E', ..]) => old(", LE executable"),
        Some([b'L', b'X', ..]) => old(", LX"),
        _ => old(", MZ for MS-DOS"),
    }
}

fn portable(header: View<'_>) -> Option<String> {
    let wide = match header.u16(24)? {
        0x20b => true,
        0x10b => false,
        _ => return Some("PE Unknown PE signature".to_owned()),
    };
    let mut name = if wide { "PE32+" } else { "PE32" }.to_owned();
    name += " executable";
    if header.u16(22)? & 0x2000 != 0 {
        name += " (DLL)";
    }
    name += match header.u16(92)? {
        1 => " (native)",
        2 => " (GUI)",
        3 => " (console)",
        7 => " (POSIX)",
        9 => " (Windows CE)",
        10 => " (EFI application)",
        11 => " (EFI boot service driver)",
        12 => " (EFI runtime driver)",
        13 => " (EFI ROM)",
        14 => " (XBOX)",
        16 => " (Windows boot application)",
        _ => "",
    };
    name += match header.u16(4)? {
        0x14c => " Intel 80386",
        0x166 => " MIPS R4000",
        0x184 => " Alpha",
        0x1a2 => " Hitachi SH3",
        0x1c0 => " ARM",
        0x1c2 => " ARM Thumb",
        0x1c4 => " ARMv7 Thumb",
        0x1f0 => " PowerPC",
        0x200 => " Intel Itanium",
        0xebc => " EFI byte code",
        0x8664 => " x86-64",
        0xaa64 => " Aarch64",
        _ => " Unknown processor type",
    };
    if header.u16(22)? & 0x200 != 0 {
        name += " (stripped to external PDB)";
    }
    // The fifteenth entry of the data directory is that of .NET.
    let directory = if wide { 24 + 112 } else { 24 + 96 };
    if header.u32(directory - 4)? > 14 && header.u32(directory + 14 * 8)? != 0
    {
        name += " Mono/.Net assembly";
    }
    let sections = header.u16(6)?;
    name += &format!(", for MS Windows, {sections} sections");
    Some(name)
}

/// Programs of macOS for one kind of processor.
pub(super) fn macho(data: &[u8]) -> Option<Found> {
    let (view, wide) = match *data.first_chunk()? {
        [0xce, 0xfa, 0xed, 0xfe] => (View::little(data), false),
        [0xcf, 0xfa, 0xed, 0xfe] => (View::little(data), true),
        [0xfe, 0xed, 0xfa, 0xce] => (View::big(data), false),
        [0xfe, 0xed, 0xfa, 0xcf] => (View::big(data), true),
        _ => return None,
    };
    let bits = if wide { " 64-bit" } else { "" };
    let processor = match view.u32(4)? {
        7 => "i386",
        12 => "arm",
        18 => "ppc",
        0x0100_0007 => "x86_64",
        0x0100_000c => "arm64",
        0x0200_000c => "arm64_32",
        0x0100_0012 => "ppc64",
        _ => "unknown processor",
    };
    // The names of old processors leave the width out.
    let bits = if processor == "x86_64" || processor.starts_with("arm64") {
        bits
    } else {
        ""
    };
    let kind = match view.u32(12)? {
        1 => "object",
        2 => "executable",
        3 => "fixed virtual memory shared library",
        4 => "core",
        5 => "preload executable",
        6 => "dynamically linked shared library",
        7 => "dynamic linker",
        8 => "bundle",
        9 => "dynamically linked shared library stub",
        10 => "dSYM companion file",
        11 => "kext bundle",
        _ => "filetype unknown",
    };
    let name = format!("Mach-O{bits} {processor} {kind}");
    Some(Found::new(name, "application/x-mach-binary"))
}
