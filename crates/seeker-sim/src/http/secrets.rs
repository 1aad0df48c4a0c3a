//! What requests carry that may be a secret, to be left out of what is shown: the values of the user's headers, a token among them, and those
//! of the URL's query.

use url::Url;

use super::header::Header;

/// Texts that are shown nowhere.
pub(super) struct Secrets(Vec<String>);

/// What stands in the place of a secret.
const CONCEALED: &str = "[concealed]";

/// What is shorter guards nothing, and stands in too many texts.
const LENGTH_MIN: usize = 6;

/// Headers whose values are no secrets.
const PUBLIC: [&str; 7] =
    ["accept", "accept-encoding", "accept-language", "content-encoding", "content-type", "host", "user-agent"];

impl Secrets {
    pub(super) fn of(target: &Url, headers: &[Header]) -> Self {
        let of_headers = headers
            .iter()
            .filter(|header| !PUBLIC.iter().any(|name| header.is(name)))
            // With and without what may stand before it, as `Bearer` does.
            .flat_map(|header| [Some(header.value()), header.value().rsplit(' ').next()])
            .flatten()
            .map(str::to_owned);
        let as_written = target.query().into_iter().flat_map(|query| query.split('&')).filter_map(|part| part.split_once('='));
        let of_query =
            as_written.map(|(_, value)| value.to_owned()).chain(target.query_pairs().map(|(_, value)| value.into_owned()));
        let mut secrets: Vec<_> = of_headers.chain(of_query).filter(|secret| secret.len() >= LENGTH_MIN).collect();
        // The longest first, of which others may be parts.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Self(secrets)
    }

    /// The text without secrets.
    pub(super) fn conceal(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret, CONCEALED))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_secret_is_left_out() {
        let target = Url::parse("https://jobs.example/events?key=se%2Fcret&alt=json").unwrap();
        let headers =
            ["Authorization: Bearer abc.def-123", "X-Api-Key: 0123456789", "Content-Type: application/json", "X-Short: 1"];
        let headers: Vec<Header> = headers.iter().map(|header| header.parse().unwrap()).collect();
        let secrets = Secrets::of(&target, &headers);
        for (said, shown) in [
            ("no such token: Bearer abc.def-123", "no such token: [concealed]"),
            ("token abc.def-123, key 0123456789", "token [concealed], key [concealed]"),
            ("/events?key=se%2Fcret or se/cret&alt=json", "/events?key=[concealed] or [concealed]&alt=json"),
            ("expected application/json, 1 of 10", "expected application/json, 1 of 10"),
        ] {
            assert_eq!(secrets.conceal(said), shown);
        }
    }
}
