//! What the loss of a global rule does to its namespace.
//!
//! A global rule narrows all rules of its namespace. Without it they would
//! match more than their author meant, so they are left out with it.

use std::collections::{HashMap, HashSet};

use super::{Checked, SkippedRule};
use crate::check::walk::remove_rules;
use crate::diag::{Code, Collector, Diagnostic};

/// Leaves out the rules of namespaces that have lost a global rule.
pub(crate) fn leave_out(checked: &mut Checked, collector: &mut Collector) {
    let mut lost: HashMap<&str, (&SkippedRule, usize)> = HashMap::new();
    for skipped in checked.skipped.iter().filter(|rule| rule.global) {
        lost.entry(&skipped.namespace).or_insert((skipped, 0));
    }
    if lost.is_empty() {
        return;
    }
    let mut gone = HashSet::new();
    let mut skipped = Vec::new();
    for (at, rule) in checked.rules.rules.iter().enumerate() {
        let namespace = &checked.rules.namespaces[rule.namespace as usize];
        let Some(entry) = lost.get_mut(namespace.as_str()) else { continue };
        entry.1 += 1;
        gone.insert(at);
        skipped.push(SkippedRule {
            name: rule.name.clone(),
            namespace: namespace.clone(),
            file: rule.file,
            span: rule.span,
            cause: Code::IgnoredRule,
            global: rule.global,
        });
    }
    // In the order of the namespaces, which a map does not have.
    for namespace in &checked.rules.namespaces {
        let Some((global, count)) = lost.remove(namespace.as_str()) else {
            continue;
        };
        if count == 0 {
            continue;
        }
        let name = &global.name;
        let message = format!(
            "{count} rule(s) of the namespace `{namespace}` are left out \
             because its global rule `{name}` is"
        );
        let code = Code::IgnoredRule;
        let new = Diagnostic::new(code, global.file, global.span, message)
            .note("without it they would match more than they are meant to");
        collector.report(new);
    }
    checked.skipped.append(&mut skipped);
    remove_rules(&mut checked.rules, &gone);
}

/// Does the text in front of the name of a rule call it global? For rules
/// that did not parse.
pub(super) fn is_global(front: &[u8]) -> bool {
    let mut words =
        front.rsplit(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.next() == Some(b"rule")
        && words
            .take_while(|word| matches!(*word, b"global" | b"private"))
            .any(|word| word == b"global")
}
