//! The distributions as charts. Each chart has a sentence that describes it, or says that there are too few cases.

use charts::{Axis, CaptionedChart, Chart, Mark, NumberFormat, Scale, Series, Shape, Tone, grouped};
use event_stats::{Figure, Report, Share};

const MEASURED: &str = "measured";
const PUBLISHED: &str = "published, accepted range";

/// Returns all charts in reading order.
pub(super) fn distribution_charts(figures: &Report) -> Vec<CaptionedChart> {
    vec![
        events_per_seeker(figures),
        seconds_to_action(figures),
        weekdays(figures),
        hours(figures),
        ranks(figures),
        days_to_hire(figures),
        posting_age(figures),
    ]
}

fn events_per_seeker(figures: &Report) -> CaptionedChart {
    let distribution = &figures.distributions.events_per_seeker;
    let at = |share| readable(value_at(&distribution.quantiles, share));
    drawn(
        "Events per seeker",
        [distribution.cases, distribution.at_least.len() as u64],
        "seekers with an event other than an impression",
        || {
            format!(
                "Of {} seekers, half caused at most {} events in 14 days, one in ten caused {} or more, and one in a hundred {} or more.",
                grouped(distribution.cases),
                at(0.5),
                at(0.9),
                at(0.99)
            )
        },
        Axis::new("events in 14 days, or more", Scale::Logarithmic, NumberFormat::Plain),
        Axis::new("share of seekers", Scale::Logarithmic, NumberFormat::Percent),
        vec![
            Series::new(MEASURED, Tone::Blue, Shape::Line(points(&distribution.at_least))),
            // A quantile counts the cases below it; the curve counts the cases above.
            quantile_marks(figures, "V3", &[0.5, 0.75, 0.9, 0.99].map(|share| 1.0 - share), false),
        ],
    )
}

fn seconds_to_action(figures: &Report) -> CaptionedChart {
    /// The longest times would take most of the axis.
    const SHARE_MAX: f64 = 0.995;
    let distribution = &figures.distributions.seconds_to_action;
    let at = |share| readable(value_at(&distribution.quantiles, share));
    let shown =
        distribution.within.iter().position(|point| point.share > SHARE_MAX).map_or(distribution.within.len(), |last| last + 1);
    drawn(
        "Time from a VIEW to the next action on the posting",
        [distribution.cases, distribution.within.len() as u64],
        "actions after a VIEW of the same posting",
        || {
            format!(
                "Of {} actions, half came within {} s of the VIEW, and nine in ten within {} s.",
                grouped(distribution.cases),
                at(0.5),
                at(0.9)
            )
        },
        Axis::new("seconds since the VIEW", Scale::Logarithmic, NumberFormat::Plain),
        Axis::new("share of actions within this time", Scale::Linear, NumberFormat::Percent).within(0.0, 1.0),
        vec![
            Series::new(MEASURED, Tone::Blue, Shape::Line(points(&distribution.within[..shown]))),
            quantile_marks(figures, "V4", &[0.5, 0.9], true),
        ],
    )
}

fn weekdays(figures: &Report) -> CaptionedChart {
    let distribution = &figures.distributions.weekdays;
    let shares: Vec<_> = distribution.weekdays.iter().map(|day| (day.weekday.to_owned(), day.share, day.published)).collect();
    let names = distribution.weekdays.iter().map(|day| day.weekday[..3].to_owned()).collect();
    drawn(
        "Days of the week",
        [distribution.cases, shares.len() as u64],
        "events of seekers other than impressions",
        || extremes(&shares, "events"),
        Axis::new(format!("weekday, {}", figures.time_zone_name()), Scale::Names(names), NumberFormat::Plain),
        Axis::new("share of events", Scale::Linear, NumberFormat::Percent),
        beside_published(&shares),
    )
}

fn hours(figures: &Report) -> CaptionedChart {
    let distribution = &figures.distributions.session_hours;
    let range = |hour: usize| format!("{hour}:00 to {}:00", hour + 1);
    let shares: Vec<_> = distribution.hours.iter().map(|hour| (range(hour.hour), hour.share, hour.published)).collect();
    let names = distribution.hours.iter().map(|hour| hour.hour.to_string()).collect();
    drawn(
        "Hours of the day",
        [distribution.cases, shares.len() as u64],
        "sessions",
        || extremes(&shares, "session starts"),
        Axis::new(format!("hour, {}", figures.time_zone_name()), Scale::Names(names), NumberFormat::Plain),
        Axis::new("share of session starts", Scale::Linear, NumberFormat::Percent),
        beside_published(&shares),
    )
}

