//! The functions of `vt`, over data that the user has given.

use std::net::IpAddr;

use super::net::ENRICHED_IP;
use crate::module::node::Node;
use crate::module::{Arg, Value};

/// The function `name` of the structure `given`.
pub(in crate::module) fn call(
    given: &Node<'_>,
    name: &str,
    args: &[Arg<'_>],
) -> Option<Value<'static>> {
    match (name, args) {
        ("in_range", &[Arg::Bytes(network)]) => {
            let (raw, _) = ENRICHED_IP.member("raw")?;
            let Value::Bytes(address) = given.find(&[raw], &[])?.value()?
            else {
                return None;
            };
            let inside = in_range(&address, network);
            // What is no address is in no network.
            Some(Value::Bool(inside.unwrap_or(false)))
        }
        _ => None,
    }
}

/// Whether an address is in a network such as `10.0.0.0/8`.
fn in_range(address: &[u8], network: &[u8]) -> Option<bool> {
    let address = std::str::from_utf8(address).ok()?.parse().ok()?;
    let network = std::str::from_utf8(network).ok()?;
    let (network, bits) = network.split_once('/')?;
    let digits = bits.bytes().all(|byte| byte.is_ascii_digit());
    let bits: u32 = bits.parse().ok().filter(|_| digits)?;
    match (address, network.parse().ok()?) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let other = a.to_bits() ^ b.to_bits();
            Some(
                other.checked_shr(32_u32.checked_sub(bits)?) == Some(0)
                    || bits == 0,
            )
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let other = a.to_bits() ^ b.to_bits();
            Some(
                other.checked_shr(128_u32.checked_sub(bits)?) == Some(0)
                    || bits == 0,
            )
        }
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_in_the_networks_that_share_its_first_bits() {
        let inside = [
            ("10.1.2.3", "10.0.0.0/8"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("10.1.2.3", "192.0.2.0/0"),
            // Bits behind the prefix do not count.
            ("10.1.2.3", "10.1.2.200/24"),
            ("2001:db8::1", "2001:db8::/32"),
            ("2001:db8::1", "::/0"),
            ("2001:db8::1", "2001:db8::1/128"),
        ];
        for (address, network) in inside {
            let got = in_range(address.as_bytes(), network.as_bytes());
            assert_eq!(got, Some(true), "{address} {network}");
        }
        let outside = [
            ("10.1.2.3", "11.0.0.0/8"),
            ("10.1.2.3", "10.1.2.2/32"),
            ("2001:db8::1", "2001:db9::/32"),
            ("10.1.2.3", "::/0"),
        ];
        for (address, network) in outside {
            let got = in_range(address.as_bytes(), network.as_bytes());
            assert_eq!(got, Some(false), "{address} {network}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let odd = [
            "",
            "/",
            "10.0.0.0",
            "10.0.0.0/",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "10.0.0.0/+8",
            "10.0.0/8",
            "::/129",
            "10.0.0.0/99999999999",
        ];
        for network in odd {
            let address: &[u8] = match network.starts_with(':') {
                true => b"::1",
                false => b"10.0.0.0",
            };
            assert_eq!(in_range(address, network.as_bytes()), None);
        }
        assert_eq!(in_range(b"\xff", b"10.0.0.0/8"), None);
    }
}
