//! Request errors as lines for reports. Some errors quote the server: the debug data at the end of an HTTP/2 connection, the names in its
//! certificate, a value in its response. Secrets in quotes are concealed. If responses are not shown, quotes are left out.

use std::error::Error;
use std::sync::Arc;

use http2_client::ConnectionError;
use measure::error_example::beginning;

use super::endpoint::Endpoint;
use super::http2_error::Http2Error;
#[cfg(feature = "http3")]
use super::http3_error::Http3Error;
use super::open_error::OpenError;

/// The part of an error text that quotes the server.
enum Quote {
    /// The text quotes nothing.
    None,
    /// A part of the text. The value is the text without that part.
    Part(String),
    /// The text describes where and how the response differs from the expected one.
    Whole,
}

impl Quote {
    fn in_error(error: &(dyn Error + 'static)) -> Self {
        if let Some(error) = error.downcast_ref::<Arc<Http2Error>>() {
            return match &**error {
                Http2Error::Connection(error @ ConnectionError::GoAway { .. }) => Self::Part(error.unquoted()),
                _ => Self::None,
            };
        }
        #[cfg(feature = "http3")]
        if let Some(unquoted) = error.downcast_ref().and_then(Http3Error::without_quote) {
            return Self::Part(unquoted);
        }
        if let Some(OpenError::TlsName { address, wanted, .. }) = error.downcast_ref() {
            return Self::Part(format!("establish TLS with {address}: the certificate does not cover `{wanted}`"));
        }
        if error.is::<serde_json::Error>() { Self::Whole } else { Self::None }
    }
}

impl Endpoint {
    /// One line for an error of a request, a connection or a response of this endpoint, with its causes.
    pub fn error_line(&self, error: &(dyn Error + 'static)) -> String {
        let mut line = String::new();
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(text) = self.error_text(error) {
                line.push_str(if line.is_empty() { "" } else { ": " });
                line.push_str(&text);
            }
            next = error.source();
        }
        line
    }

    /// The text to show for one error, without its causes.
    fn error_text(&self, error: &(dyn Error + 'static)) -> Option<String> {
        let text = error.to_string();
        match Quote::in_error(error) {
            Quote::None => Some(text),
            Quote::Part(unquoted) => Some(self.said(text.as_bytes()).map_or(unquoted, |said| beginning(&said))),
            Quote::Whole => self.said(text.as_bytes()).map(|said| beginning(&said)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use url::Url;

    use super::*;
    use crate::http::{ExchangeError, Trust};

    fn lines(error: &(dyn Error + 'static)) -> [String; 2] {
        let url = Url::parse("http://h/?key=0123456789").unwrap();
        let endpoint = Endpoint::new(&url, &[], &Trust::System).unwrap();
        let shown = endpoint.error_line(error);
        [shown, endpoint.without_answers().error_line(error)]
    }

    #[test]
    fn quotes_are_concealed_or_left_out() {
        let name = OpenError::TlsName {
            address: "127.0.0.1:443".parse().unwrap(),
            wanted: "h".to_owned(),
            presented: vec!["x-23456789.example".to_owned()],
        };
        let without = "establish TLS with 127.0.0.1:443: the certificate does not cover `h`";
        assert_eq!(lines(&name), [format!("{without}; it covers `x-[concealed].example`"), without.to_owned()]);
        let json = serde_json::from_str::<Vec<u8>>(r#""\u00300123456789""#).unwrap_err();
        let [shown, without] = lines(&json);
        assert!(shown.contains("\"0[concealed]\", expected a sequence"), "{shown}");
        assert_eq!(without, "");
    }

    #[test]
    fn errors_that_quote_nothing_stay() {
        let error = ExchangeError::Send(io::Error::other("23456789"));
        assert_eq!(lines(&error), ["send the request: 23456789", "send the request: 23456789"].map(str::to_owned));
    }
}
