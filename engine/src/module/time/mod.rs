//! The `time` module.

mod schema;

use super::call::{Functions, OnlyFunctions};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Module, OpenCx, Value};

/// The module.
pub(super) struct Time;

impl Module for Time {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        Box::new(OnlyFunctions(Opened { now: cx.now }))
    }
}

struct Opened {
    now: i64,
}

impl<'d> Functions<'d> for Opened {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn call(
        &self,
        name: &str,
        _args: &[Arg<'_>],
        _cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        (name == "now").then_some(Value::Int(self.now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::testing::Call;

    #[test]
    fn the_caller_of_the_scan_says_what_time_it_is() {
        let mut call = Call::new("time", b"");
        call.now = 1_700_000_000;
        assert_eq!(call.call("now", &[]), Some(Value::Int(1_700_000_000)));
    }
}
