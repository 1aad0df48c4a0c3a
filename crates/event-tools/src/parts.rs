//! The parts of a shared command: `check` and `stats` can divide their work by shards. Each shard writes a part as JSON, and a merge reads
//! all parts of a whole. A merge refuses parts that are missing, repeated, or of another whole.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader};

use event_input::{BytesRead, Input};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::generate::Shard;

/// What every part says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartHeader {
    /// The command: `check` or `stats`.
    pub command: String,
    /// The version of the program.
    pub version: String,
    /// The shard of the part.
    pub shard: PartNumber,
    /// What all parts of a whole have in common: options, names and content of the inputs.
    pub whole: BTreeMap<String, String>,
}

/// The number of a part, and the number of parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PartNumber {
    /// From 1.
    pub part: u64,
    /// The number of parts.
    pub of: u64,
}

impl From<Shard> for PartNumber {
    fn from(shard: Shard) -> Self {
        Self { part: shard.part(), of: shard.of() }
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// A part that was read from an input.
#[derive(Debug)]
pub struct NamedPart<P> {
    /// The input, as named on the command line.
    pub name: String,
    /// The part.
    pub part: P,
}

/// The error for parts that cannot be merged.
#[derive(Debug, Error)]
pub enum PartsError {
    /// The input cannot be opened.
    #[error("{name} cannot be opened")]
    Unopened {
        /// The input.
        name: String,
        /// The cause.
        source: io::Error,
    },
    /// The text is not a part, or not complete.
    #[error("{name} is not a complete part; expected the output of `seeker-sim {command} --shard K/N`")]
    NoPart {
        /// The input.
        name: String,
        /// The command whose parts are merged.
        command: &'static str,
        /// The cause.
        source: serde_json::Error,
    },
    /// The part has a value that no shard writes.
    #[error("{name} is not a part: {problem}")]
    Invalid {
        /// The input.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A part does not belong to the whole of the other parts.
    #[error(
        "{name} belongs to another whole than {other}: {key} is {value:?}, but {other_value:?} in {other}; {}",
        advice(.key)
    )]
    Foreign {
        /// The part that does not belong to the whole.
        name: String,
        /// A part of the whole.
        other: String,
        /// The key with different values.
        key: String,
        /// The value of the part.
        value: String,
        /// The value of the other part.
        other_value: String,
    },
    /// Two inputs are the same part.
    #[error("{name} and {other} are both part {number}; give each part once")]
    Repeated {
        /// The number of the part.
        number: PartNumber,
        /// The first input.
        other: String,
        /// The second input.
        name: String,
    },
    /// Parts are missing.
    #[error(
        "{} of {of} parts {} missing: {}; give the parts of all shards",
        .missing.len(),
        if .missing.len() == 1 { "is" } else { "are" },
        list(.missing, *.of)
    )]
    Missing {
        /// The numbers of the missing parts.
        missing: Vec<u64>,
        /// The number of parts.
        of: u64,
    },
}

/// The key for the events that are later than the time of the check. The parts have different numbers if an event lies between their times.
pub(crate) const FUTURE_KEY: &str = "events in the future";

/// Mixes two numbers. The order matters.
pub(crate) const fn mixed(a: u64, b: u64) -> u64 {
    (a.rotate_left(23) ^ b).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// Whether the shard owns what has this hash. For each hash, one of the shards does.
pub(crate) const fn owns(shard: Shard, hash: u64) -> bool {
    // The higher half, because the lower bits of a hash may select a slot of a table.
    (hash >> 32) % shard.of() == shard.part() - 1
}

fn advice(key: &str) -> &'static str {
    if key == FUTURE_KEY { "give all shards the same --now" } else { "make all parts with the same program, options and files" }
}

fn list(parts: &[u64], of: u64) -> String {
    parts.iter().map(|part| PartNumber { part: *part, of }.to_string()).collect::<Vec<_>>().join(", ")
}

/// A part of a command.
pub(crate) trait Part: DeserializeOwned {
    /// The name of the command.
    const COMMAND: &'static str;

    fn header(&self) -> &PartHeader;

    /// Describes a value that no shard writes.
    fn problem(&self) -> Option<String>;
}

/// Reads parts, and checks that they are the parts of one whole.
pub(crate) fn read_parts<P: Part>(inputs: &[Input]) -> Result<Vec<NamedPart<P>>, PartsError> {
    let parts = inputs.iter().map(read_part).collect::<Result<Vec<_>, _>>()?;
    are_whole(&parts)?;
    Ok(parts)
}

fn read_part<P: Part>(input: &Input) -> Result<NamedPart<P>, PartsError> {
    let name = input.name();
    let opened = match input.open(&BytesRead::default()) {
        Ok(opened) => opened,
        Err(source) => return Err(PartsError::Unopened { name, source }),
    };
    let part: P = match serde_json::from_reader(BufReader::new(opened.text)) {
        Ok(part) => part,
        Err(source) => return Err(PartsError::NoPart { name, command: P::COMMAND, source }),
    };
    let header = part.header();
    let PartNumber { part: number, of } = header.shard;
    let problem = if header.command != P::COMMAND {
        Some(format!("it is a part of {:?}; expected a part of {:?}", header.command, P::COMMAND))
    } else if format!("{number}/{of}").parse::<Shard>().is_err() {
        Some(format!("there is no shard {number}/{of}"))
    } else {
        part.problem()
    };
    match problem {
        Some(problem) => Err(PartsError::Invalid { name, problem }),
        None => Ok(NamedPart { name, part }),
    }
}

