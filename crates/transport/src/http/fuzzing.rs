//! The response decoder, for the fuzz targets.

use super::decoder::Decoder;

/// The result of decoding a response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedResponse {
    /// The status, whether the connection can be reused, and whether the body is whole; `None` if the response does not end.
    pub outcome: Option<(u16, bool, bool)>,
    /// The number of bytes that belong to the response.
    pub consumed: usize,
    /// The body of the response.
    pub body: Vec<u8>,
}

/// Decodes a response whose bytes arrive in pieces. The pieces end at these places, in ascending order, and at the end.
///
/// # Errors
///
/// How the bytes violate HTTP.
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
