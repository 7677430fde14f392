//! What the condition adds to the hash.

use std::collections::{HashMap, HashSet};

use dragnet_compiler::syntax::ast::{
    Anchor, BinaryOp, ExprId, ExprKind, File, Iterable, PatternUse,
    Quantifier, QuantifierKind, Range, RegexLit, Rule, Set, SetItem, UnaryOp,
};

use super::pattern::sized;
use crate::member;

/// What is still to be written: conditions may be deep, so the tree is
/// walked with a stack of its own.
enum Todo<'a> {
    /// A value.
    Value(ExprId),
    /// Something of which only the truth counts.
    Truth(ExprId),
    Bind(&'a str),
    Unbind(usize),
    Byte(u8),
}

struct Writer<'a> {
    file: &'a File,
    text: &'a [u8],
    rule: &'a Rule,
    patterns: &'a [[u8; 32]],
    /// Where the patterns of a name are.
    named: HashMap<&'a str, Vec<usize>>,
    /// Variables, innermost last.
    scope: Vec<&'a str>,
    todo: Vec<Todo<'a>>,
    out: Vec<u8>,
}

/// The condition as bytes that do not depend on names and layout.
pub(super) fn bytes(
    file: &File,
    text: &[u8],
    rule: &Rule,
    patterns: &[[u8; 32]],
) -> Vec<u8> {
    let mut named: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, pattern) in rule.patterns.iter().enumerate() {
        named.entry(&pattern.name.text).or_default().push(at);
    }
    let mut writer = Writer {
        file,
        text,
        rule,
        patterns,
        named,
        scope: Vec::new(),
        todo: vec![Todo::Truth(rule.condition)],
        out: Vec::new(),
    };
    while let Some(next) = writer.todo.pop() {
        let at = writer.todo.len();
        match next {
            Todo::Byte(byte) => writer.out.push(byte),
            Todo::Bind(name) => writer.scope.push(name),
            Todo::Unbind(count) => {
                let left = writer.scope.len().saturating_sub(count);
                writer.scope.truncate(left);
            }
            Todo::Value(id) => {
                let id = writer.bare(id);
                writer.kind(id);
            }
            Todo::Truth(id) => writer.truth(id),
        }
        // Pushed in order, popped from the end.
        writer.todo[at..].reverse();
    }
    writer.out
}

impl<'a> Writer<'a> {
    /// The expression inside of parentheses.
    fn bare(&self, mut id: ExprId) -> ExprId {
        while let ExprKind::Paren(inner) = &self.file.expr(id).kind {
            id = *inner;
        }
        id
    }

