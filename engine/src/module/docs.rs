//! Reference pages for modules, written from their schemas.

use std::fmt::{self, Write};

use super::schema::{
    ArgType, Constant, ConstantValue, Enum, Func, Member, Origin, Schema,
    Struct, Type,
};

/// What the tables cannot say: limits, and what is left out.
const NOTES: [(&str, &str); 12] = [
    ("crx", include_str!("crx/notes.md")),
    ("dex", include_str!("dex/notes.md")),
    ("dotnet", include_str!("dotnet/notes.md")),
    ("elf", include_str!("elf/notes.md")),
    ("lnk", include_str!("lnk/notes.md")),
    ("macho", include_str!("macho/notes.md")),
    ("magic", include_str!("magic/notes.md")),
    ("msi", include_str!("msi/notes.md")),
    ("olecf", include_str!("olecf/notes.md")),
    ("pe", include_str!("pe/notes.md")),
    ("vba", include_str!("vba/notes.md")),
    ("zip", include_str!("zip/notes.md")),
];

/// The reference page of a module, as Markdown.
pub fn markdown(schema: &Schema) -> String {
    let mut page = Page::default();
    // Writing to a string can't fail.
    let _ = page.write(schema);
    page.text
}

/// The list of modules, as Markdown.
pub fn index<'s>(schemas: impl Iterator<Item = &'s Schema>) -> String {
    let mut text = String::from(
        "# Modules\n\nA rule that says `import \"NAME\"` can use the fields \
         and functions of the module NAME. These pages are written from the \
         tables that the compiler uses.\n\n| Module | In | |\n|---|---|---|\n",
    );
    for schema in schemas {
        let (name, doc) = (schema.name, schema.doc);
        let origin = origin(module_origin(schema));
        let state = if schema.implemented { "" } else { " (no parser yet)" };
        text +=
            &format!("| [{name}]({name}.md) | {origin} | {doc}{state} |\n");
    }
    text
}

#[derive(Default)]
struct Page {
    text: String,
    /// Structures with a place of their own: where, and whether described.
    structs: Vec<(&'static Struct, String)>,
    functions: Vec<(String, &'static Func, &'static Member)>,
}

impl Page {
    fn write(&mut self, schema: &Schema) -> fmt::Result {
        let name = schema.name;
        writeln!(self.text, "# {name}\n\n{}\n", schema.doc)?;
        let origin = origin(module_origin(schema));
        writeln!(self.text, "`import \"{name}\"` works in: {origin}.\n")?;
        if !schema.implemented {
            self.text += "Rules that use this module compile, but no parser \
                stands behind it yet: every field is undefined, except \
                that the field that tells whether an object is of this \
                kind is false, and arrays are empty. Values can be given \
                with `--module-data`, as JSON laid out like the fields; \
                most functions stay undefined.\n\n";
        }
        self.structs.push((schema.root, name.to_owned()));
        let mut at = 0;
        while at < self.structs.len() {
            let (structure, path) = self.structs[at].clone();
            self.fields(structure, &path, at == 0)?;
            at += 1;
        }
        self.functions()?;
        self.constants(schema.root.constants)?;
        for one in schema.root.enums {
            self.enumeration(one, name)?;
        }
        if let Some((_, notes)) = NOTES.iter().find(|note| note.0 == name) {
            writeln!(self.text, "{}\n", notes.trim())?;
        }
        if name == "magic" {
            self.types()?;
        }
        Ok(())
    }

    /// The types that `magic` tells by bytes at fixed places.
    fn types(&mut self) -> fmt::Result {
        self.text += "| Type | Media type |\n|---|---|\n";
        let mut seen = Vec::new();
        for (name, mime) in super::magic::types() {
            if !seen.contains(&name) {
                writeln!(self.text, "| {name} | {mime} |")?;
                seen.push(name);
            }
        }
        self.text += "\n";
        Ok(())
    }

