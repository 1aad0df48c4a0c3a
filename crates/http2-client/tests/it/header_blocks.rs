//! Header blocks against another implementation, and the examples of RFC 7541.

use http2_client::{Connection, RequestHead, hpack::Decoder};
use proptest::prelude::*;

use crate::server::*;

type Fields = Vec<(Vec<u8>, Vec<u8>)>;

fn decoded(decoder: &mut Decoder, block: &[u8]) -> Fields {
    let mut fields = Vec::new();
    decoder.decode(block, |name, value| fields.push((name.to_vec(), value.to_vec()))).unwrap();
    fields
}

fn fields(text: &[(&str, &str)]) -> Fields {
    text.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
}

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digits: Vec<u8> = hexadecimal.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// The examples of appendices C.3 (plain) and C.4 (Huffman), and the table sizes in them.
#[test]
fn requests_of_the_rfc() {
    let first = [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")];
    let second = [&first[..], &[("cache-control", "no-cache")]].concat();
    let third = [
        (":method", "GET"),
        (":scheme", "https"),
        (":path", "/index.html"),
        (":authority", "www.example.com"),
        ("custom-key", "custom-value"),
    ];
    for blocks in [
        [
            "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
            "8286 84be 5808 6e6f 2d63 6163 6865",
            "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
        ],
        [
            "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
            "8286 84be 5886 a8eb 1064 9cbf",
            "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
        ],
    ] {
        let mut decoder = Decoder::default();
        for (block, (expected, size)) in blocks.iter().zip([(&first[..], 57), (&second, 110), (&third, 164)]) {
            assert_eq!(decoded(&mut decoder, &bytes(block)), fields(expected));
            assert_eq!(decoder.table_size(), size);
        }
    }
}

/// The examples of appendices C.2.1 to C.2.4.
#[test]
fn representations_of_the_rfc() {
    for (block, field) in [
        ("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", ("custom-key", "custom-header")),
        ("040c 2f73 616d 706c 652f 7061 7468", (":path", "/sample/path")),
        ("1008 7061 7373 776f 7264 0673 6563 7265 74", ("password", "secret")),
        ("82", (":method", "GET")),
    ] {
        assert_eq!(decoded(&mut Decoder::default(), &bytes(block)), fields(&[field]));
    }
}

/// The responses of appendices C.5 and C.6, with a table of 256 bytes that evicts entries.
#[test]
fn responses_of_the_rfc() {
    let date = "Mon, 21 Oct 2013 20:13:21 GMT";
    let later = "Mon, 21 Oct 2013 20:13:22 GMT";
    let location = ("location", "https://www.example.com");
    let cookie = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";
    let first = [(":status", "302"), ("cache-control", "private"), ("date", date), location];
    let second = [(":status", "307"), ("cache-control", "private"), ("date", date), location];
    let third = [
        (":status", "200"),
        ("cache-control", "private"),
        ("date", later),
        location,
        ("content-encoding", "gzip"),
        ("set-cookie", cookie),
    ];
    for blocks in [
        [
            "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d 546e
             1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
            "4803 3330 37c1 c0bf",
            "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f 6f3d
             4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572
             7369 6f6e 3d31",
        ],
        [
            "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b
             97c8 e9ae 82ae 43d3",
            "4883 640e ffc1 c0bf",
            "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf
             cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
        ],
    ] {
        let mut decoder = Decoder::default();
        // The size of the table: 256.
        decoded(&mut decoder, &[0x3f, 0xe1, 0x01]);
        for (block, (expected, size)) in blocks.iter().zip([(&first[..], 222), (&second, 222), (&third, 215)]) {
            assert_eq!(decoded(&mut decoder, &bytes(block)), fields(expected));
            assert_eq!(decoder.table_size(), size);
        }
    }
}

#[test]
fn broken_blocks_are_refused() {
    for block in
        ["80", "ff ff ff ff ff ff", "be", "40", "00 05 61", "00 01 61 81 00", "82 20", "3f e2 1f", "7e", "00 81 ff 01 61"]
    {
        assert!(Decoder::default().decode(&bytes(block), |_, _| {}).is_err(), "{block}");
    }
}

fn text(of: &'static str) -> impl Strategy<Value = Vec<u8>> {
    of.prop_map(String::into_bytes)
}

fn any_fields() -> impl Strategy<Value = Fields> {
    let known = prop::sample::select(vec!["content-type", "server", "date", "grpc-status", "set-cookie", "x-a", "x-b"]);
    let name = prop_oneof![3 => known.prop_map(|name| name.as_bytes().to_vec()), 1 => text("[a-z0-9-]{1,40}")];
    let value = prop_oneof![3 => text("[a-f]{0,2}"), 1 => text("[ -~]{0,300}"), 1 => prop::collection::vec(0x80_u8.., 0..40)];
    prop::collection::vec((name, value), 0..12)
}

/// What happens on a connection.
#[derive(Clone, Debug)]
enum Step {
    /// A request with this head of three.
    Request(usize),
    /// The server changes the size of its table.
    TableSize(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![4 => (0_usize..3).prop_map(Step::Request), 1 => (0_u32..6_000).prop_map(Step::TableSize)]
}

proptest! {
    /// For all headers, what another encoder writes is read back.
    #[test]
    fn blocks_of_another_encoder_are_read(all in prop::collection::vec(any_fields(), 1..8)) {
        let (mut encoder, mut decoder) = (hpack_patched::Encoder::new(), Decoder::default());
        for fields in all {
            let block = encoder.encode(fields.iter().map(|(name, value)| (name.as_slice(), value.as_slice())));
            prop_assert_eq!(decoded(&mut decoder, &block), fields);
        }
    }

    /// For all heads and table sizes of the server, another decoder reads each request.
    #[test]
    fn another_decoder_reads_the_requests(
        heads in prop::collection::vec(any_fields(), 3),
        steps in prop::collection::vec(step(), 1..30),
        body in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let with_path = |fields: &Fields| -> Fields { [vec![(b":path".to_vec(), b"/a".to_vec())], fields.clone()].concat() };
        let all: Vec<_> = heads.iter().map(with_path).collect();
        let encoded: Vec<_> = all
            .iter()
            .map(|fields| {
                let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_slice(), value.as_slice())).collect();
                RequestHead::new(&fields, true).unwrap()
            })
            .collect();
        let mut connection: Connection<Recorded> = connected(&[]);
        let mut decoder = hpack_patched::Decoder::new();
        for step in steps {
            match step {
                Step::TableSize(size) => {
                    receive(&mut connection, &settings(&[(1, size)])).unwrap();
                    write_all(&mut connection);
                }
                Step::Request(number) => {
                    let more: (&[u8], &[u8]) = (b"traceparent", b"00-1");
                    let key = connection.request(&encoded[number], &[more], &body, Recorded::default()).unwrap();
                    let frames = write_all(&mut connection);
                    let read = decoder.decode(&frames[0].payload).unwrap();
                    let length = body.len().to_string().into_bytes();
                    let last = [(b"content-length".to_vec(), length), (more.0.to_vec(), more.1.to_vec())];
                    prop_assert_eq!(read, [all[number].clone(), last.to_vec()].concat());
                    connection.cancel(key);
                    write_all(&mut connection);
                }
            }
        }
    }
}

