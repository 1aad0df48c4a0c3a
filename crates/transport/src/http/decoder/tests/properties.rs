//! Property tests of the decoder: generated responses, damaged responses, and arbitrary bytes.

use proptest::{collection::vec, option, prelude::*, sample::Index};

use super::*;

/// A response and its expected result.
#[derive(Clone, Debug)]
struct Sample {
    bytes: Vec<u8>,
    verdict: Expected,
    /// The body data.
    data: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Expected {
    /// The response ends with its bytes.
    Ended(Outcome),
    /// The response ends with the connection.
    Closed(Outcome),
}

/// A body and the header fields that frame it.
#[derive(Clone, Debug)]
struct Framed {
    field: String,
    body: Vec<u8>,
    data: Vec<u8>,
    until_close: bool,
}

fn framed(is_http_10: bool) -> BoxedStrategy<Framed> {
    let length = (vec(any::<u8>(), 0..300), 1..3_usize).prop_map(|(body, times)| Framed {
        field: format!("content-LENGTH: {}\r\n", body.len()).repeat(times),
        data: body.clone(),
        body,
        until_close: false,
    });
    let until_close =
        vec(any::<u8>(), 0..300).prop_map(|body| Framed { field: String::new(), data: body.clone(), body, until_close: true });
    let chunk = (vec(any::<u8>(), 1..40), "0{0,3}", "([ \t]{0,2};[ -~]{0,9})?");
    let chunked = (vec(chunk, 0..6), vec("[a-z]{1,5}: [ -~]{0,9}\r\n", 0..3)).prop_map(|(chunks, trailers)| {
        let (mut body, mut whole) = (Vec::new(), Vec::new());
        for (data, zeros, extension) in chunks {
            whole.extend_from_slice(&data);
            body.extend_from_slice(format!("{zeros}{:x}{extension}\r\n", data.len()).as_bytes());
            body.extend_from_slice(&data);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("0\r\n{}\r\n", trailers.concat()).as_bytes());
        Framed { field: "Transfer-Encoding: x, Chunked\r\n".to_owned(), body, data: whole, until_close: false }
    });
    if is_http_10 { prop_oneof![length, until_close].boxed() } else { prop_oneof![length, until_close, chunked].boxed() }
}

fn sample() -> impl Strategy<Value = Sample> {
    (
        any::<bool>().prop_flat_map(|is_http_10| (Just(is_http_10), framed(is_http_10))),
        prop_oneof![Just(200_u16), Just(204), Just(304), Just(503), 200..1000_u16],
        option::of(any::<bool>()),
        vec("[a-z]{1,5}-[0-9]{1,3}:[ \t]?[ -~]{0,20}\r\n", 0..5),
        vec("HTTP/1\\.1 10[02-9] x\r\n(a: b\r\n){0,2}\r\n", 0..3),
    )
        .prop_map(|((is_http_10, framed), status, keep_alive, others, interims)| {
            let has_body = !matches!(status, 204 | 304);
            let until_close = framed.until_close && has_body;
            let head = format!(
                "{}HTTP/1.{} {status} why\r\n{}{}{}\r\n",
                interims.concat(),
                u8::from(!is_http_10),
                others.concat(),
                match keep_alive {
                    None => "",
                    Some(true) => "Connection: x, Keep-Alive\r\n",
                    Some(false) => "CONNECTION: close\r\n",
                },
                framed.field
            );
            let outcome = Outcome {
                status,
                keep_alive: keep_alive.unwrap_or(!is_http_10) && !until_close,
                retry_after: None,
                is_whole: true,
            };
            Sample {
                bytes: [head.as_bytes(), if has_body { &framed.body } else { &[] }].concat(),
                data: if has_body { framed.data } else { Vec::new() },
                verdict: if until_close { Expected::Closed(outcome) } else { Expected::Ended(outcome) },
            }
        })
}

/// The bytes, cut at these places.
fn cut<'a>(bytes: &'a [u8], cuts: &[Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect()
}

proptest! {
    /// For all responses, trailing bytes and cuts, the decoder finds the status, the end, the body data and whether the connection is kept.
    #[test]
    fn answers_are_understood(
        sample in sample(),
        behind in vec(any::<u8>(), 0..20),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let bytes = [sample.bytes.as_slice(), &behind].concat();
        let expected = match sample.verdict {
            Expected::Ended(outcome) => (Verdict::Ended(sample.bytes.len(), outcome), sample.data),
            // All bytes before the end of the connection belong to the body.
            Expected::Closed(outcome) => (Verdict::Closed(outcome), [sample.data, behind].concat()),
        };
        prop_assert_eq!(&decode_keeping([&*bytes]), &expected);
        prop_assert_eq!(&decode_keeping(cut(&bytes, &cuts)), &expected);
        prop_assert_eq!(&decode_keeping(bytes.chunks(1)), &expected);
    }

    /// For all responses with an explicit end, no proper prefix is taken for the whole response.
    #[test]
    fn answers_cut_short_are_noticed(sample in sample(), end in any::<Index>()) {
        let end = end.index(sample.bytes.len());
        let verdict = whole(&sample.bytes[..end]);
        match sample.verdict {
            Expected::Ended(_) => prop_assert_eq!(verdict, Verdict::CutShort),
            Expected::Closed(_) => prop_assert!(matches!(verdict, Verdict::CutShort | Verdict::Closed(_))),
        }
    }

    /// For all responses with damaged bytes and all cuts, the decoder returns the same result, errors included.
    #[test]
    fn damaged_answers_are_judged_alike(
        sample in sample(),
        damage in vec((any::<Index>(), any::<u8>()), 1..4),
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let mut bytes = sample.bytes;
        for (place, byte) in damage {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let verdict = whole(&bytes);
        prop_assert_eq!(&decode(cut(&bytes, &cuts)), &verdict);
        prop_assert_eq!(&decode(bytes.chunks(1)), &verdict);
    }

    /// For all bytes, alone or after a head that announces chunks, the decoder does not panic and the cuts do not change the result.
    #[test]
    fn arbitrary_bytes_never_panic(
        is_body in any::<bool>(),
        noise in prop_oneof![vec(any::<u8>(), 0..300), "[0-9a-f;\r\n ]{0,60}".prop_map(String::into_bytes)],
        cuts in vec(any::<Index>(), 0..20),
    ) {
        let head: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let bytes = [if is_body { head } else { &[] }, &noise].concat();
        prop_assert_eq!(decode(cut(&bytes, &cuts)), whole(&bytes));
    }
}
