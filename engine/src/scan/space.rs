//! Memory as one object: regions at addresses, searched one after the other,
//! and conditions that are evaluated once for all of them.
//!
//! Hides what of a region is in memory when: one while it is searched, and
//! those that a module looks at while conditions are evaluated.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use crate::cond::is_library;
use crate::module::dump::Opened;
use crate::module::schema::{Schema, Type};
use crate::module::{Layout, OpenCx, registry};

/// The bytes of a region, for as long as somebody looks at them.
pub type RegionBytes<'r> = Box<dyn AsRef<[u8]> + 'r>;

/// The memory of a process or of a machine. Regions are ascending by their
/// addresses, without overlap; no match reaches from one into another.
pub trait Regions {
    /// How many there are.
    fn count(&self) -> usize;

    /// The address of the first byte of a region.
    fn address(&self, region: usize) -> u64;

    /// How a program lies in a region.
    fn layout(&self, region: usize) -> Layout;

    /// All bytes of a region; `None` if there are none to look at. Whoever
    /// implements this keeps the reason.
    fn open(&self, region: usize) -> Option<RegionBytes<'_>>;

    /// Reads the first bytes that are known at an address or behind it:
    /// gives their address and how many there are in a row within one
    /// region, at least one and at most as many as fit.
    fn read(&self, address: u64, buf: &mut [u8]) -> Option<(u64, usize)>;

    /// Reads exactly these bytes, of one region; false if not all of them
    /// are known.
    fn read_all(&self, address: u64, buf: &mut [u8]) -> bool {
        self.read(address, buf) == Some((address, buf.len()))
    }
}

/// What conditions may look at in memory, besides matches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpaceOptions {
    /// Integers and functions read memory again by its addresses. Without
    /// it they are undefined.
    pub reads: bool,
    /// Modules look at regions.
    pub modules: bool,
}

/// Memory of which nothing is read again.
pub(crate) struct Unread;

impl Regions for Unread {
    fn count(&self) -> usize {
        0
    }

    fn address(&self, _: usize) -> u64 {
        0
    }

    fn layout(&self, _: usize) -> Layout {
        Layout::File
    }

    fn open(&self, _: usize) -> Option<RegionBytes<'_>> {
        None
    }

    fn read(&self, _: u64, _: &mut [u8]) -> Option<(u64, usize)> {
        None
    }
}

/// Which region each module looks at: the first one that it knows.
pub(super) struct Recognised {
    /// By the number of the module.
    found: BTreeMap<usize, Option<usize>>,
}

impl Recognised {
    /// For these modules, as the registry counts them.
    pub(super) fn new(modules: impl Iterator<Item = usize>) -> Recognised {
        Recognised { found: modules.map(|module| (module, None)).collect() }
    }

    /// Shows a region to the modules that know none yet.
    pub(super) fn look(&mut self, region: usize, data: &[u8], as_: Layout) {
        for (module, found) in &mut self.found {
            if found.is_none() && knows(*module, region, data, as_) {
                *found = Some(region);
            }
        }
    }
}

fn knows(module: usize, region: usize, data: &[u8], layout: Layout) -> bool {
    let Some(module) = registry::all().get(module) else { return false };
    let schema = module.schema();
    if is_only_functions(schema) {
        return region == 0;
    }
    let is_of_programs = matches!(schema.name, "pe" | "dotnet");
    if is_of_programs && is_library(data) {
        return false;
    }
    let cx = OpenCx { layout, ..OpenCx::new(data) };
    Opened::open(*module, cx).recognises()
}

/// Does the module say nothing of what an object is?
fn is_only_functions(schema: &Schema) -> bool {
    let members = schema.root.members.iter();
    members.clone().all(|member| matches!(member.ty, Type::Func(_)))
}

/// The regions that modules look at, opened when one is first asked for.
pub(super) struct Held<'r> {
    regions: &'r dyn Regions,
    of_module: BTreeMap<usize, usize>,
    open: BTreeMap<usize, OnceCell<Option<RegionBytes<'r>>>>,
}

impl<'r> Held<'r> {
    pub(super) fn new(regions: &'r dyn Regions, found: Recognised) -> Self {
        let found = found.found.into_iter();
        let of_module: BTreeMap<usize, usize> =
            found.filter_map(|(module, at)| Some((module, at?))).collect();
        let open = of_module.values().map(|at| (*at, OnceCell::new()));
        Held { regions, open: open.collect(), of_module }
    }
}

/// What a module looks at.
pub(super) trait Views {
    /// Bytes, and how a program lies there.
    fn view(&self, module: usize) -> (&[u8], Layout);
}

impl Views for Held<'_> {
    fn view(&self, module: usize) -> (&[u8], Layout) {
        let nothing = (&[][..], Layout::File);
        let Some(at) = self.of_module.get(&module) else { return nothing };
        let Some(cell) = self.open.get(at) else { return nothing };
        let held = cell.get_or_init(|| self.regions.open(*at));
        let bytes = held.as_deref().map_or(&[][..], |held| held.as_ref());
        (bytes, self.regions.layout(*at))
    }
}
