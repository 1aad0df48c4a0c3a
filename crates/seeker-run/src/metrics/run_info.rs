//! The facts about a run that its metrics contain and that are known before it starts.

use std::time::SystemTime;

use load_plan::load::Load;
use url::Url;

/// A run that starts.
#[derive(Clone, Debug)]
pub(crate) struct RunInfo {
    /// The version of the program.
    pub(super) version: &'static str,
    pub(super) began: SystemTime,
    pub(super) target: String,
    pub(super) seed: u64,
    pub(super) speed: f64,
    pub(crate) load: Load,
}

impl RunInfo {
    /// Creates the facts of a run that starts now and sends events to this URL.
    pub(crate) fn new(version: &'static str, seed: u64, speed_factor: f64, load: Load, target: &str) -> Self {
        Self { version, began: SystemTime::now(), target: without_query(target), seed, speed: speed_factor, load }
    }
}

/// Removes the query of a URL. Some services expect a key in it, and readers of metrics need not see the key.
fn without_query(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else { return String::new() };
    url.set_query(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_in_the_query_is_omitted() {
        assert_eq!(without_query("https://jobs.example/v4/events?key=secret"), "https://jobs.example/v4/events");
        assert_eq!(without_query("http://127.0.0.1:8080/clientEvents"), "http://127.0.0.1:8080/clientEvents");
    }
}
