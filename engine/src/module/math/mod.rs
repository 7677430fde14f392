//! The `math` module: numbers, and statistics over bytes.

mod schema;
mod statistics;

use std::borrow::Cow;
use std::rc::Rc;

use super::call::{Functions, Memo, OnlyFunctions, range_cut, range_in};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Module, OpenCx, Value};
use crate::scan::Regions;
use statistics::{Histogram, monte_carlo_pi, serial_correlation};

/// The module.
pub(super) struct Math;

impl Module for Math {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        Box::new(OnlyFunctions(Opened {
            data: cx.data,
            memory: cx.memory,
            histograms: Memo::new(),
            correlations: Memo::new(),
            circles: Memo::new(),
        }))
    }
}

/// Start and end of a range.
type Key = (usize, usize);

struct Opened<'d> {
    data: &'d [u8],
    memory: Option<&'d dyn Regions>,
    histograms: Memo<Key, Rc<Histogram>>,
    correlations: Memo<Key, Option<f64>>,
    circles: Memo<Key, Option<f64>>,
}

impl<'d> Functions<'d> for Opened<'d> {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn call(
        &self,
        name: &str,
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        number(name, args).or_else(|| self.over_bytes(name, args, cx))
    }
}

/// The functions that look at no bytes.
fn number(name: &str, args: &[Arg<'_>]) -> Option<Value<'static>> {
    use Arg::{Bool, Float, Int};
    Some(match (name, args) {
        ("min", &[Int(a), Int(b)]) => Value::Int(a.min(b)),
        ("max", &[Int(a), Int(b)]) => Value::Int(a.max(b)),
        ("abs", &[Int(a)]) => Value::Int(a.wrapping_abs()),
        ("in_range", &[Float(x), Float(low), Float(high)]) => {
            Value::Bool(low <= x && x <= high)
        }
        ("in_range", &[Int(x), Int(low), Int(high)]) => {
            Value::Bool(low <= x && x <= high)
        }
        ("to_number", &[Bool(x)]) => Value::Int(i64::from(x)),
        ("to_string", &[Int(x)]) => text(x.to_string()),
        ("to_string", &[Int(x), Int(base)]) => text(match base {
            8 => format!("{x:o}"),
            10 => x.to_string(),
            16 => format!("{x:x}"),
            _ => return None,
        }),
        _ => return None,
    })
}

fn text(text: String) -> Value<'static> {
    Value::Bytes(Cow::Owned(text.into_bytes()))
}

impl Opened<'_> {
    fn over_bytes(
        &self,
        name: &str,
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        use Arg::{Bytes, Float, Int};
        let all = i64::MAX;
        match (name, args) {
            ("count", &[Int(byte)]) => self.count(byte, 0, all, cx),
            ("count", &[Int(byte), Int(offset), Int(length)]) => {
                self.count(byte, offset, length, cx)
            }
            ("percentage", &[Int(byte)]) => self.percentage(byte, 0, all, cx),
            ("percentage", &[Int(byte), Int(offset), Int(length)]) => {
                self.percentage(byte, offset, length, cx)
            }
            ("mode", &[]) => self.mode(0, all, cx),
            ("mode", &[Int(offset), Int(length)]) => {
                self.mode(offset, length, cx)
            }
            ("entropy", &[Int(offset), Int(length)]) => {
                let histogram = self.histogram(offset, length, cx)?;
                Some(Value::Float(histogram.entropy()))
            }
            ("entropy", &[Bytes(text)]) => {
                Some(Value::Float(histogram_of(text, cx)?.entropy()))
            }
            ("mean", &[Int(offset), Int(length)]) => {
                let histogram = self.histogram(offset, length, cx)?;
                histogram.mean().map(Value::Float)
            }
            ("mean", &[Bytes(text)]) => {
                histogram_of(text, cx)?.mean().map(Value::Float)
            }
            ("deviation", &[Int(offset), Int(length), Float(mean)]) => {
                let histogram = self.histogram(offset, length, cx)?;
                histogram.deviation(mean).map(Value::Float)
            }
            ("deviation", &[Bytes(text), Float(mean)]) => {
                histogram_of(text, cx)?.deviation(mean).map(Value::Float)
            }
            ("serial_correlation", &[Int(offset), Int(length)]) => {
                let memo = &self.correlations;
                self.once(memo, offset, length, serial_correlation, cx)
            }
            ("serial_correlation", &[Bytes(text)]) => {
                let text = charged(text, cx)?;
                serial_correlation(text).map(Value::Float)
            }
            ("monte_carlo_pi", &[Int(offset), Int(length)]) => {
                let memo = &self.circles;
                self.once(memo, offset, length, monte_carlo_pi, cx)
            }
            ("monte_carlo_pi", &[Bytes(text)]) => {
                monte_carlo_pi(charged(text, cx)?).map(Value::Float)
            }
            _ => None,
        }
    }

    fn count(
        &self,
        byte: i64,
        offset: i64,
        length: i64,
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        let byte = u8::try_from(byte).ok()?;
        let histogram = self.histogram(offset, length, cx)?;
        i64::try_from(histogram.count(byte)).ok().map(Value::Int)
    }

    fn percentage(
        &self,
        byte: i64,
        offset: i64,
        length: i64,
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        let byte = u8::try_from(byte).ok()?;
        let histogram = self.histogram(offset, length, cx)?;
        histogram.fraction(byte).map(Value::Float)
    }

    fn mode(
        &self,
        offset: i64,
        length: i64,
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        let histogram = self.histogram(offset, length, cx)?;
        histogram.mode().map(|byte| Value::Int(i64::from(byte)))
    }

    /// The histogram of a range: one pass serves all that is asked about it.
    fn histogram(
        &self,
        offset: i64,
        length: i64,
        cx: &mut dyn CallCx,
    ) -> Option<Rc<Histogram>> {
        if let Some(memory) = self.memory {
            let bytes = range_in(memory, offset, length, cx)?;
            return Some(Rc::new(Histogram::new(&bytes)));
        }
        let range = range_cut(self.data, offset, length)?;
        let key = (range.start, range.end);
        self.histograms.get_or_try(key, || {
            histogram_of(&self.data[range], cx).map(Rc::new)
        })
    }

    fn once(
        &self,
        memo: &Memo<Key, Option<f64>>,
        offset: i64,
        length: i64,
        compute: fn(&[u8]) -> Option<f64>,
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        if let Some(memory) = self.memory {
            let bytes = range_in(memory, offset, length, cx)?;
            return compute(&bytes).map(Value::Float);
        }
        let range = range_cut(self.data, offset, length)?;
        memo.get_or_try((range.start, range.end), || {
            Some(compute(charged(&self.data[range], cx)?))
        })?
        .map(Value::Float)
    }
}

fn histogram_of(bytes: &[u8], cx: &mut dyn CallCx) -> Option<Histogram> {
    charged(bytes, cx).map(Histogram::new)
}

fn charged<'b>(bytes: &'b [u8], cx: &mut dyn CallCx) -> Option<&'b [u8]> {
    cx.charge(bytes.len() as u64).then_some(bytes)
}

#[cfg(test)]
mod tests;
