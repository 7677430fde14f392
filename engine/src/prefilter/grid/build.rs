//! Chooses the windows of literals and writes the tables.

use std::ops::Range;

use zerocopy::little_endian::U32;

use super::kernel::LEFT;
use super::{
    CLASSES, Class, Grid, Isa, LONGEST, PAIRS, ROUNDS, SHORT, Scratch, WILD,
    bucket, context_hash, fine_place, full_hash, index_hash, mask, tag,
};
use crate::prefilter::{Hits, rarity};
use crate::ruleset::layout::{KeyRec, LayerRec, WindowRec};

/// The tables of a filter.
#[derive(Debug, Default)]
pub struct Parts {
    /// The classes that are in use.
    pub layers: Vec<LayerRec>,
    /// All tables of words.
    pub slots: Vec<U32>,
    /// Windows of literals, by table word.
    pub windows: Vec<WindowRec>,
    /// The bytes of each literal.
    pub keys: Vec<KeyRec>,
}

/// A window of a literal.
struct Entry {
    index: u32,
    /// `None` where the class looks at none.
    context: Option<Context>,
    literal: u32,
    offset: u8,
    length: u8,
    role: Role,
}

/// What an entry is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// To let places pass, and to say what may lie there.
    Exact,
    /// The same, whatever the context.
    Wild,
    /// To let places pass only.
    Pass,
}

/// The bytes beside a window.
struct Context {
    /// Hash of the near context on the same side.
    near: u32,
    /// Hash of the context.
    hash: u32,
    /// Its place among [`Class::sides`].
    side: usize,
}

impl Entry {
    /// A literal that is found without a table, by its rarest two bytes.
    fn pair(literal: u32, bytes: &[u8]) -> Entry {
        let costs = rarity::Costs::new(bytes);
        let cost = |at: &usize| costs.of(*at..at + 2).unwrap_or(0.0);
        let places = 0..bytes.len().saturating_sub(1);
        let rarest = places.max_by(|a, b| cost(a).total_cmp(&cost(b)));
        let (offset, length) = (rarest.unwrap_or(0) as u8, bytes.len() as u8);
        let role = Role::Exact;
        Entry { index: 0, context: None, literal, offset, length, role }
    }

    fn record(&self) -> WindowRec {
        let tag = match &self.context {
            _ if self.role == Role::Wild => WILD,
            None => 0,
            Some(context) => tag(self.full(), context.side),
        };
        WindowRec {
            literal: self.literal.into(),
            tag: tag.into(),
            offset: self.offset,
            length: self.length,
        }
    }

    fn full(&self) -> u32 {
        self.context.as_ref().map_or(0, |c| full_hash(self.index, c.hash))
    }
}

/// The number of a literal and its bytes in lower case.
type Folded = (u32, Vec<u8>);

/// Up to so many short literals are found without a table.
const FEW: usize = super::pair::GROUP;
/// Up to so many literals of three bytes join the longer ones.
const FEW_TRIPLES: usize = 48;

/// Words of a table: enough that most stay empty, few enough for the caches.
fn table_bits(entries: usize, most: u32) -> u32 {
    (entries.max(1).ilog2() + 2).clamp(8, most)
}

/// Bits of the fine table, as binary logarithm: about one in ten is set. More
/// would not be asked often enough to stay in the caches.
fn fine_bits(entries: usize) -> u32 {
    (entries.max(1).ilog2() + 5).clamp(8, 21)
}

impl Parts {
    /// The tables for these literals, each with the rounds of the search in
    /// which it is looked for. `None` if one is empty or longer than
    /// [`LONGEST`].
    pub fn new<'l>(
        literals: impl IntoIterator<Item = (&'l [u8], [bool; ROUNDS])>,
    ) -> Option<Parts> {
        let mut parts = Parts::default();
        let mut searched: [Vec<Folded>; ROUNDS] = Default::default();
        for (id, (literal, rounds)) in (0..).zip(literals) {
            if literal.is_empty() || literal.len() > LONGEST {
                return None;
            }
            let folded = literal.to_ascii_lowercase();
            parts.keys.push(KeyRec::new(&folded));
            for (searched, wanted) in searched.iter_mut().zip(rounds) {
                if wanted {
                    searched.push((id, folded.clone()));
                }
            }
        }
        for (round, searched) in searched.iter().enumerate() {
            parts.add(round, searched)?;
        }
        Some(parts)
    }

