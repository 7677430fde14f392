//! The functions of `dex`.

use sha1::{Digest, Sha1};

use super::code::Method;
use super::tables::Tables;
use crate::module::call::hex;
use crate::module::{Arg, CallCx, Value};

/// What the two sums cover: each leaves out itself and what is before it.
const SUMMED_FROM: usize = 12;
const HASHED_FROM: usize = 32;

pub(super) fn call(
    dex: Option<&Tables<'_>>,
    name: &str,
    args: &[Arg<'_>],
    cx: &mut dyn CallCx,
) -> Option<Value<'static>> {
    let data = dex.map_or(&[][..], |dex| dex.view.bytes());
    if !cx.charge(data.len() as u64) {
        return None;
    }
    let has = |any: &dyn Fn(&Tables<'_>, &[u8]) -> bool| {
        let &[Arg::Bytes(wanted)] = args else { return None };
        Some(Value::Bool(dex.is_some_and(|dex| any(dex, wanted))))
    };
    match name {
        "contains_string" => has(&|dex, wanted| {
            let mut all = dex.strings().iter();
            all.any(|string| string.value.as_deref() == Some(wanted))
        }),
        "contains_method" => has(&|dex, wanted| {
            let mut all = dex.methods().iter();
            all.any(|&[_, _, n]| dex.string(n).as_deref() == Some(wanted))
        }),
        "contains_class" => has(&|dex, wanted| {
            let mut all = dex.classes().iter();
            all.any(|c| dex.type_name(c[0]).as_deref() == Some(wanted))
        }),
        "checksum" => {
            dex?;
            let sum = adler32(data.get(SUMMED_FROM..)?);
            Some(Value::Int(i64::from(sum)))
        }
        "signature" => {
            dex?;
            let hash = hex(&Sha1::digest(data.get(HASHED_FROM..)?));
            Some(Value::Bytes(hash.into_bytes().into()))
        }
        "has_method" | "has_class" => {
            let dex = dex?;
            let is_class = name == "has_class";
            let mut all = dex.code().methods.iter();
            let found = all.any(|method| match args {
                [one] if is_class => fits(one, class_of(dex, method)),
                [one] => fits(one, name_of(dex, method)),
                [class, name] => {
                    fits(class, class_of(dex, method))
                        && fits(name, name_of(dex, method))
                }
                _ => false,
            });
            Some(Value::Int(i64::from(found)))
        }
        _ => None,
    }
}

type Text<'d> = Option<std::borrow::Cow<'d, [u8]>>;

fn class_of<'d>(dex: &Tables<'d>, method: &Method<'_>) -> Text<'d> {
    let at = usize::try_from(method.at).ok()?;
    dex.type_name(dex.methods().get(at)?[0])
}

fn name_of<'d>(dex: &Tables<'d>, method: &Method<'_>) -> Text<'d> {
    let at = usize::try_from(method.at).ok()?;
    dex.string(dex.methods().get(at)?[2])
}

fn fits(wanted: &Arg<'_>, text: Text<'_>) -> bool {
    match (wanted, text) {
        (Arg::Bytes(wanted), Some(text)) => **wanted == *text,
        (Arg::Regex(wanted), Some(text)) => wanted.is_match(&text),
        _ => false,
    }
}

fn adler32(data: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    // So many bytes can be added before a sum could overflow.
    const BLOCK: usize = 5_552;
    let (mut a, mut b) = (1u32, 0u32);
    for block in data.chunks(BLOCK) {
        for byte in block {
            a += u32::from(*byte);
            b += a;
        }
        a %= MODULUS;
        b %= MODULUS;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    use super::adler32;

    #[test]
    fn the_sum_is_that_of_adler() {
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
        assert_eq!(adler32(b""), 1);
        // 100,000 bytes of 255, as zlib sums them.
        assert_eq!(adler32(&[255; 100_000]), 0x149a_302c);
    }
}