fn ranks(figures: &Report) -> CaptionedChart {
    let ranks = &figures.distributions.ranks;
    let rates: Vec<_> = ranks.ranks.iter().map(|rank| [index(rank.rank), rank.click_rate.unwrap_or(f64::NAN)]).collect();
    let rate =
        |rank: usize| rates.get(rank - 1).map_or_else(|| "-".to_owned(), |[_, rate]| NumberFormat::Percent.readable(*rate));
    let slope = figures_of(figures, "V7").first();
    drawn(
        "Clicks by rank",
        [ranks.cases, rates.len() as u64],
        "results pages with ten postings",
        || {
            let slope = slope.map_or_else(String::new, |figure| {
                format!(
                    " The slope of the click rate from rank 1 to 10 is {}; published: {}.",
                    readable(figure.value),
                    figure.target
                )
            });
            format!(
                "Job seekers opened the first posting of a page in {} of the cases, the tenth in {}.{slope}",
                rate(1),
                rate(10)
            )
        },
        Axis::new("rank on the results page", Scale::Logarithmic, NumberFormat::Plain),
        Axis::new("views per impression", Scale::Logarithmic, NumberFormat::Percent),
        vec![
            Series::new(
                "published slope",
                Tone::Orange,
                Shape::DashedLine(slope.map_or_else(Vec::new, |slope| sloped(&rates, slope.target))),
            ),
            Series::new(MEASURED, Tone::Blue, Shape::DottedLine(rates.clone())),
        ],
    )
}

fn days_to_hire(figures: &Report) -> CaptionedChart {
    let hires = &figures.distributions.days_to_hire;
    let bars: Vec<_> = hires.weeks.iter().map(|week| [index(week.from_day) + 3.5, index_u64(week.hires)]).collect();
    let published = figures_of(figures, "V8").iter().find(|figure| figure.name == "days");
    let mean = hires.mean.unwrap_or(f64::NAN);
    let label = format!("{} days", readable(mean));
    let mut series = vec![
        Series::new("hires", Tone::Blue, Shape::Bars(bars.clone())),
        Series::new("mean", Tone::Purple, Shape::Uprights(vec![(mean, label)])),
    ];
    if let Some(published) = published {
        series.insert(0, Series::new("published mean, accepted range", Tone::Orange, Shape::Bands(vec![published.accepted])));
    }
    drawn(
        "Time from application to hire",
        [hires.cases, bars.len() as u64],
        "hires with an application in the stream",
        || {
            let published = published.map_or_else(String::new, |figure| format!("; published: {}", readable(figure.target)));
            format!("{} hires, on average {} days after the application{published}.", grouped(hires.cases), readable(mean))
        },
        Axis::new("days from the application to HIRED, by week", Scale::Linear, NumberFormat::Plain),
        Axis::new("hires", Scale::Linear, NumberFormat::Plain),
        series,
    )
}

fn posting_age(figures: &Report) -> CaptionedChart {
    let distribution = &figures.distributions.posting_age_days;
    let marks = figures_of(figures, "V10").iter().map(|figure| Mark {
        at: [7.0, figure.target],
        x_range: None,
        y_range: Some(figure.accepted),
        label: "7 days".to_owned(),
        is_label_below: true,
    });
    let curve: Vec<_> = [[0.0, 0.0]].into_iter().chain(points(&distribution.within)).collect();
    let within = |days: f64| distribution.within.iter().find(|point| point.value >= days).map_or(f64::NAN, |point| point.share);
    drawn(
        "Age of the posting at an application",
        [distribution.cases, distribution.within.len() as u64],
        "applications for postings that were observed for 30 days",
        || {
            format!(
                "Of {} applications, {} came within 7 days of the first impression of the posting, and {} within 14 days.",
                grouped(distribution.cases),
                NumberFormat::Percent.readable(within(7.0)),
                NumberFormat::Percent.readable(within(14.0))
            )
        },
        Axis::new("days since the first impression of the posting", Scale::Linear, NumberFormat::Plain).within(0.0, 30.0),
        Axis::new("share of applications up to this age", Scale::Linear, NumberFormat::Percent).within(0.0, 1.0),
        vec![
            Series::new(MEASURED, Tone::Blue, Shape::Line(curve)),
            Series::new(PUBLISHED, Tone::Orange, Shape::Marks(marks.collect())),
        ],
    )
}

