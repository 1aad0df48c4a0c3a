//! The token of a login, for protocols whose connections log in once.

use tokio::task::spawn_blocking;
use transport::token::{Token, TokenSource};

/// A token and its source.
#[derive(Clone, Debug)]
pub(crate) struct LoginToken {
    source: TokenSource,
    /// The token at the start of the run.
    first: Token,
}

impl LoginToken {
    pub(crate) const fn new(source: TokenSource, first: Token) -> Self {
        Self { source, first }
    }

    /// The token that the file holds now, or the first one.
    pub(crate) async fn current(&self) -> Token {
        if !self.source.is_renewable() {
            return self.first.clone();
        }
        let source = self.source.clone();
        // The file may be on a network file system, so reading it can block.
        let read = spawn_blocking(move || source.read()).await;
        read.ok().and_then(Result::ok).unwrap_or_else(|| self.first.clone())
    }
}