/// Checks that each part of one whole is there once.
pub(crate) fn are_whole<P: Part>(parts: &[NamedPart<P>]) -> Result<(), PartsError> {
    // The parts of the majority are the whole, so that the error names the part that differs.
    let agreeing = |one: &NamedPart<P>| parts.iter().filter(|other| difference(one, other).is_none()).count();
    let Some(reference) = parts.iter().rev().max_by_key(|part| agreeing(part)) else {
        return Ok(());
    };
    if let Some((foreign, (key, value, other_value))) = parts.iter().find_map(|part| Some((part, difference(part, reference)?))) {
        let (name, other) = (foreign.name.clone(), reference.name.clone());
        return Err(PartsError::Foreign { name, other, key, value, other_value });
    }
    let mut names = BTreeMap::new();
    for NamedPart { name, part } in parts {
        let number = part.header().shard;
        if let Some(other) = names.insert(number.part, name) {
            return Err(PartsError::Repeated { number, other: other.clone(), name: name.clone() });
        }
    }
    let of = reference.part.header().shard.of;
    let missing: Vec<_> = (1..=of).filter(|number| !names.contains_key(number)).collect();
    if missing.is_empty() { Ok(()) } else { Err(PartsError::Missing { missing, of }) }
}

/// Returns the first difference of two parts that cannot be of one whole: the key and both values.
fn difference<P: Part>(one: &NamedPart<P>, other: &NamedPart<P>) -> Option<(String, String, String)> {
    let (one, other) = (one.part.header(), other.part.header());
    let fixed =
        |header: &PartHeader| [("program version", header.version.clone()), ("number of shards", header.shard.of.to_string())];
    let differing = fixed(one).into_iter().zip(fixed(other)).find(|(one, other)| one != other);
    if let Some(((key, value), (_, other_value))) = differing {
        return Some((key.to_owned(), value, other_value));
    }
    let keys = one.whole.keys().chain(other.whole.keys());
    let of = |header: &PartHeader, key| header.whole.get(key).cloned().unwrap_or_else(|| "not set".to_owned());
    keys.map(|key| (key.clone(), of(one, key), of(other, key))).find(|(_, value, other_value)| value != other_value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Bare(PartHeader);

    impl Part for Bare {
        const COMMAND: &'static str = "check";

        fn header(&self) -> &PartHeader {
            &self.0
        }

        fn problem(&self) -> Option<String> {
            None
        }
    }

    fn part(part: u64, of: u64, window: &str) -> NamedPart<Bare> {
        let whole = BTreeMap::from([("--window".to_owned(), window.to_owned())]);
        let header = PartHeader { command: "check".to_owned(), version: "1".to_owned(), shard: PartNumber { part, of }, whole };
        NamedPart { name: format!("{part}-of-{of}.json"), part: Bare(header) }
    }

    proptest! {
        /// For all numbers of shards and all parts that are left out, given twice or exchanged, the parts are whole exactly if each part is
        /// there once.
        #[test]
        fn whole_is_each_part_once(of in 1..=64_u64, numbers in prop::collection::vec(any::<prop::sample::Index>(), 0..4), twice: bool) {
            let all: Vec<u64> = (1..=of).collect();
            prop_assert!(are_whole(&all.iter().map(|number| part(*number, of, "90d")).collect::<Vec<_>>()).is_ok());
            let mut given = all;
            for number in &numbers {
                let number = *number.get(&(1..=of).collect::<Vec<_>>());
                if twice {
                    given.push(number);
                } else {
                    given.retain(|other| *other != number);
                }
            }
            let given: Vec<_> = given.into_iter().map(|number| part(number, of, "90d")).collect();
            match are_whole(&given) {
                Ok(()) => prop_assert!(numbers.is_empty() || given.is_empty()),
                Err(PartsError::Repeated { .. }) => prop_assert!(twice),
                Err(PartsError::Missing { missing, .. }) => prop_assert!(!twice && missing.len() as u64 + given.len() as u64 == of),
                Err(error) => prop_assert!(false, "{error}"),
            }
        }
    }

    #[test]
    fn the_part_that_differs_is_named() {
        for (parts, error) in [
            (
                vec![part(1, 3, "36h"), part(2, 3, "90d"), part(3, 3, "90d")],
                "1-of-3.json belongs to another whole than 2-of-3.json: --window is \"36h\", but \"90d\" in 2-of-3.json; make all parts \
                 with the same program, options and files",
            ),
            (
                vec![part(1, 2, "90d"), part(2, 3, "90d")],
                "2-of-3.json belongs to another whole than 1-of-2.json: number of shards is \"3\", but \"2\" in 1-of-2.json; make all \
                 parts with the same program, options and files",
            ),
            (vec![part(1, 3, "90d"), part(3, 3, "90d")], "1 of 3 parts is missing: 2/3; give the parts of all shards"),
            (vec![part(2, 4, "90d")], "3 of 4 parts are missing: 1/4, 3/4, 4/4; give the parts of all shards"),
            (vec![part(1, 2, "90d"), part(1, 2, "90d")], "1-of-2.json and 1-of-2.json are both part 1/2; give each part once"),
        ] {
            assert_eq!(are_whole(&parts).unwrap_err().to_string(), error);
        }
    }
}
