//! The functions of `macho`.

use md5::{Digest, Md5};

use super::File;
use super::image::Image;
use super::symbols::N_EXT;
use crate::module::call::hex;
use crate::module::{Arg, CallCx, Value};

pub(super) fn call<'f>(
    file: &'f File<'_>,
    name: &str,
    args: &[Arg<'_>],
    cx: &mut dyn CallCx,
) -> Option<Value<'f>> {
    let size = file.view.map_or(0, |view| view.len());
    if !cx.charge(size / 16) {
        return None;
    }
    let images = file.images();
    let has = |one: &dyn Fn(&Image<'_>, &[u8]) -> bool| {
        let &[Arg::Bytes(wanted)] = args else { return None };
        let found = images.iter().any(|image| one(image, wanted));
        Some(Value::Bool(found))
    };
    let same = |name: &[u8], wanted: &[u8]| name.eq_ignore_ascii_case(wanted);
    match name {
        "file_index_for_arch" => {
            let (at, _) = arch(file, args)?;
            Some(Value::Int(at as i64))
        }
        "entry_point_for_arch" => {
            let (at, start) = arch(file, args)?;
            let entry = file.fat()?.images.get(at)?.entry_point()?;
            Some(Value::Int((start as i64).checked_add(entry as i64)?))
        }
        "has_entitlement" => has(&|image, wanted| {
            let mut all = image.entitlements().iter();
            all.any(|name| same(name.as_bytes(), wanted))
        }),
        "has_dylib" => has(&|image, wanted| {
            let mut all = image.commands().dylibs.iter();
            all.any(|dylib| same(dylib.name, wanted))
        }),
        "has_rpath" => has(&|image, wanted| {
            let mut all = image.commands().rpaths.iter();
            all.any(|path| same(path, wanted))
        }),
        "has_import" => has(&|image, wanted| {
            image.imports().iter().any(|name| same(name, wanted))
        }),
        "has_export" => has(&|image, wanted| {
            image.exports().iter().any(|name| same(name, wanted))
        }),
        "dylib_hash" => hash(images.first()?, |image| {
            let all = image.commands().dylibs.iter();
            all.map(|dylib| lower(dylib.name)).collect()
        }),
        "entitlement_hash" => hash(images.first()?, |image| {
            let all = image.entitlements().iter();
            all.map(|name| lower(name.as_bytes())).collect()
        }),
        "export_hash" => hash(images.first()?, |image| {
            image.exports().iter().map(|name| lower(name)).collect()
        }),
        "import_hash" => hash(images.first()?, |image| {
            image.imports().iter().map(|name| lower(name)).collect()
        }),
        "symhash" => symhash(images.first()?),
        _ => None,
    }
}

/// The place of an architecture and where its image starts.
fn arch(file: &File<'_>, args: &[Arg<'_>]) -> Option<(usize, u64)> {
    let (cputype, cpusubtype) = match *args {
        [Arg::Int(cputype)] => (cputype, None),
        [Arg::Int(cputype), Arg::Int(sub)] => (cputype, Some(sub)),
        _ => return None,
    };
    let archs = &file.fat()?.archs;
    let at = archs.iter().position(|arch| {
        let sub = i64::from(arch.cpusubtype);
        i64::from(arch.cputype) == cputype
            && cpusubtype.is_none_or(|wanted| wanted == sub)
    })?;
    Some((at, archs[at].offset))
}

fn lower(name: &[u8]) -> String {
    String::from_utf8_lossy(name).trim().to_lowercase()
}

/// MD5 over names, each once, sorted, with commas between them; undefined
/// if there is none.
fn hash(
    image: &Image<'_>,
    names: impl Fn(&Image<'_>) -> Vec<String>,
) -> Option<Value<'static>> {
    let mut names = names(image);
    if names.is_empty() {
        return None;
    }
    names.sort_unstable();
    names.dedup();
    let hash = hex(&Md5::digest(names.join(",")));
    Some(Value::Bytes(hash.into_bytes().into()))
}

/// MD5 over the external symbols that are defined elsewhere; undefined only
/// if there are no symbols at all.
fn symhash(image: &Image<'_>) -> Option<Value<'static>> {
    let symbols = image.symbols();
    if symbols.is_empty() {
        return None;
    }
    let external = symbols
        .iter()
        .filter(|symbol| symbol.is_undefined() && symbol.kind & N_EXT != 0);
    let mut names: Vec<&[u8]> =
        external.map(|symbol| symbol.name.trim_ascii()).collect();
    names.sort_unstable();
    names.dedup();
    let hash = hex(&Md5::digest(names.join(&b","[..])));
    Some(Value::Bytes(hash.into_bytes().into()))
}
