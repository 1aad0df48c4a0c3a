//! Finds the end of a chunked body. Skips data, extensions and trailers. The caller limits their total size.
//!
//! Invariant: the state between two calls is one small value, because every byte is consumed once it has been read.

use super::Malformed;

/// The next expected part of a chunked body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Chunks {
    /// A digit of the chunk size, or the end of the size after at least one digit.
    Size { size: u64, has_digits: bool },
    /// White space after the size, before the extensions or the end of the line.
    Space { size: u64 },
    /// Extensions, up to the end of the line.
    Extension { size: u64 },
    /// The LF at the end of the size line.
    SizeLf { size: u64 },
    /// This many bytes of data.
    Data { left: u64 },
    /// The CR after data.
    DataCr,
    /// The LF after data.
    DataLf,
    /// The first byte of a trailer, or the end of the body.
    TrailerStart,
    /// The rest of a trailer.
    Trailer,
    /// The LF after a trailer.
    TrailerLf,
    /// The last LF of the body.
    EndLf,
}

impl Default for Chunks {
    fn default() -> Self {
        Self::Size { size: 0, has_digits: false }
    }
}

impl Chunks {
    /// Skips the bytes that belong to the body and passes its data to `data`. Returns their number and whether the body ends with them.
    pub(super) fn skip(&mut self, input: &[u8], data: &mut impl FnMut(&[u8])) -> Result<(usize, bool), Malformed> {
        let mut at = 0;
        while at < input.len() {
            if let Self::Data { left } = self {
                let rest = input.len() - at;
                let skipped = usize::try_from(*left).map_or(rest, |left| left.min(rest));
                data(&input[at..at + skipped]);
                at += skipped;
                *left -= skipped as u64;
                if *left == 0 {
                    *self = Self::DataCr;
                }
                continue;
            }
            let byte = input[at];
            at += 1;
            match self.after(byte)? {
                Some(next) => *self = next,
                None => return Ok((at, true)),
            }
        }
        Ok((at, false))
    }

    /// The state after this byte, which is not data. `None` after the last byte of the body.
    fn after(&self, byte: u8) -> Result<Option<Self>, Malformed> {
        let next = match (self, byte) {
            (&Self::Size { size, .. }, digit) if digit.is_ascii_hexdigit() => {
                Self::Size { size: with_digit(size, digit).ok_or(Malformed::ChunkSize)?, has_digits: true }
            }
            (&(Self::Size { size, has_digits: true } | Self::Space { size } | Self::Extension { size }), b'\r') => {
                Self::SizeLf { size }
            }
            (&(Self::Size { size, has_digits: true } | Self::Space { size }), b';') => Self::Extension { size },
            (&(Self::Size { size, has_digits: true } | Self::Space { size }), b' ' | b'\t') => Self::Space { size },
            (Self::Size { .. } | Self::Space { .. }, _) => return Err(Malformed::ChunkSize),
            (Self::Extension { .. } | Self::TrailerStart | Self::Trailer, b'\n') => {
                return Err(Malformed::ChunkEnd);
            }
            (&Self::Extension { size }, _) => Self::Extension { size },
            (Self::SizeLf { size: 0 } | Self::TrailerLf, b'\n') => Self::TrailerStart,
            (&Self::SizeLf { size }, b'\n') => Self::Data { left: size },
            (Self::DataCr, b'\r') => Self::DataLf,
            (Self::DataLf, b'\n') => Self::default(),
            (Self::TrailerStart, b'\r') => Self::EndLf,
            (Self::Trailer, b'\r') => Self::TrailerLf,
            (Self::TrailerStart | Self::Trailer, _) => Self::Trailer,
            (Self::EndLf, b'\n') => return Ok(None),
            (Self::SizeLf { .. } | Self::DataCr | Self::DataLf | Self::TrailerLf | Self::EndLf | Self::Data { .. }, _) => {
                return Err(Malformed::ChunkEnd);
            }
        };
        Ok(Some(next))
    }
}

fn with_digit(size: u64, digit: u8) -> Option<u64> {
    let digit = char::from(digit).to_digit(16)?;
    size.checked_mul(16)?.checked_add(u64::from(digit))
}
