//! Makes up a pattern, its text, and data in which it may occur.

use dragnet_compiler::pattern::hir::{ByteSet, Hir, Look};
use dragnet_compiler::pattern::{Pattern, Value};

use super::bytes::Bytes;
use super::render;

/// The bytes from which texts and data are made: few, so that they meet, and
/// of all sorts: letters in both cases, word and other bytes, line ends.
pub const ALPHABET: &[u8] = b"aabbcAB_ 1\n\r\0\xff";

/// A pattern and how it is written.
pub struct Case {
    /// What it means.
    pub pattern: Pattern,
    /// Its value and modifiers as rule text.
    pub text: String,
    /// Some text that is likely to match.
    sample: Vec<u8>,
}

impl Case {
    /// Makes up a pattern.
    pub fn generate(bytes: &mut Bytes<'_>) -> Case {
        match bytes.below(4) {
            0 => text(bytes),
            1 => hex(bytes),
            _ => regex(bytes),
        }
    }

    /// A rule with the pattern.
    pub fn rule(&self) -> String {
        format!("rule r {{ strings: $a = {} condition: $a }}", self.text)
    }

    /// Data to search: what is left of the bytes, with forms of the sample
    /// strewn in.
    pub fn haystacks(&self, bytes: &mut Bytes<'_>) -> Vec<Vec<u8>> {
        let mut data = Vec::new();
        while data.len() < 120 {
            match bytes.below(4) {
                0 => data.extend(self.form(bytes)),
                _ => data.push(bytes.one_of(ALPHABET)),
            }
            if bytes.is_empty() {
                break;
            }
        }
        vec![data]
    }

    /// The sample as it may occur in data.
    fn form(&self, bytes: &mut Bytes<'_>) -> Vec<u8> {
        let wide = |text: &[u8]| -> Vec<u8> {
            text.iter().flat_map(|b| [*b, 0]).collect()
        };
        let mut form = self.sample.clone();
        if bytes.once_in(2) {
            form = wide(&form);
        }
        match &self.pattern.value {
            Value::Xor(..) => {
                let key = bytes.below(8);
                form.iter_mut().for_each(|b| *b ^= key);
            }
            Value::Base64 { .. } => {
                let before = usize::from(bytes.below(3));
                let mut plain = vec![b'x'; before];
                plain.extend(form);
                plain.extend((0..bytes.below(3)).map(|_| b'y'));
                form = render::base64(&plain);
                form.truncate(form.len() - usize::from(bytes.below(3)));
                if bytes.once_in(2) {
                    form = wide(&form);
                }
            }
            _ => {}
        }
        form
    }
}

/// Modifiers that text and regular expressions share.
fn modifiers(bytes: &mut Bytes<'_>, case: &mut Case) {
    match bytes.below(3) {
        0 => {}
        1 => {
            case.pattern.ascii = false;
            case.pattern.wide = true;
            case.text.push_str(" wide");
        }
        _ => {
            case.pattern.wide = true;
            case.text.push_str(" ascii wide");
        }
    }
    if bytes.once_in(3) {
        case.pattern.fullword = true;
        case.text.push_str(" fullword");
    }
}

fn pattern(value: Value) -> Pattern {
    Pattern {
        name: "a".into(),
        private: false,
        value,
        ascii: true,
        wide: false,
        nocase: false,
        fullword: false,
        anchored_at: None,
        unused: false,
    }
}

fn text(bytes: &mut Bytes<'_>) -> Case {
    let length = 1 + bytes.below(6);
    let sample: Vec<u8> =
        (0..length).map(|_| bytes.one_of(ALPHABET)).collect();
    let mut case = Case {
        pattern: pattern(Value::Text(sample.clone())),
        text: render::text(&sample),
        sample,
    };
    match bytes.below(5) {
        0 | 1 => modifiers(bytes, &mut case),
        2 => {
            modifiers(bytes, &mut case);
            case.pattern.nocase = true;
            case.text.push_str(" nocase");
        }
        3 => {
            modifiers(bytes, &mut case);
            let (lo, hi) =
                bytes.one_of(&[(0, 255), (1, 3), (7, 7), (2, 9), (0, 1)]);
            case.pattern.value = Value::Xor(case.sample.clone(), lo, hi);
            case.text.push_str(&format!(" xor({lo}-{hi})"));
        }
        _ => {
            let alphabet = || Some(Box::new(*render::STANDARD));
            let (plain, wide) = match bytes.below(3) {
                0 => (alphabet(), None),
                1 => (None, alphabet()),
                _ => (alphabet(), alphabet()),
            };
            if plain.is_some() {
                case.text.push_str(" base64");
            }
            if wide.is_some() {
                case.text.push_str(" base64wide");
            }
            if bytes.once_in(4) {
                case.pattern.ascii = false;
                case.pattern.wide = true;
                case.text.push_str(" wide");
            }
            let text = case.sample.clone();
            case.pattern.value = Value::Base64 { text, plain, wide };
        }
    }
    case
}

