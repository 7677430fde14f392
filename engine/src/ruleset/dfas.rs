//! The automata of a set, each made ready when it is first needed.

use std::sync::OnceLock;

use regex_automata::dfa::dense;
use zerocopy::IntoBytes as _;

use super::Tables;

pub(crate) type Dfa = dense::DFA<Vec<u32>>;

/// The automata of a set. Most scans need few of them, so that checking and
/// copying all would cost more than the scan.
#[derive(Debug)]
pub(crate) struct Dfas {
    ready: Vec<OnceLock<Option<Box<Dfa>>>>,
}

impl Dfas {
    pub(super) fn new(count: usize) -> Dfas {
        Dfas {
            ready: std::iter::repeat_with(OnceLock::new).take(count).collect(),
        }
    }

    /// An automaton by its number. `None` if there is none of this number,
    /// or its bytes are damaged: the program of the same pattern gives the
    /// same answers.
    #[inline]
    pub(crate) fn get(&self, tables: &Tables<'_>, id: u32) -> Option<&Dfa> {
        let cell = self.ready.get(id as usize)?;
        cell.get_or_init(|| load(tables, id).map(Box::new)).as_deref()
    }
}

fn load(tables: &Tables<'_>, id: u32) -> Option<Dfa> {
    let record = tables.dfas.get(id as usize)?;
    let start = record.offset.get() as usize;
    let end = start.checked_add(record.length.get() as usize)?;
    let bytes = tables.automata.get(start..end)?;
    // The automaton wants aligned words; the section is only bytes.
    let mut words = vec![0_u32; bytes.len().div_ceil(4)];
    let aligned = words.as_mut_bytes();
    aligned[..bytes.len()].copy_from_slice(bytes);
    let (dfa, _) = dense::DFA::from_bytes(&aligned[..bytes.len()]).ok()?;
    Some(dfa.to_owned())
}
