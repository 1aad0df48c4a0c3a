//! Statistics as text: one screen of counts and rows, followed by short distributions.

use std::io::{self, Write};

use event_stats::{Report, Row, Share};

/// The width of a column of a distribution.
const COLUMN: usize = 7;

/// The number of columns per line, for the hours of the day and the ranks of a page.
const COLUMNS: usize = 12;

pub(super) fn write(figures: &Report, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{:>12}  events", figures.events)?;
    writeln!(out, "{:>12}  lines or array elements that are not events", figures.unreadable)?;
    if figures.repeated > 0 {
        writeln!(out, "{:>12}  repeated events, not counted in any other figure", figures.repeated)?;
    }
    writeln!(out, "{:>12}  seekers with a non-IMPRESSION event in the first 14 days", figures.seekers)?;
    writeln!(out, "{:>12}  sessions (a session ends after a pause of 30 minutes)", figures.sessions)?;
    if let (Some(first), Some(last)) = (&figures.first, &figures.last) {
        writeln!(out, "{:>12}  {first} to {last}", "from")?;
    }
    writeln!(out)?;
    for (event_type, count) in &figures.by_type {
        let share = figures.share_of_events(*count) * 100.0;
        let per_view = figures.per_view.get(event_type).map_or_else(String::new, |rate| format!(": {rate:.4} per VIEW"));
        writeln!(out, "{count:>12}  {share:>6.2} %  {event_type}{per_view}")?;
    }
    for row in &figures.rows {
        let Row { id, statistic, source, figures, .. } = row;
        writeln!(out)?;
        writeln!(out, "{id:<4} {statistic} ({source}): {}", row.verdict())?;
        for figure in figures {
            let [lowest, highest] = figure.accepted;
            let (name, value, target) = (figure.name, figure.value, figure.target);
            writeln!(out, "     {name:<13}{value:>10.4}   published {target}, accepted {lowest:.4} to {highest:.4}")?;
        }
    }
    write_distributions(figures, out)
}

fn write_distributions(figures: &Report, out: &mut dyn Write) -> io::Result<()> {
    let distributions = &figures.distributions;
    let quantiles: [(&str, u64, &[Share]); 3] = [
        ("events per seeker in 14 days", distributions.events_per_seeker.cases, &distributions.events_per_seeker.quantiles),
        (
            "seconds from a VIEW to the next action on the posting",
            distributions.seconds_to_action.cases,
            &distributions.seconds_to_action.quantiles,
        ),
        (
            "age of the posting at an application, in days",
            distributions.posting_age_days.cases,
            &distributions.posting_age_days.quantiles,
        ),
    ];
    for (name, cases, quantiles) in quantiles {
        head(name, cases, quantiles.is_empty(), out)?;
        line("share", quantiles.iter().map(|quantile| percent(quantile.share, 0)), out)?;
        line("at most", quantiles.iter().map(|quantile| format!("{:.1}", quantile.value)), out)?;
    }

    let weekdays = &distributions.weekdays;
    let zone = figures.time_zone_name();
    head(&format!("events by weekday, time zone {zone}"), weekdays.cases, weekdays.weekdays.is_empty(), out)?;
    line("", weekdays.weekdays.iter().map(|day| day.weekday[..3].to_owned()), out)?;
    line("measured", weekdays.weekdays.iter().map(|day| percent(day.share, 1)), out)?;
    line("published", weekdays.weekdays.iter().map(|day| percent(day.published, 1)), out)?;

    let hours = &distributions.session_hours;
    head(&format!("session starts by hour, time zone {zone}"), hours.cases, hours.hours.is_empty(), out)?;
    for half in hours.hours.chunks(COLUMNS) {
        line("hour", half.iter().map(|hour| hour.hour.to_string()), out)?;
        line("measured", half.iter().map(|hour| percent(hour.share, 1)), out)?;
        line("published", half.iter().map(|hour| percent(hour.published, 1)), out)?;
    }

    let ranks = &distributions.ranks;
    head("clicks by rank, on results pages with ten or more postings", ranks.cases, ranks.ranks.is_empty(), out)?;
    for part in ranks.ranks.chunks(COLUMNS) {
        line("rank", part.iter().map(|rank| rank.rank.to_string()), out)?;
        line("clicked", part.iter().map(|rank| rank.click_rate.map_or_else(|| "-".to_owned(), |rate| percent(rate, 2))), out)?;
    }

    let hires = &distributions.days_to_hire;
    head("days from the application to HIRED, by week", hires.cases, hires.weeks.is_empty(), out)?;
    for part in hires.weeks.chunks(COLUMNS) {
        line("from day", part.iter().map(|week| week.from_day.to_string()), out)?;
        line("hires", part.iter().map(|week| week.hires.to_string()), out)?;
    }
    Ok(())
}

fn head(name: &str, cases: u64, is_missing: bool, out: &mut dyn Write) -> io::Result<()> {
    let note = if is_missing { ": too few for a distribution" } else { "" };
    writeln!(out)?;
    writeln!(out, "{name} ({cases} cases{note})")
}

fn line(name: &str, values: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let mut values = values.peekable();
    if values.peek().is_none() {
        return Ok(());
    }
    write!(out, "     {name:<10}")?;
    values.try_for_each(|value| write!(out, "{value:>COLUMN$}"))?;
    writeln!(out)
}

fn percent(share: f64, decimals: usize) -> String {
    format!("{:.decimals$}%", share * 100.0)
}
