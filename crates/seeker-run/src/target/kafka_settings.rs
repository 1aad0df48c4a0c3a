//! The settings of a Kafka target.

use std::fmt;
use std::str::FromStr;

/// The settings of a Kafka target, as the command line gives them.
#[derive(Clone, Debug, Default)]
pub struct KafkaSettings {
    /// The replicas that acknowledge an event, if the option was given.
    pub acks: Option<Acks>,
    /// The compression of record batches, if any.
    pub compression: Option<Codec>,
    /// The login, whose password is the token.
    pub sasl: Option<Sasl>,
}

/// The replicas that acknowledge an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acks {
    /// All replicas that are in sync.
    #[default]
    All,
    /// The leader of the partition.
    Leader,
}

/// A compression of record batches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// The format of gzip.
    Gzip,
    /// The frame format of LZ4.
    Lz4,
    /// The frame format of Zstandard.
    Zstd,
}

/// A login with SASL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sasl {
    /// How the password is proven.
    pub mechanism: Mechanism,
    /// The user.
    pub user: String,
}

/// How SASL proves a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mechanism {
    /// The password is sent (RFC 4616).
    Plain,
    /// A proof with SHA-256 is sent (RFC 7677).
    ScramSha256,
    /// A proof with SHA-512 is sent.
    ScramSha512,
}

impl FromStr for Acks {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" | "-1" => Ok(Self::All),
            "1" => Ok(Self::Leader),
            "0" => Err("without acknowledgement there is no latency; expected all or 1"),
            _ => Err("expected all or 1"),
        }
    }
}

impl FromStr for Codec {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "gzip" => Ok(Self::Gzip),
            "lz4" => Ok(Self::Lz4),
            "zstd" => Ok(Self::Zstd),
            _ => Err("expected gzip, lz4 or zstd"),
        }
    }
}

impl Mechanism {
    const ALL: [Self; 3] = [Self::Plain, Self::ScramSha256, Self::ScramSha512];

    /// The name of the mechanism in the protocol.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Mechanism {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|mechanism| mechanism.name().eq_ignore_ascii_case(text));
        named.ok_or("expected plain, scram-sha-256 or scram-sha-512")
    }
}
