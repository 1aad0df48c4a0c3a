//! A shard of a population: the k-th of n shards, made of every n-th partition. Shards have no party in common, whether a population is
//! simulated as a whole or its parties are started one by one.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::partitions::PARTITIONS;

/// The k-th of n shards of a population, at most [`PARTITIONS`].
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
    /// There are fewer partitions than shards.
    #[error("{0} shards are too many; expected at most {PARTITIONS}")]
    TooMany(u64),
}

impl Shard {
    /// Creates shard `k` of `n`, counted from 1.
    ///
    /// # Errors
    ///
    /// [`ShardError`] if there is no such shard.
    pub const fn new(k: u64, n: u64) -> Result<Self, ShardError> {
        if n > PARTITIONS {
            return Err(ShardError::TooMany(n));
        }
        if k >= 1 && k <= n { Ok(Self { k, n }) } else { Err(ShardError::NoSuchPart { k, n }) }
    }

    /// The number of the shard, from 1.
    pub const fn part(self) -> u64 {
        self.k
    }

    /// The number of shards.
    pub const fn of(self) -> u64 {
        self.n
    }

    /// The numbers of the partitions of the shard.
    pub fn partitions(self) -> impl Iterator<Item = u64> {
        (self.k - 1..PARTITIONS).step_by(usize::try_from(self.n).expect("there are at most 64 shards"))
    }

    /// The number of the shard's party with this index, in ascending order from 0. The party belongs to a partition of the shard.
    pub const fn party(self, index: u64) -> u64 {
        let partitions = (PARTITIONS - self.k) / self.n + 1;
        index / partitions * PARTITIONS + self.k - 1 + index % partitions * self.n
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
        Self::new(k, n)
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
        /// For all numbers of shards, the shards together have every partition once.
        #[test]
        fn parts_make_the_whole(n in 1..=PARTITIONS) {
            let mut partitions: Vec<_> = (1..=n).flat_map(|k| format!("{k}/{n}").parse::<Shard>().unwrap().partitions()).collect();
            partitions.sort_unstable();
            prop_assert!(partitions.into_iter().eq(0..PARTITIONS));
        }

        /// Law 3. For all numbers of shards and all indices, a shard has the parties of its partitions, in ascending order. So no two
        /// shards have a party in common, and shards in a run have the parties of the same shards in a generated stream.
        #[test]
        fn parties_are_those_of_the_partitions(n in 1..=PARTITIONS, k: prop::sample::Index, population in 0_u64..1_000, far in 0_u64..1 << 50) {
            let shard = Shard::new(k.index(usize::try_from(n).unwrap()) as u64 + 1, n).unwrap();
            let mut of_partitions: Vec<_> = shard
                .partitions()
                .flat_map(|partition| (partition..population).step_by(usize::try_from(PARTITIONS).unwrap()))
                .collect();
            of_partitions.sort_unstable();
            let parties = (0..).map(|index| shard.party(index)).take_while(|party| *party < population);
            prop_assert!(parties.eq(of_partitions));
            prop_assert!(shard.partitions().any(|partition| partition == shard.party(far) % PARTITIONS));
            prop_assert!(shard.party(far) < shard.party(far + 1));
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