    fn fields(
        &mut self,
        structure: &'static Struct,
        path: &str,
        root: bool,
    ) -> fmt::Result {
        let mut head = false;
        let mut members = structure.members.iter();
        while let Some(member) = members.next() {
            let place = format!("{path}.{}", member.name);
            if let Type::Func(function) = member.ty {
                self.functions.push((place, function, member));
                continue;
            }
            if matches!(member.ty, Type::Dual) {
                members.next();
            }
            if !head {
                match root {
                    true => self.text += "## Fields\n\n",
                    false => writeln!(self.text, "### `{path}`\n")?,
                }
                self.text += "| Field | Type | In | |\n|---|---|---|---|\n";
                head = true;
            }
            let ty = self.type_name(&member.ty, &place);
            let origin = origin(member.origin);
            let notes = notes(member);
            let name = member.name;
            writeln!(self.text, "| `{name}` | {ty} | {origin} |{notes} |")?;
        }
        if head {
            self.text += "\n";
        }
        Ok(())
    }

    /// The name of a type. A structure is described once, where it is met
    /// first.
    fn type_name(&mut self, ty: &Type, place: &str) -> String {
        match *ty {
            Type::Int => "int".to_owned(),
            Type::Float => "float".to_owned(),
            Type::Bool => "bool".to_owned(),
            Type::Str => "str".to_owned(),
            Type::Dual => "int or str".to_owned(),
            Type::Hash(form) => format!(
                "str, {} {} digits",
                form.length,
                if form.uppercase { "upper-case" } else { "lower-case" }
            ),
            Type::Array(item) => {
                let place = format!("{place}[]");
                format!("array of {}", self.type_name(item, &place))
            }
            Type::Map(item) => {
                let place = format!("{place}[]");
                format!("map from str to {}", self.type_name(item, &place))
            }
            Type::Struct(structure) => {
                let known = self
                    .structs
                    .iter()
                    .find(|(known, _)| std::ptr::eq(*known, structure));
                let place = match known {
                    Some((_, place)) => place.clone(),
                    None => {
                        self.structs.push((structure, place.to_owned()));
                        place.to_owned()
                    }
                };
                format!("[`{place}`](#{})", anchor(&place))
            }
            Type::Func(_) => "function".to_owned(),
        }
    }

    fn functions(&mut self) -> fmt::Result {
        if self.functions.is_empty() {
            return Ok(());
        }
        self.text += "## Functions\n\n| Function | Result | In | |\n\
            |---|---|---|---|\n";
        for (place, function, member) in std::mem::take(&mut self.functions) {
            for signature in function.signatures {
                let args: Vec<_> =
                    signature.args.iter().map(arg_name).collect();
                let args = args.join(", ");
                let result = self.type_name(&signature.result, "");
                let origin = origin(signature.origin);
                let notes = notes(member);
                writeln!(
                    self.text,
                    "| `{place}({args})` | {result} | {origin} |{notes} |"
                )?;
            }
        }
        self.text += "\n";
        Ok(())
    }

    fn constants(&mut self, constants: &[Constant]) -> fmt::Result {
        if constants.is_empty() {
            return Ok(());
        }
        self.text += "## Constants\n\n| Name | Value | In |\n|---|---|---|\n";
        for constant in constants {
            let value = match constant.value {
                ConstantValue::Int(int) => number(int),
                ConstantValue::Float(float) => float.to_string(),
                ConstantValue::Str(text) => {
                    format!("`\"{}\"`", text.escape_ascii())
                }
            };
            let origin = origin(constant.origin);
            let name = constant.name;
            writeln!(self.text, "| `{name}` | {value} | {origin} |")?;
        }
        self.text += "\n";
        Ok(())
    }

