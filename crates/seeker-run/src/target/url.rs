//! Reads the URL of a service.

use url::Url;

/// The expected form of a URL.
pub(crate) const EXPECTED: &str = "a URL such as http://127.0.0.1:8080 or https://jobs.example/events";

/// Reads the URL of a service.
///
/// # Errors
///
/// States what was expected.
pub fn service_url(text: &str) -> Result<Url, String> {
    // Without a scheme, `localhost:8080` would be read as a URL whose scheme is `localhost`.
    match Url::parse(text) {
        Ok(url) if !url.username().is_empty() || url.password().is_some() => {
            Err("the URL contains a user name or password; pass --header 'Authorization: ...' instead".to_owned())
        }
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(url),
        Ok(_) => Err(format!("expected {EXPECTED}")),
        Err(error) => Err(format!("{error}; expected {EXPECTED}")),
    }
}
