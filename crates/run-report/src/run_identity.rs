//! The identity of a run that several generators can share: which parts belong together, and which part this is.

use std::fmt;

use jiff::Timestamp;
use load_plan::units::optional_text;
use serde::{Deserialize, Serialize};

/// The identity of a run. All parts of one run have the same identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunIdentity {
    /// 16 hexadecimal digits: a hash of the version, the seed, the load, the scenario, the format, the requests, the thresholds, the start
    /// time and the number of parts. It does not depend on the machine, the target, the connections or the part.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = "^[0-9a-f]{16}$")))]
    pub id: String,
    /// The time of `--start-at`, in UTC; null without this option.
    #[serde(default, with = "optional_text")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date-time")))]
    pub start_at: Option<Timestamp>,
    /// The stages of the whole load, in the syntax of `--stage`. `load.stages` has those of this part.
    pub stages: Vec<String>,
}

/// A part of a run, from `--shard`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(try_from = "UncheckedPart")]
#[cfg_attr(feature = "schema", schemars(!try_from))]
pub struct ShardPart {
    /// The number of the part, from 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 64)))]
    pub part: u64,
    /// The number of parts.
    #[cfg_attr(feature = "schema", schemars(range(min = 1, max = 64)))]
    pub of: u64,
}

/// Numbers that may not be a part.
#[derive(Deserialize)]
struct UncheckedPart {
    part: u64,
    of: u64,
}

impl ShardPart {
    /// The maximum number of parts.
    pub const OF_MAX: u64 = 64;
}

impl TryFrom<UncheckedPart> for ShardPart {
    type Error = &'static str;

    fn try_from(UncheckedPart { part, of }: UncheckedPart) -> Result<Self, Self::Error> {
        if (1..=of).contains(&part) && of <= Self::OF_MAX {
            Ok(Self { part, of })
        } else {
            Err("expected part 1 to of, and at most 64 parts")
        }
    }
}

impl fmt::Display for ShardPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}