fn hex(bytes: &mut Bytes<'_>) -> Case {
    let mut sample = Vec::new();
    let (hir, text) = hex_body(bytes, 2, &mut sample);
    Case {
        pattern: pattern(Value::Hex(hir)),
        text: format!("{{ {text} }}"),
        sample,
    }
}

/// A sequence of units and jumps that begins and ends with a unit.
fn hex_body(
    bytes: &mut Bytes<'_>,
    depth: u8,
    sample: &mut Vec<u8>,
) -> (Hir, String) {
    let (mut parts, mut words) = (Vec::new(), Vec::new());
    for index in 0..1 + bytes.below(4) {
        if index > 0 && bytes.once_in(3) {
            let lo = bytes.below(3);
            let hi = lo + bytes.below(4);
            if hi > 0 {
                words.push(format!("[{lo}-{hi}]"));
                sample.extend((0..lo).map(|_| b'x'));
                parts.push(Hir::Repeat {
                    min: lo.into(),
                    max: Some(hi.into()),
                    greedy: false,
                    sub: Box::new(Hir::Class(ByteSet::ALL)),
                });
            }
        }
        let byte = bytes.one_of(ALPHABET);
        match bytes.below(8) {
            0 if depth > 0 => {
                let first = hex_body(bytes, depth - 1, sample);
                let second = hex_body(bytes, depth - 1, &mut Vec::new());
                words.push(format!("( {} | {} )", first.1, second.1));
                parts.push(Hir::Alternation(vec![first.0, second.0]));
                continue;
            }
            1 => {
                words.push(format!("{:X}?", byte >> 4));
                parts.push(Hir::Class(ByteSet::from_mask(byte, 0xF0)));
            }
            2 => {
                words.push(format!("~{byte:02X}"));
                let set = ByteSet::from_bytes([byte]).complement();
                parts.push(Hir::Class(set));
                sample.push(byte ^ 1);
                continue;
            }
            _ => {
                words.push(format!("{byte:02X}"));
                parts.push(Hir::Literal(vec![byte]));
            }
        }
        sample.push(byte);
    }
    (Hir::Concat(parts), words.join(" "))
}

/// How a regular expression is to be read.
#[derive(Clone, Copy)]
struct Style {
    greedy: bool,
    any_case: bool,
    dot_all: bool,
}

fn regex(bytes: &mut Bytes<'_>) -> Case {
    let style = Style {
        greedy: !bytes.once_in(3),
        any_case: bytes.once_in(4),
        dot_all: bytes.once_in(3),
    };
    let mut sample = Vec::new();
    let (hir, text) = alternatives(bytes, 3, style, &mut sample);
    let mut text = format!("/{text}/");
    if style.any_case {
        text.push('i');
    }
    if style.dot_all {
        text.push('s');
    }
    let greedy = style.greedy;
    let value = Value::Regex { hir, greedy, longest: greedy };
    let mut case = Case { pattern: pattern(value), text, sample };
    modifiers(bytes, &mut case);
    case
}

fn alternatives(
    bytes: &mut Bytes<'_>,
    depth: u8,
    style: Style,
    sample: &mut Vec<u8>,
) -> (Hir, String) {
    let (first, mut text) = sequence(bytes, depth, style, sample);
    let mut parts = vec![first];
    while parts.len() < 3 && bytes.once_in(4) {
        let (part, more) = sequence(bytes, depth, style, &mut Vec::new());
        // The automata take out what alternatives have in common in front,
        // as YARA-X does; if that repeats, another way may be preferred.
        if parts.iter().any(|other| begin_alike(other, &part)) {
            break;
        }
        parts.push(part);
        text.push('|');
        text.push_str(&more);
    }
    match parts.len() {
        1 => (parts.remove(0), text),
        _ => (Hir::Alternation(parts), text),
    }
}

