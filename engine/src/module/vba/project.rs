//! A project: the stream `dir` describes it, and names the streams of its
//! modules.

use std::collections::HashMap;

use encoding_rs::Encoding;

use super::compressed::{decompress, is_chunk};
use crate::module::cursor::{Reader, View};
use crate::module::olecf::compound::Compound;

const STANDARD: u8 = 1;
const CLASS: u8 = 2;
const UNKNOWN: u8 = 3;

/// Streams, and bytes in them, that are looked at.
const MAX_STREAMS: usize = 10_000;
const MAX_BYTES: usize = 256 << 20;
/// Bytes that are decompressed, or searched for what to decompress.
const MAX_WORK: usize = 1 << 30;
/// Bytes of source text in all modules.
const MAX_CODE: usize = 64 << 20;

#[derive(Default)]
pub(super) struct Project {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) references: Vec<String>,
    pub(super) module_count: u16,
    pub(super) modules: Vec<ModuleText>,
}

pub(super) struct ModuleText {
    pub(super) name: String,
    pub(super) kind: u8,
    pub(super) code: String,
}

type Streams = HashMap<String, Vec<u8>>;

/// Reads the project of a document; `None` if there is none, or the
/// description is damaged.
pub(super) fn read(document: &Compound<'_>) -> Option<Project> {
    let is_dir = |name: &str| name.trim().eq_ignore_ascii_case("dir");
    let mut left = MAX_BYTES;
    let mut streams = Streams::new();
    let mut dir = None;
    for entry in document.entries().iter().take(MAX_STREAMS) {
        let size = usize::try_from(entry.size).ok()?;
        if size == 0 || size > left {
            continue;
        }
        let Some(bytes) = document.stream(entry) else { continue };
        left -= size;
        if !is_dir(&entry.name) {
            streams.insert(plain(&entry.name), bytes);
        } else if dir.is_none() {
            dir = Some(bytes);
        }
    }
    let mut work = MAX_WORK;
    let dir = decompress(&dir?, &mut work)?;
    describe(View::little(&dir), &streams, &mut work)
}

fn describe(
    dir: View<'_>,
    streams: &Streams,
    work: &mut usize,
) -> Option<Project> {
    let mut r = dir.reader(0);
    let mut project = Project::default();
    number(&mut r, 0x01)?;
    let mut ahead = r;
    if ahead.u16()? == 0x4a {
        number(&mut r, 0x4a)?;
    }
    for language in [0x02, 0x14] {
        if number(&mut r, language)? != 0x409 {
            return None;
        }
    }
    (r.u16()? == 3 && r.u32()? == 2).then_some(())?;
    let encoding = encoding(r.u16()?);
    let name = record(&mut r, 0x04)?;
    (1..=128).contains(&name.len()).then_some(())?;
    project.name = decode(name, encoding);
    record(&mut r, 0x05)?;
    even(record(&mut r, 0x40)?)?;
    let help = (record(&mut r, 0x06)?, record(&mut r, 0x3d)?);
    (help.0 == help.1 && help.0.len() <= 260).then_some(())?;
    number(&mut r, 0x07)?;
    (number(&mut r, 0x08)? == 0).then_some(())?;
    let major = number(&mut r, 0x09)?;
    project.version = format!("{major}.{}", r.u16()?);
    (record(&mut r, 0x0c)?.len() <= 1015).then_some(())?;
    even(record(&mut r, 0x3c)?)?;
    references(&mut r, encoding, &mut project.references)?;
    (r.u32()? == 2).then_some(())?;
    project.module_count = r.u16()?;
    (r.u16()? == 0x13 && r.u32()? == 2).then_some(())?;
    r.u16()?;
    let mut left = MAX_CODE;
    for _ in 0..project.module_count {
        if let Some(module) = module(&mut r, encoding, streams, work)? {
            left = left.saturating_sub(module.code.len());
            if left > 0 {
                project.modules.push(module);
            }
        }
    }
    Some(project)
}

/// The rest of a record behind its kind.
fn counted<'d>(r: &mut Reader<'d>) -> Option<&'d [u8]> {
    let size = r.u32()?;
    r.take(u64::from(size))
}

fn record<'d>(r: &mut Reader<'d>, kind: u16) -> Option<&'d [u8]> {
    (r.u16()? == kind).then_some(())?;
    counted(r)
}

/// A record that is a number of four bytes.
fn number(r: &mut Reader<'_>, kind: u16) -> Option<u32> {
    (r.u16()? == kind && r.u32()? == 4).then_some(())?;
    r.u32()
}

fn even(bytes: &[u8]) -> Option<()> {
    bytes.len().is_multiple_of(2).then_some(())
}

