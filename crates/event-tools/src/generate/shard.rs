//! A shard of a population: the k-th of n shards, made of every n-th cell.

use std::fmt;
use std::str::FromStr;

use seeker_model::PARTITIONS;
use thiserror::Error;

/// The k-th of n shards of a population.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1.
    k: u64,
    n: u64,
}

/// The error for a shard that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShardError {
    /// The text is not a fraction.
    #[error("expected a shard such as 1/4: its number, from 1, and the number of shards")]
    Form,
    /// The number of the shard is 0, or greater than the number of shards.
    #[error("shard {k}/{n} does not exist; expected 1/{n} to {n}/{n}")]
    NoSuchPart {
        /// The requested shard.
        k: u64,
        /// The number of shards.
        n: u64,
    },
    /// There are fewer cells than shards.
    #[error("{0} shards are too many; expected at most {PARTITIONS}, because a population has {PARTITIONS} cells")]
    TooMany(u64),
}

impl Shard {
    /// The number of the shard, from 1.
    pub const fn part(self) -> u64 {
        self.k
    }

    /// The number of shards.
    pub const fn of(self) -> u64 {
        self.n
    }

    /// The numbers of the cells of the shard.
    pub(crate) fn cells(self) -> impl Iterator<Item = u64> {
        (self.k - 1..PARTITIONS).step_by(usize::try_from(self.n).expect("there are at most 64 shards"))
    }
}

impl Default for Shard {
    fn default() -> Self {
        Self { k: 1, n: 1 }
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let (k, n) = text.split_once('/').ok_or(ShardError::Form)?;
        let (k, n) = (k.trim().parse().map_err(|_| ShardError::Form)?, n.trim().parse().map_err(|_| ShardError::Form)?);
        if n > PARTITIONS {
            return Err(ShardError::TooMany(n));
        }
        if (1..=n).contains(&k) { Ok(Self { k, n }) } else { Err(ShardError::NoSuchPart { k, n }) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.k, self.n)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// For all numbers of shards, the shards together have every cell once.
        #[test]
        fn parts_make_the_whole(n in 1..=PARTITIONS) {
            let mut cells: Vec<_> = (1..=n).flat_map(|k| format!("{k}/{n}").parse::<Shard>().unwrap().cells()).collect();
            cells.sort_unstable();
            prop_assert!(cells.into_iter().eq(0..PARTITIONS));
        }
    }

    #[test]
    fn parts_that_do_not_exist_are_refused() {
        for (text, error) in [
            ("5/4", ShardError::NoSuchPart { k: 5, n: 4 }),
            ("0/4", ShardError::NoSuchPart { k: 0, n: 4 }),
            ("1/0", ShardError::NoSuchPart { k: 1, n: 0 }),
            ("1/65", ShardError::TooMany(65)),
            ("1", ShardError::Form),
            ("a/2", ShardError::Form),
            ("-1/2", ShardError::Form),
        ] {
            assert_eq!(text.parse::<Shard>(), Err(error), "{text}");
        }
    }
}
