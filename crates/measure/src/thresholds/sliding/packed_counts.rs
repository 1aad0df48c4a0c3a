//! Counts of times by bucket, packed into bytes: the number of buckets up to the last one with a count, then the count of each bucket. A run
//! of empty buckets is a zero, followed by the number of further empty buckets. All numbers are varints, so a bucket takes about one byte.

use std::collections::BTreeMap;
use std::io::{self, BufRead, ErrorKind};

use crate::time_bucket::BUCKETS;
use crate::varint;

/// The maximum sum of the counts of one second. Sums over windows and generators then cannot overflow.
const SUM_MAX: u64 = 1 << 32;

/// Counts by bucket, in ascending order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PackedCounts(Box<[u8]>);

impl PackedCounts {
    /// Returns the buckets with a count.
    pub(super) fn iter(&self) -> CountsReader<'_> {
        let mut bytes = &*self.0;
        let end = if bytes.is_empty() { 0 } else { next(&mut bytes) };
        CountsReader { bytes, bucket: 0, end }
    }

    /// Reads counts that another process wrote.
    ///
    /// # Errors
    ///
    /// The bytes are not counts of this form, or the counts are too large.
    pub(super) fn read(bytes: &mut impl BufRead) -> io::Result<Self> {
        let mut packer = Packer::default();
        let end = varint::read(bytes)?;
        let (mut bucket, mut sum) = (0_u64, 0_u64);
        if end > u64::from(BUCKETS) {
            return Err(invalid("there are too many buckets"));
        }
        while bucket < end {
            let count = varint::read(bytes)?;
            if count == 0 {
                bucket = bucket.saturating_add(varint::read(bytes)?).saturating_add(1);
                continue;
            }
            sum = sum.saturating_add(count);
            packer.push(u32::try_from(bucket).map_err(|_| invalid("there are too many buckets"))?, count);
            bucket += 1;
        }
        if bucket > end || sum > SUM_MAX {
            return Err(invalid("the counts of a second are too large"));
        }
        Ok(packer.finish())
    }

    /// Appends the counts to the bytes, so that [`read`](Self::read) returns them.
    pub(super) fn write(&self, bytes: &mut Vec<u8>) {
        if self.0.is_empty() { varint::write(bytes, 0) } else { bytes.extend_from_slice(&self.0) }
    }

    /// Returns the sum of both counts.
    #[must_use]
    pub(super) fn plus(&self, other: &Self) -> Self {
        if self.0.is_empty() {
            return other.clone();
        }
        let (mut these, mut others) = (self.iter(), other.iter());
        let (mut this, mut that) = (these.next(), others.next());
        let mut packer = Packer::with_capacity(self.0.len() + other.0.len());
        loop {
            match (this, that) {
                (Some((bucket, count)), Some((other, added))) if bucket == other => {
                    packer.push(bucket, count + added);
                    (this, that) = (these.next(), others.next());
                }
                (Some((bucket, count)), other) if other.is_none_or(|(other, _)| bucket < other) => {
                    packer.push(bucket, count);
                    this = these.next();
                }
                (_, Some((bucket, count))) => {
                    packer.push(bucket, count);
                    that = others.next();
                }
                _ => return packer.finish(),
            }
        }
    }
}

impl From<&BTreeMap<u32, u64>> for PackedCounts {
    fn from(counts: &BTreeMap<u32, u64>) -> Self {
        let mut packer = Packer::default();
        for (bucket, count) in counts {
            packer.push(*bucket, *count);
        }
        packer.finish()
    }
}

/// Iterates over packed counts.
pub(super) struct CountsReader<'a> {
    bytes: &'a [u8],
    bucket: u64,
    end: u64,
}

impl Iterator for CountsReader<'_> {
    type Item = (u32, u64);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.bucket < self.end {
            let count = next(&mut self.bytes);
            if count == 0 {
                self.bucket += next(&mut self.bytes) + 1;
                continue;
            }
            let bucket = u32::try_from(self.bucket).ok()?;
            self.bucket += 1;
            return Some((bucket, count));
        }
        None
    }
}

