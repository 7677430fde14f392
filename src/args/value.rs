//! Values on the command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::RangedI64ValueParser;
use clap::value_parser;
use dragnet::{Data, DataError, Value};

/// Reads `name=value` as YARA does: a number, `true` or `false`, else text.
/// A JSON string, as YARA-X wants it, is text too; a JSON object or array is
/// a structure or an array.
pub(crate) fn parse_define(text: &str) -> Result<(String, Value), String> {
    let Some((name, value)) = text.split_once('=') else {
        return Err(format!("`{text}` is not of the form VAR=VALUE"));
    };
    if !is_identifier(name) {
        return Err(format!("`{name}` is not the name of a variable"));
    }
    let value = parse_value(value)
        .map_err(|error| format!("`{name}` has no type: {error}"))?;
    Ok((name.to_owned(), value))
}

/// Reads a share of the processor, in per cent.
pub(crate) fn percentage() -> RangedI64ValueParser<u32> {
    value_parser!(u32).range(1..=100)
}

/// Reads a share or a growth, in per cent, with or without the sign for it.
pub(crate) fn parse_percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    // What is no number would make every comparison with it false.
    let read = number.parse().ok().filter(|read: &f64| read.is_finite());
    read.filter(|read| *read >= 0.0).ok_or_else(|| {
        format!("`{text}` is not a percentage: write 10 or 10%")
    })
}

/// Reads a time: bare numbers are seconds, `90s`, `5m` and `1h` say so.
pub(crate) fn parse_duration(text: &str) -> Result<Duration, String> {
    let units = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];
    let unit = units.iter().find(|(unit, _)| text.ends_with(unit));
    let (number, factor) = match unit {
        Some((unit, factor)) => (&text[..text.len() - unit.len()], *factor),
        None => (text, 1000),
    };
    let number: Option<u64> = number.trim().parse().ok();
    let time = number.and_then(|number| number.checked_mul(factor));
    time.map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is not a time: write 90, 90s or 5m"))
}

fn is_identifier(name: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty()
        && name.chars().all(word)
        && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn parse_value(text: &str) -> Result<Value, DataError> {
    if text.starts_with(['{', '[']) {
        match Data::from_json(text.as_bytes()) {
            // Text that only begins like JSON stays text.
            Err(DataError::Json(_)) => {}
            read => return read.map(Value::Data),
        }
    }
    Ok(parse_scalar(text))
}

fn parse_scalar(text: &str) -> Value {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let digits =
        |s: &str| !s.is_empty() && s.bytes().all(|byte| byte.is_ascii_digit());
    if digits(unsigned)
        && let Ok(number) = text.parse()
    {
        return Value::Int(number);
    }
    if let Some((whole, fraction)) = unsigned.split_once('.')
        && digits(whole)
        && digits(fraction)
        && let Ok(number) = text.parse()
    {
        return Value::Float(number);
    }
    match text {
        "true" => return Value::Bool(true),
        "false" => return Value::Bool(false),
        _ => {}
    }
    let json = text
        .starts_with('"')
        .then(|| serde_json::from_str::<String>(text).ok())
        .flatten();
    let text = json.unwrap_or_else(|| text.to_owned());
    Value::Text(text.into_bytes())
}

/// Reads `module=file`.
pub(crate) fn parse_module_data(
    text: &OsStr,
) -> Result<(String, PathBuf), String> {
    let shown = text.to_string_lossy().into_owned();
    let wrong = || format!("`{shown}` is not of the form MODULE=FILE");
    let bytes = dragnet::path_bytes(text.as_ref());
    let at = bytes.iter().position(|byte| *byte == b'=').ok_or_else(wrong)?;
    let name =
        std::str::from_utf8(&bytes[..at]).map_err(|_| wrong())?.to_owned();
    let path = dragnet::path_from_bytes(&bytes[at + 1..]).into_owned();
    Ok((name, path))
}

/// A number, with `0x` in front a hexadecimal one.
pub(crate) fn parse_offset(text: &str) -> Result<u64, String> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|error| error.to_string())
}

/// `2/3`: the second of three parts.
pub(crate) fn parse_shard(text: &str) -> Result<(u64, u64), String> {
    let parts = text.split_once('/');
    let numbers = parts.and_then(|(part, parts)| {
        Some((part.parse::<u64>().ok()?, parts.parse::<u64>().ok()?))
    });
    numbers
        .filter(|(part, parts)| (1..=*parts).contains(part))
        .ok_or_else(|| "write 1/3, 2/3 and 3/3 for three parts".to_owned())
}

/// Reads a size: `4096`, `20K`, `1.5G` are bytes, kibibytes, gibibytes.
pub(crate) fn parse_size(text: &str) -> Result<u64, String> {
    let upper = text.trim().to_ascii_uppercase();
    let short = upper
        .strip_suffix("IB")
        .or_else(|| upper.strip_suffix('B'))
        .unwrap_or(&upper);
    let (number, shift) = match short.chars().last() {
        Some('K') => (&short[..short.len() - 1], 10),
        Some('M') => (&short[..short.len() - 1], 20),
        Some('G') => (&short[..short.len() - 1], 30),
        Some('T') => (&short[..short.len() - 1], 40),
        _ => (short, 0),
    };
    let unit = 1_u64 << shift;
    if let Ok(whole) = number.parse::<u64>() {
        return whole
            .checked_mul(unit)
            .ok_or_else(|| format!("`{text}` is too large"));
    }
    match number.parse::<f64>() {
        Ok(part) if part.is_finite() && part >= 0.0 => {
            Ok((part * unit as f64) as u64)
        }
        _ => Err(format!("`{text}` is not a size")),
    }
}

