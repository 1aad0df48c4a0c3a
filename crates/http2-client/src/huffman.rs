//! The Huffman code of strings in HTTP/2 and HTTP/3 (RFC 7541, appendix B). The code is canonical: codes of one length are consecutive and in the order of their
//! symbols, and each length continues where the last one ended. The lengths therefore define the code.

/// The length of the code of each byte in bits.
#[rustfmt::skip]
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

/// The longest code, which 4 symbols have: 3 bytes and the end of the string.
const LENGTH_MAX: usize = 30;

/// The codes of one length, with their bits at the top of a word of 32 bits.
#[derive(Clone, Copy)]
struct Row {
    first: u32,
    /// The first code that is longer.
    end: u64,
    /// The position of the first symbol in `SYMBOLS`.
    start: usize,
}

/// The symbols in the order of their codes, and the rows by length.
const TABLES: ([u8; 256], [Row; LENGTH_MAX + 1]) = {
    let mut symbols = [0; 256];
    let mut rows = [Row { first: 0, end: 0, start: 0 }; LENGTH_MAX + 1];
    let (mut code, mut length, mut filled) = (0_u64, 1, 0);
    while length <= LENGTH_MAX {
        #[expect(clippy::cast_possible_truncation, reason = "a code has at most 32 bits")]
        let first = code as u32;
        let start = filled;
        let mut symbol = 0;
        while symbol < 256 {
            if LENGTHS[symbol] as usize == length {
                #[expect(clippy::cast_possible_truncation, reason = "a symbol is a byte")]
                let byte = symbol as u8;
                symbols[filled] = byte;
                filled += 1;
                code += 1 << (32 - length);
            }
            symbol += 1;
        }
        rows[length] = Row { first, end: code, start };
        length += 1;
    }
    (symbols, rows)
};
const SYMBOLS: [u8; 256] = TABLES.0;
static ROWS: [Row; LENGTH_MAX + 1] = TABLES.1;

/// For each byte that a code may begin with: the symbol and the length of a code of at most 8 bits; length 0 if the code is longer.
static SHORT: [(u8, u8); 256] = {
    let mut short = [(0, 0); 256];
    let mut byte = 0_usize;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "a byte")]
        let window = (byte as u32) << 24;
        let mut length = 5;
        while length <= 8 {
            let row = &TABLES.1[length];
            if (window as u64) < row.end {
                #[expect(clippy::cast_possible_truncation, reason = "at most 8")]
                let bits = length as u8;
                short[byte] = (SYMBOLS[row.start + ((window - row.first) >> (32 - length)) as usize], bits);
                break;
            }
            length += 1;
        }
        byte += 1;
    }
    short
};

/// Appends the decoded bytes. `None` if the bytes contain the end of the string, or if the last byte is not filled with ones.
pub fn decode(bytes: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let mut input = bytes.iter();
    // The next bits, from the top. Bits after the end are ones.
    let (mut window, mut bits) = (0_u64, 0_u32);
    loop {
        while bits <= 32 {
            let Some(&byte) = input.next() else { break };
            window |= u64::from(byte) << (56 - bits);
            bits += 8;
        }
        if bits == 0 {
            return Some(());
        }
        let filled = window | u64::MAX >> bits;
        let (symbol, length) = next(filled);
        if length == 0 || length > bits {
            // The rest is padding, or a code that is cut.
            return (bits < 8 && filled == u64::MAX).then_some(());
        }
        out.push(symbol);
        window <<= length;
        bits -= length;
    }
}

/// Encodes a string. Requests of this crate are sent without the Huffman code, because the server keeps their headers.
pub fn encode(text: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(text.len());
    let (mut window, mut bits) = (0_u64, 0);
    for byte in text {
        let length = LENGTHS[usize::from(*byte)];
        let Row { first, start, .. } = ROWS[usize::from(length)];
        let place = SYMBOLS[start..].iter().position(|symbol| symbol == byte).expect("each byte has a code");
        let code = (u64::from(first) >> (32 - length)) + place as u64;
        window |= code << (64 - bits - u32::from(length));
        bits += u32::from(length);
        while bits >= 8 {
            encoded.push(window.to_be_bytes()[0]);
            window <<= 8;
            bits -= 8;
        }
    }
    if bits > 0 {
        encoded.push(window.to_be_bytes()[0] | 0xff >> bits);
    }
    encoded
}

/// The symbol at the top of the window and the length of its code; length 0 for the end of the string.
fn next(window: u64) -> (u8, u32) {
    let (symbol, length) = SHORT[(window >> 56) as usize];
    if length > 0 {
        return (symbol, length.into());
    }
    let window = window >> 32;
    for (length, row) in ROWS.iter().enumerate().skip(10) {
        if window < row.end {
            #[expect(clippy::cast_possible_truncation, reason = "at most 30 bits")]
            let length = length as u32;
            let offset = (window - u64::from(row.first)) >> (32 - length);
            return (SYMBOLS[row.start + usize::try_from(offset).unwrap_or(0)], length);
        }
    }
    (0, 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all strings, the encoded form is decoded to the same string.
        #[test]
        fn encoded_strings_are_decoded(text in any::<Vec<u8>>()) {
            let mut decoded = Vec::new();
            prop_assert_eq!(decode(&encode(&text), &mut decoded), Some(()));
            prop_assert_eq!(decoded, text);
        }

        /// For all bytes, decoding ends without a panic, and a decoded string has only one encoded form.
        #[test]
        fn any_bytes_are_decoded_or_refused(code in any::<Vec<u8>>()) {
            let mut decoded = Vec::new();
            if decode(&code, &mut decoded).is_some() {
                prop_assert_eq!(encode(&decoded), code);
            }
        }
    }

    /// The examples of RFC 7541, appendices C.4 and C.6.
    #[test]
    fn examples_of_the_rfc() {
        for (bytes, text) in [
            (&[0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff][..], "www.example.com"),
            (&[0xa8, 0xeb, 0x10, 0x64, 0x9c, 0xbf], "no-cache"),
            (&[0x64, 0x02], "302"),
            (&[0xae, 0xc3, 0x77, 0x1a, 0x4b], "private"),
        ] {
            let mut out = Vec::new();
            assert_eq!(decode(bytes, &mut out), Some(()));
            assert_eq!(str::from_utf8(&out), Ok(text));
            assert_eq!(encode(text.as_bytes()), bytes);
        }
    }

    #[test]
    fn wrong_padding_is_refused() {
        // A whole byte of padding, padding with zeros, and the end of the string.
        for bytes in [
            &[0xff][..],
            &[0xff, 0xff, 0xff, 0xff],
            &[0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff, 0xff],
            &[0x00],
        ] {
            let mut out = Vec::new();
            assert_eq!(decode(bytes, &mut out), None, "{bytes:?}");
        }
        assert_eq!(decode(&[], &mut Vec::new()), Some(()));
    }
}
