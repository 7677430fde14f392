//! Check P025: patterns that take long, measured with our own engine.

use std::time::Instant;

use super::subject::RuleCx;
use crate::{Compiler, Scanner};

/// Bytes that are searched.
const SIZE: usize = 1 << 20;
/// Milliseconds that a pattern may take for them.
const USUAL_LIMIT: u64 = 20;

pub(super) fn check(cx: &mut RuleCx<'_>) {
    let limit = cx.settings().slow_ms.unwrap_or(USUAL_LIMIT);
    for at in 0..cx.rule.patterns.len() {
        let pattern = &cx.rule.patterns[at];
        let span = pattern.span;
        let name = pattern.name.span.of(cx.text).len();
        let declared = span.of(cx.text).get(name..).unwrap_or_default();
        let mut text = b"rule measured { strings: $a ".to_vec();
        text.extend(declared);
        text.extend(b"\ncondition: $a }");
        let mut compiler = Compiler::new();
        compiler.add_text("measured", text);
        let Ok(rules) = compiler.compile().into_rules() else { continue };
        let mut scanner = Scanner::new(&rules);
        let data = sample();
        let start = Instant::now();
        let _ = scanner.scan(&data);
        let took = start.elapsed().as_micros() as u64;
        if took > limit * 1_000 {
            let message = format!(
                "the pattern takes {} ms for a MiB",
                took.div_ceil(1_000)
            );
            cx.say("P025", span, message)
                .label(format!("more than {limit} ms"))
                .help("give it fixed bytes that are rare");
        }
    }
}

/// Half of it as random as a program, half of it as a text.
fn sample() -> Vec<u8> {
    let words = b"function value($item) { return $item->name; }\n";
    let mut seed = 1_u64;
    let random = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1);
        (seed >> 40) as u8
    });
    let mut data: Vec<u8> = random.take(SIZE / 2).collect();
    data.extend(words.iter().cycle().take(SIZE / 2));
    data
}
