//! `vba`: projects of Visual Basic inside documents.

mod compressed;
mod project;
mod schema;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cell::OnceCell;

use super::node::{Node, array, members, record};
use super::olecf::compound::Compound;
use super::parsed::{self, Parser};
use super::schema::Schema;
use super::zip::archive::Archive;
use super::{Fields, Module, OpenCx};
use project::Project;
use schema::{MODULE, PROJECT_INFO, VBA};

pub(crate) use schema::SCHEMA;

/// The module.
pub(super) struct Vba;

impl Module for Vba {
    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        let file = File { data: cx.data, project: OnceCell::new() };
        parsed::open(&SCHEMA, cx, Some(file))
    }
}

/// Where documents that are archives keep the project.
const PLACES: [&[u8]; 4] = [
    b"word/vbaProject.bin",
    b"xl/vbaProject.bin",
    b"ppt/vbaProject.bin",
    b"vbaProject.bin",
];

/// Bytes of a project that are unpacked.
const MAX_CONTENT: usize = 64 << 20;

struct File<'d> {
    data: &'d [u8],
    project: OnceCell<Option<Project>>,
}

impl File<'_> {
    fn project(&self) -> Option<&Project> {
        let read = || {
            let document = document(self.data)?;
            project::read(&Compound::open(&document)?)
        };
        self.project.get_or_init(read).as_ref()
    }
}

/// The compound file that is the document, or is inside of it.
fn document(data: &[u8]) -> Option<Cow<'_, [u8]>> {
    if !data.starts_with(b"PK\x03\x04") {
        return Some(Cow::Borrowed(data));
    }
    let archive = Archive::open(data)?;
    let mut entries = archive.entries();
    let entry = entries.find(|entry| PLACES.contains(&entry.path))?;
    archive.content(&entry, MAX_CONTENT).map(Cow::Owned)
}

impl<'d> Parser<'d> for File<'d> {
    fn member(&self, at: u16) -> Option<Node<'d>> {
        let project = || self.project();
        members!(VBA, at;
            has_macros: project().is_some(),
            modules: array(project()?.modules.iter().map(|module| {
                record!(MODULE {
                    name: module.name.clone(),
                    type: module.kind,
                    code: module.code.clone(),
                })
            })),
            project_info: record!(PROJECT_INFO {
                name: project()?.name.clone(),
                version: project()?.version.clone(),
                references: array(project()?.references.iter().cloned()),
                module_count: project()?.module_count,
            }),
        )
    }
}