#[inline]
fn next(bytes: &mut &[u8]) -> u64 {
    varint::read(bytes).expect("a packer wrote these bytes")
}

fn invalid(reason: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

/// Packs counts, which come in ascending order of their buckets.
#[derive(Default)]
struct Packer {
    bytes: Vec<u8>,
    end: u32,
}

impl Packer {
    fn with_capacity(bytes: usize) -> Self {
        Self { bytes: Vec::with_capacity(bytes), end: 0 }
    }

    #[inline]
    fn push(&mut self, bucket: u32, count: u64) {
        if bucket > self.end {
            varint::write(&mut self.bytes, 0);
            varint::write(&mut self.bytes, u64::from(bucket - self.end - 1));
        }
        varint::write(&mut self.bytes, count);
        self.end = bucket + 1;
    }

    fn finish(self) -> PackedCounts {
        if self.end == 0 {
            return PackedCounts::default();
        }
        let mut bytes = Vec::with_capacity(self.bytes.len() + 3);
        varint::write(&mut bytes, self.end.into());
        bytes.extend_from_slice(&self.bytes);
        PackedCounts(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn counts() -> impl Strategy<Value = BTreeMap<u32, u64>> {
        let near = prop_oneof![0_u32..40, 0_u32..BUCKETS];
        prop::collection::btree_map(near, 1_u64..300, 0..40)
    }

    proptest! {
        /// For all counts, the packed form has the same counts, also after writing and reading, and the sum of two packed forms has the sums.
        #[test]
        fn packed_counts_are_the_counts(one in counts(), other in counts()) {
            let (packed, packed_other) = (PackedCounts::from(&one), PackedCounts::from(&other));
            prop_assert_eq!(packed.iter().collect::<BTreeMap<_, _>>(), one.clone());
            let mut bytes = Vec::new();
            packed.write(&mut bytes);
            packed_other.write(&mut bytes);
            let mut rest = bytes.as_slice();
            prop_assert_eq!(PackedCounts::read(&mut rest).unwrap(), packed.clone());
            prop_assert_eq!(PackedCounts::read(&mut rest).unwrap(), packed_other.clone());
            prop_assert!(rest.is_empty());
            let mut sum = one;
            for (bucket, count) in &other {
                *sum.entry(*bucket).or_default() += count;
            }
            prop_assert_eq!(packed.plus(&packed_other), PackedCounts::from(&sum));
            prop_assert_eq!(packed_other.plus(&packed), PackedCounts::from(&sum));
        }

        /// For all bytes, reading returns counts that can be written and read again, or an error.
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in prop::collection::vec(prop_oneof![0_u8..4, any::<u8>()], 0..40)) {
            if let Ok(packed) = PackedCounts::read(&mut bytes.as_slice()) {
                let mut again = Vec::new();
                packed.write(&mut again);
                prop_assert_eq!(PackedCounts::read(&mut again.as_slice()).unwrap(), packed);
            }
        }
    }

    #[test]
    fn a_bucket_takes_about_a_byte() {
        let counts: BTreeMap<_, _> = (3_000..4_000).map(|bucket| (bucket, u64::from(bucket % 7) + 1)).collect();
        assert_eq!(PackedCounts::from(&counts).0.len(), 2 + 3 + 1_000);
    }

    #[test]
    fn too_large_counts_are_refused() {
        let mut bytes = Vec::new();
        for number in [2, SUM_MAX, 1] {
            varint::write(&mut bytes, number);
        }
        assert_eq!(PackedCounts::read(&mut bytes.as_slice()).unwrap_err().to_string(), "the counts of a second are too large");
        bytes.clear();
        varint::write(&mut bytes, u64::from(BUCKETS) + 1);
        assert_eq!(PackedCounts::read(&mut bytes.as_slice()).unwrap_err().to_string(), "there are too many buckets");
    }
}
