//! The decoder of answers, for the fuzz targets.

use super::decoder::Decoder;

/// What came of decoding an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedResponse {
    /// The status, whether the connection can be used again, and whether the body was whole; `None` if the answer has no end.
    pub outcome: Option<(u16, bool, bool)>,
    /// How many bytes belong to the answer.
    pub consumed: usize,
    /// The body.
    pub body: Vec<u8>,
}

/// Decodes an answer whose bytes come in pieces that end at these places, in ascending order, and at the end.
///
/// # Errors
///
/// How the bytes break HTTP.
pub fn decode_response(bytes: &[u8], cuts: &[usize]) -> Result<DecodedResponse, String> {
    let mut decoder = Decoder::default();
    let (mut consumed, mut body) = (0, Vec::new());
    for end in cuts.iter().copied().chain([bytes.len()]) {
        let progress = decoder
            .advance(&bytes[consumed..end.max(consumed)], &mut |data| body.extend_from_slice(data))
            .map_err(|error| error.to_string())?;
        consumed += progress.consumed;
        if let Some(outcome) = progress.outcome {
            let outcome = Some((outcome.status, outcome.keep_alive, outcome.is_whole));
            return Ok(DecodedResponse { outcome, consumed, body });
        }
    }
    let outcome = decoder.finish().map(|outcome| (outcome.status, outcome.keep_alive, outcome.is_whole));
    Ok(DecodedResponse { outcome, consumed, body })
}