/// Returns the chart, or the number of cases if there are no points to draw.
fn drawn(
    title: &'static str,
    [cases, points]: [u64; 2],
    of: &str,
    sentence: impl FnOnce() -> String,
    x: Axis,
    y: Axis,
    series: Vec<Series>,
) -> CaptionedChart {
    if points == 0 {
        let sentence = format!("{} of the 100 required {of}.", grouped(cases));
        return CaptionedChart { title, sentence, chart: None };
    }
    let sentence = sentence();
    let chart = Chart { title: title.to_owned(), description: sentence.clone(), x, y, series };
    CaptionedChart { title, sentence, chart: Some(chart) }
}

/// Published quantiles, at these heights.
fn quantile_marks(figures: &Report, row: &str, heights: &[f64], is_label_below: bool) -> Series {
    let marks = figures_of(figures, row).iter().zip(heights).map(|(figure, height)| Mark {
        at: [figure.target, *height],
        x_range: Some(figure.accepted),
        y_range: None,
        label: figure.name.to_owned(),
        is_label_below,
    });
    Series::new(PUBLISHED, Tone::Orange, Shape::Marks(marks.collect()))
}

/// Bars of measured values and levels of published values.
fn beside_published(shares: &[(String, f64, f64)]) -> Vec<Series> {
    let points =
        |share: fn(&(String, f64, f64)) -> f64| shares.iter().enumerate().map(|(place, of)| [index(place), share(of)]).collect();
    vec![
        Series::new(MEASURED, Tone::Blue, Shape::Bars(points(|(_, measured, _)| *measured))),
        Series::new("published", Tone::Orange, Shape::Levels(points(|(_, _, published)| *published))),
    ]
}

/// Names the entries with the largest and the smallest share.
fn extremes(shares: &[(String, f64, f64)], of: &str) -> String {
    let by_share = |(_, a, _): &&(String, f64, f64), (_, b, _): &&(String, f64, f64)| a.total_cmp(b);
    let (Some(most), Some(least)) = (shares.iter().max_by(by_share), shares.iter().min_by(by_share)) else {
        return String::new();
    };
    let share = |share| NumberFormat::Percent.readable(share);
    format!("Busiest: {} with {} of {of}. Quietest: {} with {}.", most.0, share(most.1), least.0, share(least.1))
}

/// A line with this slope through the mean of ranks 1 to 10, on logarithmic axes.
fn sloped(rates: &[[f64; 2]], slope: f64) -> Vec<[f64; 2]> {
    let first = rates.iter().take(10).filter(|[_, rate]| *rate > 0.0);
    let (count, x, y) = first.fold((0.0, 0.0, 0.0), |(count, x, y), [rank, rate]| (count + 1.0, x + rank.ln(), y + rate.ln()));
    if count == 0.0 {
        return Vec::new();
    }
    [1.0, 10.0].map(|rank: f64| [rank, (y / count + slope * (rank.ln() - x / count)).exp()]).to_vec()
}

fn figures_of<'f>(figures: &'f Report, row: &str) -> &'f [Figure] {
    figures.rows.iter().find(|of| of.id == row).map_or(&[], |row| &row.figures)
}

fn value_at(quantiles: &[Share], share: f64) -> f64 {
    quantiles.iter().find(|quantile| (quantile.share - share).abs() < 1e-9).map_or(f64::NAN, |quantile| quantile.value)
}

fn points(shares: &[Share]) -> Vec<[f64; 2]> {
    shares.iter().map(|Share { value, share }| [*value, *share]).collect()
}

fn readable(value: f64) -> String {
    NumberFormat::Plain.readable(value)
}

#[expect(clippy::cast_precision_loss, reason = "a small index")]
fn index(place: usize) -> f64 {
    place as f64
}

#[expect(clippy::cast_precision_loss, reason = "counts below 2^53")]
fn index_u64(count: u64) -> f64 {
    count as f64
}
