//! Classes and their methods.

use std::collections::HashMap;

use super::metadata::{Metadata, compressed};
use super::schema::{CLASS, METHOD, PARAM as PARAM_SCHEMA};
use super::tables::{INTERFACE_IMPL, METHOD_DEF, PARAM, Place, TYPE_DEF};
use super::types::{Generic, Types};
use crate::module::node::{Node, array, record};

const GENERIC_METHOD: u8 = 0x10;

/// All classes but the one that holds what is in none.
pub(super) fn classes<'d>(metadata: &Metadata<'d>) -> Vec<Node<'d>> {
    let types = Types::new(metadata);
    let mut interfaces: HashMap<usize, Vec<Place>> = HashMap::new();
    for row in 0..metadata.rows(INTERFACE_IMPL) {
        let place =
            |column| metadata.tables()?.place(INTERFACE_IMPL, row, column);
        if let (Some(class), Some(interface)) = (place(0), place(1)) {
            interfaces.entry(class.row).or_default().push(interface);
        }
    }
    let class = |row| {
        let named = metadata.text(TYPE_DEF, row, 1)?;
        if named.is_empty() || named == "<Module>" {
            return None;
        }
        let own = interfaces.get(&row).map_or(&[][..], Vec::as_slice);
        class(metadata, &types, row, own)
    };
    (0..metadata.rows(TYPE_DEF)).filter_map(class).collect()
}

fn class<'d>(
    metadata: &Metadata<'d>,
    types: &Types<'_, 'd>,
    row: usize,
    interfaces: &[Place],
) -> Option<Node<'d>> {
    let tables = metadata.tables()?;
    let flags = metadata.number(TYPE_DEF, row, 0)?;
    let parameters = types.parameters(TYPE_DEF, row);
    let generic = Generic { of_class: parameters, of_method: &[] };
    let extended = tables.place(TYPE_DEF, row, 3);
    let bases: Vec<String> = extended
        .iter()
        .chain(interfaces)
        .filter_map(|&place| types.name(place, &mut 0, generic))
        .collect();
    let start = tables.place(TYPE_DEF, row, 5)?.row;
    let all = metadata.rows(METHOD_DEF);
    let end = match row + 1 < metadata.rows(TYPE_DEF) {
        true => tables.place(TYPE_DEF, row + 1, 5)?.row,
        false => all,
    };
    let methods: Vec<Node<'d>> = if end <= all {
        let method = |row| method(metadata, types, row, parameters);
        (start..end).filter_map(method).collect()
    } else {
        Vec::new()
    };
    let full_name = types.full_name(row);
    let (namespace, name) = match &full_name {
        Some(all) => match all.rsplit_once('.') {
            Some((space, name)) => (Some(space), Some(name)),
            None => (None, Some(all.as_str())),
        },
        None => (None, None),
    };
    let visibility = match flags & 7 {
        0 | 5 => "internal",
        1 | 2 => "public",
        3 => "private",
        4 => "protected",
        6 => "private protected",
        _ => "protected internal",
    };
    Some(record!(CLASS {
        name: name.map(str::to_owned),
        namespace: namespace.map(str::to_owned),
        fullname: full_name.clone(),
        visibility: visibility,
        type: if flags & 0x20 != 0 { "interface" } else { "class" },
        abstract: flags & 0x80 != 0,
        sealed: flags & 0x100 != 0,
        number_of_base_types: bases.len(),
        number_of_generic_parameters: parameters.len(),
        number_of_methods: methods.len(),
        base_types: array(bases),
        generic_parameters: array(parameters.iter().copied()),
        methods: array(methods),
    }))
}

fn method<'d>(
    metadata: &Metadata<'d>,
    types: &Types<'_, 'd>,
    row: usize,
    of_class: &[&'d str],
) -> Option<Node<'d>> {
    let mut signature = metadata.blob(METHOD_DEF, row, 4)?;
    if *signature.split_off_first()? & GENERIC_METHOD != 0 {
        compressed(&mut signature)?;
    }
    let count = compressed(&mut signature)?;
    let parameters = types.parameters(METHOD_DEF, row);
    let generic = Generic { of_class, of_method: parameters };
    let mut depth = 0;
    let mut read = || {
        let mut name = String::new();
        types.read(&mut signature, &mut name, &mut depth, generic)?;
        Some(name)
    };
    let result = read()?;
    let first = metadata.tables()?.place(METHOD_DEF, row, 5)?.row;
    let mut params = Vec::new();
    for at in 0..count {
        let named = metadata.text(PARAM, first + at as usize, 2);
        types.pay(named.map_or(0, str::len))?;
        let name = named.map_or_else(|| format!("P_{at}"), str::to_owned);
        params.push(record!(PARAM_SCHEMA { name: name, type: read()? }));
    }
    let name = metadata.text(METHOD_DEF, row, 3)?;
    let flags = metadata.number(METHOD_DEF, row, 2)?;
    let visibility = match flags & 7 {
        2 => "private protected",
        3 => "internal",
        4 => "protected",
        5 => "protected internal",
        6 => "public",
        _ => "private",
    };
    // Constructors give nothing back, not even nothing.
    let result = (!matches!(name, ".ctor" | ".cctor")).then_some(result);
    Some(record!(METHOD {
        name: name,
        visibility: visibility,
        abstract: flags & 0x400 != 0,
        static: flags & 0x10 != 0,
        virtual: flags & 0x40 != 0,
        final: flags & 0x20 != 0,
        return_type: result,
        number_of_generic_parameters: parameters.len(),
        number_of_parameters: params.len(),
        generic_parameters: array(parameters.iter().copied()),
        parameters: array(params),
    }))
}