    /// Adds the tables of one round.
    fn add(&mut self, round: usize, searched: &[Folded]) -> Option<()> {
        let mut entries: [Vec<Entry>; CLASSES.len()] = Default::default();
        let mut counts = [0; LONGEST + 1];
        searched.iter().for_each(|(_, l)| counts[l.len()] += 1);
        let few = counts[..CLASSES[0].shortest].iter().sum::<usize>() <= FEW;
        let few_pairs = counts[1] + counts[2] <= FEW;
        let spread = counts[3] <= FEW_TRIPLES;
        for (id, literal) in searched {
            let length = literal.len();
            let is_short = length < CLASSES[0].shortest;
            if is_short && few || length <= 2 && few_pairs {
                entries[PAIRS].push(Entry::pair(*id, literal));
                continue;
            }
            match length {
                3 if spread => triple(*id, literal, &mut entries[SHORT]),
                _ => {
                    let fits = |class: &Class| length >= class.shortest;
                    let at = CLASSES.iter().position(fits)?;
                    enter(CLASSES[at], *id, literal, &mut entries[at]);
                }
            }
        }
        for (class, entries) in entries.into_iter().enumerate() {
            if !entries.is_empty() {
                self.layer(round, class, &entries);
            }
        }
        Some(())
    }

    /// Reports every occurrence of every literal of the first round; see
    /// [`Grid::find`] for the range.
    pub(crate) fn find(
        &self,
        isa: Isa,
        scratch: &mut Scratch,
        data: &[u8],
        range: Range<usize>,
        hits: &mut dyn Hits,
    ) {
        if let Some(grid) = self.grid(0) {
            grid.find(isa, scratch, data, range, hits);
        }
    }

    /// The filter of a round.
    pub(crate) fn grid(&self, round: usize) -> Option<Grid<'_>> {
        Grid::new(round, &self.layers, &self.slots, &self.windows, &self.keys)
    }

    fn layer(&mut self, round: usize, class: usize, entries: &[Entry]) {
        let Class { shift, .. } = CLASSES[class];
        if class == PAIRS {
            let start = self.windows.len() as u32;
            self.windows.extend(entries.iter().map(Entry::record));
            let heads = self.slots.len() as u32;
            let end = self.windows.len() as u32;
            self.slots.extend([U32::new(start), U32::new(end)]);
            self.layers.push(LayerRec {
                class: (class as u16).into(),
                round: (round as u16).into(),
                heads: heads.into(),
                ..LayerRec::default()
            });
            return;
        }
        let bits = table_bits(entries.len(), 16);
        let count = 1_usize << bits;
        let buckets = CLASSES[class].buckets(count);
        let bucket = |entry: &Entry| bucket(entry.index, buckets);
        let fine_bits = match shift {
            0 => 6,
            _ => fine_bits(entries.len()),
        };
        let mut words = vec![0_u32; count];
        let mut fine = vec![0_u32; 1 << (fine_bits - 5)];
        let mut heads = vec![0_u32; buckets + 1];
        for entry in entries {
            let word = &mut words[(entry.index >> (32 - bits)) as usize];
            heads[bucket(entry) + 1] += u32::from(entry.role != Role::Pass);
            match &entry.context {
                None => *word |= 1 << (entry.index >> (27 - bits) & 31),
                Some(Context { near, side, .. }) => {
                    *word |= 1 << ((near >> 28) + 16 * (*side as u32 % 2));
                    let (at, bits) = fine_place(entry.full(), fine_bits);
                    fine[at] |= bits;
                }
            }
        }
        let mut end = self.windows.len() as u32;
        for head in &mut heads {
            end += *head;
            *head = end;
        }
        self.windows.resize(end as usize, WindowRec::default());
        let mut next = heads.clone();
        for entry in entries.iter().filter(|e| e.role != Role::Pass) {
            let place = &mut next[bucket(entry)];
            self.windows[*place as usize] = entry.record();
            *place += 1;
        }
        let mut store = |table: &[u32]| {
            let start = self.slots.len() as u32;
            self.slots.extend(table.iter().map(|word| U32::new(*word)));
            start.into()
        };
        self.layers.push(LayerRec {
            class: (class as u16).into(),
            round: (round as u16).into(),
            bits: bits.into(),
            fine_bits: fine_bits.into(),
            words: store(&words),
            fine: store(&fine),
            heads: store(&heads),
        });
    }
}

