//! Hex patterns: bytes apart, long ones on lines.

use super::Style;
use super::out::Out;
use super::rule::ENTRY;

/// A hex pattern as it is to be written behind what `out` has. What cannot
/// be taken apart stays as it is.
pub(super) fn lay_out(text: &[u8], out: &Out, style: &Style) -> Vec<u8> {
    let Some(body) =
        text.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}"))
    else {
        return text.to_vec();
    };
    let lines: Vec<&[u8]> = body
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .collect();
    let multi = body.contains(&b'\n');
    let shown = if body.contains(&b'/') {
        // A comment over several lines may draw something.
        if !body_comments_end(&lines) {
            return text.to_vec();
        }
        Some(lines.iter().map(|line| line.to_vec()).collect())
    } else {
        lines.iter().map(|line| spaced(line)).collect()
    };
    let Some(shown): Option<Vec<Vec<u8>>> = shown else {
        return text.to_vec();
    };
    if multi && !shown.is_empty() {
        return block(shown, style);
    }
    let Some(line) = shown.into_iter().next() else { return text.to_vec() };
    let bytes = line.split(|byte| *byte == b' ').count();
    let fits = out.column() + line.len() + 5 <= style.width;
    if fits || bytes <= style.hex_bytes || line.contains(&b'/') {
        return [b"{ ", &line[..], b" }"].concat();
    }
    let elements: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let chunks = elements.chunks(style.hex_bytes.max(1));
    block(chunks.map(|chunk| chunk.join(&b' ')).collect(), style)
}

fn block(lines: Vec<Vec<u8>>, style: &Style) -> Vec<u8> {
    let indent = |level: usize| vec![b' '; level * style.indent];
    let mut text = b"{".to_vec();
    for line in lines {
        text.push(b'\n');
        text.extend(indent(ENTRY + 1));
        text.extend(line);
    }
    text.push(b'\n');
    text.extend(indent(ENTRY));
    text.push(b'}');
    text
}

/// Does each block comment end on its line?
fn body_comments_end(lines: &[&[u8]]) -> bool {
    lines.iter().all(|line| {
        let mut rest = *line;
        loop {
            let start = rest
                .windows(2)
                .position(|pair| pair == b"/*" || pair == b"//");
            let Some(start) = start else { return true };
            let comment = &rest[start..];
            if comment.starts_with(b"//") {
                return true;
            }
            let end = comment[2..].windows(2).position(|pair| pair == b"*/");
            match end {
                Some(end) => rest = &comment[end + 4..],
                None => return false,
            }
        }
    })
}

/// The elements of a line with one space between them.
fn spaced(line: &[u8]) -> Option<Vec<u8>> {
    let mut elements: Vec<Vec<u8>> = Vec::new();
    let mut at = 0;
    while let Some(byte) = line.get(at) {
        let rest = &line[at..];
        let length = match byte {
            b' ' | b'\t' | b'\r' => {
                at += 1;
                continue;
            }
            b'(' | b'|' | b')' => 1,
            b'[' => rest.iter().position(|byte| *byte == b']')? + 1,
            b'~' => 3,
            _ => 2,
        };
        let element = rest.get(..length)?;
        let digits = element.strip_prefix(b"~").unwrap_or(element);
        let is_byte = length > 1 && *byte != b'[';
        let is_digit = |b: &u8| b.is_ascii_hexdigit() || *b == b'?';
        if is_byte && !digits.iter().all(is_digit) {
            return None;
        }
        let element = element.iter().filter(|b| !b.is_ascii_whitespace());
        elements.push(element.copied().collect());
        at += length;
    }
    Some(elements.join(&b' '))
}
