//! Conceals request data that may be secret: credentials, the values of the user's other headers, and the query values of the URL. A target
//! may repeat this data in its responses and errors, so they are shown without it.
//!
//! A target repeats a secret in any form that its libraries write: escaped in JSON or HTML, percent-encoded, in base64 or hexadecimal, in
//! another case, truncated, or several of these in turn. So the text is searched as it is and in every [`decoding`], and every part of
//! eight bytes of a secret is concealed. The stored values to compare with are keyed hashes of these parts, not the secrets.

mod decoding;

use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasher, RandomState};

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use url::Url;

use super::header::Header;
use decoding::Decoded;

/// The number of consecutive bytes of a secret that are found anywhere in a text.
const PART: usize = 8;

/// The minimum length of a secret. Shorter values protect nothing and occur in too many texts. Secrets shorter than a part are found as a
/// whole.
const LENGTH_MIN: usize = 6;

/// The number of base64 characters that a part determines at any offset. The characters at its ends also depend on the bytes around it.
const ENCODED_PART: usize = 10;

/// The maximum number of nested encodings that are decoded.
const DEPTH: usize = 3;

/// The replacement for a secret.
const CONCEALED: &str = "[concealed]";

/// Headers whose values are not secret.
const PUBLIC: [&str; 7] =
    ["accept", "accept-encoding", "accept-language", "content-encoding", "content-type", "host", "user-agent"];

/// Texts to conceal.
#[derive(Clone, Default)]
pub(super) struct Secrets {
    /// Randomly keyed, so that the hashes reveal nothing about the parts.
    hashes: RandomState,
    parts: HashSet<u64>,
    /// The lengths of the parts, for each comparison.
    lengths: BTreeSet<(Comparison, usize)>,
}

/// How parts are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Comparison {
    /// As text, ignoring case and the kind of white space.
    Text,
    /// As base64, ignoring case and alphabet. Base64 in another case cannot be decoded, but a reader could still guess the secret.
    Base64,
}

impl Comparison {
    fn fold(self, byte: u8) -> u8 {
        match (self, byte) {
            // In form encoding, a plus sign is a space.
            (Self::Text, b'+' | b'\t' | b'\n' | b'\r') => b' ',
            (Self::Base64, b'-') => b'+',
            (Self::Base64, b'_') => b'/',
            _ => byte.to_ascii_lowercase(),
        }
    }
}

impl Secrets {
    pub(super) fn of(target: &Url, headers: &[Header]) -> Self {
        let mut secrets = Self::default();
        for (name, value) in target.query_pairs() {
            secrets.add(if value.is_empty() { &name } else { &value });
        }
        secrets.add_headers(headers);
        secrets
    }

    /// Returns these secrets and the secrets of more headers.
    pub(super) fn and(&self, headers: &[Header]) -> Self {
        let mut secrets = self.clone();
        secrets.add_headers(headers);
        secrets
    }

    fn add_headers(&mut self, headers: &[Header]) {
        for header in headers.iter().filter(|header| !PUBLIC.iter().any(|name| header.is(name))) {
            let is_of_scheme = header.is("authorization") || header.is("proxy-authorization");
            match header.value().split_once(' ').filter(|_| is_of_scheme) {
                Some((scheme, credentials)) => {
                    self.add(credentials);
                    let decoded = BASE64_STANDARD.decode(credentials).ok().and_then(|bytes| String::from_utf8(bytes).ok());
                    if let Some((_, password)) = decoded.as_deref().and_then(|decoded| decoded.split_once(':'))
                        && scheme.eq_ignore_ascii_case("basic")
                    {
                        self.add(password);
                    }
                }
                None => self.add(header.value()),
            }
        }
    }

    fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() < LENGTH_MIN {
            return;
        }
        self.add_parts(Comparison::Text, secret.as_bytes(), PART);
        // The base64 characters depend on the offset of the secret within a group of three bytes.
        for before in 0..3 {
            let encoded = BASE64_STANDARD_NO_PAD.encode([&[0; 2][..before], secret.as_bytes()].concat());
            let (first, end) = ((before * 8).div_ceil(6), (before + secret.len()) * 8 / 6);
            self.add_parts(Comparison::Base64, &encoded.as_bytes()[first..end], ENCODED_PART);
        }
    }

    fn add_parts(&mut self, comparison: Comparison, bytes: &[u8], length: usize) {
        let length = length.min(bytes.len());
        let folded: Vec<_> = bytes.iter().map(|byte| comparison.fold(*byte)).collect();
        self.parts.extend(folded.windows(length).map(|part| self.hashes.hash_one((comparison, part))));
        self.lengths.insert((comparison, length));
    }

    /// Returns the text with all parts of secrets concealed.
    pub(super) fn conceal(&self, text: &str) -> String {
        if self.parts.is_empty() {
            return text.to_owned();
        }
        let mut is_secret = vec![false; text.len()];
        self.mark(&Decoded::text(text), DEPTH, &mut is_secret);
        let mut shown = String::with_capacity(text.len());
        let mut was_secret = false;
        for (at, char) in text.char_indices() {
            let is_secret = is_secret[at..at + char.len_utf8()].contains(&true);
            match (was_secret, is_secret) {
                (_, false) => shown.push(char),
                (false, true) => shown.push_str(CONCEALED),
                (true, true) => {}
            }
            was_secret = is_secret;
        }
        shown
    }

    /// Marks the bytes of the text behind each part of a secret in this decoding, and in further decodings of it.
    fn mark(&self, decoded: &Decoded, depth: usize, is_secret: &mut [bool]) {
        for &(comparison, length) in &self.lengths {
            let folded: Vec<_> = decoded.bytes().iter().map(|byte| comparison.fold(*byte)).collect();
            for (at, part) in folded.windows(length).enumerate() {
                if self.parts.contains(&self.hashes.hash_one((comparison, part))) {
                    decoded.origins(at..at + length).for_each(|origin| is_secret[origin].fill(true));
                }
            }
        }
        if depth > 0 {
            decoded.further().iter().for_each(|further| self.mark(further, depth - 1, is_secret));
        }
    }
}

#[cfg(test)]
mod tests;
