//! Arbitrary bytes.

use proptest::prelude::*;

use crate::server::settings;
use crate::splits::result;

proptest! {
    /// For all bytes, with and without valid settings before them, the connection does not panic, and each request ends once.
    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), is_started in any::<bool>()) {
        let bytes = if is_started { [settings(&[]), bytes].concat() } else { bytes };
        result(&bytes, &[]);
    }

    /// For all header blocks, decoding ends, and the table keeps to its size.
    #[test]
    fn any_header_block_is_survived(blocks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..100), 1..10)) {
        let mut decoder = http2_client::hpack::Decoder::default();
        for block in blocks {
            let mut count = 0;
            let decoded = decoder.decode(&block, |_, _| count += 1);
            prop_assert!(count <= block.len() && decoder.table_size() <= http2_client::hpack::TABLE_SIZE);
            if decoded.is_err() {
                break;
            }
        }
    }
}
