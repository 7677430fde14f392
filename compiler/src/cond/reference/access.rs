//! Modules in the tree walk.

use super::*;

/// Module, path and indexes of a place.
type Found = (u32, Vec<u16>, Vec<Val>);

impl<'e, 'd, P: Pools + ?Sized> Walk<'_, 'e, 'd, P> {
    fn place(&mut self, place: &Place) -> Result<Option<Found>, Stop> {
        let (module, path) = self.names.field(place.field);
        let mut index = Vec::new();
        for expr in &place.index {
            index.push(get!(self.eval(*expr)));
        }
        Ok(Some((module, path, index)))
    }

    fn module(&self, module: u32) -> Option<&'e dyn Fields<'d>> {
        let modules = self.env.modules;
        modules.module(module)
    }

    pub(super) fn field(&mut self, place: &Place) -> Got {
        let (module, path, index) = get!(self.place(place));
        let fields = self.module(module);
        Ok(fields
            .and_then(|fields| fields.get(&path, &indexes(&index)).map(value)))
    }

    /// Number of items; `missing` if there is no such array or map, while
    /// undefined indexes are undefined in any case.
    pub(super) fn items(
        &mut self,
        place: &Place,
        missing: Option<u64>,
    ) -> Result<Option<u64>, Stop> {
        let (module, path, index) = get!(self.place(place));
        let fields = self.module(module);
        let items =
            fields.and_then(|fields| fields.len(&path, &indexes(&index)));
        Ok(items.or(missing))
    }

    pub(super) fn key(
        &mut self,
        place: &Place,
        position: u64,
    ) -> Result<Option<Vec<u8>>, Stop> {
        let (module, path, index) = get!(self.place(place));
        let fields = self.module(module);
        Ok(fields.and_then(|fields| {
            let key = fields.key(&path, &indexes(&index), position)?;
            Some(key.into_owned())
        }))
    }

    pub(super) fn call(
        &mut self,
        place: &Place,
        signature: u16,
        args: &[Arg],
    ) -> Got {
        let (module, path, index) = get!(self.place(place));
        let mut values = Vec::new();
        for arg in args {
            values.push(match arg {
                Arg::Value(value) => Ok(get!(self.eval(*value))),
                Arg::Regex(regex) => Err(Operand {
                    regexes: self.env.regexes,
                    id: self.names.regex(*regex),
                }),
            });
        }
        let passed: Vec<Passed<'_>> = values
            .iter()
            .map(|value| match value {
                Ok(Val::Bool(value)) => Passed::Bool(*value),
                Ok(Val::Int(value)) => Passed::Int(*value),
                Ok(Val::UInt(value)) => Passed::Int(*value as i64),
                Ok(Val::Float(value)) => Passed::Float(*value),
                Ok(Val::Str(value)) => Passed::Bytes(value),
                Ok(Val::Pattern(_)) => Passed::Int(-1),
                Err(regex) => Passed::Regex(regex),
            })
            .collect();
        let Some(fields) = self.module(module) else { return Ok(None) };
        let mut cx = Calls { walk: self };
        let index = indexes(&index);
        let result = fields.call(&path, signature, &index, &passed, &mut cx);
        match self.env.budget.stopped() {
            Some(stop) => Err(stop),
            None => Ok(result.map(value)),
        }
    }
}

fn indexes(index: &[Val]) -> Vec<Index<'_>> {
    index
        .iter()
        .map(|index| match index {
            Val::Int(position) => Index::Int(*position),
            Val::Str(key) => Index::Key(key),
            _ => Index::Int(-1),
        })
        .collect()
}

fn value(value: Value<'_>) -> Val {
    match value {
        Value::Int(value) => Val::Int(value),
        Value::Float(value) => Val::Float(value),
        Value::Bool(value) => Val::Bool(value),
        Value::Bytes(value) => Val::Str(value.into_owned()),
    }
}

struct Operand<'e> {
    regexes: &'e dyn dragnet_engine::cond::Regexes,
    id: u32,
}

impl RegexArg for Operand<'_> {
    fn is_match(&self, text: &[u8]) -> bool {
        self.regexes.is_match(self.id, text)
    }
}

struct Calls<'c, 'w, 'e, 'd, P: ?Sized> {
    walk: &'c mut Walk<'w, 'e, 'd, P>,
}

impl<P: Pools + ?Sized> CallCx for Calls<'_, '_, '_, '_, P> {
    fn console(&mut self, message: String) {
        (self.walk.env.console)(message);
    }

    fn charge(&mut self, units: u64) -> bool {
        self.walk.env.budget.charge(units).is_ok()
    }
}
