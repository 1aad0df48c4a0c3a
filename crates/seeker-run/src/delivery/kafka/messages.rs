//! The requests and answers of Kafka that a producer needs, in versions before the flexible ones, which brokers since Kafka 1.0 understand
//! (KIP-896: version 4.0 of Kafka still has them).
//!
//! Invariant: an answer is either read completely or malformed.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use super::server::Server;
use super::wire::{Malformed, WireReader, put_length, put_text, set_length};

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestKind {
    Produce,
    Metadata,
    SaslHandshake,
    ApiVersions,
    SaslAuthenticate,
}

impl RequestKind {
    const fn key(self) -> i16 {
        match self {
            Self::Produce => 0,
            Self::Metadata => 3,
            Self::SaslHandshake => 17,
            Self::ApiVersions => 18,
            Self::SaslAuthenticate => 36,
        }
    }

    /// The versions that this module writes and reads.
    const fn known(self) -> RangeInclusive<i16> {
        match self {
            Self::Produce => 3..=8,
            Self::Metadata => 4..=8,
            Self::SaslHandshake => 1..=1,
            Self::ApiVersions => 0..=0,
            Self::SaslAuthenticate => 0..=1,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Produce => "Produce",
            Self::Metadata => "Metadata",
            Self::SaslHandshake => "SaslHandshake",
            Self::ApiVersions => "ApiVersions",
            Self::SaslAuthenticate => "SaslAuthenticate",
        }
    }
}

/// Appends a request: its length, the common header, and what `write` appends.
pub(super) fn write_request(
    out: &mut Vec<u8>,
    api: RequestKind,
    version: i16,
    correlation: i32,
    write: impl FnOnce(&mut Vec<u8>),
) {
    let begin = out.len();
    out.extend_from_slice(&[0; 4]);
    out.extend_from_slice(&api.key().to_be_bytes());
    out.extend_from_slice(&version.to_be_bytes());
    out.extend_from_slice(&correlation.to_be_bytes());
    put_text(out, b"seeker-sim");
    write(out);
    let length = out.len() - begin - 4;
    set_length(out, begin, length);
}

/// The versions that a broker understands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ApiVersions(BTreeMap<i16, (i16, i16)>);

impl ApiVersions {
    /// Reads an answer of version 0. Returns its error code too.
    pub(super) fn read(answer: &[u8]) -> Result<(i16, Self), Malformed> {
        let mut answer = WireReader::new(answer);
        let code = answer.i16()?;
        let mut versions = BTreeMap::new();
        for _ in 0..answer.count(6)? {
            versions.insert(answer.i16()?, (answer.i16()?, answer.i16()?));
        }
        answer.end()?;
        Ok((code, Self(versions)))
    }

    /// The highest version of this request that both sides know.
    ///
    /// # Errors
    ///
    /// A text about the versions, if there is none.
    pub(super) fn common(&self, api: RequestKind) -> Result<i16, String> {
        let known = api.known();
        let (first, last) = (*known.start(), *known.end());
        let (name, expected) = (api.name(), format!("expected one of the versions {first} to {last}"));
        match self.0.get(&api.key()) {
            None => Err(format!("the broker has no {name}; {expected}")),
            Some((lowest, highest)) => {
                let version = last.min(*highest);
                let is_common = version >= first && version >= *lowest;
                let other = || format!("the broker has the versions {lowest} to {highest} of {name}; {expected}");
                is_common.then_some(version).ok_or_else(other)
            }
        }
    }
}

/// Appends the body of a request for the brokers and the leaders of a topic, which is not created.
pub(super) fn write_metadata_request(out: &mut Vec<u8>, version: i16, topic: &str) {
    put_length(out, 1);
    put_text(out, topic.as_bytes());
    out.push(0);
    if version >= 8 {
        out.extend_from_slice(&[0, 0]);
    }
}

/// The brokers of a cluster, and the leader of each partition of a topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    /// The address of each broker.
    pub(super) brokers: BTreeMap<i32, Server>,
    /// The error code of the topic.
    pub(super) code: i16,
    /// The leader of each partition; `None` if there is no known one.
    pub(super) leaders: Vec<Option<i32>>,
}

impl Metadata {
    /// Reads an answer that is about this topic only.
    pub(super) fn read(answer: &[u8], version: i16, topic: &str) -> Result<Self, Malformed> {
        let mut answer = WireReader::new(answer);
        answer.i32()?;
        let mut metadata = Self::default();
        for _ in 0..answer.count(12)? {
            let id = answer.i32()?;
            let host = str::from_utf8(answer.text()?).map_err(|_| Malformed)?.to_owned();
            let port = u16::try_from(answer.i32()?).map_err(|_| Malformed)?;
            answer.nullable_text()?;
            metadata.brokers.insert(id, Server { host, port });
        }
        answer.nullable_text()?;
        answer.i32()?;
        if answer.count(9)? != 1 {
            return Err(Malformed);
        }
        metadata.code = answer.i16()?;
        if answer.text()? != topic.as_bytes() {
            return Err(Malformed);
        }
        answer.bool()?;
        let count = answer.count(18)?;
        metadata.leaders = vec![None; count];
        for _ in 0..count {
            metadata.read_partition(&mut answer, version)?;
        }
        if version >= 8 {
            answer.i32()?;
            answer.i32()?;
        }
        answer.end()?;
        Ok(metadata)
    }

