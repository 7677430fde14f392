//! The functions of `pe`.

use super::File;
use super::exports::Export;
use super::hash;
use super::imports::{Function, Import};
use crate::module::authenticode::validity;
use crate::module::{Arg, CallCx, Index, RegexArg, Value};

const MAGIC_32: u16 = 0x10b;
const MAGIC_64: u16 = 0x20b;
const DLL: u16 = 0x2000;
const STANDARD: i64 = 1;
const DELAYED: i64 = 2;

/// What a name or a number must be.
#[derive(Clone, Copy)]
enum Wanted<'a> {
    Any,
    /// In any case.
    Name(&'a [u8]),
    Ordinal(i64),
    Regex(&'a dyn RegexArg),
}

impl<'a> Wanted<'a> {
    fn new(arg: &Arg<'a>) -> Option<Self> {
        match *arg {
            Arg::Bytes(name) => Some(Self::Name(name)),
            Arg::Int(ordinal) => Some(Self::Ordinal(ordinal)),
            Arg::Regex(regex) => Some(Self::Regex(regex)),
            Arg::Float(_) | Arg::Bool(_) => None,
        }
    }

    fn fits(self, name: Option<&[u8]>, ordinal: Option<u32>) -> bool {
        match self {
            Self::Any => true,
            Self::Name(wanted) => {
                name.is_some_and(|name| name.eq_ignore_ascii_case(wanted))
            }
            Self::Ordinal(wanted) => {
                ordinal.is_some_and(|ordinal| i64::from(ordinal) == wanted)
            }
            Self::Regex(regex) => {
                name.is_some_and(|name| regex.is_match(name))
            }
        }
    }

    fn is_import(self, function: &Function<'_>) -> bool {
        let ordinal = function.ordinal.map(u32::from);
        self.fits(function.name.as_deref(), ordinal)
    }

    fn is_export(self, export: &Export<'_>) -> bool {
        self.fits(export.name, Some(export.ordinal))
    }
}

/// Calls the function of this name. On what is no PE file nothing is
/// imported, exported or found.
pub(super) fn call<'f>(
    file: &'f File<'_>,
    name: &str,
    index: &[Index<'_>],
    args: &[Arg<'_>],
    cx: &mut dyn CallCx,
) -> Option<Value<'f>> {
    let int = |value: Option<u32>| value.map(i64::from).map(Value::Int);
    let small = |value: i64| u32::try_from(value).ok();
    let magic = || file.image().map(|image| image.optional.magic);
    match (name, args) {
        ("is_32bit", []) => magic().map(|m| Value::Bool(m == MAGIC_32)),
        ("is_64bit", []) => magic().map(|m| Value::Bool(m == MAGIC_64)),
        ("is_dll", []) => {
            let flags = file.image()?.file.characteristics;
            Some(Value::Bool(flags & DLL != 0))
        }
        ("rva_to_offset", &[Arg::Int(rva)]) => {
            int(file.image()?.rva_to_offset(small(rva)?))
        }
        ("offset_to_rva", &[Arg::Int(offset)]) => {
            int(file.image()?.offset_to_rva(small(offset)?))
        }
        ("calculate_checksum", []) => {
            let image = file.image()?;
            int(file.checksum.get().copied().or_else(|| {
                let paid = cx.charge(file.data.len() as u64);
                let sum =
                    || hash::checksum(file.data, image.optional.checksum);
                paid.then(|| *file.checksum.get_or_init(sum))
            }))
        }
        ("section_index", [wanted]) => section_index(file, wanted),
        ("imphash", []) => {
            file.image()?;
            let hash = || hash::imphash(file.imports());
            let hash = file.imphash.get_or_init(hash);
            Some(Value::Bytes(hash.as_bytes().into()))
        }
        ("imports", args) => imports(file, args),
        ("import_rva", args) => import_rva(file.imports(), args),
        ("delayed_import_rva", args) => {
            import_rva(file.delayed_imports(), args)
        }
        ("exports", [wanted]) => {
            let found = export_index(file, Wanted::new(wanted)?);
            Some(Value::Bool(found.is_some()))
        }
        ("exports_index", [wanted]) => {
            let at = export_index(file, Wanted::new(wanted)?)?;
            Some(Value::Int(at as i64))
        }
        ("locale", &[Arg::Int(id)]) => Some(has_language(file, id, 0xffff)),
        ("language", &[Arg::Int(id)]) => Some(has_language(file, id, 0xff)),
        ("version" | "toolid", _) if !cx.charge(rich_rows(file)) => None,
        ("version", &[Arg::Int(version)]) => {
            Some(rich(file, None, Some(version)))
        }
        ("version", &[Arg::Int(version), Arg::Int(id)])
        | ("toolid", &[Arg::Int(id), Arg::Int(version)]) => {
            Some(rich(file, Some(id), Some(version)))
        }
        ("toolid", &[Arg::Int(id)]) => Some(rich(file, Some(id), None)),
        ("valid_on", &[Arg::Int(when)]) => {
            let &[Index::Int(at)] = index else { return None };
            let at = usize::try_from(at).ok()?;
            let (start, end) = validity(file.signatures().get(at)?)?;
            Some(Value::Bool((start..=end).contains(&when)))
        }
        _ => None,
    }
}

fn section_index(file: &File<'_>, wanted: &Arg<'_>) -> Option<Value<'static>> {
    let mut sections = file.image()?.sections().iter();
    let at = match *wanted {
        Arg::Bytes(name) => sections.position(|s| s.name == name)?,
        Arg::Int(offset) => {
            let offset = u64::from(u32::try_from(offset).ok()?);
            sections.position(|section| {
                let start = u64::from(section.raw_data_offset);
                let end = start + u64::from(section.raw_data_size);
                (start..end).contains(&offset)
            })?
        }
        _ => return None,
    };
    Some(Value::Int(at as i64))
}

