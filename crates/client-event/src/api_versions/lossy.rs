//! The result of a conversion that can lose information: the value, and the fields that it cannot hold.

use std::collections::BTreeMap;
use std::fmt;

/// A converted value, and the information that the conversion lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the conversion may have lost information"]
pub struct Lossy<T> {
    /// The converted value.
    pub value: T,
    /// The information that was lost, in the order of the fields of the source; empty if the conversion can be undone.
    pub lost: Vec<Lost>,
}

impl<T> Lossy<T> {
    /// The value, if nothing was lost.
    ///
    /// # Errors
    ///
    /// `self`, if information was lost.
    pub fn lossless(self) -> Result<T, Self> {
        if self.lost.is_empty() { Ok(self.value) } else { Err(self) }
    }
}

/// Information that a conversion lost, with its content, so that the caller can keep it elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// Entries of `details`: all in version 4, which has no field for them; in version 3 the entries that exceed the limits of
    /// `extraInfo`.
    Details(BTreeMap<String, String>),
    /// The nanoseconds of `createTime` below the millisecond (1 to 999,999). The time of the message is rounded down to the millisecond.
    NanosBelowMillisecond(u32),
    /// `parentEventId`, which only version 3 has.
    ParentEventId(String),
    /// `eventNotes`, which only version 4 has.
    EventNotes(String),
    /// `attributes`, which only a Pub/Sub message has.
    Attributes(BTreeMap<String, String>),
    /// `orderingKey`, which only a Pub/Sub message has.
    OrderingKey(String),
}

impl Lost {
    /// The name of the field in the source.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Details(_) => "details",
            Self::NanosBelowMillisecond(_) => "createTime",
            Self::ParentEventId(_) => "parentEventId",
            Self::EventNotes(_) => "eventNotes",
            Self::Attributes(_) => "attributes",
            Self::OrderingKey(_) => "orderingKey",
        }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.field())?;
        match self {
            Self::Details(map) | Self::Attributes(map) => {
                f.write_str("no place for ")?;
                f.debug_list().entries(map.keys()).finish()
            }
            Self::NanosBelowMillisecond(nanos) => write!(f, "{nanos} ns below the millisecond"),
            Self::ParentEventId(text) | Self::EventNotes(text) | Self::OrderingKey(text) => write!(f, "no place for {text:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_for_people() {
        let details = BTreeMap::from([("a".to_owned(), "1".to_owned()), ("b\"".to_owned(), String::new())]);
        for (lost, text) in [
            (Lost::Details(details.clone()), r#"details: no place for ["a", "b\""]"#),
            (Lost::NanosBelowMillisecond(1), "createTime: 1 ns below the millisecond"),
            (Lost::ParentEventId("e".to_owned()), "parentEventId: no place for \"e\""),
            (Lost::EventNotes("n".to_owned()), "eventNotes: no place for \"n\""),
            (Lost::Attributes(details), r#"attributes: no place for ["a", "b\""]"#),
            (Lost::OrderingKey("k".to_owned()), "orderingKey: no place for \"k\""),
        ] {
            assert_eq!(lost.to_string(), text);
        }
        assert_eq!(Lossy { value: 1, lost: Vec::new() }.lossless(), Ok(1));
        let lossy = Lossy { value: 1, lost: vec![Lost::NanosBelowMillisecond(1)] };
        assert_eq!(lossy.clone().lossless(), Err(lossy));
    }
}
