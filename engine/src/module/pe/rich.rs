//! The header that Microsoft's linker leaves behind the DOS stub.

use memchr::memmem;

use super::image::Image;

const START: u32 = u32::from_le_bytes(*b"DanS");
const END: &[u8] = b"Rich";
/// The start and three words of padding.
const HEAD: usize = 16;

/// The header.
pub(super) struct Rich<'d> {
    pub(super) offset: usize,
    pub(super) key: u32,
    pub(super) raw_data: &'d [u8],
    pub(super) clear_data: Vec<u8>,
    pub(super) tools: Vec<Tool>,
}

/// How often a tool was used.
pub(super) struct Tool {
    pub(super) version: u16,
    pub(super) id: u16,
    pub(super) times: u32,
}

impl<'d> Image<'d> {
    pub(super) fn read_rich(&self) -> Option<Rich<'d>> {
        let stub = self.view.slice(0, self.header_at)?;
        let end = memmem::rfind(stub, END)?;
        let key: [u8; 4] = *stub.get(end + END.len()..)?.first_chunk()?;
        let start = u32::from_le_bytes(key) ^ START;
        let offset = memmem::rfind(&stub[..end], &start.to_le_bytes())?;
        let raw_data = &stub[offset..end];
        let keys = key.iter().cycle();
        let clear_data: Vec<u8> =
            raw_data.iter().zip(keys).map(|(data, key)| data ^ key).collect();
        let rows = clear_data.get(HEAD..).unwrap_or_default();
        let (rows, _) = rows.as_chunks::<8>();
        let tools = rows.iter().map(|row| Tool {
            version: u16::from_le_bytes([row[0], row[1]]),
            id: u16::from_le_bytes([row[2], row[3]]),
            times: u32::from_le_bytes([row[4], row[5], row[6], row[7]]),
        });
        Some(Rich {
            offset,
            key: u32::from_le_bytes(key),
            raw_data,
            tools: tools.collect(),
            clear_data,
        })
    }
}

impl Rich<'_> {
    /// Version and tool of each row as they lie in the header, one after
    /// the other.
    pub(super) fn version_data(&self) -> Vec<u8> {
        let rows = self.clear_data.get(HEAD..).unwrap_or_default();
        let (rows, _) = rows.as_chunks::<8>();
        rows.iter().flat_map(|row| &row[..4]).copied().collect()
    }

    /// The sum over the rows of this tool and this version.
    pub(super) fn times(&self, id: Option<i64>, version: Option<i64>) -> i64 {
        let fits = |tool: &&Tool| {
            id.is_none_or(|id| id == i64::from(tool.id))
                && version.is_none_or(|v| v == i64::from(tool.version))
        };
        let tools = self.tools.iter().filter(fits);
        tools.map(|tool| i64::from(tool.times)).sum()
    }
}
