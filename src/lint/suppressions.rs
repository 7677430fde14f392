//! Suppression comments, and checks X001 to X003 and X005 about them.

use dragnet_compiler::diag::suppress::{Comment, comments};
use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::File;

use super::subject::{Finding, State};
use super::syntax::whole_line;
use super::table::Lint;
use super::unit::FileCx;

/// Other names that say nothing here, but are names.
const ELSEWHERE: [&str; 5] = [
    "meta_invalid",
    "meta_missing",
    "rule_name_style",
    "tag_style",
    "tag_unknown",
];

/// Marks what comments suppress, and judges the comments. `active`: is the
/// lint looked for in this file?
pub(super) fn apply(
    cx: &mut FileCx<'_>,
    findings: &mut [Finding],
    active: impl Fn(&'static Lint) -> bool,
) {
    findings.sort_by_key(|finding| finding.span);
    for comment in read(cx.text, cx.ast) {
        let mut unused = Vec::new();
        for (at, (span, name)) in comment.names.iter().enumerate() {
            if ELSEWHERE.contains(&name.as_str()) {
                continue;
            }
            if !is_known(name) {
                let message = format!("there is no code `{name}`");
                let fix = without(cx.text, &comment, &[at]);
                cx.say("X003", *span, message)
                    .help("`dragnet lint --explain list` names all codes")
                    .fix("remove it", true, vec![fix]);
                continue;
            }
            let mut used = false;
            let place = comment.place;
            let (lo, hi) = (place.lo, place.hi.max(place.lo + 1));
            let start = findings.partition_point(|f| f.span.lo < lo);
            let end = findings.partition_point(|f| f.span.lo < hi);
            for finding in &mut findings[start..end] {
                if names(name, finding) && can_be(finding) {
                    finding.state = State::Suppressed;
                    used = true;
                }
            }
            let lint = Lint::find(name);
            if !used && lint.is_none_or(&active) {
                unused.push(at);
            }
        }
        for at in &unused {
            let (span, name) = &comment.names[*at];
            let fix = without(cx.text, &comment, &unused);
            let message = format!("nothing here gives `{name}`");
            let new = cx.say("X001", *span, message);
            // One edit removes all of them.
            if unused.first() == Some(at) {
                new.fix("remove it", true, vec![fix]);
            }
        }
        if comment.names.is_empty() {
            cx.say("X005", comment.span, "the suppression names no code")
                .label("suppresses nothing")
                .help("name the codes: `// suppress: P001 -- reason`");
        } else if !comment.reason {
            cx.say("X002", comment.span, "the suppression gives no reason")
                .help("say why behind ` -- `");
        }
    }
}

/// The comments that suppress, and those that only look like it.
fn read(text: &[u8], ast: &File) -> Vec<Comment> {
    let mut all = comments(text, ast);
    for span in &ast.comments {
        let bare = span.of(text).strip_prefix(b"//").map(<[u8]>::trim_ascii);
        if bare == Some(b"suppress") {
            all.push(Comment {
                span: *span,
                place: *span,
                names: Vec::new(),
                reason: false,
            });
        }
    }
    all
}

fn is_known(name: &str) -> bool {
    use dragnet_compiler::diag::Code;
    Lint::find(name).is_some() || Code::ALL.iter().any(|c| c.name() == name)
}

fn names(name: &str, finding: &Finding) -> bool {
    Lint::find(name).is_some_and(|lint| std::ptr::eq(lint, finding.lint))
        || finding.code.is_some_and(|code| code.name() == name)
}

/// What does not compile cannot be talked away.
fn can_be(finding: &Finding) -> bool {
    !matches!(finding.lint.id, "S001" | "S015")
}

/// An edit that takes names out of a comment.
fn without(text: &[u8], comment: &Comment, gone: &[usize]) -> (Span, String) {
    let left: Vec<&str> = (comment.names.iter().enumerate())
        .filter(|(at, _)| !gone.contains(at))
        .map(|(_, (_, name))| name.as_str())
        .collect();
    let (Some(first), Some(last), false) =
        (comment.names.first(), comment.names.last(), left.is_empty())
    else {
        let line = whole_line(text, comment.span);
        let span = match line == comment.span {
            true => comment.span.for_removal(text),
            false => line,
        };
        return (span, String::new());
    };
    (first.0.to(last.0), left.join(", "))
}
