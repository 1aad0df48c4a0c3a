//! The page of the live metrics.

use seeker_run::MetricDescription;

use super::markdown::{Table, code, plain};

pub(super) fn page() -> String {
    let mut table = Table::new(["Metric", "Type", "Labels", "Meaning"]);
    for MetricDescription { name, kind, labels, help } in MetricDescription::all() {
        let labels: Vec<_> = labels.into_iter().map(code).collect();
        table.add([code(&name), kind.to_owned(), labels.join(", "), plain(help)]);
    }
    format!(
        "# Metrics\n\n`run --metrics` serves these metrics for Prometheus, and `run --otlp` pushes them to an OpenTelemetry collector. The \
         table has the Prometheus names. An OTLP name has a dot after `seeker_sim`, no unit and no `_total`.\n\n{}",
        table.text()
    )
}
