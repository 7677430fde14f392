//! Objects to measure with where nobody names any: several kinds, each in
//! several sizes, the same everywhere.

use super::measure::Object;

/// Rules begin with a bound of `filesize`, and most bounds lie below a
/// mebibyte: of large objects alone nearly all rules would cost nothing.
const SIZES: [(&str, usize); 3] =
    [("2 KiB", 2 << 10), ("40 KiB", 40 << 10), ("1 MiB", 1 << 20)];

/// Words of prose.
const TEXT: &[&str] = &[
    "the ",
    "of ",
    "server ",
    "value ",
    "function ",
    "error ",
    "\n",
    "return ",
    "admin ",
    "file ",
    "system ",
    "12 ",
    "request. ",
];

/// Words of scripts on servers.
const SCRIPT: &[&str] = &[
    "<?php ",
    "$value = ",
    "array(",
    ");\n",
    "if (isset(",
    "echo ",
    "function f($x) {\n",
    "}\n",
    "// note\n",
    "'text'",
    "->get(",
    "?>\n",
    "foreach ($rows as $row) ",
    "base64",
    "$_SERVER['HOST']",
    "$_POST['name']",
    "$_FILES['file']",
    "base64_decode(",
    "file_get_contents(",
    "move_uploaded_file(",
    "preg_replace('/a/', ",
    "system(",
    "eval(",
];

/// Words of programs: code, names, padding.
const PROGRAM: &[&str] = &[
    "\0\0\0\0\0\0\0\0",
    "\x55\x03\x0c\x24",
    "\x0f\x1f\x40\0",
    "KERNEL32.dll\0",
    "GetProcAddress\0",
    "h\0t\0t\0p\0",
    "Software\\Classes\0",
    "%s: %d\0",
    "\x33\x40\x5d\x42",
];

/// All of them.
pub(crate) fn made_up() -> Vec<Object> {
    let mut next = Numbers(0x2545_F491_4F6C_DD1D);
    let mut objects = Vec::new();
    for (called, size) in SIZES {
        let random = (0..size).map(|_| next.next() as u8).collect();
        let kinds: [(&str, Vec<u8>); 4] = [
            ("random bytes", random),
            ("text", next.words(Vec::new(), TEXT, size)),
            ("script", next.words(b"<?php\n".to_vec(), SCRIPT, size)),
            ("program", next.words(header(size), PROGRAM, size)),
        ];
        objects.extend(kinds.into_iter().map(|(kind, bytes)| {
            Object::Made(format!("{kind}, {called}"), bytes)
        }));
    }
    objects
}

/// xorshift: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 >> 24
    }

    /// `start`, and words up to `size`.
    fn words(
        &mut self,
        start: Vec<u8>,
        list: &[&str],
        size: usize,
    ) -> Vec<u8> {
        let mut text = start;
        while text.len() < size {
            let word = list[self.next() as usize % list.len()];
            text.extend_from_slice(word.as_bytes());
        }
        text.truncate(size);
        text
    }
}

/// The header of a program for Windows with one section, up to where that
/// begins.
fn header(size: usize) -> Vec<u8> {
    const NEW_HEADER: usize = 0x80;
    const START: u32 = 0x200;
    let mut bytes = vec![0; START as usize];
    let mut put = |at: usize, what: &[u8]| {
        bytes[at..at + what.len()].copy_from_slice(what);
    };
    put(0, b"MZ");
    put(0x3C, &(NEW_HEADER as u32).to_le_bytes());
    put(NEW_HEADER, b"PE\0\0");
    let coff = NEW_HEADER + 4;
    // For i386; one section; the size of the optional header; executable.
    put(coff, &0x14C_u16.to_le_bytes());
    put(coff + 2, &1_u16.to_le_bytes());
    put(coff + 16, &0xE0_u16.to_le_bytes());
    put(coff + 18, &0x102_u16.to_le_bytes());
    let optional = coff + 20;
    put(optional, &0x10B_u16.to_le_bytes());
    let length = (size as u32).saturating_sub(START);
    for (at, value) in [
        (16, 0x1000),
        (28, 0x40_0000),
        (32, 0x1000),
        (36, START),
        (56, 0x1000 + length),
        (60, START),
        (92, 16),
    ] {
        put(optional + at, &u32::to_le_bytes(value));
    }
    let section = optional + 0xE0;
    put(section, b".text");
    for (at, value) in [(8, length), (12, 0x1000), (16, length), (20, START)] {
        put(section + at, &u32::to_le_bytes(value));
    }
    put(section + 36, &0x6000_0020_u32.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_have_their_sizes_and_are_the_same_every_time() {
        let bytes = |objects: Vec<Object>| -> Vec<Vec<u8>> {
            let own = objects.into_iter().filter_map(|object| match object {
                Object::Made(_, bytes) => Some(bytes),
                Object::File(_) => None,
            });
            own.collect()
        };
        let first = bytes(made_up());
        assert_eq!(first, bytes(made_up()));
        let sizes: Vec<usize> = first.iter().map(Vec::len).collect();
        for (_, size) in SIZES {
            let count = sizes.iter().filter(|other| **other == size).count();
            assert_eq!(count, 4, "{size}");
        }
    }
}
