//! Which modules there are.

use super::schema::Schema;
use super::unparsed::Unparsed;
use super::{Module, console, cuckoo, hash, math, string, time};
use super::{crx, dex, dotnet, elf, lnk, macho, magic, msi};
use super::{olecf, pe, vba, vt, zip};

static MODULES: [&dyn Module; 19] = [
    &pe::Pe,
    &elf::Elf,
    &macho::MachO,
    &dotnet::Dotnet,
    &dex::Dex,
    &lnk::Lnk,
    &crx::Crx,
    &msi::Msi,
    &olecf::Olecf,
    &vba::Vba,
    &zip::Zip,
    &Unparsed::with(&vt::SCHEMA, vt::call),
    &magic::Magic,
    &cuckoo::Cuckoo,
    &math::Math,
    &hash::Hash,
    &string::Strings,
    &time::Time,
    &console::Console,
];

/// All modules, in an order that never changes within a build.
pub fn all() -> &'static [&'static dyn Module] {
    &MODULES
}

/// The module that `import "name"` means, and its place in [`all`].
pub fn find(name: &str) -> Option<(usize, &'static dyn Module)> {
    let at = MODULES.iter().position(|m| m.schema().name == name)?;
    Some((at, MODULES[at]))
}

/// The schemas of all modules.
pub fn schemas() -> impl Iterator<Item = &'static Schema> {
    MODULES.iter().map(|module| module.schema())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::module::schema::{Enum, Struct, Type};

    #[test]
    fn every_module_is_found_by_its_name() {
        for (at, module) in all().iter().enumerate() {
            let name = module.schema().name;
            assert_eq!(find(name).map(|(at, _)| at), Some(at), "{name}");
        }
        assert!(find("PE").is_none());
        assert!(find("").is_none());
    }

    #[test]
    fn every_schema_is_well_formed() {
        for schema in schemas() {
            assert!(!schema.doc.is_empty(), "{}", schema.name);
            check_struct(schema.name, schema.root);
            check_constants(schema.name, schema.root);
            check_enums(schema.name, schema.root.enums);
        }
    }

    fn check_struct(path: &str, structure: &Struct) {
        assert!(structure.members.len() < usize::from(u16::MAX));
        let mut names = HashSet::new();
        let mut members = structure.members.iter().peekable();
        while let Some(member) = members.next() {
            let path = format!("{path}.{}", member.name);
            assert!(names.insert(member.name), "{path} twice");
            if matches!(member.ty, Type::Dual) {
                let text = members.next();
                assert!(
                    text.is_some_and(|text| text.name == member.name
                        && matches!(text.ty, Type::Str)),
                    "{path} has no second half"
                );
            }
            check_type(&path, &member.ty, true);
        }
    }

    /// `bare` is true for a member itself, and false for what an array or a
    /// map holds: there is one index for each step of a path, so neither
    /// holds another.
    fn check_type(path: &str, ty: &Type, bare: bool) {
        match ty {
            Type::Struct(inside) => {
                check_struct(path, inside);
                let named = !inside.constants.is_empty();
                assert!(!named, "{path}: only modules have constants");
            }
            Type::Array(item) | Type::Map(item) => {
                assert!(bare, "{path}: an array of arrays");
                check_type(path, item, false);
            }
            Type::Func(function) => {
                assert!(bare, "{path}: an array of functions");
                let mut overloads = HashSet::new();
                for signature in function.signatures {
                    let args = format!("{:?}", signature.args);
                    assert!(overloads.insert(args), "{path} twice");
                    check_result(path, &signature.result);
                }
                assert!(!overloads.is_empty(), "{path} can't be called");
            }
            Type::Dual => assert!(bare, "{path}: an array of duals"),
            Type::Int | Type::Float | Type::Bool => {}
            Type::Str | Type::Hash(_) => {}
        }
    }

    fn check_result(path: &str, result: &Type) {
        let scalar = matches!(
            result,
            Type::Int | Type::Float | Type::Bool | Type::Str | Type::Hash(_)
        );
        assert!(scalar, "{path}");
    }

    fn check_constants(path: &str, root: &Struct) {
        let mut names = HashSet::new();
        for constant in root.constants {
            assert!(names.insert(constant.name), "{path}.{}", constant.name);
            assert!(root.member(constant.name).is_none());
        }
        for enumeration in root.enums {
            assert!(names.insert(enumeration.name));
            assert!(root.member(enumeration.name).is_none());
        }
    }

    fn check_enums(path: &str, enums: &[Enum]) {
        for one in enums {
            let path = format!("{path}.{}", one.name);
            let mut names = HashSet::new();
            for (name, _) in one.items {
                assert!(names.insert(*name), "{path}.{name}");
            }
            for inner in one.enums {
                assert!(names.insert(inner.name), "{path}.{}", inner.name);
            }
            assert!(!names.is_empty(), "{path} is empty");
            check_enums(&path, one.enums);
        }
    }
}
