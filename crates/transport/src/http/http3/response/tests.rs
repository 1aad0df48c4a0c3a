//! Tests of response streams.

use proptest::prelude::*;

use super::*;
use crate::http::qpack;

/// A frame with this payload.
fn frame_of(kind: u64, payload: &[u8]) -> Vec<u8> {
    let mut frame = Vec::new();
    varint::write(kind, &mut frame);
    varint::write(payload.len() as u64, &mut frame);
    frame.extend_from_slice(payload);
    frame
}

fn head(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut section = vec![0, 0];
    for (name, value) in fields {
        qpack::write_literal(name, value.as_bytes(), &mut section);
    }
    frame_of(frame::HEADERS, &section)
}

/// The result for these pieces: the status, the length and the body.
fn decode<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<(u16, Vec<u8>), Malformed> {
    let (mut decoder, mut body) = (ResponseDecoder::default(), Vec::new());
    for piece in pieces {
        decoder.advance(piece, &mut |data| body.extend_from_slice(data))?;
    }
    Ok((decoder.finish()?.status, body))
}

#[test]
fn interim_responses_unknown_frames_and_trailers_are_skipped() {
    let stream = [
        frame_of(0x21, b"grease"),
        head(&[(":status", "103")]),
        head(&[(":status", "200"), ("content-length", "6")]),
        frame_of(frame::DATA, b""),
        frame_of(frame::DATA, b"abc"),
        frame_of(0x40, b"unknown"),
        frame_of(frame::DATA, b"def"),
        head(&[("x-sum", "1")]),
        frame_of(0x5f, b""),
    ];
    assert_eq!(decode([&*stream.concat()]), Ok((200, b"abcdef".to_vec())));
}

#[test]
fn streams_that_break_the_rules_are_refused() {
    let ok = || head(&[(":status", "200")]);
    let data = |text: &str| frame_of(frame::DATA, text.as_bytes());
    for (stream, expected) in [
        (vec![], Malformed::NoResponse),
        (head(&[(":status", "103")]), Malformed::NoResponse),
        (data("a"), Malformed::UnexpectedFrame("DATA before the header of the response")),
        ([ok(), data("abc")[..4].to_vec()].concat(), Malformed::CutShort),
        ([ok(), vec![0x40]].concat(), Malformed::CutShort),
        ([ok(), ok(), ok()].concat(), Malformed::UnexpectedFrame("a frame after the trailers")),
        ([ok(), ok(), data("a")].concat(), Malformed::UnexpectedFrame("a frame after the trailers")),
        ([ok(), frame_of(frame::SETTINGS, b"")].concat(), {
            Malformed::UnexpectedFrame("a frame of the control stream within a response")
        }),
        (frame_of(frame::PUSH_PROMISE, b"\0"), Malformed::Id),
        (frame_of(0x6, b""), Malformed::UnexpectedFrame("a frame of HTTP/2")),
        ([head(&[(":status", "200"), ("content-length", "4")]), data("abc")].concat(), {
            Malformed::Message("a body with another length than its header says")
        }),
        (vec![1, 0x80, 1, 0, 1], Malformed::LongHead),
    ] {
        assert_eq!(decode([&*stream]), Err(expected), "{stream:?}");
    }
}

proptest! {
    /// For all streams of frames, bent in one byte or not, the result is the same however the bytes are split.
    #[test]
    fn the_result_does_not_depend_on_the_pieces(
        frames in prop::collection::vec((prop::sample::select(vec![0u64, 0, 1, 0x21, 0x40]), prop::collection::vec(any::<u8>(), 0..70)), 0..5),
        bent in prop::option::of((any::<prop::sample::Index>(), any::<u8>())),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let frames: Vec<_> = frames.iter().map(|(kind, payload)| match kind {
            1 => head(&[("x-sum", "1")]),
            _ => frame_of(*kind, payload),
        }).collect();
        let mut stream = [head(&[(":status", "200")]), frames.concat()].concat();
        if let Some((place, byte)) = bent {
            let place = place.index(stream.len());
            stream[place] = byte;
        }
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(stream.len())).collect();
        cuts.sort_unstable();
        let ends = cuts.iter().copied().chain([stream.len()]);
        let pieces: Vec<_> = [0].into_iter().chain(cuts.iter().copied()).zip(ends).map(|(start, end)| &stream[start..end]).collect();
        let whole = decode([&*stream]);
        prop_assert_eq!(decode(pieces), whole.clone());
        prop_assert_eq!(decode(stream.chunks(1)), whole);
    }
}
