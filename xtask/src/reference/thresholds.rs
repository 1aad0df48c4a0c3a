//! The page of the figures that thresholds can use.

use client_event::EventType;
use load_plan::EventOutcome;
use load_plan::threshold::{Comparison, Figure, FigureKind, Statistic, Threshold, TimeFigure, Unit};

use super::markdown::{Table, code};

const SYNTAX: &str = "\
A threshold compares a figure with an amount. A threshold can apply to one event type, and to every window of a given length:

```text
[TYPE.]FIGURE COMPARISON AMOUNT [over TIME]
```

```text
latency.p99 < 50ms
refused == 0
VIEW.failed_ratio < 1%
latency.p99 < 80ms over 10s
```

Pass thresholds with `run --threshold`, or write them into the `thresholds` of a [scenario](scenario.md). `run --find-capacity` takes the
same conditions. Spaces are optional. TIME is a whole number of seconds from 1s to 10m.
";

pub(super) fn page() -> String {
    let built_in = code(&Threshold::BUILT_IN.to_string());
    format!(
        "# Thresholds\n\n{SYNTAX}\n{built_in} applies by default. Only a threshold on `acknowledged` or `acknowledged_ratio` of the whole run \
         replaces this default.\n\n## Times\n\n{}\n\
         Each time has these statistics: {}, and any percentile with up to three decimals, such as `p97.5`.\n\n\
         ## Outcomes and rates\n\n{}\n## Comparisons\n\n{}.\n\n## Event types\n\n{}.\n",
        times(),
        Statistic::SHOWN.map(|statistic| code(&statistic.to_string())).join(", "),
        others(),
        Comparison::ALL.map(|comparison| code(comparison.sign())).join(", "),
        event_types(),
    )
}

fn times() -> String {
    let mut table = Table::new(["Figure", "Meaning", "Units", "By type", "Over windows"]);
    for time in TimeFigure::ALL {
        let figure = Figure::Time(time, Statistic::Max);
        let name = code(&format!("{}.STATISTIC", time.name()));
        table.add([
            name,
            time.description().to_owned(),
            units(figure.kind()),
            yes(figure.is_by_type()),
            yes(figure.is_of_any_time()),
        ]);
    }
    table.text().to_owned()
}

fn others() -> String {
    let mut table = Table::new(["Figure", "Meaning", "Units", "By type", "Over windows"]);
    let of_outcome = |outcome: EventOutcome| {
        [
            (Figure::Count(outcome), format!("Events {}.", outcome.description())),
            (Figure::Ratio(outcome), format!("{} divided by the number of planned events.", code(outcome.name()))),
        ]
    };
    let of_rate = [
        (Figure::AchievedRatio, "Achieved load divided by planned load.".to_owned()),
        (Figure::Rate, "Events per second whose sending began.".to_owned()),
    ];
    for (figure, meaning) in EventOutcome::ALL.into_iter().flat_map(of_outcome).chain(of_rate) {
        let name = code(&figure.to_string());
        table.add([name, meaning, units(figure.kind()), yes(figure.is_by_type()), yes(figure.is_of_any_time())]);
    }
    table.text().to_owned()
}

fn units(kind: FigureKind) -> String {
    let name = |unit: &Unit| if *unit == Unit::None { "none".to_owned() } else { code(unit.sign()) };
    kind.units().iter().map(name).collect::<Vec<_>>().join(", ")
}

fn yes(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

fn event_types() -> String {
    let types = EventType::ALL.into_iter().filter(|event_type| *event_type != EventType::Unspecified);
    types.map(|event_type| code(event_type.name())).collect::<Vec<_>>().join(", ")
}