    fn read_partition(&mut self, answer: &mut WireReader<'_>, version: i16) -> Result<(), Malformed> {
        // The error of a partition concerns its replicas, or says that there is no leader.
        answer.i16()?;
        let index = usize::try_from(answer.i32()?).map_err(|_| Malformed)?;
        let leader = answer.i32()?;
        let of_partition = self.leaders.get_mut(index).ok_or(Malformed)?;
        *of_partition = self.brokers.contains_key(&leader).then_some(leader);
        if version >= 7 {
            answer.i32()?;
        }
        for _ in 0..if version >= 5 { 3 } else { 2 } {
            answer.skip_i32s()?;
        }
        Ok(())
    }
}

/// Appends the body of a request that stores batches. `write` appends each partition with [`write_partition`].
pub(super) fn write_produce_request(
    out: &mut Vec<u8>,
    (acks, timeout_millis): (i16, i32),
    topic: &str,
    partitions: usize,
    write: impl FnOnce(&mut Vec<u8>),
) {
    // There is no transaction.
    out.extend_from_slice(&(-1_i16).to_be_bytes());
    out.extend_from_slice(&acks.to_be_bytes());
    out.extend_from_slice(&timeout_millis.to_be_bytes());
    put_length(out, 1);
    put_text(out, topic.as_bytes());
    put_length(out, partitions);
    write(out);
}

/// Appends a partition with its batch to a request.
pub(super) fn write_partition(out: &mut Vec<u8>, partition: usize, write_batch: impl FnOnce(&mut Vec<u8>)) {
    put_length(out, partition);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    write_batch(out);
    let length = out.len() - at - 4;
    set_length(out, at, length);
}

/// What a broker answers about the batch of a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PartitionAnswer<'a> {
    pub(super) partition: usize,
    /// 0 if the batch is stored.
    pub(super) code: i16,
    /// The explanation of the broker.
    pub(super) explanation: Option<&'a [u8]>,
}

/// Reads the answer to a produce request and passes on each partition.
pub(super) fn read_produced<'a>(
    answer: &'a [u8],
    version: i16,
    mut each: impl FnMut(PartitionAnswer<'a>),
) -> Result<(), Malformed> {
    let mut answer = WireReader::new(answer);
    for _ in 0..answer.count(6)? {
        answer.text()?;
        for _ in 0..answer.count(22)? {
            let partition = usize::try_from(answer.i32()?).map_err(|_| Malformed)?;
            let code = answer.i16()?;
            answer.i64()?;
            answer.i64()?;
            if version >= 5 {
                answer.i64()?;
            }
            let mut explanation = None;
            if version >= 8 {
                for _ in 0..answer.count(6)? {
                    answer.i32()?;
                    explanation = explanation.or(answer.nullable_text()?);
                }
                explanation = answer.nullable_text()?.or(explanation);
            }
            each(PartitionAnswer { partition, code, explanation });
        }
    }
    answer.i32()?;
    answer.end()
}

/// Reads the answer to a choice of a SASL mechanism: the error code, and the mechanisms of the broker.
pub(super) fn read_sasl_handshake(answer: &[u8]) -> Result<(i16, Vec<&[u8]>), Malformed> {
    let mut answer = WireReader::new(answer);
    let code = answer.i16()?;
    let mechanisms = (0..answer.count(2)?).map(|_| answer.text()).collect::<Result<_, _>>()?;
    answer.end()?;
    Ok((code, mechanisms))
}

/// The answer to a step of a SASL login.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SaslAnswer<'a> {
    pub(super) code: i16,
    pub(super) explanation: Option<&'a [u8]>,
    /// The data of the mechanism.
    pub(super) data: &'a [u8],
    /// How long the login is valid, in milliseconds; 0 without a limit.
    pub(super) lifetime_millis: i64,
}

impl<'a> SaslAnswer<'a> {
    pub(super) fn read(answer: &'a [u8], version: i16) -> Result<Self, Malformed> {
        let mut answer = WireReader::new(answer);
        let (code, explanation, data) = (answer.i16()?, answer.nullable_text()?, answer.bytes()?);
        let lifetime_millis = if version >= 1 { answer.i64()? } else { 0 };
        answer.end()?;
        Ok(Self { code, explanation, data, lifetime_millis })
    }
}

#[cfg(test)]
mod tests;
