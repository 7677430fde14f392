//! What a check looks at, and how it says what it found.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};

use dragnet_compiler::diag::{Applicability, Code, Edit, Fix, Label};
use dragnet_compiler::ir;
use dragnet_compiler::source::{FileId, SourceMap, Span};
use dragnet_compiler::syntax::ast::{
    Expr, ExprId, ExprKind, File, ModifierKind, Pattern, Rule, Set, SetItem,
    UnaryOp,
};

use super::samples::Samples;
use super::settings::Settings;
use super::table::{Level, Lint};
use crate::logic_hash::{LogicHash, has_prefix};

/// What a lint found.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Which lint.
    pub lint: &'static Lint,
    /// How bad it is.
    pub level: Level,
    /// What the compiler calls it.
    pub code: Option<Code>,
    /// The file.
    pub file: FileId,
    /// The place.
    pub span: Span,
    /// One sentence without a full stop.
    pub message: String,
    /// A remark at the place; may be empty.
    pub label: String,
    /// Further places.
    pub labels: Vec<Label>,
    /// Facts.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Option<String>,
    /// How a machine can do it.
    pub fixes: Vec<Fix>,
    /// The rule that it is about.
    pub rule: Option<String>,
    /// Who it is, whatever line it stands on.
    pub fingerprint: String,
    /// Why it is not counted.
    pub state: State,
}

/// Whether a finding counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It does.
    Active,
    /// A comment suppresses it.
    Suppressed,
    /// The baseline has it.
    Known,
}

impl Finding {
    pub(super) fn new(
        id: &'static str,
        file: FileId,
        span: Span,
        message: impl Into<String>,
    ) -> Finding {
        let lint = Lint::find(id).unwrap_or(&super::LINTS[0]);
        debug_assert_eq!(lint.id, id);
        Finding {
            lint,
            level: lint.level,
            code: None,
            file,
            span,
            message: message.into(),
            label: String::new(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: None,
            fixes: Vec::new(),
            rule: None,
            fingerprint: String::new(),
            state: State::Active,
        }
    }

    pub(super) fn label(&mut self, text: impl Into<String>) -> &mut Self {
        self.label = text.into();
        self
    }

    pub(super) fn help(&mut self, text: impl Into<String>) -> &mut Self {
        self.help = Some(text.into());
        self
    }

    pub(super) fn also(
        &mut self,
        file: FileId,
        span: Span,
        text: impl Into<String>,
    ) -> &mut Self {
        self.labels.push(Label { file, span, text: text.into() });
        self
    }

    pub(super) fn level(&mut self, level: Level) -> &mut Self {
        self.level = level;
        self
    }

    pub(super) fn fix(
        &mut self,
        title: impl Into<String>,
        safe: bool,
        edits: Vec<(Span, String)>,
    ) -> &mut Self {
        let edits = edits.into_iter().map(|(span, text)| Edit { span, text });
        self.fixes.push(Fix {
            title: title.into(),
            edits: edits.collect(),
            applicability: match safe {
                true => Applicability::Safe,
                false => Applicability::Unsafe,
            },
        });
        self
    }
}

/// Checks of one rule look at so many expressions in all.
const FUEL: usize = 5_000_000;

/// How a condition uses a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Hit,
    At(ExprId),
    In,
    /// Its matches are counted, or their places taken.
    Number,
    /// As a member of a set.
    Set(ExprId),
}

/// A use of a pattern in the condition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) pattern: usize,
    pub(super) how: How,
    pub(super) expr: ExprId,
    /// Below `not` or `none of`.
    pub(super) negated: bool,
}

/// An expression of the condition.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    pub(super) id: ExprId,
    /// Inside of so many loops.
    pub(super) loops: u32,
    pub(super) negated: bool,
}

/// Modifiers of a pattern.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Mods {
    pub(super) ascii: Option<Span>,
    pub(super) wide: Option<Span>,
    pub(super) nocase: Option<Span>,
    pub(super) fullword: Option<Span>,
    pub(super) xor: bool,
    pub(super) base64: bool,
}

impl Mods {
    pub(super) fn of(pattern: &Pattern) -> Mods {
        let mut mods = Mods::default();
        for modifier in &pattern.modifiers {
            let span = Some(modifier.span);
            match modifier.kind {
                ModifierKind::Ascii => mods.ascii = span,
                ModifierKind::Wide => mods.wide = span,
                ModifierKind::Nocase => mods.nocase = span,
                ModifierKind::Fullword => mods.fullword = span,
                ModifierKind::Private => {}
                ModifierKind::Xor(_) => mods.xor = true,
                ModifierKind::Base64(_) | ModifierKind::Base64Wide(_) => {
                    mods.base64 = true;
                }
            }
        }
        mods
    }
}

