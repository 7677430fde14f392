//! Names that start with a prefix, in a sorted map.

use std::collections::BTreeMap;
use std::ops::Bound;

/// The entries whose keys start with `prefix`, in order.
pub(super) fn with_prefix<'m, V>(
    map: &'m BTreeMap<String, V>,
    prefix: &'m str,
) -> impl Iterator<Item = (&'m str, &'m V)> {
    let from = (Bound::Included(prefix), Bound::Unbounded);
    map.range::<str, _>(from)
        .map(|(key, value)| (key.as_str(), value))
        .take_while(move |(key, _)| key.starts_with(prefix))
}

/// The last entry whose key is not above `key`.
pub(super) fn at_or_before<'m, V>(
    map: &'m BTreeMap<String, V>,
    key: &str,
) -> Option<(&'m str, &'m V)> {
    let to = (Bound::Unbounded, Bound::Included(key));
    let (key, value) = map.range::<str, _>(to).next_back()?;
    Some((key, value))
}
