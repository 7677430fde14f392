//! Prints a syntax tree back as rule text that parses to the same tree.
//!
//! Literals are escaped anew; regular expressions and hex patterns are
//! copied from the source, comments are left out. Parentheses are nodes of
//! the tree, so none are added.

use super::ast::{
    Anchor, BinaryOp, ExprId, ExprKind, File, Item, Iterable, MetaValue,
    ModifierKind, PatternValue, Quantifier, QuantifierKind, Range, RegexLit,
    Rule, Set, SetItem, UnaryOp,
};

/// Prints `file`, which was parsed from `source`. What did not parse is left
/// out.
pub fn print(file: &File, source: &[u8]) -> Vec<u8> {
    let mut printer = Printer { file, source, out: Vec::new() };
    for item in &file.items {
        match item {
            Item::Import { module, .. } => {
                printer.put("import ");
                printer.text(module);
                printer.put("\n");
            }
            Item::Include { path, .. } => {
                printer.put("include ");
                printer.text(path);
                printer.put("\n");
            }
            Item::Rule(rule) => printer.rule(rule),
            Item::Error { .. } => {}
        }
    }
    printer.out
}

struct Printer<'a> {
    file: &'a File,
    source: &'a [u8],
    out: Vec<u8>,
}

/// What is still to be printed of an expression: the tree may be deep, so it
/// is walked with an explicit stack.
enum Todo<'a> {
    Expr(ExprId),
    Word(&'static str),
    Name(&'a str),
    Set(&'a Set),
}

impl<'a> Printer<'a> {
    fn put(&mut self, text: &str) {
        self.out.extend(text.as_bytes());
    }

    fn text(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        for byte in bytes {
            match byte {
                b'"' | b'\\' => self.out.extend([b'\\', *byte]),
                b'\n' => self.put("\\n"),
                b'\r' => self.put("\\r"),
                b'\t' => self.put("\\t"),
                // Bytes of UTF-8 stay as they are, to stay readable.
                b' '..=b'~' | 0x80.. => self.out.push(*byte),
                _ => self.put(&format!("\\x{byte:02x}")),
            }
        }
        self.out.push(b'"');
    }

    fn rule(&mut self, rule: &'a Rule) {
        for _ in &rule.private {
            self.put("private ");
        }
        for _ in &rule.global {
            self.put("global ");
        }
        self.put(&format!("rule {}", rule.name.text));
        for (at, tag) in rule.tags.iter().enumerate() {
            self.put(if at == 0 { " : " } else { " " });
            self.put(&tag.text);
        }
        self.put(" {\n");
        if !rule.meta.is_empty() {
            self.put("  meta:\n");
        }
        for meta in &rule.meta {
            self.put(&format!("    {} = ", meta.key.text));
            match &meta.value {
                MetaValue::Text(text) => self.text(text),
                MetaValue::Int(value) => self.put(&value.to_string()),
                MetaValue::UInt(value) => self.put(&value.to_string()),
                MetaValue::Float(value) => self.float(*value),
                MetaValue::Bool(value) => self.put(&value.to_string()),
            }
            self.put("\n");
        }
        if !rule.patterns.is_empty() {
            self.put("  strings:\n");
        }
        for pattern in &rule.patterns {
            self.put(&format!("    ${} = ", pattern.name.text));
            match &pattern.value {
                PatternValue::Text(text) => self.text(text),
                PatternValue::Regex(regex) => self.regex(regex),
                PatternValue::Hex(body) => {
                    self.put("{");
                    self.out.extend(body.of(self.source));
                    self.put("}");
                }
                PatternValue::Error => {}
            }
            for modifier in &pattern.modifiers {
                self.put(" ");
                self.modifier(&modifier.kind);
            }
            self.put("\n");
        }
        self.put("  condition:\n    ");
        self.expr(rule.condition);
        self.put("\n}\n");
    }

    fn float(&mut self, value: f64) {
        let text = value.to_string();
        self.put(&text);
        if !text.contains('.') {
            self.put(".0");
        }
    }

    fn regex(&mut self, regex: &RegexLit) {
        self.put("/");
        self.out.extend(regex.body.of(self.source));
        self.put("/");
        if regex.case_insensitive {
            self.put("i");
        }
        if regex.dot_all {
            self.put("s");
        }
    }

    fn modifier(&mut self, kind: &ModifierKind) {
        let (name, alphabet) = match kind {
            ModifierKind::Ascii => ("ascii", None),
            ModifierKind::Wide => ("wide", None),
            ModifierKind::Nocase => ("nocase", None),
            ModifierKind::Fullword => ("fullword", None),
            ModifierKind::Private => ("private", None),
            ModifierKind::Xor(None) => ("xor", None),
            ModifierKind::Xor(Some((lo, hi))) => {
                self.put(&format!("xor({lo}-{hi})"));
                return;
            }
            ModifierKind::Base64(alphabet) => ("base64", alphabet.as_ref()),
            ModifierKind::Base64Wide(alphabet) => {
                ("base64wide", alphabet.as_ref())
            }
        };
        self.put(name);
        if let Some(alphabet) = alphabet {
            self.put("(");
            self.text(alphabet);
            self.put(")");
        }
    }

    fn expr(&mut self, root: ExprId) {
        let mut todo = vec![Todo::Expr(root)];
        while let Some(next) = todo.pop() {
            let at = todo.len();
            match next {
                Todo::Word(word) => self.put(word),
                Todo::Name(name) => self.put(name),
                Todo::Set(set) => push_set(set, &mut todo),
                Todo::Expr(id) => {
                    let file = self.file;
                    self.kind(&file.expr(id).kind, &mut todo);
                }
            }
            // Pushed in the order of the text, popped from the end.
            todo[at..].reverse();
        }
    }

    /// Prints what stands first; leaves the rest in `todo`.
    fn kind(&mut self, kind: &'a ExprKind, todo: &mut Vec<Todo<'a>>) {
        match kind {
            ExprKind::Bool(value) => self.put(&value.to_string()),
            ExprKind::Int(value) => self.put(&value.to_string()),
            ExprKind::Float(value) => self.float(*value),
            ExprKind::Text(text) => self.text(text),
            ExprKind::Regex(regex) => self.regex(regex),
            ExprKind::Filesize => self.put("filesize"),
            ExprKind::Entrypoint => self.put("entrypoint"),
            ExprKind::Error => self.put("false"),
            ExprKind::Name(name) => self.put(name),
            ExprKind::Pattern(name) => self.put(&format!("${}", name.text)),
            ExprKind::PatternAt(name, offset) => {
                self.put(&format!("${} at ", name.text));
                todo.push(Todo::Expr(*offset));
            }
            ExprKind::PatternIn(name, range) => {
                self.put(&format!("${} in ", name.text));
                push_range(range, todo);
            }
            ExprKind::Count(name, range) => {
                self.put(&format!("#{}", name.text));
                if let Some(range) = range {
                    todo.push(Todo::Word(" in "));
                    push_range(range, todo);
                }
            }
            ExprKind::Offset(name, index) => {
                self.put(&format!("@{}", name.text));
                push_index(*index, todo);
            }
            ExprKind::Length(name, index) => {
                self.put(&format!("!{}", name.text));
                push_index(*index, todo);
            }
            ExprKind::Field(base, name) => {
                todo.push(Todo::Expr(*base));
                todo.push(Todo::Word("."));
                todo.push(Todo::Name(&name.text));
            }
            ExprKind::Index(base, index) => {
                todo.push(Todo::Expr(*base));
                push_index(Some(*index), todo);
            }
            ExprKind::Call(callee, arguments) => {
                todo.push(Todo::Expr(*callee));
                push_list(arguments, todo);
            }
            ExprKind::Unary(op, operand) => {
                self.put(match op {
                    UnaryOp::Not => "not ",
                    UnaryOp::Defined => "defined ",
                    UnaryOp::Neg => "-",
                    UnaryOp::BitNot => "~",
                });
                todo.push(Todo::Expr(*operand));
            }
            ExprKind::Binary(op, left, right, _) => {
                todo.push(Todo::Expr(*left));
                todo.push(Todo::Word(operator(*op)));
                todo.push(Todo::Expr(*right));
            }
            ExprKind::And(parts) => push_joined(parts, " and ", todo),
            ExprKind::Or(parts) => push_joined(parts, " or ", todo),
            ExprKind::Of(quantifier, set, anchor) => {
                push_quantifier(quantifier, todo);
                todo.push(Todo::Word(" of "));
                todo.push(Todo::Set(set));
                match anchor {
                    Some(Anchor::At(offset)) => {
                        todo.push(Todo::Word(" at "));
                        todo.push(Todo::Expr(*offset));
                    }
                    Some(Anchor::In(range)) => {
                        todo.push(Todo::Word(" in "));
                        push_range(range, todo);
                    }
                    None => {}
                }
            }
            ExprKind::ForOf(quantifier, set, body) => {
                self.put("for ");
                push_quantifier(quantifier, todo);
                todo.push(Todo::Word(" of "));
                todo.push(Todo::Set(set));
                push_body(*body, todo);
            }
            ExprKind::ForIn(quantifier, names, iterable, body) => {
                self.put("for ");
                push_quantifier(quantifier, todo);
                for (at, name) in names.iter().enumerate() {
                    todo.push(Todo::Word(if at == 0 { " " } else { ", " }));
                    todo.push(Todo::Name(&name.text));
                }
                todo.push(Todo::Word(" in "));
                match iterable {
                    Iterable::Range(range) => push_range(range, todo),
                    Iterable::List(items, _) => push_list(items, todo),
                    Iterable::Expr(expr) => todo.push(Todo::Expr(*expr)),
                }
                push_body(*body, todo);
            }
            ExprKind::With(declarations, body) => {
                self.put("with ");
                for (at, (name, value)) in declarations.iter().enumerate() {
                    todo.push(Todo::Word(if at == 0 { "" } else { ", " }));
                    todo.push(Todo::Name(&name.text));
                    todo.push(Todo::Word(" = "));
                    todo.push(Todo::Expr(*value));
                }
                push_body(*body, todo);
            }
            ExprKind::Paren(inner) => {
                self.put("(");
                todo.push(Todo::Expr(*inner));
                todo.push(Todo::Word(")"));
            }
        }
    }
}

fn push_index(index: Option<ExprId>, todo: &mut Vec<Todo<'_>>) {
    if let Some(index) = index {
        todo.push(Todo::Word("["));
        todo.push(Todo::Expr(index));
        todo.push(Todo::Word("]"));
    }
}

fn push_joined(
    parts: &[ExprId],
    word: &'static str,
    todo: &mut Vec<Todo<'_>>,
) {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            todo.push(Todo::Word(word));
        }
        todo.push(Todo::Expr(*part));
    }
}