/// The result is a truth value or a number, as the overload has it.
fn imports(file: &File<'_>, args: &[Arg<'_>]) -> Option<Value<'static>> {
    let (flags, with_flags, args) = match args {
        [Arg::Int(flags), rest @ ..] => (*flags, true, rest),
        _ => (STANDARD, false, args),
    };
    let (library, function) = match args {
        [library] => (Wanted::new(library)?, Wanted::Any),
        [library, function] => (Wanted::new(library)?, Wanted::new(function)?),
        _ => return None,
    };
    let matching = |imports: &[Import<'_>]| -> usize {
        let imports = imports
            .iter()
            .filter(|import| library.fits(Some(import.library), None));
        let functions = imports.flat_map(|import| &import.functions);
        functions.filter(|one| function.is_import(one)).count()
    };
    let mut count = 0;
    if flags & STANDARD != 0 {
        count += matching(file.imports());
    }
    if flags & DELAYED != 0 {
        count += matching(file.delayed_imports());
    }
    Some(match function {
        Wanted::Name(_) => Value::Bool(count > 0),
        Wanted::Ordinal(_) if with_flags => Value::Bool(count > 0),
        _ => Value::Int(count as i64),
    })
}

fn import_rva(
    imports: &[Import<'_>],
    args: &[Arg<'_>],
) -> Option<Value<'static>> {
    let [library, function] = args else { return None };
    let (library, function) = (Wanted::new(library)?, Wanted::new(function)?);
    let found = imports
        .iter()
        .filter(|import| library.fits(Some(import.library), None))
        .flat_map(|import| &import.functions)
        .find(|one| function.is_import(one))?;
    Some(Value::Int(i64::from(found.rva)))
}

fn export_index(file: &File<'_>, wanted: Wanted<'_>) -> Option<usize> {
    let exports = file.exports()?;
    exports.functions.iter().position(|export| wanted.is_export(export))
}

fn has_language(file: &File<'_>, id: i64, mask: u32) -> Value<'static> {
    let fits = |language: u32| i64::from(language & mask) == id;
    let mut languages =
        file.all_resources().iter().filter_map(|r| r.ids[2].number());
    Value::Bool(languages.any(fits))
}

fn rich_rows(file: &File<'_>) -> u64 {
    file.rich().map_or(0, |rich| rich.tools.len() as u64)
}

fn rich(
    file: &File<'_>,
    id: Option<i64>,
    version: Option<i64>,
) -> Value<'static> {
    Value::Int(file.rich().map_or(0, |rich| rich.times(id, version)))
}
