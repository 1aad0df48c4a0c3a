//! The headers of every request that the user does not replace.

use super::header::Header;

/// The headers of every request, unless the user gives headers of the same name.
pub(super) const DEFAULTS: [(&str, &str); 3] = [
    ("User-Agent", concat!("seeker-sim/", env!("CARGO_PKG_VERSION"))),
    ("Content-Type", "application/json"),
    ("Accept", "application/json"),
];

/// The defaults, each replaced by the user headers of the same name if any, then the other user headers.
pub(super) fn with_defaults<'a>(
    defaults: impl Iterator<Item = (&'a str, &'a str)>,
    headers: &'a [Header],
) -> Vec<(&'a str, &'a str)> {
    let own = |header: &'a Header| (header.name(), header.value());
    let defaults: Vec<_> = defaults.collect();
    let mut all = Vec::new();
    for &(name, default) in &defaults {
        let before = all.len();
        all.extend(headers.iter().filter(|header| header.is(name)).map(own));
        if all.len() == before {
            all.push((name, default));
        }
    }
    all.extend(headers.iter().filter(|header| !defaults.iter().any(|(name, _)| header.is(name))).map(own));
    all
}
