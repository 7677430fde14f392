//! The fields and methods that classes define, and their code.

use super::tables::{MAX_ENTRIES, Tables};
use crate::module::cursor::Reader;

/// What all classes define, one after the other.
#[derive(Default)]
pub(super) struct Code<'d> {
    /// Static and instance fields, direct and virtual methods of a class.
    pub(super) counts: Vec<[u64; 4]>,
    pub(super) fields: Vec<Field>,
    pub(super) methods: Vec<Method<'d>>,
}

pub(super) struct Field {
    /// Its place in the table of fields.
    pub(super) at: u64,
    /// What was added to the place of the one before it.
    pub(super) step: u64,
    pub(super) access_flags: u64,
    pub(super) is_static: bool,
}

pub(super) struct Method<'d> {
    /// Its place in the table of methods.
    pub(super) at: u64,
    /// What was added to the place of the one before it.
    pub(super) step: u64,
    pub(super) access_flags: u64,
    pub(super) is_direct: bool,
    pub(super) code_at: u64,
    pub(super) body: Option<Body<'d>>,
}

/// The code of a method.
pub(super) struct Body<'d> {
    /// Registers, those for arguments, those for calls, and handlers.
    pub(super) sizes: [u16; 4],
    pub(super) debug_info_at: u32,
    /// In units of two bytes.
    pub(super) size: u32,
    pub(super) instructions: Option<&'d [u8]>,
}

impl<'d> Code<'d> {
    pub(super) fn read(dex: &Tables<'d>) -> Self {
        let mut code = Self::default();
        for class in dex.classes() {
            let at = class[6];
            if at != 0 {
                // What stands in front of damage counts.
                let _ = code.class(dex, dex.view.reader(u64::from(at)));
            }
        }
        code
    }

    fn class(&mut self, dex: &Tables<'d>, reader: Reader<'d>) -> Option<()> {
        let mut r = reader;
        let mut counts = [0; 4];
        for count in &mut counts {
            *count = r.uleb128()?;
        }
        self.counts.push(counts);
        for (count, is_static) in [(counts[0], true), (counts[1], false)] {
            let mut at = 0u64;
            for _ in 0..count {
                let (step, access_flags) = (r.uleb128()?, r.uleb128()?);
                at = at.checked_add(step)?;
                if self.fields.len() >= MAX_ENTRIES {
                    return None;
                }
                self.fields.push(Field { at, step, access_flags, is_static });
            }
        }
        for (count, is_direct) in [(counts[2], true), (counts[3], false)] {
            let mut at = 0u64;
            for _ in 0..count {
                let (step, access_flags) = (r.uleb128()?, r.uleb128()?);
                let code_at = r.uleb128()?;
                at = at.checked_add(step)?;
                if self.methods.len() >= MAX_ENTRIES {
                    return None;
                }
                self.methods.push(Method {
                    at,
                    step,
                    access_flags,
                    is_direct,
                    code_at,
                    body: body(dex, code_at),
                });
            }
        }
        Some(())
    }
}

fn body<'d>(dex: &Tables<'d>, at: u64) -> Option<Body<'d>> {
    if at == 0 {
        return None;
    }
    let mut r = dex.view.reader(at);
    let sizes = [r.u16()?, r.u16()?, r.u16()?, r.u16()?];
    let (debug_info_at, size) = (r.u32()?, r.u32()?);
    let instructions = r.take(u64::from(size) * 2);
    Some(Body { sizes, debug_info_at, size, instructions })
}
