//! Parses the name of a rule.

use std::str::FromStr;

use thiserror::Error;

use super::id::RuleId;

/// The error for a name that is not a rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error(
    "{name:?} is not a rule{}; expected a code such as unique-event-id or a label: F1, D1 to D9, W1, W2, I1 to I6",
    match .meant { Some(meant) => format!(" (did you mean {meant}?)"), None => String::new() }
)]
pub struct UnknownRule {
    /// The name.
    pub name: String,
    /// A rule with a similar name.
    pub meant: Option<RuleId>,
}

/// Parses a code or a label, in upper or lower case.
impl FromStr for RuleId {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, UnknownRule> {
        let named = |id: &Self| name.eq_ignore_ascii_case(id.code()) || name.eq_ignore_ascii_case(id.label());
        let found = Self::ALL.into_iter().find(named);
        found.ok_or_else(|| UnknownRule { name: name.to_owned(), meant: find_similar(name) })
    }
}

/// The rule with the most similar code; `None` if none is similar.
fn find_similar(name: &str) -> Option<RuleId> {
    /// Allows one or two typing errors in a long code, but not a different word.
    const SIMILARITY_MIN: f64 = 0.7;
    let name = name.to_ascii_lowercase().replace('_', "-");
    let similarity = |id: RuleId| strsim::normalized_damerau_levenshtein(&name, id.code());
    let (id, most) = RuleId::ALL.map(|id| (id, similarity(id))).into_iter().max_by(|(_, a), (_, b)| a.total_cmp(b))?;
    (most >= SIMILARITY_MIN).then_some(id)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn rows_positions_codes_and_labels_lead_back_to_their_rule() {
        let mut names = HashSet::new();
        for (position, id) in RuleId::ALL.into_iter().enumerate() {
            assert_eq!((id.index(), id.rule().id), (position, id));
            for name in [id.code().to_owned(), id.label().to_owned(), id.label().to_lowercase(), id.to_string().to_uppercase()] {
                assert_eq!(name.parse(), Ok(id));
            }
            assert!(id.code().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{id} is kebab-case");
            for text in [id.rule().sentence, id.rule().source, id.rule().why] {
                assert!(!text.contains("- ") && !text.contains("  "), "{id}: a word is broken by a line break: {text}");
            }
            assert!(names.insert(id.code()) && names.insert(id.label()));
        }
    }

    #[test]
    fn an_unknown_name_suggests_a_similar_name() {
        let error = "uniqe_event_id".parse::<RuleId>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"uniqe_event_id\" is not a rule (did you mean unique-event-id?); \
             expected a code such as unique-event-id or a label: F1, D1 to D9, W1, W2, I1 to I6"
        );
        for name in ["", "D10", "event"] {
            assert_eq!(name.parse::<RuleId>().unwrap_err().meant, None, "{name}");
        }
    }
}
