//! The renewal of a token while requests carry it. Tokens are valid for an hour or so, and whatever renews them writes the new one into the
//! same file, before the old one expires. So the file is read every second, and at once when the target does not accept the token; from
//! then on requests carry what it holds. As long as no token can be read from the file, they carry the last one.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::sleep;

use super::{Token, TokenSource};
use crate::http::{Endpoint, Header};

/// How often the file is read.
const READ_EVERY: Duration = Duration::from_secs(1);

/// How long it is not read again after that, however often the target refuses the token meanwhile.
const READ_AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What requests carry to prove who sends them.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    /// Nothing.
    #[default]
    None,
    /// A token or a header that stays the same.
    Fixed,
    /// A token from a file, which is read at once when this is notified.
    Renewable(Arc<Notify>),
}

impl Credentials {
    /// The target did not accept them (401): asks for another token where there may be one. What to say of it, after the status.
    pub fn refused(&self) -> &'static str {
        match self {
            Self::None => "the target wants a token; pass --token-file",
            Self::Fixed => "the target does not accept the credentials; --token-file can renew a token during a run",
            Self::Renewable(wanted) => {
                wanted.notify_one();
                "the target does not accept the token; the token file is read again"
            }
        }
    }
}

/// Reads the token of a run again and again.
pub struct TokenRenewal {
    source: TokenSource,
    /// The token that the endpoints have.
    token: Token,
    wanted: Arc<Notify>,
    endpoints: Vec<Renewed>,
}

/// An endpoint whose token is renewed.
struct Renewed {
    endpoint: watch::Sender<Arc<Endpoint>>,
    /// Its headers without that of the token.
    headers: Vec<Header>,
}

/// Ends the renewal when it is dropped.
pub struct Renewing(JoinHandle<()>);

impl Drop for Renewing {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl TokenRenewal {
    /// The renewal of a token that was read from there.
    pub fn new(source: TokenSource, token: Token) -> Self {
        Self { source, token, wanted: Arc::default(), endpoints: Vec::new() }
    }

    /// What requests carry then.
    pub fn credentials(&self) -> Credentials {
        Credentials::Renewable(Arc::clone(&self.wanted))
    }

    /// An endpoint with these headers beside that of the token, whose token is renewed from now on.
    pub fn renews(&mut self, endpoint: Endpoint, headers: Vec<Header>) -> watch::Receiver<Arc<Endpoint>> {
        let (endpoint, renewed) = watch::channel(Arc::new(endpoint));
        self.endpoints.push(Renewed { endpoint, headers });
        renewed
    }

    /// Renews until that is dropped.
    pub fn start(self: Arc<Self>) -> Renewing {
        Renewing(tokio::task::spawn_local(async move { self.go_on().await }))
    }

    async fn go_on(&self) {
        let mut token = self.token.clone();
        loop {
            tokio::select! {
                () = sleep(READ_EVERY) => {}
                () = self.wanted.notified() => {}
            }
            let source = self.source.clone();
            // A file may lie on the network.
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
            *endpoint = Arc::new(endpoint.with_headers(&headers).expect("it was made with headers of these names"));
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

    /// A renewal that reads a file with this in it, and the endpoint that it renews.
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
    async fn the_file_is_read_again_and_again_and_at_once_if_the_token_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let (renewal, mut renewed) = renewal(&path, "first-token");
        let (credentials, began) = (renewal.credentials(), Instant::now());
        LocalSet::new()
            .run_until(async {
                let renewing = Arc::new(renewal).start();
                // A file that is just being written holds nothing for a moment.
                fs::write(&path, "").unwrap();
                sleep(READ_EVERY * 3).await;
                assert!(!renewed.has_changed().unwrap());
                fs::write(&path, "second-token\n").unwrap();
                renewed.changed().await.unwrap();
                assert!(head(&renewed).contains("\r\nX-Run: 7\r\nAuthorization: Bearer second-token\r\n"), "{}", head(&renewed));
                // What was a secret stays one.
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
    fn what_is_no_file_is_not_read_again() {
        assert!(!TokenSource::Variable("TOKEN".to_owned()).is_renewable());
        #[cfg(unix)]
        assert!(!TokenSource::File("/dev/null".into()).is_renewable());
    }
}