    fn of(&self, id: ExprId) -> &'a ExprKind {
        &self.file.expr(self.bare(id)).kind
    }

    fn int(&self, id: ExprId) -> Option<u64> {
        match self.of(id) {
            ExprKind::Int(value) => Some(*value),
            _ => None,
        }
    }

    /// `a != 0` is as true as `a`, and `a == 0` as `not a`; the same with
    /// what is compared with true and false.
    fn truth(&mut self, id: ExprId) {
        let id = self.bare(id);
        if let ExprKind::Binary(op, a, b, _) = &self.file.expr(id).kind
            && let Some((value, same)) =
                self.test(*op, *a, *b).or_else(|| self.test(*op, *b, *a))
        {
            if !same {
                self.out.push(b'!');
            }
            self.todo.push(Todo::Truth(value));
            return;
        }
        self.kind(id);
    }

    fn test(
        &self,
        op: BinaryOp,
        value: ExprId,
        constant: ExprId,
    ) -> Option<(ExprId, bool)> {
        let equal = match op {
            BinaryOp::Eq => true,
            BinaryOp::Ne => false,
            _ => return None,
        };
        let constant = match self.of(constant) {
            ExprKind::Int(0) => false,
            ExprKind::Text(text) if text.is_empty() => false,
            ExprKind::Int(1) if self.is_truth(value) => true,
            ExprKind::Bool(truth) => *truth,
            _ => return None,
        };
        Some((value, constant == equal))
    }

    /// Is the value true or false, whatever names mean?
    fn is_truth(&self, id: ExprId) -> bool {
        match self.of(id) {
            ExprKind::Bool(_)
            | ExprKind::Pattern(_)
            | ExprKind::PatternAt(..)
            | ExprKind::PatternIn(..)
            | ExprKind::Unary(UnaryOp::Not | UnaryOp::Defined, _)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Of(..)
            | ExprKind::ForOf(..)
            | ExprKind::ForIn(..)
            | ExprKind::With(..) => true,
            ExprKind::Binary(op, ..) => is_comparison(*op),
            ExprKind::Call(id, _) => self.is_member(*id),
            _ => self.is_member(self.bare(id)),
        }
    }

    fn is_member(&self, id: ExprId) -> bool {
        member::path(self.file, id).is_some_and(|path| {
            let bound = path.first().is_some_and(|n| self.scope.contains(n));
            !bound && member::is_truth(&path)
        })
    }

    /// Operands of `and` or `or`, those of the same in parentheses included.
    fn operands(&self, parts: &[ExprId], and: bool) -> Vec<ExprId> {
        let mut flat = Vec::new();
        let mut open: Vec<ExprId> = parts.iter().rev().copied().collect();
        while let Some(id) = open.pop() {
            match self.of(id) {
                ExprKind::And(inner) if and => {
                    open.extend(inner.iter().rev());
                }
                ExprKind::Or(inner) if !and => {
                    open.extend(inner.iter().rev());
                }
                _ => flat.push(id),
            }
        }
        flat
    }

    fn kind(&mut self, id: ExprId) {
        match &self.file.expr(id).kind {
            ExprKind::Bool(value) => self.tagged(b'B', &[u8::from(*value)]),
            ExprKind::Int(value) => self.tagged(b'I', &value.to_le_bytes()),
            ExprKind::Float(value) => {
                self.tagged(b'F', &value.to_bits().to_le_bytes());
            }
            ExprKind::Text(value) => self.sized(b'T', value),
            ExprKind::Regex(regex) => self.regex(regex),
            ExprKind::Filesize => self.out.push(b'z'),
            ExprKind::Entrypoint => self.out.push(b'E'),
            ExprKind::Name(name) => self.name(name),
            ExprKind::Pattern(name) => self.pattern(b'p', name),
            ExprKind::PatternAt(name, at) => {
                self.pattern(b'a', name);
                self.todo.push(Todo::Value(*at));
            }
            ExprKind::PatternIn(name, range) => {
                self.pattern(b'i', name);
                self.range(range);
            }
            ExprKind::Count(name, range) => {
                self.pattern(b'#', name);
                self.option(range.is_some());
                range.iter().for_each(|range| self.range(range));
            }
            ExprKind::Offset(name, index) => self.indexed(b'@', name, *index),
            ExprKind::Length(name, index) => self.indexed(b'L', name, *index),
            ExprKind::Field(base, name) => {
                self.sized(b'.', name.text.as_bytes());
                self.todo.push(Todo::Value(*base));
            }
            ExprKind::Index(base, index) => {
                self.out.push(b'[');
                self.todo.push(Todo::Value(*base));
                self.todo.push(Todo::Value(*index));
            }
            ExprKind::Call(callee, arguments) => {
                self.counted(b'(', arguments.len());
                self.todo.push(Todo::Value(*callee));
                self.todo.extend(arguments.iter().map(|a| Todo::Value(*a)));
            }
            ExprKind::Unary(UnaryOp::Not, operand) => {
                self.out.push(b'!');
                self.todo.push(Todo::Truth(*operand));
            }
            ExprKind::Unary(op, operand) => {
                self.tagged(b'u', &[*op as u8]);
                self.todo.push(Todo::Value(*operand));
            }
            ExprKind::Binary(op, a, b, _) => {
                self.tagged(b'o', &[*op as u8]);
                self.todo.push(Todo::Value(*a));
                self.todo.push(Todo::Value(*b));
            }
            ExprKind::And(parts) => self.junction(b'&', parts, true),
            ExprKind::Or(parts) => self.junction(b'|', parts, false),
            ExprKind::Of(quantifier, set, anchor) => {
                self.out.push(b'O');
                self.set(quantifier, set);
                match anchor {
                    None => self.todo.push(Todo::Byte(0)),
                    Some(Anchor::At(at)) => {
                        self.todo.push(Todo::Byte(1));
                        self.todo.push(Todo::Value(*at));
                    }
                    Some(Anchor::In(range)) => {
                        self.todo.push(Todo::Byte(2));
                        self.range(range);
                    }
                }
            }
            ExprKind::ForOf(quantifier, set, body) => {
                self.out.push(b'f');
                self.set(quantifier, set);
                self.todo.push(Todo::Truth(*body));
            }
            ExprKind::ForIn(quantifier, names, iterable, body) => {
                self.counted(b'l', names.len());
                self.quantifier(quantifier, None);
                self.iterable(iterable);
                let names_of = names.iter().map(|n| Todo::Bind(&n.text));
                self.todo.extend(names_of);
                self.todo.push(Todo::Truth(*body));
                self.todo.push(Todo::Unbind(names.len()));
            }
            ExprKind::With(declarations, body) => {
                self.counted(b'W', declarations.len());
                for (name, value) in declarations {
                    self.todo.push(Todo::Value(*value));
                    self.todo.push(Todo::Bind(&name.text));
                }
                self.todo.push(Todo::Truth(*body));
                self.todo.push(Todo::Unbind(declarations.len()));
            }
            ExprKind::Paren(inner) => self.todo.push(Todo::Value(*inner)),
            ExprKind::Error => self.out.push(b'?'),
        }
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.out.push(tag);
        self.out.extend(bytes);
    }

    fn sized(&mut self, tag: u8, bytes: &[u8]) {
        self.out.push(tag);
        sized(bytes, &mut self.out);
    }

    fn counted(&mut self, tag: u8, count: usize) {
        self.tagged(tag, &(count as u64).to_le_bytes());
    }

    fn option(&mut self, is_some: bool) {
        self.out.push(u8::from(is_some));
    }

    fn regex(&mut self, regex: &RegexLit) {
        let flags = [regex.case_insensitive, regex.dot_all].map(u8::from);
        self.tagged(b'R', &flags);
        sized(regex.body.of(self.text), &mut self.out);
    }

    fn name(&mut self, name: &str) {
        // Counted from outside: what a loop is called does not matter.
        match self.scope.iter().rposition(|bound| *bound == name) {
            Some(at) => self.counted(b'v', at),
            None if name == self.rule.name.text => self.out.push(b'S'),
            None => self.sized(b'n', name.as_bytes()),
        }
    }

    /// The digests of the patterns whose names pass, sorted.
    fn digests(&self, wanted: impl Fn(&str) -> bool) -> Vec<[u8; 32]> {
        let named = self.rule.patterns.iter().zip(self.patterns);
        let named = named.filter(|(pattern, _)| wanted(&pattern.name.text));
        let mut all: Vec<[u8; 32]> = named.map(|(_, d)| *d).collect();
        all.sort_unstable();
        all
    }

    fn pattern(&mut self, tag: u8, name: &PatternUse) {
        self.out.push(tag);
        if name.text.is_empty() {
            // The current one of a loop.
            self.out.push(0);
            return;
        }
        let named = self.named.get(name.text.as_str());
        let named = named.map_or(&[][..], Vec::as_slice);
        let mut found: Vec<[u8; 32]> =
            named.iter().map(|at| self.patterns[*at]).collect();
        found.sort_unstable();
        self.counted(1, found.len());
        found.iter().for_each(|digest| self.out.extend(digest));
    }

    fn indexed(&mut self, tag: u8, name: &PatternUse, index: Option<ExprId>) {
        self.pattern(tag, name);
        // `@a` is `@a[1]`.
        let index = index.filter(|index| self.int(*index) != Some(1));
        self.option(index.is_some());
        self.todo.extend(index.map(Todo::Value));
    }

    fn junction(&mut self, tag: u8, parts: &[ExprId], and: bool) {
        let operands = self.operands(parts, and);
        self.counted(tag, operands.len());
        self.todo.extend(operands.into_iter().map(Todo::Truth));
    }

    fn range(&mut self, range: &Range) {
        self.todo.push(Todo::Value(range.lo));
        self.todo.push(Todo::Value(range.hi));
    }

    fn iterable(&mut self, iterable: &Iterable) {
        match iterable {
            Iterable::Range(range) => {
                self.out.push(0);
                self.range(range);
            }
            Iterable::List(items, _) => {
                self.counted(1, items.len());
                self.todo.extend(items.iter().map(|id| Todo::Value(*id)));
            }
            Iterable::Expr(id) => {
                self.out.push(2);
                self.todo.push(Todo::Value(*id));
            }
        }
    }

    /// `items`: how many there are, if that is known.
    fn quantifier(&mut self, quantifier: &Quantifier, items: Option<usize>) {
        let (tag, value) = match quantifier.kind {
            QuantifierKind::All => (b'*', None),
            QuantifierKind::Any => (b'1', None),
            QuantifierKind::None => (b'0', None),
            QuantifierKind::Count(id) => match self.int(id) {
                Some(0) => (b'0', None),
                Some(1) => (b'1', None),
                Some(n) if Some(n as usize) == items => (b'*', None),
                _ => (b'n', Some(id)),
            },
            QuantifierKind::Percent(id) => match self.int(id) {
                Some(0) => (b'0', None),
                Some(100) => (b'*', None),
                _ => (b'%', Some(id)),
            },
        };
        self.out.push(tag);
        self.todo.extend(value.map(Todo::Value));
    }

    fn set(&mut self, quantifier: &Quantifier, set: &Set) {
        let items = match set {
            Set::Them(_) => &[],
            Set::Items(items, _) => items.as_slice(),
        };
        let mut exact: HashSet<&str> = HashSet::new();
        let mut prefixes: HashSet<&str> = HashSet::new();
        let mut others = Vec::new();
        for item in items {
            match item {
                SetItem::PatternWildcard(name) => {
                    prefixes.insert(&name.text);
                }
                SetItem::RuleWildcard(_) => others.push(item),
                SetItem::Expr(id) => match &self.file.expr(*id).kind {
                    ExprKind::Pattern(name) if !name.text.is_empty() => {
                        exact.insert(&name.text);
                    }
                    _ => others.push(item),
                },
            }
        }
        let them = matches!(set, Set::Them(_));
        let found = self.digests(|name| {
            them || exact.contains(name) || has_prefix(&prefixes, name)
        });
        let known = others.is_empty().then_some(found.len());
        self.counted(b's', found.len());
        found.iter().for_each(|digest| self.out.extend(digest));
        self.counted(b's', others.len());
        // The value of the quantifier, if it has one, comes before these.
        self.quantifier(quantifier, known);
        for item in others {
            match item {
                SetItem::RuleWildcard(name) => {
                    self.sized(b'w', name.text.as_bytes());
                }
                SetItem::Expr(id) => self.todo.push(Todo::Truth(*id)),
                SetItem::PatternWildcard(_) => {}
            }
        }
    }
}

/// Does the name begin with one of these?
pub(crate) fn has_prefix(prefixes: &HashSet<&str>, name: &str) -> bool {
    !prefixes.is_empty()
        && (0..=name.len()).any(|end| {
            name.get(..end).is_some_and(|start| prefixes.contains(start))
        })
}

fn is_comparison(op: BinaryOp) -> bool {
    use BinaryOp as Op;
    !matches!(
        op,
        Op::Add
            | Op::Sub
            | Op::Mul
            | Op::Div
            | Op::Rem
            | Op::Shl
            | Op::Shr
            | Op::BitAnd
            | Op::BitXor
            | Op::BitOr
    )
}
