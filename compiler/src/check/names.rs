//! What rules see of each other and of the world: modules, externals,
//! earlier rules, and the tables that all conditions share.

use std::collections::{BTreeMap, HashMap, HashSet};

use dragnet_engine::module::registry;
use dragnet_engine::module::schema::Schema;

use super::global;
use super::prefix::{at_or_before, with_prefix};
use super::{Checked, Settings, SkippedRule, Step, Unit};
use crate::diag::{Applicability, Code, Collector, Diagnostic, closest};
use crate::ir::{self, ExternalId, Field, FieldId, RegexId, RuleId};
use crate::source::{FileId, Span};
use crate::syntax::ast;

/// As many names are compared in all searches for what was meant.
const SUGGESTION_BUDGET: usize = 2_000_000;

/// All that outlives a rule.
pub(super) struct World<'a> {
    pub(super) settings: &'a Settings,
    pub(super) collector: &'a mut Collector,
    pub(super) namespaces: Vec<Namespace>,
    pub(super) externals: HashMap<&'a str, ExternalId>,
    pub(super) rules: ir::Rules,
    skipped: Vec<SkippedRule>,
    fields: HashMap<Field, FieldId>,
    regexes: HashMap<(Vec<u8>, bool, bool), RegexId>,
    budget: usize,
    /// Items of all sets so far.
    pub(super) set_items: usize,
}

/// The names of one namespace.
#[derive(Default)]
pub(super) struct Namespace {
    pub(super) modules: HashMap<String, Import>,
    pub(super) rules: BTreeMap<String, RuleInfo>,
    /// Names of all rules, also of those that come later.
    pub(super) announced: HashSet<String>,
    /// Rule wildcards; none is the start of another.
    wildcards: BTreeMap<String, (FileId, Span)>,
    /// First import of each module, by file.
    imports: HashMap<(FileId, Vec<u8>), Span>,
}

/// An imported module.
#[derive(Clone, Copy)]
pub(super) enum Import {
    /// It is there.
    Known(&'static Schema),
    /// Switched off: rules that use it are left out.
    Ignored,
    /// Reported already.
    Poison(Code),
}

/// A rule that was declared.
pub(super) struct RuleInfo {
    /// Its number, or why it is left out.
    pub(super) id: Result<RuleId, Code>,
    pub(super) global: bool,
    pub(super) file: FileId,
    pub(super) span: Span,
}

/// Where an import stands.
#[derive(Clone, Copy)]
pub(super) struct ImportAt {
    pub(super) span: Span,
    pub(super) literal: Span,
}

/// How much the shared tables hold: to undo what a bad rule added.
#[derive(Clone, Copy)]
pub(super) struct Mark(usize, usize);

impl<'a> World<'a> {
    pub(super) fn new(
        names: &[String],
        settings: &'a Settings,
        collector: &'a mut Collector,
    ) -> World<'a> {
        let externals = (0..)
            .map(ExternalId)
            .zip(&settings.externals)
            .map(|(id, external)| (external.name.as_str(), id))
            .collect();
        let rules = ir::Rules {
            namespaces: names.to_vec(),
            externals: settings.externals.clone(),
            ..ir::Rules::default()
        };
        World {
            settings,
            collector,
            namespaces: names.iter().map(|_| Namespace::default()).collect(),
            externals,
            rules,
            skipped: Vec::new(),
            fields: HashMap::new(),
            regexes: HashMap::new(),
            budget: SUGGESTION_BUDGET,
            set_items: 0,
        }
    }

    /// Notes the names of all rules.
    pub(super) fn announce(&mut self, units: &[Unit], steps: &[Step]) {
        for step in steps {
            let item =
                &units[step.unit as usize].ast.items[step.item as usize];
            let announced =
                &mut self.namespaces[step.namespace as usize].announced;
            match item {
                ast::Item::Rule(rule) => {
                    announced.insert(rule.name.text.clone());
                }
                ast::Item::Error { rules, .. } => {
                    announced.extend(rules.iter().map(|r| r.text.clone()));
                }
                _ => {}
            }
        }
    }

    /// An `import` statement.
    pub(super) fn import(
        &mut self,
        namespace: usize,
        file: FileId,
        module: &[u8],
        at: ImportAt,
    ) {
        let text = String::from_utf8_lossy(module).into_owned();
        let imports = &mut self.namespaces[namespace].imports;
        if let Some(first) = imports.get(&(file, module.to_vec())) {
            let message = format!("module `{text}` is imported twice");
            let new =
                Diagnostic::new(Code::DuplicateImport, file, at.span, message)
                    .label("second import")
                    .also(file, *first, "first import")
                    .fix("remove it", at.span, "", Applicability::Safe);
            self.collector.report(new);
            return;
        }
        imports.insert((file, module.to_vec()), at.span);
        let import = self.find_module(&text, file, at);
        self.namespaces[namespace].modules.insert(text, import);
    }

