//! The identity of a run, which all generators of the run compute alike.

use std::fmt::Write;

use load_plan::load::Load;
use rapidhash::v3::rapidhash_v3;
use run_report::RunIdentity;
use scenario::shown;
use seeker_model::Shard;

use crate::plan::RunPlan;

/// Returns the identity of the run of a plan, whose whole load is this one.
///
/// The hash covers what decides which events the run sends and how it judges them. It leaves out what may differ between machines: the
/// target and its credentials, connections, `--seekers-max`, displays, reports and metrics.
pub(super) fn identity(plan: &RunPlan, whole: &Load) -> RunIdentity {
    let stages: Vec<_> = whole.stages().map(|stage| stage.to_string()).collect();
    let delivery = &plan.delivery;
    let mut text = format!("{}\n{}\n{}\n", plan.version, plan.seed, plan.speed);
    let of = plan.shard.map_or(1, Shard::of);
    let thresholds: Vec<_> = plan.thresholds.iter().map(ToString::to_string).collect();
    for part in [
        format!("load {} {:?} {:?}", stages.join(", "), whole.warm_up(), whole.pacing()),
        format!("start {:?} of {of}", plan.start_at.map(|start_at| start_at.to_string())),
        format!("requests {} {:?} {} {}", delivery.format, delivery.batching, delivery.is_ordered, delivery.gzip),
        format!("patience {:?} {} {:?}", delivery.timeout, delivery.retries, plan.drain),
        format!("verdict {} {} {}", thresholds.join(", "), plan.abort_on_threshold, plan.check_sent),
        format!("search {}", delivery.search.is_some()),
        format!("scenario {}", shown(&plan.scenario)),
    ] {
        let _ = writeln!(text, "{part}");
    }
    RunIdentity { id: format!("{:016x}", rapidhash_v3(text.as_bytes())), start_at: plan.start_at, stages }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::num::NonZeroUsize;
    use std::time::Duration;

    use super::*;
    use crate::plan::tests::plan;
    use crate::target::settings::DeliverySettings;

    fn id(plan: &RunPlan) -> String {
        identity(plan, &plan.whole_load().unwrap()).id
    }

    fn part(k: u64, n: u64) -> RunPlan {
        RunPlan { shard: Some(Shard::new(k, n).unwrap()), ..plan() }
    }

    #[test]
    fn parts_on_different_machines_have_one_identity() {
        let first = RunPlan { target: Some("http://a".parse().unwrap()), ..part(1, 4) };
        let connections = NonZeroUsize::new(9).unwrap();
        let other = RunPlan {
            target: Some("http://b".parse().unwrap()),
            seekers_max: 77,
            delivery: DeliverySettings { connections, ..plan().delivery },
            ..part(4, 4)
        };
        assert_eq!(id(&first), id(&other));
        assert_eq!(id(&first).len(), 16);
        let whole = other.whole_load().unwrap();
        assert_eq!(identity(&other, &whole).stages, ["1s:1/s"]);
    }

    #[test]
    fn other_runs_have_other_identities() {
        let start_at = Some("2026-11-30T12:00:00Z".parse().unwrap());
        let with = |change: fn(&mut RunPlan)| {
            let mut plan = part(1, 4);
            change(&mut plan);
            id(&plan)
        };
        let ids = [
            id(&part(1, 4)),
            id(&part(1, 3)),
            id(&plan()),
            id(&RunPlan { start_at, ..part(1, 4) }),
            with(|plan| plan.seed = 1),
            with(|plan| plan.speed = 2.0),
            with(|plan| plan.load.duration = Some(Duration::from_secs(2))),
            with(|plan| plan.scenario.behaviour.mobile_share /= 2.0),
            with(|plan| plan.delivery.format = "v4".parse().unwrap()),
            with(|plan| plan.delivery.timeout = Duration::from_secs(9)),
            with(|plan| plan.delivery.retries = 1),
            with(|plan| plan.thresholds = vec!["refused == 0".parse().unwrap()]),
        ];
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "{ids:?}");
    }
}
