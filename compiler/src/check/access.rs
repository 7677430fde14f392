//! Names, fields and indexes.

use dragnet_engine::cond::ReadKind;
use dragnet_engine::module::registry;
use dragnet_engine::module::schema::{ConstantValue, Enum, Struct, Type};

use super::cx::Cx;
use super::names::{Import, World};
use super::scope::Bound;
use super::structured;
use super::value::{Index, Path, Val};
use crate::diag::{Applicability, Code};
use crate::ir::{Const, ExternalValue, Kind, Regex, RegexId, Ty};
use crate::pattern::program::fits;
use crate::source::Span;
use crate::syntax::ast::{self, RegexLit};
use crate::syntax::regex::{self, Mode};

/// The built-in functions.
pub(super) const READS: &[(&str, ReadKind)] = &[
    ("int8", ReadKind::I8),
    ("int16", ReadKind::I16),
    ("int32", ReadKind::I32),
    ("int64", ReadKind::I64),
    ("uint8", ReadKind::U8),
    ("uint16", ReadKind::U16),
    ("uint32", ReadKind::U32),
    ("uint64", ReadKind::U64),
    ("float32", ReadKind::F32),
    ("float64", ReadKind::F64),
    ("int8be", ReadKind::I8Be),
    ("int16be", ReadKind::I16Be),
    ("int32be", ReadKind::I32Be),
    ("int64be", ReadKind::I64Be),
    ("uint8be", ReadKind::U8Be),
    ("uint16be", ReadKind::U16Be),
    ("uint32be", ReadKind::U32Be),
    ("uint64be", ReadKind::U64Be),
    ("float32be", ReadKind::F32Be),
    ("float64be", ReadKind::F64Be),
];

/// The built-in function of this name.
pub(super) fn read_function(name: &str) -> Option<ReadKind> {
    READS.iter().find(|(n, _)| *n == name).map(|(_, kind)| *kind)
}

/// Words of the language that stand for a value.
const WORDS: [&str; 4] = ["entrypoint", "false", "filesize", "true"];

impl Cx<'_, '_> {
    /// A name: variable, module, external, rule or built-in function.
    pub(super) fn name(&mut self, name: &str, span: Span) -> Option<Val> {
        if let Some(bound) = self.scope.find(name).cloned() {
            return self.bound(bound, span);
        }
        let namespace = &self.world.namespaces[self.namespace];
        if let Some(import) = namespace.modules.get(name).copied() {
            return self.module(name, import, span);
        }
        if let Some(id) = self.world.externals.get(name).copied() {
            let external = &self.world.settings.externals[id.0 as usize];
            return Some(match &external.value {
                ExternalValue::Scalar(value) => {
                    let kind = Kind::External(id);
                    Val::Scalar(self.emit(kind, value.ty(), span))
                }
                ExternalValue::Data(data) => {
                    let schema = structured::schema(name, data.shape());
                    let path = Path::root(schema).member(0);
                    self.place_value(path, schema.root.members[0].ty, span)
                }
            });
        }
        let namespace = &self.world.namespaces[self.namespace];
        if name == self.rule.name.text || namespace.rules.contains_key(name) {
            return self.rule_operand(name, span).map(Val::Scalar);
        }
        if let Some(kind) = read_function(name) {
            return Some(Val::Read(kind));
        }
        self.unknown_name(name, span);
        None
    }

    fn bound(&mut self, bound: Bound, span: Span) -> Option<Val> {
        Some(match bound {
            Bound::Var(var, ty) => {
                Val::Scalar(self.emit(Kind::Var(var), ty, span))
            }
            Bound::Const(value) => Val::Scalar(self.constant(value, span)),
            Bound::Place(path, ty) => self.place_value(path, ty, span),
            Bound::Regex(lit) => Val::Regex(lit),
            Bound::Enum(table) => Val::Enum(table),
            Bound::Read(kind) => Val::Read(kind),
            Bound::Poison => return None,
        })
    }

    fn module(
        &mut self,
        name: &str,
        import: Import,
        span: Span,
    ) -> Option<Val> {
        match import {
            Import::Known(schema) => {
                let root = Type::Struct(schema.root);
                Some(Val::Place(Path::root(schema), root))
            }
            Import::Ignored => {
                let rule = &self.rule.name.text;
                let message = format!(
                    "rule `{rule}` is left out because module `{name}` is \
                     switched off"
                );
                let new = self
                    .diag(Code::IgnoredRule, span, message)
                    .label(format!("needs `{name}`"))
                    .help("compile without `--ignore-module` to keep it");
                self.report(new);
                self.fail(Code::IgnoredRule);
                None
            }
            Import::Poison(code) => {
                self.fail(code);
                None
            }
        }
    }