#[test]
fn a_repeated_head_needs_a_few_bytes() {
    let mut connection = connected(&[]);
    let head = head();
    let lengths = [0, 1, 2].map(|_| {
        connection.request(&head, &[], b"{}", Recorded::default()).unwrap();
        write_all(&mut connection)[0].payload.len()
    });
    assert!(lengths[0] > 60 && lengths[1] == lengths[2] && lengths[1] <= 10, "{lengths:?}");
}

/// A head that is longer than a frame is continued, and one that does not fit into the table is sent as literals.
#[test]
fn long_heads_are_sent_in_parts() {
    let long = vec![b'v'; 40_000];
    let head = RequestHead::new(&[(b":path", b"/"), (b"x-long", &long)], false).unwrap();
    let mut connection = connected(&[]);
    let mut decoder = Decoder::default();
    for _ in 0..2 {
        connection.request(&head, &[], b"", Recorded::default()).unwrap();
        let frames = write_all(&mut connection);
        let kinds: Vec<_> = frames.iter().map(|frame| (frame.kind, frame.flags)).collect();
        assert_eq!(kinds, [(HEADERS, END_STREAM), (CONTINUATION, 0), (CONTINUATION, END_HEADERS)]);
        let block: Vec<u8> = frames.into_iter().flat_map(|frame| frame.payload).collect();
        assert_eq!(decoded(&mut decoder, &block)[1].1, long);
    }
}

#[test]
fn fields_that_http2_does_not_allow_are_refused() {
    let broken: [&[(&[u8], &[u8])]; 4] = [&[(b"A", b"b")], &[(b"", b"b")], &[(b"a", b"b\nc")], &[(b"a", b"b"), (b":path", b"/")]];
    for fields in broken {
        assert!(RequestHead::new(fields, true).is_err());
    }
}