    fn find_module(
        &mut self,
        name: &str,
        file: FileId,
        at: ImportAt,
    ) -> Import {
        if let Some((title, message)) = self.settings.banned.get(name) {
            let new = Diagnostic::new(
                Code::BannedModule,
                file,
                at.span,
                title.clone(),
            );
            let help = "remove the import and the rules that use it";
            self.collector.report(new.label(message.clone()).help(help));
            return Import::Poison(Code::BannedModule);
        }
        if self.settings.ignored.contains(name) {
            let message = format!("module `{name}` is switched off");
            let new = Diagnostic::new(
                Code::UnsupportedModule,
                file,
                at.span,
                message,
            );
            let new = new
                .label("imported here")
                .note("rules that use it are left out")
                .help("compile without `--ignore-module` to keep them");
            self.collector.report(new);
            return Import::Ignored;
        }
        if let Some((_, module)) = registry::find(name) {
            return Import::Known(module.schema());
        }
        let names = registry::all().iter().map(|m| m.schema().name);
        let message = format!("there is no module `{name}`");
        let mut new =
            Diagnostic::new(Code::UnknownModule, file, at.literal, message)
                .label("unknown module");
        if let Some(other) = closest(name, names.clone()) {
            new = new.fix(
                format!("did you mean `{other}`?"),
                at.literal,
                format!("\"{other}\""),
                Applicability::Unsafe,
            );
        } else {
            let mut names: Vec<_> = names.collect();
            names.sort_unstable();
            new = new.help(format!("the modules are {}", names.join(", ")));
        }
        self.collector.report(new);
        Import::Poison(Code::UnknownModule)
    }

    /// A rule that did not parse.
    pub(super) fn unparsed(
        &mut self,
        namespace: usize,
        file: FileId,
        name: &ast::Name,
        text: &[u8],
    ) {
        let global = global::is_global(&text[..name.span.lo as usize]);
        let info =
            RuleInfo { id: Err(Code::Syntax), global, file, span: name.span };
        let rules = &mut self.namespaces[namespace].rules;
        rules.entry(name.text.clone()).or_insert(info);
        self.skip(namespace, file, name, Code::Syntax, global);
    }

    /// Notes that a rule is left out.
    pub(super) fn skip(
        &mut self,
        namespace: usize,
        file: FileId,
        name: &ast::Name,
        cause: Code,
        global: bool,
    ) {
        self.skipped.push(SkippedRule {
            name: name.text.clone(),
            namespace: self.rules.namespaces[namespace].clone(),
            file,
            span: name.span,
            cause,
            global,
        });
    }

    /// The wildcard, used earlier, that would have named this rule.
    pub(super) fn wildcard_of(
        &self,
        namespace: usize,
        rule: &str,
    ) -> Option<(&str, FileId, Span)> {
        let wildcards = &self.namespaces[namespace].wildcards;
        let (prefix, place) = at_or_before(wildcards, rule)?;
        rule.starts_with(prefix).then_some((prefix, place.0, place.1))
    }

    /// Notes that a wildcard over rules was used.
    pub(super) fn add_wildcard(
        &mut self,
        namespace: usize,
        prefix: &str,
        place: (FileId, Span),
    ) {
        if self.wildcard_of(namespace, prefix).is_some() {
            return;
        }
        let wildcards = &mut self.namespaces[namespace].wildcards;
        let longer: Vec<String> = with_prefix(wildcards, prefix)
            .map(|(other, _)| other.to_owned())
            .collect();
        for other in longer {
            wildcards.remove(&other);
        }
        wildcards.insert(prefix.to_owned(), place);
    }

    /// What was meant, as long as there is budget for the search.
    pub(super) fn suggest<'n>(
        budget: &mut usize,
        wrong: &str,
        names: impl Iterator<Item = &'n str>,
    ) -> Option<String> {
        let limited = names.take_while(|_| {
            *budget = budget.saturating_sub(1);
            *budget > 0
        });
        closest(wrong, limited).map(str::to_owned)
    }

    /// The rest of the budget of [`World::suggest`].
    pub(super) fn budget(&mut self) -> &mut usize {
        &mut self.budget
    }

    /// The number of a field.
    pub(super) fn field(&mut self, field: Field) -> FieldId {
        let next = FieldId(self.rules.fields.len() as u32);
        *self.fields.entry(field).or_insert_with_key(|field| {
            self.rules.fields.push(field.clone());
            next
        })
    }

    /// The number of a regular expression, if it is known.
    pub(super) fn known_regex(
        &self,
        key: &(Vec<u8>, bool, bool),
    ) -> Option<RegexId> {
        self.regexes.get(key).copied()
    }

    /// Adds a regular expression.
    pub(super) fn add_regex(&mut self, regex: ir::Regex) -> RegexId {
        let id = RegexId(self.rules.regexes.len() as u32);
        let key =
            (regex.source.clone(), regex.case_insensitive, regex.dot_all);
        self.regexes.insert(key, id);
        self.rules.regexes.push(regex);
        id
    }

    /// To undo what follows.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.rules.fields.len(), self.rules.regexes.len())
    }

    /// Undoes what was added to the tables since the mark.
    pub(super) fn undo(&mut self, mark: Mark) {
        for field in self.rules.fields.drain(mark.0..) {
            self.fields.remove(&field);
        }
        for regex in self.rules.regexes.drain(mark.1..) {
            let flags = (regex.case_insensitive, regex.dot_all);
            self.regexes.remove(&(regex.source, flags.0, flags.1));
        }
    }

    pub(super) fn finish(self) -> Checked {
        Checked { rules: self.rules, skipped: self.skipped }
    }
}