    fn unknown_name(&mut self, name: &str, span: Span) {
        let message = format!("there is nothing with the name `{name}`");
        let new = self
            .diag(Code::UnknownIdentifier, span, message)
            .label("unknown name");
        if registry::find(name).is_some() {
            let rule = Span::new(self.rule.span.lo, self.rule.span.lo);
            let new = new
                .help(format!("module `{name}` has to be imported first"))
                .fix(
                    format!("import `{name}`"),
                    rule,
                    format!("import \"{name}\"\n\n"),
                    Applicability::Safe,
                );
            self.report(new);
            return;
        }
        let namespace = &self.world.namespaces[self.namespace];
        if namespace.announced.contains(name) {
            let help = "a rule can name only rules that stand before it";
            self.report(new.help(help));
            return;
        }
        let mut budget = std::mem::take(self.world.budget());
        let namespace = &self.world.namespaces[self.namespace];
        let names = self
            .scope
            .names()
            .chain(namespace.modules.keys().map(String::as_str))
            .chain(self.world.externals.keys().copied())
            .chain(READS.iter().map(|(name, _)| *name))
            .chain(WORDS)
            .chain(registry::all().iter().map(|m| m.schema().name))
            .chain(namespace.rules.keys().map(String::as_str));
        let found = World::suggest(&mut budget, name, names);
        *self.world.budget() = budget;
        let new = match found {
            Some(other) => {
                let title = format!("did you mean `{other}`?");
                new.fix(title, span, other, Applicability::Unsafe)
            }
            None => new.help(
                "an external variable has to be defined before compiling",
            ),
        };
        self.report(new);
    }

    /// `base.name`
    pub(super) fn field(
        &mut self,
        base: ast::ExprId,
        name: &ast::Name,
    ) -> Option<Val> {
        let val = self.expr(base)?;
        let span = self.span(base).to(name.span);
        match val {
            Val::Place(path, Type::Struct(of)) => {
                self.member(path, of, name, span)
            }
            Val::Place(path, Type::Array(_) | Type::Map(_))
                if name.text == "len" =>
            {
                Some(Val::Len(path))
            }
            Val::Enum(table) => self.enum_item(table, name, span),
            Val::Scalar(id)
                if name.text == "len" && self.ty(id) == Ty::Str =>
            {
                Some(Val::StrLen(id))
            }
            Val::Place(path, Type::Dual) if name.text == "len" => {
                let val = Val::Place(path, Type::Dual);
                let id = self.scalar(val, span, Some(Ty::Str), "a string")?;
                Some(Val::StrLen(id))
            }
            other => {
                let is = other.kind_name(|id| self.ty(id));
                let name_text = &name.text;
                let message = format!("{is} has no field `{name_text}`");
                let at = self.span(base);
                let file = self.file;
                let new = self
                    .diag(Code::UnknownField, name.span, message)
                    .label("unknown field")
                    .also(file, at, format!("this is {is}"))
                    .help("only structures have fields");
                self.report(new);
                None
            }
        }
    }

    fn member(
        &mut self,
        path: Path,
        of: &'static Struct,
        name: &ast::Name,
        span: Span,
    ) -> Option<Val> {
        if let Some((at, member)) = of.member(&name.text) {
            self.used_field(&path, member.ty, &name.text, span);
            return Some(self.place_value(path.member(at), member.ty, span));
        }
        if let Some(constant) = of.constant(&name.text) {
            let value = match constant.value {
                ConstantValue::Int(value) => Const::Int(value),
                ConstantValue::Float(value) => Const::Float(value),
                ConstantValue::Str(value) => Const::Str(value.to_vec()),
            };
            return Some(Val::Scalar(self.constant(value, span)));
        }
        if let Some(table) = of.enumeration(&name.text) {
            return Some(Val::Enum(table));
        }
        let what = match path.steps.is_empty() {
            true => format!("module `{}`", path.schema.name),
            false => "this structure".to_owned(),
        };
        let names = of
            .members
            .iter()
            .map(|member| member.name)
            .chain(of.constants.iter().map(|constant| constant.name))
            .chain(of.enums.iter().map(|table| table.name));
        self.unknown_field(&what, name, names);
        None
    }

