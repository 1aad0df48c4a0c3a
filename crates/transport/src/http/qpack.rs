//! Header compression of HTTP/3 (QPACK, RFC 9204) without a dynamic table. The client announces no room for one, so all field lines are
//! literals or entries of the static table. Requests are written once for each endpoint, and of responses only three fields are read.

use http2_client::huffman;

use super::{http3_error::Malformed, retry_after::RetryAfter};

/// The first bytes of a field section that uses no dynamic table.
const PREFIX: [u8; 2] = [0, 0];

/// Whole fields of the static table that requests have.
const FIELDS: [(&str, &str, u64); 4] = [
    (":method", "POST", 20),
    (":scheme", "https", 23),
    ("content-encoding", "gzip", 43),
    ("content-type", "application/json", 46),
];

/// Names of the static table that requests have.
const NAMES: [(&str, u64); 6] =
    [(":authority", 0), (":path", 1), ("content-length", 4), ("accept", 29), ("authorization", 84), ("user-agent", 95)];

/// The position of `content-length` in the static table.
const CONTENT_LENGTH: u64 = 4;

/// The positions of `:status` in the static table.
const STATUSES: [(u64, u16); 14] = [
    (24, 103),
    (25, 200),
    (26, 304),
    (27, 404),
    (28, 503),
    (63, 100),
    (64, 204),
    (65, 206),
    (66, 302),
    (67, 400),
    (68, 403),
    (69, 421),
    (70, 425),
    (71, 500),
];

/// The number of entries of the static table.
const STATIC_ENTRIES: u64 = 99;

/// The field lines of a request.
#[derive(Default)]
pub(super) struct FieldWriter(Vec<u8>);

impl FieldWriter {
    pub(super) fn new() -> Self {
        Self(PREFIX.to_vec())
    }

    /// Appends a field. The name is in lower case.
    pub(super) fn field(&mut self, name: &str, value: &[u8]) {
        if let Some((.., position)) = FIELDS.iter().find(|(known, of, _)| *known == name && of.as_bytes() == value) {
            return write_integer(0xc0, 6, *position, &mut self.0);
        }
        write_literal(name, value, &mut self.0);
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Appends a field as a literal.
pub(super) fn write_literal(name: &str, value: &[u8], out: &mut Vec<u8>) {
    if let Some((_, position)) = NAMES.iter().find(|(known, _)| *known == name) {
        write_integer(0x50, 4, *position, out);
    } else {
        write_integer(0x20, 3, name.len() as u64, out);
        out.extend_from_slice(name.as_bytes());
    }
    write_integer(0, 7, value.len() as u64, out);
    out.extend_from_slice(value);
}

/// Appends an integer whose first byte has these flags above a prefix of this many bits (RFC 7541, section 5.1).
fn write_integer(flags: u8, prefix: u32, value: u64, out: &mut Vec<u8>) {
    let most = (1 << prefix) - 1;
    if value < most {
        return out.push(flags | low_byte(value));
    }
    out.push(flags | low_byte(most));
    let mut rest = value - most;
    while rest >= 0x80 {
        out.push(0x80 | low_byte(rest & 0x7f));
        rest >>= 7;
    }
    out.push(low_byte(rest));
}

fn low_byte(value: u64) -> u8 {
    value.to_le_bytes()[0]
}

/// The fields of a response that the client reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ResponseHead {
    pub(super) status: u16,
    pub(super) retry_after: Option<RetryAfter>,
    /// The length of the body that the server announced.
    pub(super) length: Option<u64>,
}

/// Reads the field section of a response.
pub(super) fn read_head(section: &[u8]) -> Result<ResponseHead, Malformed> {
    let mut fields = FieldReader { rest: section };
    if fields.integer(8)? != 0 {
        return Err(Malformed::Compression("it refers to a dynamic table, for which the client has no room"));
    }
    fields.integer(7)?;
    let (mut status, mut retry_after, mut length) = (None, None, None);
    while let Some(field) = fields.next()? {
        match field {
            Field::Status(value) => {
                if status.replace(value).is_some() {
                    return Err(Malformed::Message("more than one status"));
                }
            }
            Field::RetryAfter(value) => retry_after = retry_after.or(RetryAfter::parse(&value)),
            Field::Length(value) => {
                let value = digits(&value).ok_or(Malformed::Message("a length that is not a number"))?;
                if length.replace(value).is_some_and(|other| other != value) {
                    return Err(Malformed::Message("two different lengths"));
                }
            }
            Field::Other => {}
        }
    }
    Ok(ResponseHead { status: status.ok_or(Malformed::Message("no status"))?, retry_after, length })
}

/// A field line of a response.
enum Field {
    Status(u16),
    RetryAfter(Vec<u8>),
    Length(Vec<u8>),
    Other,
}

/// The field lines that are left.
struct FieldReader<'a> {
    rest: &'a [u8],
}

