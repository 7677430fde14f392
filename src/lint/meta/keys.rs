//! Checks M030 and M031: keys that others require.

use super::super::settings::Profile;
use super::super::subject::RuleCx;

const ELASTIC: [&str; 11] = [
    "id",
    "fingerprint",
    "creation_date",
    "last_modified",
    "threat_name",
    "reference_sample",
    "severity",
    "arch_context",
    "scan_context",
    "license",
    "os",
];

const YARAHUB: [&str; 6] = [
    "date",
    "yarahub_uuid",
    "yarahub_license",
    "yarahub_rule_matching_tlp",
    "yarahub_rule_sharing_tlp",
    "yarahub_reference_md5",
];

pub(super) fn check(cx: &mut RuleCx<'_>) {
    let settings = cx.settings();
    if settings.has(Profile::Elastic) {
        missing(cx, "M030", &ELASTIC);
    }
    if settings.has(Profile::Yarahub) {
        missing(cx, "M031", &YARAHUB);
    }
}

fn missing(cx: &mut RuleCx<'_>, id: &'static str, keys: &[&str]) {
    let keys = keys.iter().filter(|key| cx.meta(key).is_empty());
    let keys: Vec<&str> = keys.copied().collect();
    if !keys.is_empty() {
        let span = cx.rule.name.span;
        let message = format!("missing in `meta`: {}", keys.join(", "));
        cx.say(id, span, message);
    }
}
