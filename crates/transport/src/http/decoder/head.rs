//! Parses the head of a response: the headers that decide where the response ends, whether the connection is kept, and when to retry the
//! request. Other headers are ignored.
//!
//! Invariant: a head that allows more than one reading of where the body ends is refused.

use std::mem::MaybeUninit;

use httparse::{ParserConfig, Response, Status};

use super::{Chunks, Framing, MAX_HEAD, Malformed, RetryAfter};

/// The initial capacity for response headers. More headers are rare.
const USUAL_HEADERS: usize = 128;

/// More headers than a head of maximum length can hold: each header takes at least a letter, a colon and a line end.
const MAX_HEADERS: usize = MAX_HEAD / 3;

/// The relevant parts of a response head.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Whether the connection may be reused after the whole body has been read.
    pub(super) keep_alive: bool,
    pub(super) framing: Framing,
    pub(super) retry_after: Option<RetryAfter>,
}

/// The headers that frame a response, collected from all their occurrences.
#[derive(Default)]
struct Fields {
    content_length: Option<u64>,
    /// `None` without a transfer-encoding, otherwise whether the last encoding is `chunked`.
    ends_chunked: Option<bool>,
    close: bool,
    keep_alive: bool,
    retry_after: Option<RetryAfter>,
}

impl Head {
    /// Parses the head at the start of these bytes and returns its length too. `None` if the head is incomplete.
    pub(super) fn parse(input: &[u8]) -> Result<Option<(usize, Self)>, Malformed> {
        let window = &input[..input.len().min(MAX_HEAD)];
        // Uninitialised, because clearing the space for all headers would take longer than parsing the few that arrive.
        match Self::parse_into(window, &mut [const { MaybeUninit::uninit() }; USUAL_HEADERS]) {
            Err(Malformed::Head(httparse::Error::TooManyHeaders)) => {
                Self::parse_into(window, &mut Box::new_uninit_slice(MAX_HEADERS))
            }
            parsed => parsed,
        }
    }

    fn parse_into<'a>(
        window: &'a [u8],
        room: &mut [MaybeUninit<httparse::Header<'a>>],
    ) -> Result<Option<(usize, Self)>, Malformed> {
        let mut response = Response::new(&mut []);
        let parsed = ParserConfig::default().parse_response_with_uninit_headers(&mut response, window, room)?;
        let Status::Complete(length) = parsed else {
            return if window.len() == MAX_HEAD { Err(Malformed::HeadTooLong) } else { Ok(None) };
        };
        let status = response.code.expect("a complete head has a status");
        let is_http_10 = response.version == Some(0);
        let fields = Fields::gather(response.headers)?;
        let framing = fields.framing(status, is_http_10)?;
        let keep_alive = match framing {
            Framing::UntilClose => false,
            _ => !fields.close && (!is_http_10 || fields.keep_alive),
        };
        let head = Self { status, keep_alive, framing, retry_after: fields.retry_after };
        Ok(Some((length, head)))
    }

    /// Whether the final response is still to come.
    pub(super) fn is_interim(&self) -> bool {
        self.status < 200
    }
}

impl Fields {
    fn gather(headers: &[httparse::Header<'_>]) -> Result<Self, Malformed> {
        let mut fields = Self::default();
        for header in headers {
            // The length of the name rules out most headers before any letters are compared.
            match header.name.len() {
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    for option in elements(header.value) {
                        fields.close |= option.eq_ignore_ascii_case(b"close");
                        fields.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                // An invalid value counts as missing.
                11 if header.name.eq_ignore_ascii_case("retry-after") => fields.retry_after = RetryAfter::parse(header.value),
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    for element in elements(header.value) {
                        let length = number(element).ok_or(Malformed::ContentLength)?;
                        if fields.content_length.is_some_and(|other| other != length) {
                            return Err(Malformed::ContentLengths);
                        }
                        fields.content_length = Some(length);
                    }
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    let last = elements(header.value).last();
                    fields.ends_chunked = Some(last.is_some_and(|coding| coding.eq_ignore_ascii_case(b"chunked")));
                }
                _ => {}
            }
        }
        Ok(fields)
    }

    /// The framing of the body, by section 6.3 of RFC 9112. Ambiguous cases are refused.
    fn framing(&self, status: u16, is_http_10: bool) -> Result<Framing, Malformed> {
        match (status, self.ends_chunked, self.content_length) {
            (..100, ..) => Err(Malformed::Status),
            (101, ..) => Err(Malformed::SwitchingProtocols),
            (_, Some(_), _) if is_http_10 => Err(Malformed::EncodingInHttp10),
            (_, Some(_), Some(_)) => Err(Malformed::LengthAndEncoding),
            (..200 | 204 | 304, ..) => Ok(Framing::Length(0)),
            (_, Some(true), None) => Ok(Framing::Chunked(Chunks::default())),
            (_, None, Some(length)) => Ok(Framing::Length(length)),
            (_, Some(false) | None, None) => Ok(Framing::UntilClose),
        }
    }
}

/// The elements of a comma-separated list, without surrounding white space.
fn elements(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    list.split(|&byte| byte == b',').map(<[u8]>::trim_ascii)
}

/// Parses a number that consists of digits only. Unlike `parse`, refuses a plus sign.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, &digit| {
        let digit = digit.is_ascii_digit().then(|| u64::from(digit - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}