    fn enumeration(&mut self, one: &Enum, path: &str) -> fmt::Result {
        let path = format!("{path}.{}", one.name);
        if !one.items.is_empty() {
            writeln!(self.text, "## `{path}`\n\n| Name | Value |\n|---|---|")?;
            for &(name, value) in one.items {
                let value = number(value);
                writeln!(self.text, "| `{name}` | {value} |")?;
            }
            self.text += "\n";
        }
        for inner in one.enums {
            self.enumeration(inner, &path)?;
        }
        Ok(())
    }
}

/// The link target that a heading `path` gets: lower-case, without dots and
/// brackets.
fn anchor(path: &str) -> String {
    let kept = path.chars().filter(|c| c.is_alphanumeric() || *c == '_');
    kept.collect::<String>().to_lowercase()
}

/// Numbers of more than one byte are mostly addresses and flags.
fn number(int: i64) -> String {
    match int {
        0..=255 => int.to_string(),
        _ if int < 0 => int.to_string(),
        _ => format!("{int:#x}"),
    }
}

fn notes(member: &Member) -> String {
    let mut notes = String::new();
    if !member.doc.is_empty() {
        notes += &format!(" {}", member.doc.replace('\n', " "));
    }
    if let Some(instead) = member.deprecated {
        notes += &format!(" Superseded: use `{instead}`.");
    }
    notes
}

fn arg_name(ty: &ArgType) -> &'static str {
    match ty {
        ArgType::Int => "int",
        ArgType::Float => "float",
        ArgType::Bool => "bool",
        ArgType::Str => "str",
        ArgType::Regex => "regex",
    }
}

fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Both => "libyara, YARA-X",
        Origin::Libyara => "libyara",
        Origin::YaraX => "YARA-X",
    }
}

/// YARA-X alone has a module if it alone has all of its members.
fn module_origin(schema: &Schema) -> Origin {
    let mut members = schema.root.members.iter();
    match members.all(|member| member.origin == Origin::YaraX) {
        true => Origin::YaraX,
        false => Origin::Both,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::module::registry::{find, schemas};

    fn folder() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/modules")
    }

    /// Compares a page with the stored one, or stores it if the environment
    /// says `UPDATE_EXPECT=1`.
    #[expect(clippy::disallowed_methods, reason = "the pages are files")]
    fn expect(name: &str, page: &str) {
        let path = folder().join(name);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::create_dir_all(folder()).unwrap();
            fs::write(&path, page).unwrap();
        }
        let stored = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            stored.replace("\r\n", "\n") == page,
            "docs/modules/{name} is out of date: run this test again with \
             UPDATE_EXPECT=1"
        );
    }

    #[test]
    fn pages_are_up_to_date() {
        for schema in schemas() {
            expect(&format!("{}.md", schema.name), &markdown(schema));
        }
        expect("README.md", &index(schemas()));
    }

    #[test]
    fn a_page_says_who_has_what() {
        let page = |name: &str| markdown(find(name).unwrap().1.schema());
        let pe = page("pe");
        let rows = [
            "| `is_pe` | bool | libyara, YARA-X |",
            "| `sections` | array of [`pe.sections[]`](#pesections) |",
            "| `version_data` | str | libyara |",
            "| `pe.signatures[].valid_on(int)` | bool |",
            "| `pe.imphash()` | str, 32 lower-case digits |",
            "| `MACHINE_AMD64` | 0x8664 | libyara, YARA-X |",
            "Superseded: use `sections.len()`.",
        ];
        for row in rows {
            assert!(pe.contains(row), "{row}");
        }
        let unparsed = "no parser stands behind it yet";
        assert!(page("vt").contains(unparsed) && !pe.contains(unparsed));
        assert!(page("lnk").contains("works in: YARA-X.\n"));
        assert!(page("lnk").contains("## `lnk.DriveType`"));
        assert!(page("vt").contains("## `vt.Http.Method`"));
        assert!(!page("math").contains("no parser"));
        assert!(page("math").contains("| `MEAN_BYTES` | 127.5 |"));
    }
}
