//! Writes JSON strings and objects of strings.

use crate::json::lexer::plain_length;

/// Appends the entries of an object of strings, without the braces.
pub(crate) fn write_entries<'a>(out: &mut Vec<u8>, entries: impl IntoIterator<Item = (&'a str, &'a str)>) {
    let mut separator: &[u8] = b"\"";
    for (key, value) in entries {
        out.extend_from_slice(separator);
        write_unquoted(out, key);
        out.extend_from_slice(b"\":\"");
        write_unquoted(out, value);
        out.push(b'"');
        separator = b",\"";
    }
}

/// Appends a JSON string without its quotes.
pub(crate) fn write_unquoted(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((&byte, after)) = special.split_first() else {
            return;
        };
        write_escape(out, byte);
        rest = after;
    }
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0c => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let (high, low) = (HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 0xf)]);
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', high, low]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
