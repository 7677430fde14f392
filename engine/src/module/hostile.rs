//! Every module, opened on odd data and asked odd questions: nothing may
//! panic, whatever the compiler or a compiled file ask for, and whatever
//! the bytes of a file are.

use super::dump;
use super::registry::{all, find};
use super::schema::{ArgType, Struct, Type};
use super::{Arg, CallCx, Fields, Index, Module, OpenCx, RegexArg, Value};

const NUMBERS: [i64; 9] =
    [i64::MIN, -256, -1, 0, 1, 5, 255, 1 << 40, i64::MAX];
const TEXTS: [&[u8]; 6] =
    [b"", b"-", b"99999999999999999999", b"\xff\xfe\x00", b"a", b"0"];
const REPORTS: [Option<&[u8]>; 6] = [
    None,
    Some(b""),
    Some(b"{}"),
    Some(b"[1]"),
    Some(br#"{"network": {"http": 3, "tcp": [[]]}, "behavior": []}"#),
    Some(br#"{"sections": {}, "header": [], "metadata": {"tags": [{}]}}"#),
];

struct Cx {
    paid: bool,
}

impl CallCx for Cx {
    fn console(&mut self, _message: String) {}

    fn charge(&mut self, _units: u64) -> bool {
        self.paid
    }
}

struct Always;

impl RegexArg for Always {
    fn is_match(&self, _text: &[u8]) -> bool {
        true
    }
}

#[test]
fn nothing_panics_and_every_result_has_its_type() {
    for module in all() {
        for module_data in REPORTS {
            for data in [&b""[..], b"MZ", &[0xff; 300]] {
                let cx =
                    OpenCx { module_data, now: i64::MIN, ..OpenCx::new(data) };
                let opened = module.open(cx);
                walk(*module, &*opened, module.schema().root, &[]);
                odd_paths(&*opened);
            }
        }
    }
}

/// Cuts a file of some kind at every place and changes bytes of it at
/// random: reading every field of what is left must come to an end.
pub(super) fn survives(name: &str, image: &[u8]) {
    let (_, module) = find(name).unwrap();
    let read = |data: &[u8]| {
        let cx = OpenCx::new(data);
        let _ = dump::Opened::open(module, cx).tree();
    };
    (0..image.len()).for_each(|end| read(&image[..end]));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    for _ in 0..2_000 {
        let mut changed = image.to_vec();
        for _ in 0..=random(4) {
            let at = random(changed.len());
            changed[at] = match random(4) {
                0 => 0,
                1 => 0xff,
                2 => changed[at] ^ (1 << random(8)),
                _ => random(256) as u8,
            };
        }
        read(&changed);
    }
}

fn walk(
    module: &dyn Module,
    opened: &dyn Fields<'_>,
    structure: &Struct,
    path: &[u16],
) {
    for (at, member) in structure.members.iter().enumerate() {
        let path = [path, &[at as u16]].concat();
        let mut ty = &member.ty;
        ask(opened, &path, ty);
        if let Type::Array(item) | Type::Map(item) = ty {
            ty = item;
        }
        match ty {
            Type::Struct(inside) => walk(module, opened, inside, &path),
            Type::Func(function) => {
                for (at, one) in function.signatures.iter().enumerate() {
                    let name = module.schema().name;
                    let call = |args: &[Arg<'_>], paid| {
                        let mut cx = Cx { paid };
                        let at = at as u16;
                        let got = opened.call(&path, at, &[], args, &mut cx);
                        if let Some(value) = got {
                            let context = format!("{name}.{}", member.name);
                            assert!(fits(&value, &one.result), "{context}");
                        }
                    };
                    combinations(one.args, &mut Vec::new(), &call);
                }
            }
            _ => {}
        }
    }
}

fn fits(value: &Value<'_>, ty: &Type) -> bool {
    match (value, ty) {
        (Value::Bytes(text), Type::Hash(form)) => {
            text.len() == usize::from(form.length)
        }
        (Value::Int(_), Type::Int)
        | (Value::Float(_), Type::Float)
        | (Value::Bool(_), Type::Bool)
        | (Value::Bytes(_), Type::Str) => true,
        _ => false,
    }
}

/// Calls with every combination of odd arguments of these types.
fn combinations(
    types: &[ArgType],
    args: &mut Vec<Arg<'_>>,
    call: &dyn Fn(&[Arg<'_>], bool),
) {
    let Some((first, rest)) = types.split_first() else {
        call(args, true);
        call(args, false);
        return;
    };
    let odd: Vec<Arg<'_>> = match first {
        ArgType::Int => NUMBERS.map(Arg::Int).to_vec(),
        ArgType::Float => {
            [f64::NAN, f64::INFINITY, -0.0].map(Arg::Float).to_vec()
        }
        ArgType::Bool => [true, false].map(Arg::Bool).to_vec(),
        ArgType::Str => TEXTS.map(Arg::Bytes).to_vec(),
        ArgType::Regex => vec![Arg::Regex(&Always)],
    };
    for arg in odd {
        let mut with: Vec<Arg<'_>> = args.clone();
        with.push(arg);
        combinations(rest, &mut with, call);
    }
}

fn ask(opened: &dyn Fields<'_>, path: &[u16], ty: &Type) {
    let index: [&[Index<'_>]; 5] = [
        &[],
        &[Index::Int(0)],
        &[Index::Int(-1), Index::Int(i64::MAX)],
        &[Index::Key(b"a")],
        &[Index::Key(b""), Index::Int(0), Index::Key(b"\xff")],
    ];
    for index in index {
        if let Some(value) = opened.get(path, index) {
            let item = match ty {
                Type::Array(item) | Type::Map(item) => item,
                own => own,
            };
            let text = matches!(value, Value::Bytes(_))
                && matches!(item, Type::Hash(_));
            assert!(text || fits(&value, item));
        }
        let _ = opened.len(path, index);
        let _ = opened.key(path, index, 0);
        let _ = opened.key(path, index, u64::MAX);
    }
}

/// Paths that no schema has, as a damaged file may hold them.
fn odd_paths(opened: &dyn Fields<'_>) {
    let paths: [&[u16]; 4] = [&[], &[u16::MAX], &[0, 0, 0], &[1; 40]];
    for path in paths {
        let _ = opened.get(path, &[]);
        let _ = opened.len(path, &[]);
        let _ = opened.key(path, &[], 0);
        let mut cx = Cx { paid: true };
        let _ = opened.call(path, u16::MAX, &[], &[], &mut cx);
    }
}
