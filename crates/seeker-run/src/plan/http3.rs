//! Checks that a run can use HTTP/3: the build includes it, the target is encrypted, and no proxy is in between.

use thiserror::Error;
use transport::http::{Proxy, Version};
use url::Url;

use super::{RunPlan, no_tls};

/// Why a run cannot use HTTP/3.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum Http3Refusal {
    /// This build lacks HTTP/3.
    #[error(
        "--http3: this build of seeker-sim does not include HTTP/3; install one that does with \
         `cargo install seeker-sim --features http3`, or build it with `cargo build --release --features http3`"
    )]
    NotIncluded,
    /// HTTP/3 is always encrypted.
    #[error(
        "--http3 applies to https, because QUIC is always encrypted, but {}; use a target that begins with https://",
        no_tls(.target.as_ref())
    )]
    WithoutTls {
        /// The target of events; `None` for a receiver in the same process.
        target: Option<Url>,
    },
    /// A proxy forwards TCP, and HTTP/3 uses UDP.
    #[error("--http3 does not work through the proxy {proxy} ({option}): HTTP/3 uses UDP, and the proxy forwards TCP; {remedy}")]
    ThroughProxy {
        /// The proxy.
        proxy: Proxy,
        /// The option or the environment variable that names the proxy.
        option: &'static str,
        /// How to connect directly.
        remedy: &'static str,
    },
}

impl RunPlan {
    /// Checks that HTTP/3 is possible, if the run uses it. Options that contradict it are refused before.
    pub(super) fn check_http3(&self) -> Result<(), Http3Refusal> {
        if !self.delivery.http3 {
            return Ok(());
        }
        if !Version::Http3.is_supported() {
            return Err(Http3Refusal::NotIncluded);
        }
        let Some(url) = self.target_url().filter(|url| url.scheme() == "https") else {
            return Err(Http3Refusal::WithoutTls { target: self.target_url().cloned() });
        };
        match self.delivery.proxies.for_url(url) {
            Ok(Some((proxy, variable))) => Err(Http3Refusal::ThroughProxy {
                proxy: proxy.clone(),
                option: variable.unwrap_or("--proxy"),
                remedy: if variable.is_some() { "pass --no-proxy to connect directly" } else { "leave --proxy out" },
            }),
            _ => Ok(()),
        }
    }
}