fn sequence(
    bytes: &mut Bytes<'_>,
    depth: u8,
    style: Style,
    sample: &mut Vec<u8>,
) -> (Hir, String) {
    let (mut parts, mut text) = (Vec::new(), String::new());
    for _ in 0..1 + bytes.below(5) {
        let from = sample.len();
        let (part, word) = atom(bytes, depth, style, sample);
        text.push_str(&word);
        // Engines differ in what an empty turn counts.
        if has_place(&part) || part.length().0 == 0 || !bytes.once_in(3) {
            parts.push(part);
            continue;
        }
        let (min, max, sign) = bytes.one_of(&[
            (0, None, "*"),
            (1, None, "+"),
            (0, Some(1), "?"),
            (2, Some(2), "{2}"),
            (1, Some(3), "{1,3}"),
            (0, Some(2), "{,2}"),
            (2, None, "{2,}"),
        ]);
        text.push_str(sign);
        // A fixed count has no preference, and takes no sign of it.
        if !style.greedy && max != Some(min) {
            text.push('?');
        }
        let piece = sample[from..].to_vec();
        match min {
            0 => sample.truncate(from),
            _ => (1..min).for_each(|_| sample.extend(&piece)),
        }
        parts.push(Hir::Repeat {
            min,
            max,
            greedy: style.greedy,
            sub: Box::new(part),
        });
    }
    match parts.len() {
        1 => (parts.remove(0), text),
        _ => (Hir::Concat(parts), text),
    }
}

/// Is there a repetition in what both begin with?
fn begin_alike(a: &Hir, b: &Hir) -> bool {
    let (a, b) = (parts(a), parts(b));
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let first = [a.get(same), b.get(same)];
    let [of_a, of_b] = first.map(|part| part.map_or_else(Vec::new, firsts));
    a[..same].iter().any(repeats)
        || of_a.iter().any(|repetition| of_b.contains(repetition))
}

fn parts(hir: &Hir) -> &[Hir] {
    match hir {
        Hir::Concat(parts) => parts,
        other => std::slice::from_ref(other),
    }
}

fn repeats(hir: &Hir) -> bool {
    match hir {
        Hir::Repeat { .. } => true,
        Hir::Concat(parts) | Hir::Alternation(parts) => {
            parts.iter().any(repeats)
        }
        _ => false,
    }
}

/// The repetitions that may stand at the beginning.
fn firsts(hir: &Hir) -> Vec<&Hir> {
    match hir {
        Hir::Concat(parts) => parts.first().map_or_else(Vec::new, firsts),
        Hir::Alternation(parts) => parts.iter().flat_map(firsts).collect(),
        Hir::Repeat { .. } => vec![hir],
        _ => Vec::new(),
    }
}

fn has_place(hir: &Hir) -> bool {
    match hir {
        Hir::Look(_) => true,
        Hir::Concat(parts) | Hir::Alternation(parts) => {
            parts.iter().any(has_place)
        }
        Hir::Repeat { sub, .. } => has_place(sub),
        _ => false,
    }
}

fn atom(
    bytes: &mut Bytes<'_>,
    depth: u8,
    style: Style,
    sample: &mut Vec<u8>,
) -> (Hir, String) {
    let class = |set: ByteSet| {
        Hir::Class(if style.any_case { set.fold_case() } else { set })
    };
    match bytes.below(16) {
        0 if depth > 0 => {
            let (hir, text) = alternatives(bytes, depth - 1, style, sample);
            (hir, format!("({text})"))
        }
        1 => {
            let (look, text) = bytes.one_of(&[
                (Look::Start, "^"),
                (Look::End, "$"),
                (Look::WordBoundary, "\\b"),
                (Look::NotWordBoundary, "\\B"),
            ]);
            (Hir::Look(look), text.into())
        }
        2 => {
            sample.push(b'b');
            let mut set = ByteSet::ALL;
            if !style.dot_all {
                set = ByteSet::from_bytes([b'\n']).complement();
            }
            (Hir::Class(set), ".".into())
        }
        3 => {
            let (set, text): (&[u8], _) = bytes.one_of(&[
                (&b"ab"[..], "[ab]"),
                (&b"abc"[..], "[a-c]"),
                (&b"0123456789"[..], "\\d"),
                (&b"\t\n\x0b\x0c\r "[..], "\\s"),
            ]);
            sample.push(set[0]);
            (class(ByteSet::from_bytes(set.iter().copied())), text.into())
        }
        4 => {
            sample.push(b'b');
            let set = class(ByteSet::from_bytes([b'a']));
            let Hir::Class(set) = set else { unreachable!("a class") };
            (Hir::Class(set.complement()), "[^a]".into())
        }
        _ => {
            let byte = bytes.one_of(ALPHABET);
            sample.push(byte);
            let text = render::regex_byte(byte);
            (class(ByteSet::from_bytes([byte])), text)
        }
    }
}