/// A string of a field line.
struct Text<'a> {
    bytes: &'a [u8],
    is_huffman: bool,
}

impl Text<'_> {
    fn decode(&self) -> Result<Vec<u8>, Malformed> {
        if !self.is_huffman {
            return Ok(self.bytes.to_vec());
        }
        let mut decoded = Vec::new();
        huffman::decode(self.bytes, &mut decoded).ok_or(Malformed::Compression("a string is not in the Huffman code"))?;
        Ok(decoded)
    }
}

impl<'a> FieldReader<'a> {
    fn next(&mut self) -> Result<Option<Field>, Malformed> {
        let Some(first) = self.rest.first() else { return Ok(None) };
        let field = match first {
            0xc0.. => {
                let position = self.position(6)?;
                let status = STATUSES.iter().find(|(known, _)| *known == position);
                match status {
                    Some((_, status)) => Field::Status(*status),
                    None if position == CONTENT_LENGTH => Field::Length(b"0".to_vec()),
                    None => Field::Other,
                }
            }
            0x50..0x60 | 0x70..0x80 => {
                let position = self.position(4)?;
                let value = self.text(7)?;
                if position == CONTENT_LENGTH {
                    Field::Length(value.decode()?)
                } else if STATUSES.iter().any(|(known, _)| *known == position) {
                    status(&value)?
                } else {
                    Field::Other
                }
            }
            0x20..0x40 => {
                let name = self.text(3)?;
                let value = self.text(7)?;
                match &*name.decode()? {
                    b":status" => status(&value)?,
                    b"retry-after" => Field::RetryAfter(value.decode()?),
                    b"content-length" => Field::Length(value.decode()?),
                    _ => Field::Other,
                }
            }
            _ => return Err(Malformed::Compression("it refers to a dynamic table, for which the client has no room")),
        };
        Ok(Some(field))
    }

    /// Reads a position in the static table.
    fn position(&mut self, prefix: u32) -> Result<u64, Malformed> {
        let position = self.integer(prefix)?;
        if position < STATIC_ENTRIES {
            Ok(position)
        } else {
            Err(Malformed::Compression("it refers past the end of the static table"))
        }
    }

    /// Reads a string whose flag for the Huffman code is the bit above its length.
    fn text(&mut self, prefix: u32) -> Result<Text<'a>, Malformed> {
        let is_huffman = self.rest.first().is_some_and(|first| first >> prefix & 1 == 1);
        let length = self.integer(prefix)?;
        let split = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let (bytes, rest) = split.ok_or(Malformed::Compression(CUT_SHORT))?;
        self.rest = rest;
        Ok(Text { bytes, is_huffman })
    }

    /// Reads an integer with a prefix of this many bits.
    fn integer(&mut self, prefix: u32) -> Result<u64, Malformed> {
        let most = (1 << prefix) - 1;
        let mut value = u64::from(self.byte()?) & most;
        if value < most {
            return Ok(value);
        }
        for shift in (0..56).step_by(7) {
            let byte = self.byte()?;
            value += u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Malformed::Compression("an integer is too large"))
    }

    fn byte(&mut self) -> Result<u8, Malformed> {
        let (first, rest) = self.rest.split_first().ok_or(Malformed::Compression(CUT_SHORT))?;
        self.rest = rest;
        Ok(*first)
    }
}

const CUT_SHORT: &str = "it ends within a field";

fn status(value: &Text<'_>) -> Result<Field, Malformed> {
    const EXPECTED: Malformed = Malformed::Message("a status that is not a number from 100 to 999");
    match digits(&value.decode()?) {
        Some(status @ 100..=999) => Ok(Field::Status(u16::try_from(status).map_err(|_| EXPECTED)?)),
        _ => Err(EXPECTED),
    }
}

/// The number that these digits are.
fn digits(text: &[u8]) -> Option<u64> {
    let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    str::from_utf8(text).ok().filter(|_| is_number)?.parse().ok()
}

#[cfg(test)]
pub(super) mod tests;
