//! Tests of header compression.

use proptest::prelude::*;

use super::*;

/// Appends a string, in the Huffman code or as it is.
fn write_text(flags: u8, prefix: u32, text: &[u8], is_huffman: bool, out: &mut Vec<u8>) {
    let bytes = if is_huffman { huffman::encode(text) } else { text.to_vec() };
    write_integer(flags | u8::from(is_huffman) << prefix, prefix, bytes.len() as u64, out);
    out.extend_from_slice(&bytes);
}

/// Appends a field in one of the forms that a server can choose.
fn write_field(name: &str, value: &str, is_huffman: bool, out: &mut Vec<u8>) {
    let position = match name {
        ":status" => Some(24),
        "content-length" => Some(CONTENT_LENGTH),
        _ => None,
    };
    match position {
        Some(position) => write_integer(0x50, 4, position, out),
        None => write_text(0x20, 3, name.as_bytes(), is_huffman, out),
    }
    write_text(0, 7, value.as_bytes(), is_huffman, out);
}

/// The fields of a request, as a server reads them. Requests use only these three forms.
pub(in crate::http) fn fields(section: &[u8]) -> Vec<(String, String)> {
    let mut reader = FieldReader { rest: section };
    assert_eq!((reader.integer(8), reader.integer(7)), (Ok(0), Ok(0)));
    let mut fields = Vec::new();
    let text = |text: Text<'_>| String::from_utf8(text.decode().unwrap()).unwrap();
    while let Some(first) = reader.rest.first() {
        fields.push(match first {
            0xc0.. => {
                let position = reader.position(6).unwrap();
                let (name, value, _) = FIELDS.iter().find(|(.., known)| *known == position).unwrap();
                ((*name).to_owned(), (*value).to_owned())
            }
            0x50.. => {
                let position = reader.position(4).unwrap();
                let name = NAMES.iter().find(|(_, known)| *known == position).unwrap().0;
                (name.to_owned(), text(reader.text(7).unwrap()))
            }
            _ => (text(reader.text(3).unwrap()), text(reader.text(7).unwrap())),
        });
    }
    fields
}

#[test]
fn a_request_has_its_fields_in_order() {
    let sent = [
        (":method", "POST"),
        (":scheme", "https"),
        (":authority", "jobs.example"),
        (":path", "/clientEvents?key=1"),
        ("content-type", "application/json"),
        ("content-type", "text/plain"),
        ("accept", "application/json"),
        ("x-one", &"1".repeat(300)),
        ("authorization", "Bearer secret"),
        ("content-length", "12"),
    ];
    let mut writer = FieldWriter::new();
    for (name, value) in sent {
        writer.field(name, value.as_bytes());
    }
    let read = fields(&writer.into_bytes());
    assert_eq!(read, sent.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn the_status_of_each_static_entry_is_known() {
    for (position, status) in STATUSES {
        let mut section = PREFIX.to_vec();
        write_integer(0xc0, 6, position, &mut section);
        // Another name and value of the static table: `vary: origin`.
        write_integer(0xc0, 6, 60, &mut section);
        assert_eq!(read_head(&section), Ok(ResponseHead { status, retry_after: None, length: None }));
    }
}

#[test]
fn heads_that_are_not_valid_are_refused() {
    let of = |fields: &[(&str, &str)]| {
        let mut section = PREFIX.to_vec();
        for (name, value) in fields {
            write_field(name, value, false, &mut section);
        }
        section
    };
    for (section, expected) in [
        (of(&[]), Malformed::Message("no status")),
        (of(&[("x", "200")]), Malformed::Message("no status")),
        (of(&[(":status", "200"), (":status", "200")]), Malformed::Message("more than one status")),
        (of(&[(":status", "99")]), Malformed::Message("a status that is not a number from 100 to 999")),
        (of(&[(":status", "+200")]), Malformed::Message("a status that is not a number from 100 to 999")),
        (
            of(&[(":status", "200"), ("content-length", "1"), ("content-length", "2")]),
            Malformed::Message("two different lengths"),
        ),
        (of(&[(":status", "200"), ("content-length", "-1")]), Malformed::Message("a length that is not a number")),
        (vec![1, 0], Malformed::Compression("it refers to a dynamic table, for which the client has no room")),
        (vec![0, 0, 0x80], Malformed::Compression("it refers to a dynamic table, for which the client has no room")),
        (vec![0, 0, 0x10], Malformed::Compression("it refers to a dynamic table, for which the client has no room")),
        (vec![0, 0, 0xff, 36], Malformed::Compression("it refers past the end of the static table")),
        (vec![0, 0, 0x21, b'a'], Malformed::Compression(CUT_SHORT)),
        (vec![0, 0, 0x29, 0xff, 0], Malformed::Compression("a string is not in the Huffman code")),
        ([&[0, 0][..], &[0xff; 12]].concat(), Malformed::Compression("an integer is too large")),
        (vec![], Malformed::Compression(CUT_SHORT)),
    ] {
        assert_eq!(read_head(&section), Err(expected), "{section:?}");
    }
}

proptest! {
    /// For all responses, the status, the time to retry and the length are read, whatever other fields there are and however strings are
    /// encoded.
    #[test]
    fn the_fields_of_a_response_are_read(
        status in 100u16..1000,
        retry_after in prop::option::of(any::<u64>()),
        length in prop::option::of(any::<u64>()),
        others in prop::collection::vec(("[a-z-]{1,40}", "[ -~]{0,200}", any::<bool>()), 0..4),
        is_huffman in any::<bool>(),
    ) {
        let mut section = PREFIX.to_vec();
        write_field(":status", &status.to_string(), is_huffman, &mut section);
        for (name, value, is_huffman) in &others {
            write_field(&format!("x-{name}"), value, *is_huffman, &mut section);
        }
        if let Some(seconds) = retry_after {
            write_field("retry-after", &seconds.to_string(), is_huffman, &mut section);
        }
        if let Some(length) = length {
            write_field("content-length", &length.to_string(), is_huffman, &mut section);
        }
        let retry_after = retry_after.map(RetryAfter::Seconds);
        prop_assert_eq!(read_head(&section), Ok(ResponseHead { status, retry_after, length }));
    }

    /// For all bytes, reading ends without a panic.
    #[test]
    fn any_section_is_read_or_refused(section in prop::collection::vec(any::<u8>(), 0..100)) {
        let _ = read_head(&section);
        let _ = read_head(&[&PREFIX, &*section].concat());
    }
}
