//! How algorithms, names and times are written out.

use const_oid::ObjectIdentifier;
use const_oid::db::DB;

use super::der::{Element, Elements, tag};

pub(super) const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

/// Names that differ from those of the registry, or that it lacks.
const NAMES: [(ObjectIdentifier, &str); 17] = [
    (oid("1.2.840.113549.2.5"), "md5"),
    (oid("1.3.14.3.2.26"), "sha1"),
    (oid("2.16.840.1.101.3.4.2.1"), "sha256"),
    (oid("2.16.840.1.101.3.4.2.2"), "sha384"),
    (oid("2.16.840.1.101.3.4.2.3"), "sha512"),
    (oid("1.3.14.3.2.29"), "sha1WithRSAEncryption"),
    (oid("1.2.840.10040.4.3"), "dsaWithSHA1"),
    (oid("2.16.840.1.101.3.4.3.1"), "dsa_with_SHA224"),
    (oid("2.16.840.1.101.3.4.3.2"), "dsa_with_SHA256"),
    (oid("2.5.4.3"), "CN"),
    (oid("2.5.4.6"), "C"),
    (oid("2.5.4.8"), "ST"),
    (oid("2.5.4.9"), "street"),
    (oid("2.5.4.10"), "O"),
    (oid("2.5.4.11"), "OU"),
    (oid("1.3.6.1.4.1.311.60.2.1.1"), "jurisdictionL"),
    (oid("1.3.6.1.4.1.311.60.2.1.2"), "jurisdictionST"),
];
/// Parts of a name, and pairs in a part.
const MAX_PARTS: usize = 100;
const EMAIL: ObjectIdentifier = oid("1.2.840.113549.1.9.1");
const DOMAIN: ObjectIdentifier = oid("0.9.2342.19200300.100.1.25");
const JURISDICTION_C: ObjectIdentifier = oid("1.3.6.1.4.1.311.60.2.1.3");

/// The usual name of what an identifier stands for, else its numbers.
pub(super) fn name_of(id: Option<ObjectIdentifier>) -> String {
    let Some(id) = id else { return "invalid".to_owned() };
    if id == JURISDICTION_C {
        return "jurisdictionC".to_owned();
    }
    let known = NAMES.iter().find(|known| known.0 == id);
    let known = known.map(|known| known.1).or_else(|| DB.by_oid(&id));
    known.map_or_else(|| id.to_string(), str::to_owned)
}

/// A distinguished name: `/C=DE/O=Somebody/CN=Some name`.
pub(super) fn distinguished_name(name: Element<'_>) -> String {
    let mut text = String::new();
    for part in name.elements().take(MAX_PARTS) {
        text.push('/');
        for pair in part.elements().take(MAX_PARTS) {
            let mut pair = pair.elements();
            let (Some(key), Some(value)) = (pair.next(), pair.next()) else {
                continue;
            };
            text.push_str(&name_of(key.oid()));
            text.push('=');
            match readable(value) {
                Some(value) => text.push_str(value),
                None => {
                    text.push('#');
                    text.push_str(&crate::module::call::hex(value.body));
                }
            }
        }
    }
    text
}

/// The same as a list: `C=DE, O=Somebody, CN=Some name`. `None` if a value
/// is no text in its encoding.
pub(super) fn listed_name(name: Element<'_>) -> Option<String> {
    let part = |part: Element<'_>| -> Option<String> {
        let pairs = part.elements().take(MAX_PARTS).filter_map(|pair| {
            let mut pair = pair.elements();
            Some((pair.next()?, pair.next()?))
        });
        let text = |(key, value): (Element<'_>, Element<'_>)| {
            let key = match key.oid() {
                Some(id) if id == EMAIL => "Email".to_owned(),
                Some(id) if id == DOMAIN => "DC".to_owned(),
                id => name_of(id),
            };
            Some(format!("{key}={}", listed_value(value)?))
        };
        let pairs: Option<Vec<String>> = pairs.map(text).collect();
        Some(pairs?.join(" + "))
    };
    let parts = name.elements().take(MAX_PARTS).map(part);
    let parts: Option<Vec<String>> = parts.collect();
    Some(parts?.join(", "))
}

fn listed_value(value: Element<'_>) -> Option<String> {
    match value.tag {
        tag::BMP => {
            let (units, odd) = value.body.as_chunks::<2>();
            let units = units.iter().map(|&unit| u16::from_be_bytes(unit));
            let text = char::decode_utf16(units).collect::<Result<_, _>>();
            odd.is_empty().then_some(text.ok())?
        }
        tag if tag::TEXTS.contains(&tag) => {
            std::str::from_utf8(value.body).ok().map(str::to_owned)
        }
        _ => Some(crate::module::call::hex(value.body).to_uppercase()),
    }
}

/// The value of a name if its bytes are what its type allows.
fn readable(value: Element<'_>) -> Option<&str> {
    let printable =
        |b: &u8| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(b);
    let good = match value.tag {
        tag::UTF8 | tag::IA5 => true,
        tag::PRINTABLE => value.body.iter().all(printable),
        tag::TELETEX => value.body.iter().all(|b| (0x20..0x80).contains(b)),
        _ => false,
    };
    let ascii = value.tag == tag::UTF8 || value.body.is_ascii();
    let text = std::str::from_utf8(value.body).ok()?;
    (good && ascii).then_some(text)
}

/// Seconds since 1970.
pub(super) fn time(element: Element<'_>) -> Option<i64> {
    let text = element.body.strip_suffix(b"Z")?;
    let mut numbers = [0_i64; 7];
    let (years, rest) = match element.tag {
        tag::UTC_TIME => text.split_at_checked(2)?,
        tag::GENERALIZED_TIME => text.split_at_checked(4)?,
        _ => return None,
    };
    let mut year = decimal(years)?;
    if element.tag == tag::UTC_TIME {
        year += if year < 50 { 2000 } else { 1900 };
    }
    // Seconds may be left out.
    let (pairs, odd) = rest.as_chunks::<2>();
    if !odd.is_empty() || !(4..=5).contains(&pairs.len()) {
        return None;
    }
    for (number, pair) in numbers.iter_mut().zip(pairs) {
        *number = decimal(pair)?;
    }
    let [month, day, hour, minute, second, ..] = numbers;
    let valid = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    let days = days_since_1970(year, month, day);
    valid.then_some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

fn decimal(digits: &[u8]) -> Option<i64> {
    let all = digits.iter().all(u8::is_ascii_digit);
    let fold = |sum, digit: &u8| sum * 10 + i64::from(digit - b'0');
    all.then(|| digits.iter().fold(0, fold))
}

/// Days between two dates of the Gregorian calendar, with years that start
/// in March so that the leap day is the last one.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) =
        if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1;
    days - 719_468
}

/// The first values of an attribute with this type among some attributes.
pub(super) fn attribute(
    attributes: Elements<'_>,
    wanted: ObjectIdentifier,
) -> Option<Element<'_>> {
    let mut all = attributes;
    all.find_map(|one| {
        let mut parts = one.elements();
        let id = parts.expect(tag::OID)?.oid()?;
        (id == wanted).then(|| parts.expect(tag::SET))?
    })?
    .elements()
    .next()
}
