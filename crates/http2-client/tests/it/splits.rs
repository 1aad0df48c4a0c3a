//! The result does not depend on how the bytes are split.

use http2_client::{Connection, ConnectionError};
use proptest::prelude::*;

use crate::server::*;

/// Frames of a server that are mostly valid, for requests on the streams 1 to 9.
pub(crate) fn server_bytes() -> impl Strategy<Value = Vec<u8>> {
    let stream = prop_oneof![8 => (0_u32..5).prop_map(|number| 2 * number + 1), 1 => 0_u32..12];
    let block = prop_oneof![
        4 => Just(STATUS_200.to_vec()),
        1 => Just([STATUS_200, &[0x40, 1, b'a', 3, b'b', b'c', b'd']].concat()),
        1 => Just(vec![0x88, 0xbe]),
        1 => Just(literal(":status", "103")),
        1 => Just(literal("grpc-status", "0")),
        1 => prop::collection::vec(any::<u8>(), 0..20),
    ];
    let flags = prop_oneof![Just(END_HEADERS), Just(END_HEADERS | END_STREAM), Just(0), any::<u8>()];
    let any_frame = prop_oneof![
        6 => (flags, stream.clone(), block.clone()).prop_map(|(flags, stream, block)| frame(HEADERS, flags, stream, &block)),
        1 => (stream.clone(), block).prop_map(|(stream, block)| frame(CONTINUATION, END_HEADERS, stream, &block)),
        6 => (0_u8..2, stream.clone(), prop::collection::vec(any::<u8>(), 0..300)).prop_map(|(flags, stream, data)| frame(DATA, flags, stream, &data)),
        1 => (stream.clone(), 0_u32..14).prop_map(|(stream, code)| frame(RST_STREAM, 0, stream, &code.to_be_bytes())),
        1 => (1_u16..7, 0_u32..70_000).prop_map(|(name, value)| settings(&[(name, value)])),
        1 => Just(frame(PING, 0, 0, &[7; 8])),
        1 => (stream.clone(), 0_u32..70_000).prop_map(|(stream, by)| frame(WINDOW_UPDATE, 0, stream, &by.to_be_bytes())),
        1 => (0_u32..12, 0_u32..14).prop_map(|(last, code)| frame(GOAWAY, 0, 0, &[last.to_be_bytes(), code.to_be_bytes()].concat())),
        1 => (any::<u8>(), any::<u8>(), stream, prop::collection::vec(any::<u8>(), 0..30)).prop_map(|(kind, flags, stream, payload)| frame(kind, flags, stream, &payload)),
    ];
    prop::collection::vec(any_frame, 0..30).prop_map(|frames| [settings(&[]), frames.concat()].concat())
}

/// The responses of five requests, and the error of the connection.
pub(crate) fn result(bytes: &[u8], cuts: &[usize]) -> (Vec<Recorded>, Option<ConnectionError>) {
    let mut connection = Connection::new();
    let head = head();
    let keys: Vec<_> = (0..5).map(|_| connection.request(&head, &[], b"{}", Recorded::default()).unwrap()).collect();
    let mut consumed = 0;
    let mut error = None;
    for end in cuts.iter().copied().chain([bytes.len()]) {
        while error.is_none() {
            // The output is always read, so the connection always takes input.
            write_all(&mut connection);
            match connection.receive(&bytes[consumed..end.max(consumed)], ()) {
                Ok(0) => break,
                Ok(more) => consumed += more,
                Err(failure) => error = Some(failure),
            }
        }
    }
    let error = error.or(connection.error());
    connection.abandon(());
    let responses = keys.into_iter().map(|key| connection.take(key).unwrap()).collect::<Vec<_>>();
    assert!(responses.iter().all(|response| response.endings.len() == 1), "each request ends once");
    (responses, error)
}

proptest! {
    /// For all frames and all splits of their bytes, the responses and the error are the same, and each request ends once.
    #[test]
    fn splits_change_nothing(bytes in server_bytes(), cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20)) {
        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.index(bytes.len())).collect();
        cuts.sort_unstable();
        let whole = result(&bytes, &[]);
        prop_assert_eq!(&result(&bytes, &cuts), &whole);
        let each: Vec<_> = (0..bytes.len()).collect();
        prop_assert_eq!(&result(&bytes, &each), &whole);
    }
}
