//! Tables of FlatBuffers: every offset and length is checked against the bytes that are there, and a field may be left
//! out.

use super::super::shape::Position;

/// An offset or a length that points outside the buffer, or a text that is none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Broken;

/// What a field holds; `None` where it is left out.
pub(super) type Found<T> = Result<Option<T>, Broken>;

/// A table and the buffer it is in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    bytes: &'a [u8],
    at: usize,
    fields: usize,
    fields_bytes: usize,
}

impl<'a> Table<'a> {
    /// The table that a buffer is about.
    pub(super) fn root(bytes: &'a [u8]) -> Result<Self, Broken> {
        Self::at(bytes, read_u32(bytes, 0)? as usize)
    }

    fn at(bytes: &'a [u8], at: usize) -> Result<Self, Broken> {
        let back = i64::from(i32::from_le_bytes(take(bytes, at)?));
        let fields = i64::try_from(at).ok().and_then(|at| usize::try_from(at - back).ok());
        let fields = fields.ok_or(Broken)?;
        let fields_bytes = usize::from(u16::from_le_bytes(take(bytes, fields)?));
        Ok(Self { bytes, at, fields, fields_bytes })
    }

    pub(super) fn u8(&self, field: usize) -> Found<u8> {
        Ok(self.number(field)?.map(u8::from_le_bytes))
    }

    pub(super) fn u16(&self, field: usize) -> Found<u16> {
        Ok(self.number(field)?.map(u16::from_le_bytes))
    }

    pub(super) fn i32(&self, field: usize) -> Found<i32> {
        Ok(self.number(field)?.map(i32::from_le_bytes))
    }

    pub(super) fn u64(&self, field: usize) -> Found<u64> {
        Ok(self.number(field)?.map(u64::from_le_bytes))
    }

    pub(super) fn text(&self, field: usize) -> Found<&'a str> {
        let bytes = self.bytes(field)?;
        bytes.map(|bytes| std::str::from_utf8(bytes).map_err(|_not_utf8| Broken)).transpose()
    }

    /// The bytes of a vector of bytes.
    pub(super) fn bytes(&self, field: usize) -> Found<&'a [u8]> {
        self.vector(field, 1)
    }

    pub(super) fn table(&self, field: usize) -> Found<Self> {
        self.target(field)?.map(|at| Self::at(self.bytes, at)).transpose()
    }

    /// A vector of tables; none where it is left out. Several may claim to be in the same place.
    pub(super) fn tables(
        &self,
        field: usize,
    ) -> Result<impl Iterator<Item = Result<Self, Broken>> + use<'a>, Broken> {
        let bytes = self.bytes;
        let start = self.target(field)?.unwrap_or(0);
        let offsets = self.vector(field, 4)?.unwrap_or_default();
        Ok((0..offsets.len()).step_by(4).map(move |i| {
            let at = start.checked_add(4 + i).ok_or(Broken)?;
            Self::at(bytes, at.checked_add(read_u32(bytes, at)? as usize).ok_or(Broken)?)
        }))
    }

    pub(super) fn numbers(&self, field: usize) -> Result<Vec<u32>, Broken> {
        let bytes = self.vector(field, 4)?.unwrap_or_default();
        (0..bytes.len()).step_by(4).map(|at| read_u32(bytes, at)).collect()
    }

    /// Pairs of numbers.
    pub(super) fn positions(&self, field: usize) -> Result<Vec<Position>, Broken> {
        let bytes = self.vector(field, 8)?.unwrap_or_default();
        if !bytes.len().is_multiple_of(16) {
            return Err(Broken);
        }
        let number = |at: usize| take(bytes, at).map(f64::from_le_bytes);
        (0..bytes.len()).step_by(16).map(|at| Ok([number(at)?, number(at + 8)?])).collect()
    }

    fn vector(&self, field: usize, item_bytes: usize) -> Found<&'a [u8]> {
        let Some(start) = self.target(field)? else { return Ok(None) };
        let count = read_u32(self.bytes, start)? as usize;
        let length = count.checked_mul(item_bytes).ok_or(Broken)?;
        let items = self.bytes.get(start + 4..).and_then(|items| items.get(..length));
        items.map(Some).ok_or(Broken)
    }

    /// What a field points to.
    fn target(&self, field: usize) -> Found<usize> {
        let Some(at) = self.place(field)? else { return Ok(None) };
        at.checked_add(read_u32(self.bytes, at)? as usize).map(Some).ok_or(Broken)
    }

    fn number<const N: usize>(&self, field: usize) -> Found<[u8; N]> {
        self.place(field)?.map(|at| take(self.bytes, at)).transpose()
    }

    /// Where a field stands.
    fn place(&self, field: usize) -> Found<usize> {
        let slot = 4 + 2 * field;
        if slot + 2 > self.fields_bytes {
            return Ok(None);
        }
        let offset = usize::from(u16::from_le_bytes(take(self.bytes, self.fields + slot)?));
        Ok((offset != 0).then_some(self.at + offset))
    }
}

fn read_u32(bytes: &[u8], at: usize) -> Result<u32, Broken> {
    take(bytes, at).map(u32::from_le_bytes)
}

fn take<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Broken> {
    let taken = bytes.get(at..).and_then(|rest| rest.first_chunk::<N>());
    taken.copied().ok_or(Broken)
}
