//! The serialized form of counts by reason: the stable code of the reason is the key.

use std::collections::BTreeMap;

use client_event::Reason;
use serde::{Deserialize, Deserializer, Serializer, de};

pub(crate) fn serialize<S: Serializer>(counts: &BTreeMap<Reason, u64>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(counts.iter().map(|(reason, count)| (reason.code(), count)))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Reason, u64>, D::Error> {
    let reason_of = |code: &str| Reason::ALL.into_iter().find(|reason| reason.code() == code);
    BTreeMap::<String, u64>::deserialize(deserializer)?
        .into_iter()
        .map(|(code, count)| match reason_of(&code) {
            Some(reason) => Ok((reason, count)),
            None => Err(de::Error::custom(format_args!("{code:?} is not a reason for refusing a message"))),
        })
        .collect()
}
