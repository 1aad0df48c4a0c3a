//! Decodes strings in the Huffman code of HTTP/2 and HTTP/3 (RFC 7541, appendix B). The code is canonical, so the lengths of the codes
//! define it: codes of the same length follow each other in the order of their symbols.

use std::sync::LazyLock;

/// The length of the code of each byte, in bits.
#[rustfmt::skip]
const LENGTHS: [u8; 256] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28,
    28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10, 13, 6, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7,
    7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23,
    24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21,
    22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23, 26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27,
    27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25,
    25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
];

/// The length of the longest code.
const LENGTH_MAX: usize = 30;

/// The maximum number of bits after the last symbol. They are the start of the longest code, whose bits are all 1.
const PADDING_MAX: u32 = 7;

/// The symbols in the order of their codes, and the codes of each length.
struct Code {
    symbols: Vec<u8>,
    by_length: [CodesOfLength; LENGTH_MAX + 1],
}

/// The codes of one length.
#[derive(Clone, Copy, Default)]
struct CodesOfLength {
    first: u32,
    count: u32,
    /// The position of the first symbol with this length among all symbols.
    position: usize,
}

static CODE: LazyLock<Code> = LazyLock::new(|| {
    let mut by_length = [CodesOfLength::default(); LENGTH_MAX + 1];
    let mut symbols = Vec::with_capacity(LENGTHS.len());
    let mut next = 0;
    for (length, codes) in by_length.iter_mut().enumerate() {
        next <<= 1;
        let start = symbols.len();
        let with_length = (0..=u8::MAX).filter(|symbol| usize::from(LENGTHS[usize::from(*symbol)]) == length);
        symbols.extend(with_length);
        let count = u32::try_from(symbols.len() - start).expect("at most 256 symbols");
        *codes = CodesOfLength { first: next, count, position: start };
        next += count;
    }
    Code { symbols, by_length }
});

/// Decodes a string. `None` if it is not in the code.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(bytes.len() * 8 / 5);
    let (mut code, mut length) = (0, 0);
    for byte in bytes {
        for bit in (0..8).rev() {
            code = code << 1 | u32::from(byte >> bit & 1);
            length += 1;
            let CodesOfLength { first, count, position } = *CODE.by_length.get(length)?;
            if let Some(offset) = code.checked_sub(first)
                && offset < count
            {
                decoded.push(CODE.symbols[position + offset as usize]);
                (code, length) = (0, 0);
            }
        }
    }
    let padding = u32::try_from(length).ok()?;
    (padding <= PADDING_MAX && code == (1 << padding) - 1).then_some(decoded)
}

/// Encodes a string.
#[cfg(test)]
pub(super) fn encode(bytes: &[u8]) -> Vec<u8> {
    let mut bits = Vec::new();
    for byte in bytes {
        let length = usize::from(LENGTHS[usize::from(*byte)]);
        let CodesOfLength { first, position, .. } = CODE.by_length[length];
        let offset = CODE.symbols[position..].iter().position(|symbol| symbol == byte).unwrap();
        let code = first + u32::try_from(offset).unwrap();
        bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
    }
    let byte = |bits: &[bool]| (0..8).fold(0, |byte, bit| byte << 1 | u8::from(*bits.get(bit).unwrap_or(&true)));
    bits.chunks(8).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Examples of RFC 7541, appendix C.
    #[test]
    fn strings_are_decoded_as_specified() {
        for (code, text) in [
            (&[0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff][..], "www.example.com"),
            (&[0xa8, 0xeb, 0x10, 0x64, 0x9c, 0xbf], "no-cache"),
            (&[0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xb8, 0xe8, 0xb4, 0xbf], "custom-value"),
            (&[0x64, 0x02], "302"),
            (&[], ""),
        ] {
            assert_eq!(decode(code).as_deref(), Some(text.as_bytes()));
        }
    }

    #[test]
    fn wrong_padding_and_the_end_symbol_are_refused() {
        // The padding is 0, longer than 7 bits, or the whole symbol for the end of the string.
        for code in [&[0x18][..], &[0x64, 0x02, 0xff], &[0xff, 0xff, 0xff, 0xff]] {
            assert_eq!(decode(code), None, "{code:?}");
        }
    }

    proptest! {
        /// For all strings, the encoded form is decoded to the same string.
        #[test]
        fn encoded_strings_are_decoded(text in any::<Vec<u8>>()) {
            prop_assert_eq!(decode(&encode(&text)), Some(text));
        }

        /// For all bytes, decoding ends without a panic, and a decoded string has only one encoded form.
        #[test]
        fn any_bytes_are_decoded_or_refused(code in any::<Vec<u8>>()) {
            if let Some(text) = decode(&code) {
                prop_assert_eq!(encode(&text), code);
            }
        }
    }
}
