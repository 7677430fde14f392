//! The tables of the metadata: where they lie and what their rows hold.
//!
//! Hides the widths of columns, which depend on the sizes of the heaps and
//! on the numbers of rows of other tables.

use crate::module::cursor::View;

pub(super) const MODULE: u8 = 0x00;
pub(super) const TYPE_REF: u8 = 0x01;
pub(super) const TYPE_DEF: u8 = 0x02;
const FIELD: u8 = 0x04;
pub(super) const METHOD_DEF: u8 = 0x06;
pub(super) const PARAM: u8 = 0x08;
pub(super) const INTERFACE_IMPL: u8 = 0x09;
pub(super) const MEMBER_REF: u8 = 0x0a;
pub(super) const CONSTANT: u8 = 0x0b;
pub(super) const CUSTOM_ATTRIBUTE: u8 = 0x0c;
const STANDALONE_SIG: u8 = 0x11;
const EVENT: u8 = 0x14;
const PROPERTY: u8 = 0x17;
pub(super) const MODULE_REF: u8 = 0x1a;
pub(super) const TYPE_SPEC: u8 = 0x1b;
pub(super) const FIELD_RVA: u8 = 0x1d;
pub(super) const ASSEMBLY: u8 = 0x20;
pub(super) const ASSEMBLY_REF: u8 = 0x23;
pub(super) const FILE: u8 = 0x26;
const EXPORTED_TYPE: u8 = 0x27;
pub(super) const MANIFEST_RESOURCE: u8 = 0x28;
pub(super) const NESTED_CLASS: u8 = 0x29;
pub(super) const GENERIC_PARAM: u8 = 0x2a;
const METHOD_SPEC: u8 = 0x2b;
const GENERIC_PARAM_CONSTRAINT: u8 = 0x2c;
const NONE: u8 = 0xff;

/// Both engines read no more rows of a table.
const MAX_ROWS: u32 = 15000;

/// What a column holds.
#[derive(Clone, Copy)]
enum Column {
    /// A number of so many bytes.
    Number(u8),
    Text,
    Guid,
    Blob,
    /// A row of a table.
    Row(u8),
    /// A row of one of several tables.
    Coded(&'static [u8]),
}

use Column::{Blob, Coded, Guid, Number, Row, Text};

const TYPES: Column = Coded(&TYPE_DEF_OR_REF);
pub(super) const TYPE_DEF_OR_REF: [u8; 3] = [TYPE_DEF, TYPE_REF, TYPE_SPEC];
const METHODS: Column = Coded(&[METHOD_DEF, MEMBER_REF]);
const ATTRIBUTED: Column = Coded(&[
    METHOD_DEF,
    FIELD,
    TYPE_REF,
    TYPE_DEF,
    PARAM,
    INTERFACE_IMPL,
    MEMBER_REF,
    MODULE,
    NONE,
    PROPERTY,
    EVENT,
    STANDALONE_SIG,
    MODULE_REF,
    TYPE_SPEC,
    ASSEMBLY,
    ASSEMBLY_REF,
    FILE,
    EXPORTED_TYPE,
    MANIFEST_RESOURCE,
    GENERIC_PARAM,
    GENERIC_PARAM_CONSTRAINT,
    METHOD_SPEC,
]);

/// The columns of each table.
static COLUMNS: [&[Column]; 45] = [
    &[Number(2), Text, Guid, Guid, Guid],
    &[Coded(&[MODULE, MODULE_REF, ASSEMBLY_REF, TYPE_REF]), Text, Text],
    &[Number(4), Text, Text, TYPES, Row(FIELD), Row(METHOD_DEF)],
    &[Row(FIELD)],
    &[Number(2), Text, Blob],
    &[Row(METHOD_DEF)],
    &[Number(4), Number(2), Number(2), Text, Blob, Row(PARAM)],
    &[Row(PARAM)],
    &[Number(2), Number(2), Text],
    &[Row(TYPE_DEF), TYPES],
    &[
        Coded(&[TYPE_DEF, TYPE_REF, MODULE_REF, METHOD_DEF, TYPE_SPEC]),
        Text,
        Blob,
    ],
    &[Number(1), Number(1), Coded(&[FIELD, PARAM, PROPERTY]), Blob],
    &[ATTRIBUTED, Coded(&[NONE, NONE, METHOD_DEF, MEMBER_REF, NONE]), Blob],
    &[Coded(&[FIELD, PARAM]), Blob],
    &[Number(2), Coded(&[TYPE_DEF, METHOD_DEF, ASSEMBLY]), Blob],
    &[Number(2), Number(4), Row(TYPE_DEF)],
    &[Number(4), Row(FIELD)],
    &[Blob],
    &[Row(TYPE_DEF), Row(EVENT)],
    &[Row(EVENT)],
    &[Number(2), Text, TYPES],
    &[Row(TYPE_DEF), Row(PROPERTY)],
    &[Row(PROPERTY)],
    &[Number(2), Text, Blob],
    &[Number(2), Row(METHOD_DEF), Coded(&[EVENT, PROPERTY])],
    &[Row(TYPE_DEF), METHODS, METHODS],
    &[Text],
    &[Blob],
    &[Number(2), Coded(&[FIELD, METHOD_DEF]), Text, Row(MODULE_REF)],
    &[Number(4), Row(FIELD)],
    &[Number(4), Number(4)],
    &[Number(4)],
    &[
        Number(4),
        Number(2),
        Number(2),
        Number(2),
        Number(2),
        Number(4),
        Blob,
        Text,
        Text,
    ],
    &[Number(4)],
    &[Number(4), Number(4), Number(4)],
    &[
        Number(2),
        Number(2),
        Number(2),
        Number(2),
        Number(4),
        Blob,
        Text,
        Text,
        Blob,
    ],
    &[Number(4), Row(ASSEMBLY_REF)],
    &[Number(4), Number(4), Number(4), Row(ASSEMBLY_REF)],
    &[Number(4), Text, Blob],
    &[
        Number(4),
        Number(4),
        Text,
        Text,
        Coded(&[FILE, ASSEMBLY_REF, EXPORTED_TYPE]),
    ],
    &[Number(4), Number(4), Text, Coded(&[FILE, ASSEMBLY_REF, NONE])],
    &[Row(TYPE_DEF), Row(TYPE_DEF)],
    &[Number(2), Number(2), Coded(&[TYPE_DEF, METHOD_DEF]), Text],
    &[METHODS, Blob],
    &[Row(GENERIC_PARAM), TYPES],
];

/// A row of one of several tables, from 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) table: u8,
    pub(super) row: usize,
}

