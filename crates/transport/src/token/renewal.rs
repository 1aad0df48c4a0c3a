//! Renews a token during a run. Tokens are valid for an hour or so; an external program writes the new token into the same file before
//! the old one expires. The file is read every second, and immediately when the target rejects the token. Requests then carry the new
//! token. While no token can be read from the file, requests carry the last one.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use super::{Token, TokenSource};
use crate::http::{Endpoint, Header};

/// The interval between two reads of the file.
const READ_EVERY: Duration = Duration::from_secs(1);

/// The minimum time between a read and the next one, even if the target rejects the token several times meanwhile.
const READ_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// The credentials of the requests.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    /// No credentials.
    #[default]
    None,
    /// A token or header that does not change.
    Fixed,
    /// A token from a file. Notify this value to read the file immediately.
    Renewable(Arc<Notify>),
}

impl Credentials {
    /// The target rejected the credentials (401): requests a new token if possible. Returns the text to show after the status.
    pub fn refused(&self) -> &'static str {
        match self {
            Self::None => "the target requires a token; pass --token-file",
            Self::Fixed => "the target rejected the credentials; pass --token-file to renew a token during a run",
            Self::Renewable(wanted) => {
                wanted.notify_one();
                "the target rejected the token; the token file is read again"
            }
        }
    }
}

/// Reads the token of a run repeatedly.
pub struct TokenRenewal {
    source: TokenSource,
    /// The current token of the endpoints.
    token: Token,
    wanted: Arc<Notify>,
    endpoints: Vec<Renewed>,
}

/// An endpoint whose token is renewed.
struct Renewed {
    endpoint: watch::Sender<Arc<Endpoint>>,
    /// The headers of the endpoint without the token header.
    headers: Vec<Header>,
}

/// Stops the renewal when dropped.
pub struct RenewalTask(JoinHandle<()>);

impl Drop for RenewalTask {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl TokenRenewal {
    /// Creates the renewal of a token that was read from this source.
    pub fn new(source: TokenSource, token: Token) -> Self {
        Self { source, token, wanted: Arc::default(), endpoints: Vec::new() }
    }

    /// The credentials of requests with a renewed token.
    pub fn credentials(&self) -> Credentials {
        Credentials::Renewable(Arc::clone(&self.wanted))
    }

    /// Adds an endpoint with these headers in addition to the token header. Its token is renewed from now on.
    pub fn renews(&mut self, endpoint: Endpoint, headers: Vec<Header>) -> watch::Receiver<Arc<Endpoint>> {
        let (endpoint, renewed) = watch::channel(Arc::new(endpoint));
        self.endpoints.push(Renewed { endpoint, headers });
        renewed
    }

    /// Renews the token until the returned value is dropped.
    pub fn start(self: Arc<Self>) -> RenewalTask {
        RenewalTask(tokio::task::spawn_local(async move { self.go_on().await }))
    }

    async fn go_on(&self) {
        let mut token = self.token.clone();
        loop {
            tokio::select! {
                () = sleep(READ_EVERY) => {}
                () = self.wanted.notified() => {}
            }
            let source = self.source.clone();
            // The file may be on a network file system, so reading it can block.
            let read = spawn_blocking(move || source.read()).await;
            if let Ok(Ok(read)) = read
                && read != token
            {
                self.endpoints.iter().for_each(|endpoint| endpoint.renew(&read));
                token = read;
            }
            sleep(READ_AGAIN_AFTER).await;
        }
    }
}

impl Renewed {
    fn renew(&self, token: &Token) {
        let headers: Vec<_> = self.headers.iter().cloned().chain([token.header()]).collect();
        self.endpoint.send_modify(|endpoint| {
            *endpoint = Arc::new(endpoint.with_headers(&headers).expect("an endpoint with these header names exists"));
        });
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use tokio::task::LocalSet;
    use tokio::time::Instant;
    use url::Url;

    use super::*;
    use crate::http::Trust;

    /// A renewal of a file with this token, and the renewed endpoint.
    fn renewal(path: &Path, token: &str) -> (TokenRenewal, watch::Receiver<Arc<Endpoint>>) {
        fs::write(path, token).unwrap();
        let source = TokenSource::File(path.to_owned());
        assert!(source.is_renewable());
        let token = source.read().unwrap();
        let url = Url::parse("http://h/").unwrap();
        let other = "X-Run: 7".parse::<Header>().unwrap();
        let endpoint = Endpoint::new(&url, &[other.clone(), token.header()], &Trust::System).unwrap();
        let mut renewal = TokenRenewal::new(source, token);
        let renewed = renewal.renews(endpoint, vec![other]);
        (renewal, renewed)
    }

    fn head(endpoint: &watch::Receiver<Arc<Endpoint>>) -> String {
        String::from_utf8(endpoint.borrow().head().to_owned()).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_file_is_read_periodically_and_after_a_refusal() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let (renewal, mut renewed) = renewal(&path, "first-token");
        let (credentials, began) = (renewal.credentials(), Instant::now());
        LocalSet::new()
            .run_until(async {
                let renewing = Arc::new(renewal).start();
                // A file is empty for a moment while it is being written.
                fs::write(&path, "").unwrap();
                sleep(READ_EVERY * 3).await;
                assert!(!renewed.has_changed().unwrap());
                fs::write(&path, "second-token\n").unwrap();
                renewed.changed().await.unwrap();
                assert!(head(&renewed).contains("\r\nX-Run: 7\r\nAuthorization: Bearer second-token\r\n"), "{}", head(&renewed));
                // Earlier tokens stay secret.
                let said = renewed.borrow().said(b"first-token, second-token");
                assert_eq!(said.as_deref(), Some("[concealed], [concealed]"));
                let second = Instant::now();
                assert!(second - began < READ_EVERY * 5);

                fs::write(&path, "third-token").unwrap();
                assert!(credentials.refused().contains("read again"));
                renewed.changed().await.unwrap();
                assert!(Instant::now() - second < READ_EVERY);
                assert!(head(&renewed).contains("Bearer third-token\r\n"));

                drop(renewing);
                fs::write(&path, "fourth-token").unwrap();
                renewed.changed().await.unwrap_err();
            })
            .await;
    }

    #[test]
    fn only_regular_files_are_read_again() {
        assert!(!TokenSource::Variable("TOKEN".to_owned()).is_renewable());
        #[cfg(unix)]
        assert!(!TokenSource::File("/dev/null".into()).is_renewable());
    }
}
