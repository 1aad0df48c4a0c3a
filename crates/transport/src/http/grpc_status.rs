//! The status of a gRPC call, which the server sends after the response in trailers.

/// The status of a call, as far as it has arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct GrpcStatus {
    code: Option<u16>,
    /// The error message of the server, percent-encoded.
    message: Vec<u8>,
}

impl GrpcStatus {
    /// Reads a header or a trailer. Without a body, the headers are the trailers (gRPC over HTTP/2, "Trailers-Only").
    pub(super) fn read(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"grpc-status" if self.code.is_none() => {
                self.code = str::from_utf8(value).ok().and_then(|code| code.parse().ok());
            }
            b"grpc-message" => self.message = value.to_vec(),
            _ => {}
        }
    }

    /// A code of `google.rpc.Code`; 0 is OK. `None` without a valid `grpc-status`.
    pub(super) fn code(&self) -> Option<u16> {
        self.code
    }

    /// The error message of the server, decoded (gRPC over HTTP/2, "Status-Message").
    pub(super) fn message(&self) -> impl Iterator<Item = u8> {
        percent_encoding::percent_decode(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_number_and_a_message() {
        let status = |fields: &[(&str, &str)]| {
            let mut status = GrpcStatus::default();
            for (name, value) in fields {
                status.read(name.as_bytes(), value.as_bytes());
            }
            (status.code(), String::from_utf8(status.message().collect()).unwrap())
        };
        assert_eq!(status(&[("grpc-status", "0")]), (Some(0), String::new()));
        assert_eq!(
            status(&[("grpc-status", "5"), ("grpc-message", "no%20such%20tenant")]),
            (Some(5), "no such tenant".to_owned())
        );
        for broken in ["", "ok", "-1", "70000"] {
            assert_eq!(status(&[("grpc-status", broken)]).0, None, "{broken}");
        }
        assert_eq!(status(&[]).0, None);
    }
}