fn push_list(items: &[ExprId], todo: &mut Vec<Todo<'_>>) {
    todo.push(Todo::Word("("));
    push_joined(items, ", ", todo);
    todo.push(Todo::Word(")"));
}

fn push_range(range: &Range, todo: &mut Vec<Todo<'_>>) {
    todo.push(Todo::Word("("));
    todo.push(Todo::Expr(range.lo));
    todo.push(Todo::Word(".."));
    todo.push(Todo::Expr(range.hi));
    todo.push(Todo::Word(")"));
}

fn push_body(body: ExprId, todo: &mut Vec<Todo<'_>>) {
    todo.push(Todo::Word(" : ("));
    todo.push(Todo::Expr(body));
    todo.push(Todo::Word(")"));
}

fn push_quantifier(quantifier: &Quantifier, todo: &mut Vec<Todo<'_>>) {
    match quantifier.kind {
        QuantifierKind::All => todo.push(Todo::Word("all")),
        QuantifierKind::Any => todo.push(Todo::Word("any")),
        QuantifierKind::None => todo.push(Todo::Word("none")),
        QuantifierKind::Count(number) => todo.push(Todo::Expr(number)),
        QuantifierKind::Percent(number) => {
            todo.push(Todo::Expr(number));
            todo.push(Todo::Word("%"));
        }
    }
}

