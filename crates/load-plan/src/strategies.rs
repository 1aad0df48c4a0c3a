//! Proptest strategies for thresholds.

use std::time::Duration;

use client_event::EventType;
use proptest::prelude::*;

use crate::threshold::{Amount, Comparison, Figure, FigureKind, Percentile, Statistic, Threshold, TimeFigure, Unit};

/// Any threshold.
pub fn any_threshold() -> impl Strategy<Value = Threshold> {
    let percentile = (1_u32..100_000).prop_map(|thousandths| Statistic::Percentile(Percentile::of_thousandths(thousandths)));
    let of_any_percentile = (prop::sample::select(TimeFigure::ALL.to_vec()), percentile);
    let figure = prop_oneof![
        4 => prop::sample::select(Figure::all().collect::<Vec<_>>()),
        1 => of_any_percentile.prop_map(|(time, percentile)| Figure::Time(time, percentile)),
    ];
    let event_type = prop::option::of(prop::sample::select(EventType::ALL.to_vec()));
    let over = prop::option::of((1_u64..=600).prop_map(Duration::from_secs));
    let parts = (event_type, figure, prop::sample::select(Comparison::ALL.to_vec()), over);
    (parts, any::<prop::sample::Index>(), 0_u32..100_000).prop_map(|((event_type, figure, comparison, over), unit, number)| {
        let unit = *unit.get(figure.kind().units());
        let number = match figure.kind() {
            FigureKind::Count => f64::from(number),
            FigureKind::Ratio if unit == Unit::Percent => f64::from(number) / 1e3,
            FigureKind::Ratio => f64::from(number) / 1e5,
            FigureKind::Time | FigureKind::Rate => f64::from(number) / 100.0,
        };
        let event_type = event_type.filter(|_| figure.is_by_type());
        let over = over.filter(|_| figure.is_of_any_time());
        Threshold { event_type, figure, comparison, amount: Amount { number, unit }, over }
    })
}
