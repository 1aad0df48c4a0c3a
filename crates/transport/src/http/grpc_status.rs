//! The status of a gRPC call, which the server sends after the response in trailers.

use http::HeaderMap;

/// The status of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GrpcStatus {
    /// A code of `google.rpc.Code`; 0 is OK.
    pub(super) code: u16,
    /// The error message of the server.
    pub(super) message: Vec<u8>,
}

impl GrpcStatus {
    /// Reads the status from trailers; `None` without a valid `grpc-status`. The message is percent-encoded (gRPC over HTTP/2,
    /// "Status-Message").
    pub(super) fn of(trailers: &HeaderMap) -> Option<Self> {
        let code = trailers.get("grpc-status")?.to_str().ok()?.parse().ok()?;
        let message = trailers.get("grpc-message").map(|text| percent_encoding::percent_decode(text.as_bytes()).collect());
        Some(Self { code, message: message.unwrap_or_default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_number_and_a_message() {
        let trailers = |fields: &[(&'static str, &str)]| {
            fields.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
        };
        let status = |code, message: &str| Some(GrpcStatus { code, message: message.as_bytes().to_vec() });
        assert_eq!(GrpcStatus::of(&trailers(&[("grpc-status", "0")])), status(0, ""));
        assert_eq!(
            GrpcStatus::of(&trailers(&[("grpc-status", "5"), ("grpc-message", "no%20such%20tenant")])),
            status(5, "no such tenant")
        );
        for broken in ["", "ok", "-1", "70000"] {
            assert_eq!(GrpcStatus::of(&trailers(&[("grpc-status", broken)])), None, "{broken}");
        }
        assert_eq!(GrpcStatus::of(&trailers(&[])), None);
    }
}
