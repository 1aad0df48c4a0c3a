//! Time zones by their names. The IANA database is part of the program, so that a name means the same on every machine; a name that
//! it does not have is answered with those that may be meant.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use thiserror::Error;

/// A name that is no time zone.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{name:?} is no time zone of the IANA database; {}", expected(.meant))]
pub struct TimeZoneError {
    /// What was given.
    pub name: String,
    /// The names most like it, the likeliest first; empty when none is much like it.
    pub meant: Vec<String>,
}

/// The time zone of that name, in any case.
///
/// # Errors
///
/// [`TimeZoneError`] when the database has no such name.
pub fn parse_time_zone(name: &str) -> Result<TimeZone, TimeZoneError> {
    let database = TimeZoneDatabase::bundled();
    match database.get(name) {
        // The database has a name for "unknown", too.
        Ok(zone) if !zone.is_unknown() => Ok(zone),
        _ => Err(TimeZoneError { name: name.to_owned(), meant: meant_by(name, &database) }),
    }
}

fn expected(meant: &[String]) -> String {
    match meant {
        [] => "expected a name such as UTC, Europe/Berlin or America/New_York".to_owned(),
        [one] => format!("did you mean {one}?"),
        [most @ .., last] => format!("did you mean {} or {last}?", most.join(", ")),
    }
}

/// The names that are most like the one given, as a whole or by their city.
fn meant_by(name: &str, database: &TimeZoneDatabase) -> Vec<String> {
    /// Own choice: a slip or two, not a name that happens to share some letters.
    const ALIKE: f64 = 0.7;
    /// Own choice: names so much less alike than the best are no rivals of it.
    const RIVAL: f64 = 0.1;
    /// More are no help.
    const NAMES_MAX: usize = 3;
    let plain = |name: &str| name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let given = plain(name);
    let likeness = |known: &str| {
        let known = plain(known);
        let city = known.rsplit('/').next().unwrap_or(&known);
        [&known, city].map(|name| strsim::normalized_damerau_levenshtein(&given, name)).into_iter().fold(0.0, f64::max)
    };
    let mut alike: Vec<_> = database
        .available()
        .map(|known| (likeness(known.as_str()), known.to_string()))
        .filter(|(likeness, known)| *likeness >= ALIKE && database.get(known).is_ok_and(|zone| !zone.is_unknown()))
        .collect();
    alike.sort_by(|(a, name_a), (b, name_b)| b.total_cmp(a).then_with(|| name_a.cmp(name_b)));
    let best = alike.first().map_or(0.0, |(likeness, _)| *likeness);
    alike.into_iter().take(NAMES_MAX).take_while(|(likeness, _)| *likeness > best - RIVAL).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names() -> Vec<String> {
        TimeZoneDatabase::bundled().available().map(|name| name.to_string()).filter(|name| name != "Etc/Unknown").collect()
    }

    #[test]
    fn every_name_of_the_database_is_read_in_any_case() {
        let names = names();
        assert!(names.len() > 400, "{}", names.len());
        for name in names {
            let zone = parse_time_zone(&name).unwrap();
            assert_eq!(parse_time_zone(&name.to_lowercase()), Ok(zone));
        }
    }

    #[test]
    fn names_that_may_be_meant_are_told() {
        for (name, expected) in [
            ("Europe/Berln", "did you mean Europe/Berlin?"),
            ("berlin", "did you mean Europe/Berlin?"),
            ("New York", "did you mean America/New_York?"),
            ("Asia/Calcuta", "did you mean Asia/Calcutta?"),
            ("Etc/Unknown", "is no time zone"),
            ("+02:00", "expected a name such as UTC, Europe/Berlin or America/New_York"),
            ("", "\"\" is no time zone of the IANA database; expected a name"),
        ] {
            let error = parse_time_zone(name).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    proptest! {
        /// For all names of places with a letter left out, the name itself is among those that may be meant, if not for as many
        /// that are as near.
        #[test]
        fn a_letter_left_out_is_found_again(name in prop::sample::select(names()), place in any::<prop::sample::Index>()) {
            prop_assume!(name.len() >= 6 && !name.starts_with("Etc/"));
            let mut mistyped = name.clone();
            mistyped.remove(place.index(name.len()));
            if let Err(error) = parse_time_zone(&mistyped) {
                let is_rival = |meant: &String| strsim::damerau_levenshtein(meant, &mistyped) <= 1;
                let is_told = error.meant.contains(&name) || error.meant.iter().all(is_rival) && !error.meant.is_empty();
                prop_assert!(is_told, "{mistyped}: {error}");
            }
        }
    }
}
