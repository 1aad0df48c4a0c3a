//! The codes of `google.rpc.Code` and their meaning for an event.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Unexpected, Visitor};

use load_plan::EventOutcome;

/// The codes by number.
const CODES: [&str; 17] = [
    "OK",
    "CANCELLED",
    "UNKNOWN",
    "INVALID_ARGUMENT",
    "DEADLINE_EXCEEDED",
    "NOT_FOUND",
    "ALREADY_EXISTS",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "FAILED_PRECONDITION",
    "ABORTED",
    "OUT_OF_RANGE",
    "UNIMPLEMENTED",
    "INTERNAL",
    "UNAVAILABLE",
    "DATA_LOSS",
    "UNAUTHENTICATED",
];

/// Why an event of a batch was not accepted: a code of `google.rpc.Code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(super) code: i32,
}

impl Refusal {
    /// The status of a gRPC call.
    pub(crate) fn of(code: u16) -> Self {
        Self { code: code.into() }
    }

    /// The name of the code.
    pub(crate) fn name(self) -> String {
        let name = usize::try_from(self.code).ok().and_then(|code| CODES.get(code));
        name.map_or_else(|| format!("code {}", self.code), |name| (*name).to_owned())
    }

    pub(super) const fn is_ok(self) -> bool {
        self.code == 0
    }

    /// The outcome of the event: failed for the codes that Google's APIs send as 5xx over HTTP, refused for all others.
    pub(crate) const fn outcome(self) -> EventOutcome {
        match self.code {
            2 | 4 | 12..=15 => EventOutcome::Failed,
            _ => EventOutcome::Refused,
        }
    }

    /// Whether a retry may succeed, as after 429 and 5xx.
    pub(crate) fn is_worth_a_retry(self) -> bool {
        const RESOURCE_EXHAUSTED: i32 = 8;
        self.outcome() == EventOutcome::Failed || self.code == RESOURCE_EXHAUSTED
    }
}

/// Written as the end of a sentence about an event.
impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answered {} for this event of a batch", self.name())
    }
}

/// Reads a code: a number, or a name such as `INVALID_ARGUMENT`. Unknown numbers are codes that a later version may define. Unknown names
/// are errors.
impl<'de> Deserialize<'de> for Refusal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CodeVisitor)
    }
}

struct CodeVisitor;

impl Visitor<'_> for CodeVisitor {
    type Value = Refusal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or a name of google.rpc.Code")
    }

    fn visit_u64<E: Error>(self, code: u64) -> Result<Refusal, E> {
        i32::try_from(code).map(|code| Refusal { code }).map_err(|_| E::invalid_value(Unexpected::Unsigned(code), &self))
    }

    fn visit_i64<E: Error>(self, code: i64) -> Result<Refusal, E> {
        i32::try_from(code).map(|code| Refusal { code }).map_err(|_| E::invalid_value(Unexpected::Signed(code), &self))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Refusal, E> {
        let code = (0..).zip(CODES).find(|(_, of_code)| *of_code == name).map(|(code, _)| code);
        // ProtoJSON also writes numbers as strings.
        let code = code.or_else(|| name.parse().ok());
        code.map(|code| Refusal { code }).ok_or_else(|| E::invalid_value(Unexpected::Str(name), &self))
    }
}