/// Four bytes of a literal from a place that may lie outside; what lies
/// outside is zero and must be masked.
fn word(literal: &[u8], at: isize) -> u32 {
    let byte = |n: isize| {
        let at = usize::try_from(at + n).ok();
        at.and_then(|at| literal.get(at)).copied().unwrap_or(0)
    };
    u32::from_le_bytes([byte(0), byte(1), byte(2), byte(3)])
}

/// Adds the windows of a literal: one for each way it can lie in the grid,
/// the rarest there is.
fn enter(class: Class, id: u32, literal: &[u8], entries: &mut Vec<Entry>) {
    let Class { width, shift, stride, .. } = class;
    if literal.len() == 1 {
        // Whatever follows it.
        entries.extend((0..=255).map(|next| Entry {
            index: index_hash(word(&[literal[0], next], 0)),
            context: None,
            literal: id,
            offset: 0,
            length: 1,
            role: Role::Exact,
        }));
        return;
    }
    let costs = rarity::Costs::new(literal);
    let sides = if shift > 0 { &class.sides()[..] } else { &[0][..] };
    for residue in 0..stride {
        let starts = (residue..literal.len()).step_by(stride);
        let windows = starts.flat_map(|at| {
            let costs = &costs;
            // What is rare in itself spares the fine table as well.
            let own = costs.of(at..at + width).map(|cost| cost / 2.0);
            let of = move |(side, context): (usize, &isize)| {
                let beside = at.checked_add_signed(*context)?;
                let seen = at.min(beside)..at.max(beside) + width;
                Some((costs.of(seen)? + own?, at, side))
            };
            sides.iter().enumerate().filter_map(of)
        });
        let rarest = windows.max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, at, side)) = rarest else { continue };
        let place = at as isize;
        let hash = |context: isize| {
            let bytes = word(literal, place + context) & mask(width);
            context_hash(bytes, side % 2 == 1)
        };
        entries.push(Entry {
            index: index_hash(word(literal, place) & mask(width)),
            context: (shift > 0).then(|| Context {
                near: hash(sides[side % 2]),
                hash: hash(sides[side]),
                side,
            }),
            literal: id,
            offset: at as u8,
            length: literal.len() as u8,
            role: Role::Exact,
        });
    }
}

/// Adds a literal of three bytes to the class of the longer ones: the byte
/// that a window and its context lack is each in turn.
fn triple(id: u32, literal: &[u8], entries: &mut Vec<Entry>) {
    let Class { width, shift, .. } = CLASSES[SHORT];
    let hash = |bytes: [u8; 3], behind| {
        context_hash(word(&bytes, 0) & mask(width), behind)
    };
    let [a, b, c] = [literal[0], literal[1], literal[2]];
    for next in 0..=255 {
        let ahead = hash([b, c, next], false);
        let behind = hash([a, b, c], true);
        let mut push = |window: [u8; 3], hash, side, offset, role| {
            entries.push(Entry {
                index: index_hash(word(&window, 0)),
                context: Some(Context { near: hash, hash, side }),
                literal: id,
                offset,
                length: 3,
                role,
            });
        };
        let role = if next == 0 { Role::Wild } else { Role::Pass };
        push([a, b, c], ahead, 0, 0, role);
        push([b, c, next], behind, 1, shift as u8, Role::Exact);
    }
}
const _: () = assert!(LONGEST <= LEFT && LONGEST < 256);
