//! The `hash` module: digests and checksums.

mod schema;

use std::borrow::Cow;
use std::ops::Range;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::call::{
    Functions, Memo, OnlyFunctions, hex, range_in, range_whole,
};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Module, OpenCx, Value};
use crate::scan::Regions;

/// The module.
pub(super) struct Hash;

impl Module for Hash {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        let (digests, sums) = (Memo::new(), Memo::new());
        let (data, memory) = (cx.data, cx.memory);
        Box::new(OnlyFunctions(Opened { data, memory, digests, sums }))
    }
}

struct Opened<'d> {
    data: &'d [u8],
    memory: Option<&'d dyn Regions>,
    digests: Memo<(Function, usize, usize), String>,
    sums: Memo<(Function, usize, usize), i64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Function {
    Md5,
    Sha1,
    Sha256,
    Crc32,
    Checksum32,
}

impl Function {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "sha256" => Self::Sha256,
            "crc32" => Self::Crc32,
            "checksum32" => Self::Checksum32,
            _ => return None,
        })
    }

    fn is_sum(self) -> bool {
        matches!(self, Self::Crc32 | Self::Checksum32)
    }

    fn value(self, bytes: &[u8]) -> Value<'static> {
        match self.is_sum() {
            true => Value::Int(self.sum(bytes)),
            false => digest_value(self.digest(bytes)),
        }
    }

    fn digest(self, bytes: &[u8]) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(bytes)),
            Self::Sha1 => hex(&Sha1::digest(bytes)),
            _ => hex(&Sha256::digest(bytes)),
        }
    }

    fn sum(self, bytes: &[u8]) -> i64 {
        i64::from(match self {
            Self::Crc32 => crc32fast::hash(bytes),
            _ => bytes
                .iter()
                .fold(0_u32, |sum, &byte| sum.wrapping_add(u32::from(byte))),
        })
    }
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
        let function = Function::named(name)?;
        match *args {
            [Arg::Int(address), Arg::Int(length)] if self.memory.is_some() => {
                let bytes = range_in(self.memory?, address, length, cx)?;
                Some(function.value(&bytes))
            }
            [Arg::Int(offset), Arg::Int(length)] => {
                let range = range_whole(self.data, offset, length)?;
                self.of_range(function, range, cx)
            }
            [Arg::Bytes(text)] => {
                let paid = cx.charge(text.len() as u64);
                paid.then(|| function.value(text))
            }
            _ => None,
        }
    }
}

impl Opened<'_> {
    fn of_range(
        &self,
        function: Function,
        range: Range<usize>,
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        let key = (function, range.start, range.end);
        let bytes = &self.data[range];
        let mut paid = || cx.charge(bytes.len() as u64);
        if function.is_sum() {
            let sum = || paid().then(|| function.sum(bytes));
            self.sums.get_or_try(key, sum).map(Value::Int)
        } else {
            let digest = || paid().then(|| function.digest(bytes));
            self.digests.get_or_try(key, digest).map(digest_value)
        }
    }
}

fn digest_value(digest: String) -> Value<'static> {
    Value::Bytes(Cow::Owned(digest.into_bytes()))
}

#[cfg(test)]
mod tests;
