//! Values of tables as the schema lays them out.

use super::code::{Field, Method};
use super::libyara::{CODE_ITEM, FIELD, METHOD};
use super::schema::{CLASS_ITEM, FIELD_ITEM, METHOD_ITEM, PROTO_ITEM};
use super::tables::{Class, Tables};
use crate::module::node::{Node, array, record};

/// Stands for no string and no type.
const NO_INDEX: u32 = u32::MAX;

pub(super) fn proto<'d>(dex: &Tables<'d>, proto: &[u32; 3]) -> Node<'d> {
    let &[shorty, return_type, parameters_at] = proto;
    let parameters = dex.parameters(parameters_at);
    record!(PROTO_ITEM {
        shorty: dex.string(shorty),
        return_type: dex.type_name(return_type),
        parameters_count: parameters.len(),
        parameters: array(parameters),
    })
}

pub(super) fn field<'d>(dex: &Tables<'d>, field: &[u32; 3]) -> Node<'d> {
    let &[class, ty, name] = field;
    record!(FIELD_ITEM {
        class: dex.type_name(class),
        type: dex.type_name(ty),
        name: dex.string(name),
    })
}

pub(super) fn method<'d>(dex: &Tables<'d>, method: &[u32; 3]) -> Node<'d> {
    let &[class, at, name] = method;
    record!(METHOD_ITEM {
        class: dex.type_name(class),
        proto: dex.protos().get(at as usize).map(|p| proto(dex, p)),
        name: dex.string(name),
    })
}

pub(super) fn class<'d>(dex: &Tables<'d>, class: &Class) -> Node<'d> {
    let given = |at: u32| Some(at).filter(|at| *at != NO_INDEX);
    let [at, flags, superclass, interfaces, source, notes, data, values] =
        *class;
    record!(CLASS_ITEM {
        class: dex.type_name(at),
        access_flags: flags,
        superclass: given(superclass).and_then(|at| dex.type_name(at)),
        source_file: given(source).and_then(|at| dex.string(at)),
        class_idx: at,
        super_class_idx: superclass,
        interfaces_offset: interfaces,
        source_file_idx: source,
        annotations_offset: notes,
        class_data_offset: data,
        static_values_offset: values,
    })
}

pub(super) fn code_field<'d>(dex: &Tables<'d>, field: &Field) -> Node<'d> {
    let at = usize::try_from(field.at).ok();
    let found = at.and_then(|at| dex.fields().get(at).copied());
    record!(FIELD {
        class_name: found.and_then(|[class, _, _]| dex.type_name(class)),
        name: found.and_then(|[_, _, name]| dex.string(name)),
        proto: found.and_then(|[_, ty, _]| dex.type_name(ty)),
        static: u8::from(field.is_static),
        instance: u8::from(!field.is_static),
        field_idx_diff: field.step,
        access_flags: field.access_flags,
    })
}

pub(super) fn code_method<'d>(
    dex: &Tables<'d>,
    method: &Method<'d>,
) -> Node<'d> {
    let at = usize::try_from(method.at).ok();
    let found = at.and_then(|at| dex.methods().get(at).copied());
    let shorty = |at: u32| {
        let &[shorty, _, _] = dex.protos().get(at as usize)?;
        dex.string(shorty)
    };
    record!(METHOD {
        class_name: found.and_then(|[class, _, _]| dex.type_name(class)),
        name: found.and_then(|[_, _, name]| dex.string(name)),
        proto: found.and_then(|[_, proto, _]| shorty(proto)),
        direct: u8::from(method.is_direct),
        virtual: u8::from(!method.is_direct),
        method_idx_diff: method.step,
        access_flags: method.access_flags,
        code_off: method.code_at,
        code_item: method.body.as_ref().map(|body| {
            let [registers, arguments, calls, handlers] = body.sizes;
            record!(CODE_ITEM {
                registers_size: registers,
                ins_size: arguments,
                outs_size: calls,
                tries_size: handlers,
                debug_info_off: body.debug_info_at,
                insns_size: body.size,
                insns: body.instructions,
            })
        }),
    })
}