/// References to libraries, up to the record that starts the modules.
fn references(
    r: &mut Reader<'_>,
    encoding: Option<&'static Encoding>,
    names: &mut Vec<String>,
) -> Option<()> {
    loop {
        match r.u16()? {
            0x0f => return Some(()),
            0x16 => {
                names.push(decode(counted(r)?, encoding));
                record(r, 0x3e)?;
            }
            0x33 => {
                counted(r)?;
            }
            0x2f => {
                counted(r)?;
                let mut ahead = *r;
                if ahead.u16()? == 0x16 {
                    record(r, 0x16)?;
                    record(r, 0x3e)?;
                }
                (r.u16()? == 0x30).then_some(())?;
                r.u32()?;
                counted(r)?;
                r.skip(4 + 2 + 16 + 4)?;
            }
            0x0d => {
                r.u32()?;
                counted(r)?;
                (r.u32()? == 0 && r.u16()? == 0).then_some(())?;
            }
            0x0e => {
                r.u32()?;
                counted(r)?;
                counted(r)?;
                r.skip(6)?;
            }
            _ => return None,
        }
    }
}

/// A module; the inner `None` is one without source text.
fn module(
    r: &mut Reader<'_>,
    encoding: Option<&'static Encoding>,
    streams: &Streams,
    work: &mut usize,
) -> Option<Option<ModuleText>> {
    let mut name = decode(record(r, 0x19)?, encoding);
    let (mut stream, mut wide_stream) = (None, None);
    let mut offset = 0;
    let mut kind = UNKNOWN;
    loop {
        match r.u16()? {
            0x47 => {
                if let Some(wide) = utf16(counted(r)?) {
                    name = wide;
                }
            }
            0x1a => {
                stream = Some(decode(counted(r)?, encoding));
                record(r, 0x32)?;
            }
            0x1c => {
                counted(r)?;
                wide_stream = utf16(record(r, 0x48)?);
            }
            0x31 => {
                (r.u32()? == 4).then_some(())?;
                offset = r.u32()?;
            }
            0x1e => {
                (r.u32()? == 4).then_some(())?;
                r.u32()?;
            }
            0x2c => {
                (r.u32()? == 2).then_some(())?;
                r.u16()?;
            }
            0x21 => {
                kind = STANDARD;
                r.u32()?;
            }
            0x22 => {
                kind = CLASS;
                r.u32()?;
            }
            0x25 | 0x28 => (r.u32()? == 0).then_some(())?,
            0x2b => {
                (r.u32()? == 0).then_some(())?;
                break;
            }
            _ => return None,
        }
    }
    let bytes = [wide_stream.or(stream), Some(name.clone())]
        .into_iter()
        .flatten()
        .find_map(|name| streams.get(&plain(&name)));
    let code = bytes.and_then(|bytes| source(bytes, offset, work));
    Some(code.map(|code| ModuleText {
        name,
        kind,
        code: decode(&code, encoding),
    }))
}

/// The source text of a module: where its description says, or else at the
/// first place that looks like it.
fn source(bytes: &[u8], offset: u32, work: &mut usize) -> Option<Vec<u8>> {
    // To look for chunks costs as well.
    *work = work.checked_sub(bytes.len())?;
    let mut at = |at: usize| decompress(bytes.get(at..)?, work);
    let described = usize::try_from(offset).ok().and_then(&mut at);
    described.or_else(|| {
        // Each attempt reads on to the end, so that there are not many.
        let starts = (0..bytes.len().saturating_sub(2)).filter(|at| {
            let header = u16::from_le_bytes([bytes[at + 1], bytes[at + 2]]);
            bytes[*at] == 1 && is_chunk(header)
        });
        starts.take(64).find_map(at)
    })
}

fn utf16(bytes: &[u8]) -> Option<String> {
    even(bytes)?;
    let units = bytes.chunks_exact(2);
    let units = units.map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    String::from_utf16(&units.collect::<Vec<u16>>()).ok()
}

fn decode(bytes: &[u8], encoding: Option<&'static Encoding>) -> String {
    match encoding {
        Some(encoding) => encoding.decode(bytes).0.into_owned(),
        None => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The encoding of a code page of Windows.
fn encoding(page: u16) -> Option<&'static Encoding> {
    let label = match page {
        874 => "windows-874",
        932 => "shift_jis",
        936 => "gbk",
        949 => "euc-kr",
        950 => "big5",
        10_000 => "macintosh",
        10_007 => "x-mac-cyrillic",
        20_866 => "koi8-r",
        65_001 => "utf-8",
        1250..=1258 => {
            return Encoding::for_label(format!("windows-{page}").as_bytes());
        }
        _ => return None,
    };
    Encoding::for_label(label.as_bytes())
}

/// A name without case and accents: documents name their streams in one
/// code page and claim to use another.
fn plain(name: &str) -> String {
    let letter = |letter: char| match letter {
        'ç' | 'ć' | 'č' => 'c',
        'ş' | 'ś' | 'š' | 'þ' => 's',
        'ı' | 'í' | 'ì' | 'î' | 'ï' | 'ý' => 'i',
        'ğ' => 'g',
        'ö' | 'ó' | 'ò' | 'ô' | 'õ' => 'o',
        'ü' | 'ú' | 'ù' | 'û' => 'u',
        'ä' | 'á' | 'à' | 'â' | 'ã' => 'a',
        'ñ' => 'n',
        other => other,
    };
    name.to_lowercase().chars().map(letter).collect()
}
