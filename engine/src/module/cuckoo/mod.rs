//! The `cuckoo` module: behaviour from a sandbox's report, which the user
//! gives as JSON. What the report lacks counts as nothing.

mod schema;

use std::cell::OnceCell;

use serde_json::Value as Json;

use super::call::{Functions, OnlyFunctions};
use super::schema::Schema;
use super::{Arg, CallCx, Fields, Module, OpenCx, RegexArg, Value};

/// The module.
pub(super) struct Cuckoo;

impl Module for Cuckoo {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn open<'d>(&self, cx: OpenCx<'d>) -> Box<dyn Fields<'d> + 'd> {
        let report = OnceCell::new();
        Box::new(OnlyFunctions(Opened { text: cx.module_data, report }))
    }
}

struct Opened<'d> {
    text: Option<&'d [u8]>,
    report: OnceCell<Json>,
}

impl<'d> Functions<'d> for Opened<'d> {
    fn schema(&self) -> &'static Schema {
        &schema::SCHEMA
    }

    fn call(
        &self,
        name: &str,
        args: &[Arg<'_>],
        cx: &mut dyn CallCx,
    ) -> Option<Value<'_>> {
        let mut count = match *args {
            [Arg::Regex(regex)] => Count { regex, port: None, cx },
            [Arg::Regex(regex), Arg::Int(port)] => {
                Count { regex, port: Some(port), cx }
            }
            _ => return None,
        };
        let report = self.report();
        let network = |name| items(report, &["network", name]);
        let behavior = |name| items(report, &["behavior", "summary", name]);
        let found = match name {
            "dns_lookup" => count.dns(&report["network"]),
            "http_request" => count.http(network("http"), |_| true),
            "http_get" => {
                let get = |method: &str| method.eq_ignore_ascii_case("get");
                count.http(network("http"), get)
            }
            "http_post" => {
                let post = |method: &str| method.eq_ignore_ascii_case("post");
                count.http(network("http"), post)
            }
            "http_user_agent" => count.field(network("http"), "user-agent"),
            "tcp" => count.connections(network("tcp")),
            "udp" => count.connections(network("udp")),
            "host" => count.texts(network("hosts")),
            "mutex" => count.texts(behavior("mutexes")),
            "file_access" => count.texts(behavior("files")),
            "key_access" => count.texts(behavior("keys")),
            _ => None,
        };
        found.map(Value::Int)
    }
}

impl Opened<'_> {
    fn report(&self) -> &Json {
        self.report.get_or_init(|| {
            let text = self.text.unwrap_or_default();
            serde_json::from_slice(text).unwrap_or(Json::Null)
        })
    }
}

/// The items of an array inside the report.
fn items<'j>(report: &'j Json, path: &[&str]) -> &'j [Json] {
    let at = path.iter().fold(report, |at, name| &at[*name]);
    at.as_array().map_or(&[], Vec::as_slice)
}

/// Counts what matches; every result is `None` when the budget is used up.
struct Count<'a> {
    regex: &'a dyn RegexArg,
    port: Option<i64>,
    cx: &'a mut dyn CallCx,
}

impl Count<'_> {
    fn count(
        &mut self,
        items: &[Json],
        mut matches: impl FnMut(&mut Self, &Json) -> Option<bool>,
    ) -> Option<i64> {
        let mut found = 0;
        for item in items {
            found += i64::from(matches(self, item)?);
        }
        Some(found)
    }

    fn texts(&mut self, items: &[Json]) -> Option<i64> {
        self.count(items, |count, item| count.matches(item))
    }

    fn field(&mut self, items: &[Json], name: &str) -> Option<i64> {
        self.count(items, |count, item| count.matches(&item[name]))
    }

    /// Newer reports list `domains`, older ones `dns`.
    fn dns(&mut self, network: &Json) -> Option<i64> {
        match network.get("domains") {
            Some(_) => self.field(items(network, &["domains"]), "domain"),
            None => self.field(items(network, &["dns"]), "hostname"),
        }
    }

    /// Requests, which have a method; answers have none.
    fn http(
        &mut self,
        items: &[Json],
        method: impl Fn(&str) -> bool,
    ) -> Option<i64> {
        self.count(items, |count, item| match item["method"].as_str() {
            Some(text) if method(text) => count.matches(&item["uri"]),
            _ => Some(false),
        })
    }

    fn connections(&mut self, items: &[Json]) -> Option<i64> {
        self.count(items, |count, item| {
            let port = item["dport"].as_i64();
            Some(
                port.is_some()
                    && port == count.port
                    && (count.matches(&item["dst"])?
                        || count.matches(&item["dst_domain"])?),
            )
        })
    }

    fn matches(&mut self, text: &Json) -> Option<bool> {
        let Some(text) = text.as_str() else { return Some(false) };
        if !self.cx.charge(text.len() as u64) {
            return None;
        }
        Some(self.regex.is_match(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests;
