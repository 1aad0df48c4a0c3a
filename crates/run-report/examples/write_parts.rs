//! Writes the reports of the parts of a long run, to measure what `seeker-sim report merge` needs. The events are invented: latencies of 3 ms
//! at the median with a long tail, one event in 1,000 refused. Counters, windows and seconds are recorded by the code of a run, without sending.
//!
//! ```sh
//! cargo run --release -p run-report --example write_parts -- FOLDER PARTS HOURS EVENTS_PER_SECOND DIFFERENT [THRESHOLD]
//! ```
//!
//! `DIFFERENT` runs are recorded, and the parts repeat them in turn.

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use client_event::EventType;
use load_plan::load::{LoadSpec, Rate};
use load_plan::threshold::Threshold;
use load_plan::{EventOutcome, Moment};
use measure::counters::Counters;
use measure::latency_blocks::LatencyBlockRecorder;
use measure::ledger_account::LedgerAccount;
use measure::observations::{Observations, Sent, Settled};
use measure::run_record::{ArbiterAccount, OutboxAccount, RunRecord};
use measure::thresholds::outside_pauses::OutsidePauses;
use measure::thresholds::sliding::SlidingWindows;
use measure::windows::Windows;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use run_report::figures::{Figures, Heading};
use run_report::thresholds::JudgedThreshold;
use run_report::{Report, RunIdentity, ShardPart, TargetClock};

const SECOND: u64 = 1_000_000;
const TARGET: &str = "http://127.0.0.1:8080/clientEvents";

fn main() -> Result<(), Box<dyn Error>> {
    let given: Vec<_> = env::args().skip(1).collect();
    let [folder, parts, hours, rate, different, threshold @ ..] = given.as_slice() else {
        return Err("expected FOLDER PARTS HOURS EVENTS_PER_SECOND DIFFERENT [THRESHOLD]".into());
    };
    let (of, hours, rate, different): (u64, u64, u32, u64) = (parts.parse()?, hours.parse()?, rate.parse()?, different.parse()?);
    let thresholds = threshold.iter().map(|text| text.parse()).collect::<Result<Vec<Threshold>, _>>()?;
    for seed in 1..=different.min(of) {
        let recorded = record(hours * 3_600, rate, seed, &thresholds)?;
        for part in (seed..=of).step_by(usize::try_from(different)?) {
            let report = Report { shard: Some(ShardPart { part, of }), ..recorded.clone() };
            let mut file = BufWriter::new(File::create(Path::new(folder).join(format!("part-{part}.json")))?);
            serde_json::to_writer_pretty(&mut file, &report)?;
            file.flush()?;
        }
    }
    Ok(())
}

/// Records a run of this many seconds.
fn record(seconds: u64, rate: u32, seed: u64, thresholds: &[Threshold]) -> Result<Report, Box<dyn Error>> {
    let load = LoadSpec::rate(Rate::per_second(rate.into())?, Duration::from_secs(seconds)).check()?;
    let mut random = SmallRng::seed_from_u64(seed);
    let (mut counters, mut windows) = (Counters::default(), Windows::new(Moment::default()));
    let mut latency_blocks = LatencyBlockRecorder::default();
    let mut sliding = SlidingWindows::new(thresholds, &load).keep_seconds();
    for second in 0..seconds {
        let events = events_of(second, rate, &mut random);
        counters.add(&events, load.end());
        sliding.add(&events);
        for at in &events.begun {
            windows.begun(*at);
        }
        for at in &events.attempted {
            windows.attempted(*at);
        }
        for sent in &events.sent {
            windows.sent(sent);
        }
        for settled in &events.settled {
            windows.settled(settled);
        }
        windows.live(Moment::from_micros(second * SECOND), 1_000);
        windows.close_settled(
            Moment::from_micros((second + 1) * SECOND),
            |_, _| rate.into(),
            |closed| {
                latency_blocks.push_second(closed.latencies.answered, closed.latencies.unanswered_len());
                sliding.close(closed);
            },
        );
    }
    let windows = windows.finish(|closed| {
        latency_blocks.push_second(closed.latencies.answered, closed.latencies.unanswered_len());
        sliding.close(closed);
    });
    let worst_windows = sliding.finish(load.end());
    let begun = seconds * u64::from(rate);
    let figures = Figures {
        recorded: RunRecord {
            counters: Box::new(counters),
            windows,
            latency_blocks: latency_blocks.finish(),
            second_series: sliding.take_series(),
            worst_windows: worst_windows.clone(),
            outside_pauses: OutsidePauses::new(&[], Moment::default()),
            silence: None,
        },
        accounts: vec![ArbiterAccount {
            ledger: LedgerAccount { begun, seekers_started: begun / 20, ..LedgerAccount::default() },
            remainder: OutboxAccount::default(),
            searches: None,
            cpu: None,
        }],
        duration: load.duration(),
        live_max: 1_000,
        worked: load.duration(),
        cpu: None,
        cores: 2,
        started_at: Some("2026-11-24T10:00:00Z".parse()?),
        receiver: None,
    };
    let heading = Heading { target: TARGET.to_owned(), seed: 1, speed: 60.0, load };
    let mut report = figures.report(heading);
    report.thresholds = thresholds.iter().map(|threshold| JudgedThreshold::of(*threshold, &report, &worst_windows)).collect();
    report.run = Some(RunIdentity { id: "00c0ffee00c0ffee".to_owned(), start_at: None, stages: report.load.stages.clone() });
    report.target_clock = Some(TargetClock { url: TARGET.to_owned(), offset_min_us: -2_000, offset_max_us: 2_000 });
    Ok(report)
}

/// Invents the events of a second.
fn events_of(second: u64, rate: u32, random: &mut SmallRng) -> Observations {
    const TYPES: [EventType; 4] = [EventType::Impression, EventType::View, EventType::ApplicationStart, EventType::Bookmark];
    let mut events = Observations::default();
    for number in 0..rate {
        let at = Moment::from_micros(second * SECOND + u64::from(number) * SECOND / u64::from(rate));
        // The sum of twelve uniform numbers is nearly normal.
        let normal: f64 = (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and at most a minute")]
        let micros = (3_000.0 * (0.5 * normal).exp()) as u64;
        let sent = Sent { at: at.plus(80), lag_micros: 80 };
        let is_refused = random.random_ratio(1, 1_000);
        events.begun.push(at);
        events.attempted.push(sent.at);
        events.sent.push(sent);
        events.requests += 1;
        events.settled.push(Settled {
            at: at.plus(micros.max(100)),
            scheduled: at,
            event_type: TYPES[random.random_range(0..TYPES.len())],
            outcome: if is_refused { EventOutcome::Refused } else { EventOutcome::Acknowledged },
            answered_request: Some(sent.at),
        });
    }
    events
}