/// Splits `namespace:path`, unless there is a file of the whole name.
pub(crate) fn split_namespace(operand: &OsStr) -> (Option<String>, PathBuf) {
    let whole = PathBuf::from(operand);
    if whole.exists() {
        return (None, whole);
    }
    let bytes = dragnet::path_bytes(operand.as_ref());
    let Some(at) = bytes.iter().position(|byte| *byte == b':') else {
        return (None, whole);
    };
    match std::str::from_utf8(&bytes[..at]) {
        Ok(name) if is_identifier(name) => {
            let path = dragnet::path_from_bytes(&bytes[at + 1..]);
            (Some(name.to_owned()), path.into_owned())
        }
        _ => (None, whole),
    }
}

/// The rules among the operands of a command: all but the last.
pub(crate) fn split_last(
    mut operands: Vec<OsString>,
) -> (Vec<OsString>, Option<OsString>) {
    let last = operands.pop();
    (operands, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.as_bytes().to_vec())
    }

    #[test]
    fn bare_values_get_the_type_that_yara_gives_them() {
        let cases = [
            ("a=1", Value::Int(1)),
            ("a=-1", Value::Int(-1)),
            ("a=1.5", Value::Float(1.5)),
            ("a=true", Value::Bool(true)),
            ("a=", text("")),
            ("a=1e5", text("1e5")),
            ("a=b=c", text("b=c")),
            ("a=99999999999999999999", text("99999999999999999999")),
        ];
        for (define, value) in cases {
            let expected = ("a".to_owned(), value);
            assert_eq!(parse_define(define), Ok(expected), "{define}");
        }
    }

    #[test]
    fn json_strings_are_text() {
        let (_, value) = parse_define(r#"a="1\n""#).unwrap();
        assert_eq!(value, text("1\n"));
        let (_, value) = parse_define(r#"a="open"#).unwrap();
        assert_eq!(value, text("\"open"));
    }

    #[test]
    fn json_objects_and_arrays_are_structures() {
        let (_, value) = parse_define(r#"a={"b":[1,2]}"#).unwrap();
        let data = Data::from_json(br#"{"b": [1, 2]}"#).unwrap();
        assert_eq!(value, Value::Data(data));
        assert_eq!(parse_define("a={b}").unwrap().1, text("{b}"));
        assert_eq!(parse_define("a=[x").unwrap().1, text("[x"));
        assert!(parse_define("a=[]").is_err());
        assert!(parse_define(r#"a=[1,"b"]"#).is_err());
    }

    #[test]
    fn names_are_checked() {
        assert!(parse_define("a").is_err());
        assert!(parse_define("=1").is_err());
        assert!(parse_define("1a=1").is_err());
    }

    #[test]
    fn sizes_have_units() {
        assert_eq!(parse_size("10"), Ok(10));
        assert_eq!(parse_size("2K"), Ok(2048));
        assert_eq!(parse_size("1.5m"), Ok(3 << 19));
        assert_eq!(parse_size("1GiB"), Ok(1 << 30));
        assert!(parse_size("x").is_err());
        assert!(parse_size("99999999999T").is_err());
    }

    #[test]
    fn percentages_and_times_are_written_with_their_units() {
        for text in ["10", "10%", "10 %", "10.0"] {
            assert_eq!(parse_percent(text), Ok(10.0), "{text}");
        }
        for wrong in ["", "%", "-1", "nan", "inf%", "10%%", "ten"] {
            assert!(parse_percent(wrong).is_err(), "{wrong}");
        }
        for (text, seconds) in
            [("120", 120), ("120s", 120), ("2m", 120), ("1h", 3600)]
        {
            let time = Ok(Duration::from_secs(seconds));
            assert_eq!(parse_duration(text), time, "{text}");
        }
        let short = Ok(Duration::from_millis(5));
        assert_eq!(parse_duration("5ms"), short);
        for wrong in ["", "s", "-1s", "1d", "1.5", "99999999999999999999"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_namespace_is_an_identifier() {
        let split = |s: &str| split_namespace(OsStr::new(s));
        assert_eq!(split("ns:a.yar"), (Some("ns".into()), "a.yar".into()));
        assert_eq!(split("a.yar"), (None, "a.yar".into()));
        assert_eq!(split("a/b:c.yar"), (None, "a/b:c.yar".into()));
    }

    #[test]
    fn shards() {
        assert_eq!(parse_shard("2/3"), Ok((2, 3)));
        for wrong in ["0/3", "4/3", "1", "a/b", "1/0", "-1/2"] {
            assert!(parse_shard(wrong).is_err(), "{wrong}");
        }
    }
}
