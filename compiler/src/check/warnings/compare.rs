//! Comparisons that can never hold.

use dragnet_engine::cond::ReadKind;
use dragnet_engine::module::schema::HashForm;

use crate::check::cx::Cx;
use crate::diag::{Applicability, Code};
use crate::ir::{Const, ExprId, Kind, Ty};
use crate::source::Span;

impl Cx<'_, '_> {
    /// Warns if two operands of `==` can never be equal.
    pub(in crate::check) fn unsatisfiable(
        &mut self,
        a: (ExprId, Span),
        b: (ExprId, Span),
    ) {
        for (value, constant) in [(a, b), (b, a)] {
            if self.known(value.0).is_some() {
                continue;
            }
            if let Some(form) = self.hashes.get(&value.0).copied() {
                self.hash_form(form, value.1, constant);
            }
            if let Some(known) = self.known_int(constant.0) {
                self.int_range(value, known, constant.1);
            }
        }
    }

    fn hash_form(
        &mut self,
        form: HashForm,
        value: Span,
        (constant, at): (ExprId, Span),
    ) {
        let Some(Const::Str(text)) = self.known(constant) else { return };
        let length = usize::from(form.length);
        let (wrong, case) = match form.uppercase {
            true => (text.iter().any(u8::is_ascii_lowercase), "upper"),
            false => (text.iter().any(u8::is_ascii_uppercase), "lower"),
        };
        let fixed = match form.uppercase {
            true => text.to_ascii_uppercase(),
            false => text.to_ascii_lowercase(),
        };
        let found = text.len();
        let file = self.file;
        let message = "the two sides can never be equal";
        let new = self.diag(Code::UnsatisfiableExpr, at, message);
        if found != length {
            let new = new.label(format!("this has {found} characters")).also(
                file,
                value,
                format!("this has {length}"),
            );
            let new = new.help("compare with a text of this length");
            self.report(new);
        } else if wrong {
            let fixed = format!("\"{}\"", fixed.escape_ascii());
            let new = new
                .label(format!("this is not all in {case} case"))
                .also(file, value, format!("this is in {case} case"))
                .fix(
                    format!("use {case} case"),
                    at,
                    fixed,
                    Applicability::Safe,
                );
            self.report(new);
        }
    }

    fn int_range(&mut self, value: (ExprId, Span), known: i128, at: Span) {
        let (lo, hi): (i128, i128) = match &self.condition.expr(value.0).kind {
            Kind::Read(kind, _) => read_range(*kind),
            _ => match self.ty(value.0) {
                Ty::Int => (i64::MIN.into(), i64::MAX.into()),
                Ty::UInt => (0, u64::MAX.into()),
                _ => return,
            },
        };
        if (lo..=hi).contains(&known) {
            return;
        }
        let message = "the two sides can never be equal";
        let file = self.file;
        let new = self
            .diag(Code::UnsatisfiableExpr, at, message)
            .label("this is out of range")
            .also(file, value.1, format!("this is from {lo} to {hi}"))
            .help("use a number from this range");
        self.report(new);
    }
}

fn read_range(kind: ReadKind) -> (i128, i128) {
    match kind {
        ReadKind::I8 | ReadKind::I8Be => (i8::MIN.into(), i8::MAX.into()),
        ReadKind::I16 | ReadKind::I16Be => (i16::MIN.into(), i16::MAX.into()),
        ReadKind::I32 | ReadKind::I32Be => (i32::MIN.into(), i32::MAX.into()),
        ReadKind::U8 | ReadKind::U8Be => (0, u8::MAX.into()),
        ReadKind::U16 | ReadKind::U16Be => (0, u16::MAX.into()),
        ReadKind::U32 | ReadKind::U32Be => (0, u32::MAX.into()),
        ReadKind::U64 | ReadKind::U64Be => (0, u64::MAX.into()),
        _ => (i64::MIN.into(), i64::MAX.into()),
    }
}
