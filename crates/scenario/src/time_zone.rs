//! Time zones by name. The program contains the IANA database, so a name has the same meaning on every machine. The error
//! for an unknown name suggests similar names.

use jiff::tz::{TimeZone, TimeZoneDatabase};
use thiserror::Error;

/// The name is not a time zone.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{name:?} is not a time zone of the IANA database; {}", expected(.meant))]
pub struct TimeZoneError {
    /// The given name.
    pub name: String,
    /// The most similar names, best match first; empty if no name is similar.
    pub meant: Vec<String>,
}

/// Returns the time zone with this name, in any case.
///
/// # Errors
///
/// [`TimeZoneError`] when the database has no such name.
pub fn parse_time_zone(name: &str) -> Result<TimeZone, TimeZoneError> {
    let database = TimeZoneDatabase::bundled();
    match database.get(name) {
        // The database also has a name for "unknown".
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

/// Returns the names that are most similar to the given name, as a whole or by their city.
fn meant_by(name: &str, database: &TimeZoneDatabase) -> Vec<String> {
    /// Own choice: allows one or two typing errors, but no names that only share some letters.
    const ALIKE: f64 = 0.7;
    /// The maximum difference in similarity between the best name and another suggested name. Own choice.
    const RIVAL: f64 = 0.1;
    /// The maximum number of suggested names.
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
    fn similar_names_are_suggested() {
        for (name, expected) in [
            ("Europe/Berln", "did you mean Europe/Berlin?"),
            ("berlin", "did you mean Europe/Berlin?"),
            ("New York", "did you mean America/New_York?"),
            ("Asia/Calcuta", "did you mean Asia/Calcutta?"),
            ("Etc/Unknown", "is not a time zone"),
            ("+02:00", "expected a name such as UTC, Europe/Berlin or America/New_York"),
            ("", "\"\" is not a time zone of the IANA database; expected a name"),
        ] {
            let error = parse_time_zone(name).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    proptest! {
        /// For all names of places with one letter removed, the suggestions include the name itself, unless as many other
        /// names are as similar.
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
