//! Repetitions.

use super::{Fail, MAX_DEPTH, Parser};
use crate::diag::{Applicability, Code, Diagnostic};
use crate::pattern::hir::Hir;

/// Bounds of a repetition, in decimal digits as written.
struct Bounds<'s> {
    min: &'s [u8],
    max: Option<&'s [u8]>,
    /// Bytes from `{` to `}`.
    length: usize,
}

impl Parser<'_> {
    /// At `*`, `+`, `?` or `{`; the brace may also be a literal.
    pub(super) fn repetition(&mut self) -> Result<(), Fail> {
        let start = self.pos;
        let (min, max) = match self.peek() {
            Some(b'*') => (0, None),
            Some(b'+') => (1, None),
            Some(b'?') => (0, Some(1)),
            _ => match bounds(self.rest()) {
                Some(bounds) => {
                    let (min, max) = self.bound_values(&bounds)?;
                    self.pos += bounds.length - 1;
                    (min, max)
                }
                None => {
                    self.brace();
                    return Ok(());
                }
            },
        };
        self.pos += 1;
        let lazy = self.peek() == Some(b'?');
        self.pos += usize::from(lazy);
        let span = self.span(start);
        let Some((sub, height)) = self.top.take_last() else {
            return Err(self.error(
                Code::RegexSyntax,
                span,
                "there is nothing to repeat",
                "nothing stands before this",
            ));
        };
        if self.stack.len() + height >= MAX_DEPTH {
            return Err(self.too_deep(span));
        }
        let greedy = lazy == self.flags.swap_greed;
        if max != Some(min) {
            let first = if greedy {
                &mut self.first_greedy
            } else {
                &mut self.first_lazy
            };
            first.get_or_insert(span);
        }
        let hir = match (min, max, sub) {
            (_, _, Hir::Empty) | (0, Some(0), _) => Hir::Empty,
            (1, Some(1), sub) => sub,
            (min, max, sub) => {
                Hir::Repeat { min, max, greedy, sub: Box::new(sub) }
            }
        };
        self.top.push(hir, height + 1);
        Ok(())
    }

    fn bound_values(
        &self,
        bounds: &Bounds<'_>,
    ) -> Result<(u32, Option<u32>), Fail> {
        let span = self.span_at(self.pos, self.pos + bounds.length);
        let value = |digits: &[u8]| {
            digits
                .iter()
                .try_fold(0u32, |value, digit| {
                    value.checked_mul(10)?.checked_add(u32::from(digit - b'0'))
                })
                .ok_or_else(|| {
                    self.error(
                        Code::RegexSyntax,
                        span,
                        "the bound of the repetition is too large",
                        format!("the largest bound is {}", u32::MAX),
                    )
                })
        };
        let min = value(bounds.min)?;
        let max = match bounds.max {
            None => Some(min),
            Some([]) => None,
            Some(digits) => Some(value(digits)?),
        };
        if max.is_some_and(|max| max < min) {
            return Err(self.error(
                Code::RegexSyntax,
                span,
                "the lower bound of the repetition is above the upper bound",
                "no number fits",
            ));
        }
        Ok((min, max))
    }

    /// A `{` that opens no repetition.
    fn brace(&mut self) {
        let start = self.pos;
        self.pos += 1;
        let span = self.span(start);
        self.warn(
            Diagnostic::new(
                Code::RegexUnescapedBrace,
                self.file,
                span,
                "the brace opens no repetition",
            )
            .label("stands for itself")
            .fix(
                "escape the brace",
                span,
                "\\{",
                Applicability::Safe,
            ),
        );
        self.top.push_bytes(b"{");
    }
}

/// Reads `{n}`, `{n,}`, `{n,m}`, `{,m}` or `{,}`, white space allowed around
/// the numbers.
fn bounds(text: &[u8]) -> Option<Bounds<'_>> {
    let mut at = 1;
    let min = number(text, &mut at);
    let max = match text.get(at)? {
        b',' => {
            at += 1;
            Some(number(text, &mut at))
        }
        _ if min.is_empty() => return None,
        _ => None,
    };
    (text.get(at) == Some(&b'}')).then_some(Bounds {
        min,
        max,
        length: at + 1,
    })
}

fn number<'t>(text: &'t [u8], at: &mut usize) -> &'t [u8] {
    let skip = |from: usize, keep: fn(&u8) -> bool| {
        let rest = text.get(from..).unwrap_or_default();
        from + rest.iter().take_while(|b| keep(b)).count()
    };
    let start = skip(*at, |b| matches!(b, b' ' | b'\t'));
    let end = skip(start, u8::is_ascii_digit);
    *at = skip(end, |b| matches!(b, b' ' | b'\t'));
    text.get(start..end).unwrap_or_default()
}
