//! A condition as a tree of lines, each with its value for one object.

use dragnet_compiler::ir::{ExprId, Kind, PatternId, PatternSel, Rule};

use super::change::Change;
use super::parts::{DEEPEST, below, parts, patterns};
use super::{Sample, Val, near, pattern_name};

/// Bytes of a match that are shown.
const SHOWN: usize = 32;

/// A line of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The part of the condition, or the string.
    pub label: String,
    /// `true`, `false`, `undefined`, or another value.
    pub value: String,
    /// What made it so.
    pub note: String,
    /// It is a part of the smallest change.
    pub decides: bool,
    /// What it is made of.
    pub children: Vec<Node>,
}

impl Node {
    /// The tree of a rule; `change` says what decides.
    pub fn of(
        sample: &mut Sample<'_, '_, '_, '_>,
        rule: u32,
        change: Option<&Change>,
    ) -> Node {
        let tree = &sample.facts().rules()[rule as usize];
        let mut growing = Growing { sample, rule, tree, change };
        match tree.condition.root {
            Some(root) => growing.node(root, 0),
            None => growing.line(String::new(), "false".to_owned()),
        }
    }

    /// All lines that decide.
    pub fn deciding(&self) -> Vec<&Node> {
        let mut found = Vec::new();
        let mut open = vec![self];
        while let Some(node) = open.pop() {
            if node.decides {
                found.push(node);
            }
            open.extend(&node.children);
        }
        found
    }
}

struct Growing<'g, 's, 'e, 'd, 'p> {
    sample: &'g mut Sample<'s, 'e, 'd, 'p>,
    rule: u32,
    tree: &'s Rule,
    change: Option<&'g Change>,
}

impl Growing<'_, '_, '_, '_, '_> {
    fn line(&self, label: String, value: String) -> Node {
        Node {
            label,
            value,
            note: String::new(),
            decides: false,
            children: Vec::new(),
        }
    }

    fn node(&mut self, part: ExprId, depth: usize) -> Node {
        let condition = &self.tree.condition;
        let kind = &condition.expr(part).kind;
        let value = self.sample.value(self.rule, part);
        let shown = shown(value.as_ref());
        let written = self.sample.facts().written(self.tree, part);
        let label = match kind {
            Kind::And(_) => "and".to_owned(),
            Kind::Or(_) => "or".to_owned(),
            Kind::Not(_) => "not".to_owned(),
            _ => written,
        };
        let mut node = self.line(label, shown);
        node.decides = self.change.is_some_and(|change| {
            change.parts().any(|decides| decides == part)
        });
        if depth > DEEPEST {
            return node;
        }
        match kind {
            Kind::And(items) | Kind::Or(items) | Kind::OfBools(_, items) => {
                let items = items.iter();
                node.children =
                    items.map(|item| self.node(*item, depth + 1)).collect();
            }
            Kind::Not(inner) => {
                node.children = vec![self.node(*inner, depth + 1)]
            }
            Kind::Hit(PatternSel::Fixed(id)) => self.hit(&mut node, *id),
            Kind::OfPatterns(_, set, _) | Kind::ForPatterns(_, _, set, _) => {
                let set = set.iter().map(|id| self.string(*id));
                node.children = set.collect();
            }
            Kind::Cmp(_, a, b) | Kind::Str(_, a, b) => {
                self.sides(&mut node, *a, *b);
                self.strings_of(&mut node, part);
            }
            _ => self.strings_of(&mut node, part),
        }
        if value.is_none() {
            node.note = self.cause(part);
        }
        node
    }

    /// A string asked for by name: what it matches, or nearly does.
    fn hit(&mut self, node: &mut Node, id: PatternId) {
        let string = self.string(id);
        node.note = string.note;
        node.decides |= string.decides;
    }

    fn string(&mut self, id: PatternId) -> Node {
        let matches = self.sample.matches(self.rule, id);
        let found = !matches.is_empty();
        let name = pattern_name(self.tree, id);
        let mut node = self.line(name, found.to_string());
        node.note = match found {
            true => self.places(id),
            false => {
                near::miss(self.sample, self.rule, id).unwrap_or_default()
            }
        };
        node.decides = self.change.is_some_and(|change| {
            change.strings().any(|decides| decides == id)
        });
        node
    }

    /// Where the first match is, its bytes, and how many more there are.
    fn places(&self, id: PatternId) -> String {
        let matches = self.sample.matches(self.rule, id);
        let Some(first) = matches.first() else { return String::new() };
        let start = first.offset as usize;
        let end = start.saturating_add(first.length as usize);
        let data = self.sample.data();
        let bytes = data.get(start..end).unwrap_or_default();
        let text = excerpt(bytes);
        match matches.len() {
            1 => format!("at {start:#x} {text}"),
            count => format!("at {start:#x} {text}, {} more", count - 1),
        }
    }

    /// Both sides of a comparison that are not constants.
    fn sides(&mut self, node: &mut Node, a: ExprId, b: ExprId) {
        let condition = &self.tree.condition;
        let mut notes = Vec::new();
        for side in [a, b] {
            if matches!(condition.expr(side).kind, Kind::Const(_)) {
                continue;
            }
            let value = self.sample.value(self.rule, side);
            let written = self.sample.facts().written(self.tree, side);
            notes.push(format!("{written} is {}", shown(value.as_ref())));
        }
        node.note = notes.join(", ");
    }

    /// The strings that a part asks more of than whether they match.
    fn strings_of(&mut self, node: &mut Node, part: ExprId) {
        let ids = patterns(&self.tree.condition, part);
        node.children.extend(ids.into_iter().map(|id| self.string(id)));
        for child in &mut node.children {
            // Here the part decides, not whether the string matches.
            child.decides = false;
        }
    }

    /// The innermost part that is undefined, and why.
    fn cause(&mut self, part: ExprId) -> String {
        let condition = &self.tree.condition;
        let mut innermost = part;
        loop {
            let inner = parts(&condition.expr(innermost).kind);
            let undefined = inner
                .into_iter()
                .find(|inner| self.sample.value(self.rule, *inner).is_none());
            match undefined {
                Some(inner) => innermost = inner,
                None => break,
            }
        }
        let written = self.sample.facts().written(self.tree, innermost);
        let why = match &condition.expr(innermost).kind {
            Kind::Field(_) | Kind::Len(_) | Kind::Call(..) => {
                "the module has no such value for this object"
            }
            Kind::Read(..) => "beyond the end of the object",
            Kind::Offset(..) | Kind::Length(..) => "there is no such match",
            Kind::Arith(..) => "not a number",
            Kind::Var(_) => "only known inside of its loop",
            Kind::Entrypoint => "the object is no program",
            _ => "it has no value here",
        };
        let loops = below(condition, part).len() > 1;
        match innermost == part || !loops {
            true => why.to_owned(),
            false => format!("{written} is undefined: {why}"),
        }
    }
}

fn shown(value: Option<&Val>) -> String {
    match value {
        None => "undefined".to_owned(),
        Some(Val::Bool(value)) => value.to_string(),
        Some(Val::Int(value)) => value.to_string(),
        Some(Val::UInt(value)) => value.to_string(),
        Some(Val::Float(value)) => value.to_string(),
        Some(Val::Str(text)) => excerpt(text),
        Some(Val::Pattern(id)) => format!("string {}", id.0),
    }
}

/// The first bytes, in quotes, with what cannot be printed as escapes.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    let part = bytes.get(..SHOWN).unwrap_or(bytes);
    let dots = if part.len() < bytes.len() { "..." } else { "" };
    format!("\"{}\"{dots}", part.escape_ascii())
}