    fn enum_item(
        &mut self,
        table: &'static Enum,
        name: &ast::Name,
        span: Span,
    ) -> Option<Val> {
        let item = table.items.iter().find(|(item, _)| *item == name.text);
        if let Some((_, value)) = item {
            let value = Const::Int(*value);
            return Some(Val::Scalar(self.constant(value, span)));
        }
        let inner = table.enums.iter().find(|e| e.name == name.text);
        if let Some(inner) = inner {
            return Some(Val::Enum(inner));
        }
        let names = table
            .items
            .iter()
            .map(|(item, _)| *item)
            .chain(table.enums.iter().map(|inner| inner.name));
        let what = format!("enumeration `{}`", table.name);
        self.unknown_field(&what, name, names);
        None
    }

    fn unknown_field<'n>(
        &mut self,
        what: &str,
        name: &ast::Name,
        names: impl Iterator<Item = &'n str>,
    ) {
        let message = format!("{what} has no field `{}`", name.text);
        let mut new = self
            .diag(Code::UnknownField, name.span, message)
            .label("unknown field");
        let found = World::suggest(self.world.budget(), &name.text, names);
        if let Some(other) = found {
            new = new.fix(
                format!("did you mean `{other}`?"),
                name.span,
                other,
                Applicability::Unsafe,
            );
        } else {
            new = new.help("the page of the module lists its fields");
        }
        self.report(new);
    }

    /// Warns once about a module that has no data behind it.
    fn used_field(&mut self, path: &Path, ty: Type, name: &str, span: Span) {
        let schema = path.schema;
        let group = matches!(ty, Type::Struct(_));
        if schema.implemented
            || group
            || self.without_data.contains(&schema.name)
        {
            return;
        }
        self.without_data.push(schema.name);
        let module = schema.name;
        let message = format!("module `{module}` finds out nothing by itself");
        let value =
            if name.starts_with("is_") { "false" } else { "undefined" };
        let note = "its fields have a value only if module data are given \
                    with the scan";
        let new = self
            .diag(Code::ModuleWithoutData, span, message)
            .label(format!("this is {value}"))
            .note(note)
            .help("do without it in the condition");
        self.report(new);
    }

    /// `base[index]`
    pub(super) fn index(
        &mut self,
        base: ast::ExprId,
        index: ast::ExprId,
        span: Span,
    ) -> Option<Val> {
        match self.expr(base)? {
            Val::Place(path, Type::Array(item)) => {
                let value = self.int(index)?;
                let known = self.known(value).cloned();
                if let Some(Const::Int(..=-1)) = known {
                    let at = self.span(index);
                    let message = "items are counted from 0";
                    let new = self
                        .diag(Code::IndexOutOfRange, at, message)
                        .label("there is no such item")
                        .note("the expression is undefined")
                        .help("the first item has the index 0");
                    self.report(new);
                }
                let index = known.map_or(Index::Expr(value), Index::Const);
                Some(self.place_value(path.item(index), *item, span))
            }
            Val::Place(path, Type::Map(item)) => {
                let at = self.span(index);
                let val = self.expr(index)?;
                let want = Some(Ty::Str);
                let key = self.scalar(val, at, want, "a string as key")?;
                if self.ty(key) != Ty::Str {
                    self.wrong_scalar(key, at, "a string as key");
                    return None;
                }
                let known = self.known(key).cloned();
                let index = known.map_or(Index::Expr(key), Index::Const);
                Some(self.place_value(path.item(index), *item, span))
            }
            other => {
                let at = self.span(base);
                self.wrong_type(&other, at, "an array or a map");
                None
            }
        }
    }

    /// The number of a regular expression used as operand.
    pub(super) fn regex(&mut self, lit: &RegexLit) -> Option<RegexId> {
        let (parsed, diagnostics) =
            regex::parse(self.text, lit, self.file, Mode::Operand);
        for new in diagnostics {
            self.report(new);
        }
        let hir = parsed?.hir;
        if !fits(&hir) {
            let message = "the regular expression needs too large a program";
            let new = self
                .diag(Code::RegexTooLarge, lit.body, message)
                .label("its repetitions multiply")
                .help("use smaller bounds, or an unbounded repetition");
            self.report(new);
            return None;
        }
        let source = lit.body.of(self.text).to_vec();
        let key = (source, lit.case_insensitive, lit.dot_all);
        if let Some(id) = self.world.known_regex(&key) {
            return Some(id);
        }
        Some(self.world.add_regex(Regex {
            hir,
            source: key.0,
            case_insensitive: key.1,
            dot_all: key.2,
        }))
    }
}
