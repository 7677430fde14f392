//! Checks L009 to L014: what does not go with `fullword` and `wide`.

use dragnet_compiler::source::Span;
use dragnet_compiler::syntax::ast::PatternValue;

use super::subject::{Mods, RuleCx};

pub(super) fn check(cx: &mut RuleCx<'_>) {
    for pattern in &cx.rule.patterns {
        let PatternValue::Text(text) = &pattern.value else { continue };
        let mods = Mods::of(pattern);
        let lower = text.to_ascii_lowercase();
        let pdb = lower.ends_with(b".pdb");
        if let Some(at) = mods.fullword {
            let gap = at.for_removal(cx.text);
            if let Some((id, message)) = fullword(text, pdb) {
                cx.say(id, at, message)
                    .label("asks for no word character on both sides")
                    .fix("remove `fullword`", false, vec![cut(gap)]);
            }
        }
        let Some(wide) = mods.wide.filter(|_| pdb) else { continue };
        let gap = wide.for_removal(cx.text);
        if mods.ascii.is_some() {
            let message = "paths of PDB files are never wide";
            cx.say("L013", wide, message).fix(
                "remove `wide`",
                false,
                vec![cut(gap)],
            );
        } else {
            let message = "paths of PDB files are never wide: this never \
                           matches one";
            let new = vec![(wide, "ascii".to_owned())];
            cx.say("L014", wide, message).fix("use `ascii`", false, new);
        }
    }
}

fn cut(span: Span) -> (Span, String) {
    (span, String::new())
}

/// Which lint a text with `fullword` gives.
fn fullword(text: &[u8], pdb: bool) -> Option<(&'static str, &'static str)> {
    let (first, last) = (*text.first()?, *text.last()?);
    let leads = first == b'\\';
    let path = text
        .get(1..)
        .is_some_and(|rest| rest.contains(&b'\\') || rest.contains(&b'.'));
    Some(match () {
        () if leads && pdb => (
            "L009",
            "in front of this part of a PDB path stands a word character",
        ),
        () if leads && last == b'\\' => {
            ("L010", "around this part of a path stand word characters")
        }
        () if leads && path => {
            ("L011", "in front of this part of a path stands a word character")
        }
        () if b".\\@".contains(&first) => {
            ("L012", "what the text begins with usually stands behind a word")
        }
        () if b"=\\/@".contains(&last) => {
            ("L012", "what the text ends with usually stands before a word")
        }
        () => return None,
    })
}