impl Place {
    /// What a number means that stands for one of these tables. There is
    /// no difference between no row and the first one, as in both engines.
    pub(super) fn decode(tables: &[u8], coded: u32) -> Option<Self> {
        let bits = tag_bits(tables);
        let table = *tables.get((coded & ((1 << bits) - 1)) as usize)?;
        Some(Self { table, row: row(coded >> bits) })
    }
}

fn tag_bits(tables: &[u8]) -> u32 {
    tables.len().next_power_of_two().trailing_zeros()
}

/// A row from 0.
fn row(number: u32) -> usize {
    number.saturating_sub(1) as usize
}

/// A table of the file.
#[derive(Clone, Copy, Default)]
struct Table {
    at: u64,
    row_size: u64,
    /// Those that the file has.
    rows: u32,
}

/// The tables of a file.
pub(super) struct Tables<'d> {
    view: View<'d>,
    wide_text: bool,
    wide_guid: bool,
    wide_blob: bool,
    all: [Table; 64],
}

impl<'d> Tables<'d> {
    /// Reads the header and lays out the tables up to the first one that
    /// the stream cuts off.
    pub(super) fn new(view: View<'d>) -> Option<Self> {
        let mut read = view.reader(6);
        let heaps = read.u8()?;
        read.skip(1)?;
        let valid = read.u64()?;
        read.skip(8)?;
        let mut all = [Table::default(); 64];
        for (bit, table) in all.iter_mut().enumerate() {
            if valid >> bit & 1 != 0 {
                table.rows = read.u32()?;
            }
        }
        let mut tables = Self {
            view,
            wide_text: heaps & 1 != 0,
            wide_guid: heaps & 2 != 0,
            wide_blob: heaps & 4 != 0,
            all,
        };
        let mut at = read.at();
        for (number, columns) in COLUMNS.iter().enumerate() {
            let widths = columns.iter().map(|&column| tables.width(column));
            let row_size = widths.sum();
            let end = at + row_size * u64::from(tables.all[number].rows);
            if end > view.len() {
                // Widths still follow from the rows that the header counts.
                for table in &mut tables.all[number..] {
                    table.row_size = 0;
                }
                break;
            }
            tables.all[number].at = at;
            tables.all[number].row_size = row_size;
            at = end;
        }
        Some(tables)
    }

    fn width(&self, column: Column) -> u64 {
        let wide = match column {
            Number(size) => return u64::from(size),
            Text => self.wide_text,
            Guid => self.wide_guid,
            Blob => self.wide_blob,
            Row(table) => self.counted(table) > 0xffff,
            Coded(tables) => {
                let most = tables.iter().map(|&table| self.counted(table));
                most.max() >= Some(1 << (16 - tag_bits(tables)))
            }
        };
        if wide { 4 } else { 2 }
    }

    fn counted(&self, table: u8) -> u32 {
        self.all.get(usize::from(table)).map_or(0, |table| table.rows)
    }

    /// The number of rows that are read.
    pub(super) fn rows(&self, table: u8) -> usize {
        match self.all.get(usize::from(table)) {
            Some(Table { rows, row_size: 1.., .. }) => {
                (*rows).min(MAX_ROWS) as usize
            }
            _ => 0,
        }
    }

    /// The number in a column of a row.
    pub(super) fn number(
        &self,
        table: u8,
        row: usize,
        column: usize,
    ) -> Option<u32> {
        if row >= self.rows(table) {
            return None;
        }
        let columns = COLUMNS.get(usize::from(table))?;
        let before = columns.get(..column)?.iter();
        let before: u64 = before.map(|&column| self.width(column)).sum();
        let table = self.all[usize::from(table)];
        let at = table.at + table.row_size * row as u64 + before;
        match self.width(*columns.get(column)?) {
            1 => self.view.u8(at).map(u32::from),
            2 => self.view.u16(at).map(u32::from),
            _ => self.view.u32(at),
        }
    }

    /// The row that a column of a row means.
    pub(super) fn place(
        &self,
        table: u8,
        at: usize,
        column: usize,
    ) -> Option<Place> {
        let number = self.number(table, at, column)?;
        match *COLUMNS.get(usize::from(table))?.get(column)? {
            Coded(tables) => Place::decode(tables, number),
            Row(table) => Some(Place { table, row: row(number) }),
            _ => None,
        }
    }
}