/// What is known about all files before the rules are looked at.
pub(super) struct Whole<'a> {
    pub(super) sources: &'a SourceMap,
    pub(super) settings: &'a Settings,
    /// The samples that rules name.
    pub(super) samples: Option<&'a dyn Samples>,
    /// Rules in all, and how many import each module.
    pub(super) rules: usize,
    pub(super) modules: HashMap<String, usize>,
}

/// A rule, and what was found in it.
pub(super) struct RuleCx<'a> {
    pub(super) whole: &'a Whole<'a>,
    pub(super) file: FileId,
    pub(super) text: &'a [u8],
    pub(super) ast: &'a File,
    pub(super) rule: &'a Rule,
    /// Its typed form, if it compiles.
    pub(super) ir: Option<&'a ir::Rule>,
    pub(super) hash: Option<LogicHash>,
    pub(super) exprs: Vec<Seen>,
    /// Sorted by pattern.
    pub(super) uses: Vec<Use>,
    /// Expressions that may still be looked at from above.
    fuel: Cell<usize>,
    pub(super) out: Vec<Finding>,
}

impl<'a> RuleCx<'a> {
    pub(super) fn new(
        whole: &'a Whole<'a>,
        file: FileId,
        ast: &'a File,
        rule: &'a Rule,
        ir: Option<&'a ir::Rule>,
    ) -> RuleCx<'a> {
        let text = &whole.sources.get(file).text;
        let mut cx = RuleCx {
            whole,
            file,
            text,
            ast,
            rule,
            ir,
            hash: LogicHash::of_rule(ast, text, rule),
            exprs: Vec::new(),
            uses: Vec::new(),
            fuel: Cell::new(FUEL),
            out: Vec::new(),
        };
        cx.walk();
        cx.uses.sort_by_key(|used| (used.pattern, used.expr));
        cx
    }

    pub(super) fn settings(&self) -> &'a Settings {
        self.whole.settings
    }

    pub(super) fn samples(&self) -> Option<&'a dyn Samples> {
        self.whole.samples
    }

    pub(super) fn say(
        &mut self,
        id: &'static str,
        span: Span,
        message: impl Into<String>,
    ) -> &mut Finding {
        let at = self.out.len();
        let mut new = Finding::new(id, self.file, span, message);
        new.rule = Some(self.rule.name.text.clone());
        self.out.push(new);
        &mut self.out[at]
    }

    pub(super) fn expr(&self, id: ExprId) -> &'a Expr {
        self.ast.expr(id)
    }

    /// The expression inside of parentheses.
    pub(super) fn bare(&self, mut id: ExprId) -> &'a Expr {
        while let ExprKind::Paren(inner) = &self.expr(id).kind {
            id = *inner;
        }
        self.expr(id)
    }

    pub(super) fn int(&self, id: ExprId) -> Option<u64> {
        match &self.bare(id).kind {
            ExprKind::Int(value) => Some(*value),
            _ => None,
        }
    }

    pub(super) fn source(&self, span: Span) -> String {
        String::from_utf8_lossy(span.of(self.text)).into_owned()
    }

    /// `module.a.b` of a chain of fields, indexes left out.
    pub(super) fn path(&self, id: ExprId) -> Option<Vec<&'a str>> {
        crate::member::path(self.ast, id)
    }

    /// All expressions below one, itself included.
    pub(super) fn below(&self, root: ExprId) -> Vec<ExprId> {
        let mut all = Vec::new();
        let mut open = vec![root];
        while let Some(id) = open.pop() {
            // Nested conditions would be walked once for each level.
            let Some(left) = self.fuel.get().checked_sub(1) else { break };
            self.fuel.set(left);
            all.push(id);
            self.expr(id).kind.for_each_child(|child| open.push(child));
        }
        all
    }

    /// The patterns of a set.
    pub(super) fn members(&self, set: &Set) -> Vec<usize> {
        let all = self.rule.patterns.iter().enumerate();
        let Set::Items(items, _) = set else {
            return all.map(|(at, _)| at).collect();
        };
        let mut exact: HashSet<&str> = HashSet::new();
        let mut prefixes: HashSet<&str> = HashSet::new();
        for item in items {
            match item {
                SetItem::PatternWildcard(name) => {
                    prefixes.insert(&name.text);
                }
                SetItem::Expr(id) => {
                    if let ExprKind::Pattern(name) = &self.expr(*id).kind
                        && !name.text.is_empty()
                    {
                        exact.insert(&name.text);
                    }
                }
                SetItem::RuleWildcard(_) => {}
            }
        }
        let wanted =
            |name: &str| exact.contains(name) || has_prefix(&prefixes, name);
        all.filter(|(_, p)| wanted(&p.name.text)).map(|(at, _)| at).collect()
    }

    /// Is the lint looked for in this file?
    pub(super) fn is_on(&self, id: &str) -> bool {
        let file = &self.whole.sources.get(self.file).name;
        Lint::find(id).is_some_and(|lint| {
            self.settings().level(lint, lint.level, file) != Level::Off
        })
    }

    /// The uses of a pattern.
    pub(super) fn uses_of(&self, pattern: usize) -> &[Use] {
        let start = self.uses.partition_point(|u| u.pattern < pattern);
        let end = self.uses.partition_point(|u| u.pattern <= pattern);
        &self.uses[start..end]
    }

    /// Is the set made of patterns only?
    pub(super) fn is_pattern_set(&self, set: &Set) -> bool {
        let Set::Items(items, _) = set else { return true };
        items.iter().all(|item| match item {
            SetItem::PatternWildcard(_) => true,
            SetItem::RuleWildcard(_) => false,
            SetItem::Expr(id) => {
                matches!(self.expr(*id).kind, ExprKind::Pattern(_))
            }
        })
    }

    fn walk(&mut self) {
        let names: HashMap<&str, usize> = (self.rule.patterns.iter())
            .enumerate()
            .map(|(at, pattern)| (pattern.name.text.as_str(), at))
            .collect();
        let mut open =
            vec![Seen { id: self.rule.condition, loops: 0, negated: false }];
        while let Some(seen) = open.pop() {
            self.exprs.push(seen);
            let kind = &self.ast.expr(seen.id).kind;
            let mut negated = seen.negated;
            let mut loops = seen.loops;
            let mut add = |name: &str, how| {
                if let Some(pattern) = names.get(name) {
                    self.uses.push(Use {
                        pattern: *pattern,
                        how,
                        expr: seen.id,
                        negated: seen.negated,
                    });
                }
            };
            match kind {
                ExprKind::Pattern(name) => add(&name.text, How::Hit),
                ExprKind::PatternAt(name, at) => {
                    add(&name.text, How::At(*at));
                }
                ExprKind::PatternIn(name, _) => add(&name.text, How::In),
                ExprKind::Count(name, _)
                | ExprKind::Offset(name, _)
                | ExprKind::Length(name, _) => add(&name.text, How::Number),
                ExprKind::Unary(UnaryOp::Not, _) => negated = !negated,
                ExprKind::Of(quantifier, set, _)
                | ExprKind::ForOf(quantifier, set, _) => {
                    use dragnet_compiler::syntax::ast::QuantifierKind as Q;
                    let none = match quantifier.kind {
                        Q::None => true,
                        Q::Count(id) => self.int(id) == Some(0),
                        _ => false,
                    };
                    for pattern in self.members(set) {
                        self.uses.push(Use {
                            pattern,
                            how: How::Set(seen.id),
                            expr: seen.id,
                            negated: seen.negated != none,
                        });
                    }
                    loops += u32::from(matches!(kind, ExprKind::ForOf(..)));
                }
                ExprKind::ForIn(..) => loops += 1,
                _ => {}
            }
            let in_set = self.set_items(kind);
            kind.for_each_child(|id| {
                if !in_set.contains(&id) {
                    open.push(Seen { id, loops, negated });
                }
            });
        }
    }

    /// Patterns named in a set: uses that are counted with it.
    fn set_items(&self, kind: &ExprKind) -> HashSet<ExprId> {
        let (ExprKind::Of(_, set, _) | ExprKind::ForOf(_, set, _)) = kind
        else {
            return HashSet::new();
        };
        let Set::Items(items, _) = set else { return HashSet::new() };
        let items = items.iter().filter_map(|item| match item {
            SetItem::Expr(id) => Some(*id),
            _ => None,
        });
        items
            .filter(|id| matches!(self.expr(*id).kind, ExprKind::Pattern(_)))
            .collect()
    }
}
