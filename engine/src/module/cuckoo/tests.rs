//! Tests of the module `cuckoo`.

use super::*;
use crate::module::testing::Call;

/// Matches text that contains the given bytes.
struct Contains(&'static str);

impl RegexArg for Contains {
    fn is_match(&self, text: &[u8]) -> bool {
        let text = std::str::from_utf8(text).unwrap();
        text.contains(self.0)
    }
}

const REPORT: &[u8] = br#"{
    "network": {
        "domains": [{"domain": "a.example"}, {"domain": "b.example"}, {}],
        "dns": [{"hostname": "a.example"}],
        "http": [
            {"method": "GET", "uri": "http://a/x", "user-agent": "one"},
            {"method": "post", "uri": "http://a/y"},
            {"uri": "http://a/answer", "user-agent": "two"},
            {"method": "PUT", "uri": 7}
        ],
        "tcp": [
            {"dst": "10.0.0.1", "dport": 80},
            {"dst": "10.0.0.2", "dst_domain": "a.example", "dport": 443},
            {"dst": "10.0.0.3", "dport": "443"}
        ],
        "udp": [{"dst": "10.0.0.1", "dport": 53}],
        "hosts": ["10.0.0.1", "10.0.0.2", null]
    },
    "behavior": {"summary": {
        "mutexes": ["evil", "evil2"],
        "files": ["C:\\evil.exe"],
        "keys": "no list"
    }}
}"#;

fn count(report: Option<&[u8]>, name: &str, regex: &'static str) -> i64 {
    ask(report, name, &[Arg::Regex(&Contains(regex))])
}

fn ask(report: Option<&[u8]>, name: &str, args: &[Arg<'_>]) -> i64 {
    let mut call = Call::new("cuckoo", b"");
    call.module_data = report;
    match call.call(name, args) {
        Some(Value::Int(count)) => count,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn entries_that_match_are_counted() {
    let count = |name, regex| count(Some(REPORT), name, regex);
    assert_eq!(count("network.dns_lookup", "example"), 2);
    assert_eq!(count("network.dns_lookup", "b."), 1);
    assert_eq!(count("network.http_request", "http"), 2);
    assert_eq!(count("network.http_get", "http"), 1);
    assert_eq!(count("network.http_post", "http"), 1);
    assert_eq!(count("network.http_user_agent", ""), 2);
    assert_eq!(count("network.host", "10.0.0"), 2);
    assert_eq!(count("sync.mutex", "evil"), 2);
    assert_eq!(count("filesystem.file_access", "evil"), 1);
    assert_eq!(count("registry.key_access", ""), 0);
}

#[test]
fn connections_need_the_port() {
    let ask = |name, regex, port| {
        let args = [Arg::Regex(&Contains(regex)), Arg::Int(port)];
        ask(Some(REPORT), name, &args)
    };
    assert_eq!(ask("network.tcp", "10.0.0", 80), 1);
    assert_eq!(ask("network.tcp", "a.example", 443), 1);
    assert_eq!(ask("network.tcp", "10.0.0.3", 443), 0);
    assert_eq!(ask("network.tcp", "10.0.0", -1), 0);
    assert_eq!(ask("network.udp", "10", 53), 1);
}

#[test]
fn older_reports_list_names_elsewhere() {
    let old = br#"{"network": {"dns": [{"hostname": "a.example"}]}}"#;
    assert_eq!(count(Some(old), "network.dns_lookup", "a."), 1);
}

#[test]
fn without_a_report_nothing_is_found() {
    let odd: [Option<&[u8]>; 5] =
        [None, Some(b""), Some(b"{"), Some(b"[]"), Some(b"{\"network\": 1}")];
    for report in odd {
        for name in ["network.dns_lookup", "network.host", "sync.mutex"] {
            assert_eq!(count(report, name, ""), 0);
        }
    }
}

#[test]
fn without_budget_the_count_is_undefined() {
    let mut call = Call::new("cuckoo", b"");
    call.module_data = Some(REPORT);
    call.budget.set(5);
    let args = [Arg::Regex(&Contains(""))];
    assert_eq!(call.call("network.host", &args), None);
}