fn push_set<'a>(set: &'a Set, todo: &mut Vec<Todo<'a>>) {
    let items = match set {
        Set::Them(_) => return todo.push(Todo::Word("them")),
        Set::Items(items, _) => items,
    };
    todo.push(Todo::Word("("));
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            todo.push(Todo::Word(", "));
        }
        match item {
            SetItem::PatternWildcard(name) => {
                todo.push(Todo::Word("$"));
                todo.push(Todo::Name(&name.text));
                todo.push(Todo::Word("*"));
            }
            SetItem::RuleWildcard(name) => {
                todo.push(Todo::Name(&name.text));
                todo.push(Todo::Word("*"));
            }
            SetItem::Expr(expr) => todo.push(Todo::Expr(*expr)),
        }
    }
    todo.push(Todo::Word(")"));
}

fn operator(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => " + ",
        BinaryOp::Sub => " - ",
        BinaryOp::Mul => " * ",
        BinaryOp::Div => " \\ ",
        BinaryOp::Rem => " % ",
        BinaryOp::Shl => " << ",
        BinaryOp::Shr => " >> ",
        BinaryOp::BitAnd => " & ",
        BinaryOp::BitXor => " ^ ",
        BinaryOp::BitOr => " | ",
        BinaryOp::Eq => " == ",
        BinaryOp::Ne => " != ",
        BinaryOp::Lt => " < ",
        BinaryOp::Le => " <= ",
        BinaryOp::Gt => " > ",
        BinaryOp::Ge => " >= ",
        BinaryOp::Contains => " contains ",
        BinaryOp::IContains => " icontains ",
        BinaryOp::StartsWith => " startswith ",
        BinaryOp::IStartsWith => " istartswith ",
        BinaryOp::EndsWith => " endswith ",
        BinaryOp::IEndsWith => " iendswith ",
        BinaryOp::IEquals => " iequals ",
        BinaryOp::Matches => " matches ",
    }
}
