//! What a description says about a group.

use std::num::NonZeroU64;

use super::text::{Section, Value, parse};

const SECTOR: u64 = 512;

/// A group.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) id: String,
    pub(super) sequence: u64,
    /// Bytes of an extent.
    pub(super) extent: u64,
    pub(super) members: Vec<Member>,
    pub(super) logical: Vec<Logical>,
}

/// A physical volume.
pub(super) struct Member {
    pub(super) name: String,
    /// Without the dashes.
    pub(super) id: String,
    /// Where its extents begin, in bytes.
    pub(super) start: u64,
}

/// A logical volume.
pub(super) struct Logical {
    pub(super) name: String,
    pub(super) id: String,
    /// Ascending.
    pub(super) segments: Vec<Segment>,
}

/// Consecutive extents of a logical volume.
pub(super) struct Segment {
    pub(super) start: u64,
    pub(super) count: u64,
    pub(super) stripe: Option<NonZeroU64>,
    pub(super) kind: Kind,
}

/// How a segment is stored.
pub(super) enum Kind {
    /// Number of the physical volume and first extent there, for each.
    Stripes(Vec<(usize, u64)>),
    Zero,
    /// Thin, RAID, cache and others.
    Unsupported(String),
    /// It contradicts itself.
    Wrong,
}

impl Kind {
    pub(super) fn name(&self) -> &str {
        match self {
            Kind::Stripes(stripes) if stripes.len() > 1 => "striped",
            Kind::Stripes(_) => "linear",
            Kind::Zero => "zero",
            Kind::Unsupported(name) => name,
            Kind::Wrong => "",
        }
    }
}

impl Group {
    /// `None` if the text does not describe a group.
    pub(super) fn parse(text: &[u8]) -> Option<Group> {
        let root = parse(text)?;
        let (name, group) = root
            .sections
            .iter()
            .find(|(_, s)| s.section("physical_volumes").is_some())?;
        let members: Vec<Member> = group
            .section("physical_volumes")?
            .sections
            .iter()
            .filter_map(|(name, section)| {
                let start = section.number("pe_start")?.checked_mul(SECTOR);
                Some(Member {
                    name: name.clone(),
                    id: section.text("id")?.replace('-', ""),
                    start: start?,
                })
            })
            .collect();
        let logical = group.section("logical_volumes");
        let logical = logical.map_or(&[][..], |section| &section.sections);
        let extent = group.number("extent_size")?.checked_mul(SECTOR)?;
        Some(Group {
            name: name.clone(),
            id: group.text("id")?.to_owned(),
            sequence: group.number("seqno")?,
            extent: NonZeroU64::new(extent)?.get(),
            logical: logical
                .iter()
                .map(|(name, section)| Logical {
                    name: name.clone(),
                    id: section.text("id").unwrap_or_default().to_owned(),
                    segments: segments(section, &members),
                })
                .collect(),
            members,
        })
    }
}

fn segments(volume: &Section, members: &[Member]) -> Vec<Segment> {
    let mut segments: Vec<Segment> = volume
        .sections
        .iter()
        .filter(|(name, _)| name.starts_with("segment"))
        .filter_map(|(_, section)| {
            Some(Segment {
                start: section.number("start_extent")?,
                count: section.number("extent_count")?,
                stripe: section
                    .number("stripe_size")
                    .and_then(|sectors| sectors.checked_mul(SECTOR))
                    .and_then(NonZeroU64::new),
                kind: kind(section, members),
            })
        })
        .collect();
    segments.sort_by_key(|segment| segment.start);
    segments
}

fn kind(section: &Section, members: &[Member]) -> Kind {
    match section.text("type") {
        Some("striped" | "linear") => {}
        Some("zero") => return Kind::Zero,
        Some(other) => return Kind::Unsupported(other.to_owned()),
        None => return Kind::Wrong,
    }
    let list = section.list("stripes").unwrap_or_default();
    let count = section.number("stripe_count").unwrap_or(1);
    let (pairs, rest) = list.as_chunks::<2>();
    if !rest.is_empty() || pairs.len() as u64 != count || count == 0 {
        return Kind::Wrong;
    }
    if count > 1 && section.number("stripe_size").is_none_or(|s| s == 0) {
        return Kind::Wrong;
    }
    let stripes = pairs.iter().map(|pair| match pair {
        // Another logical volume cannot be one, so there are no loops.
        [Value::Text(name), Value::Number(extent)] => {
            let member = members.iter().position(|m| m.name == *name)?;
            Some((member, *extent))
        }
        _ => None,
    });
    stripes.collect::<Option<_>>().map_or(Kind::Wrong, Kind::Stripes)
}
