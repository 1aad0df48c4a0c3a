//! Streams for checks: events of the calibrated model in the order of time, a million per day. Employers' decisions are left out: they come
//! weeks later, when a check with a window of a day has forgotten the events before them, and would cause findings.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use client_event::{EventTimestamp, EventType};
use seeker_model::{Behaviour, Catalogue, CatalogueSpec, Model, Playback, SeekerEvent, SimTime, Week};

/// The seed of all streams.
const SEED: u64 = 20_240_517;

/// The start time: in the past of every clock.
const EPOCH_MILLIS: i64 = 1_700_000_000_000;

/// The number of events per day, so that a window of time corresponds to a number of keys.
const EVENTS_PER_DAY: u64 = 1_000_000;

/// The number of seekers from which the events per seeker are estimated.
const SAMPLE: u64 = 20_000;

/// The beginning of job names in the model; short streams use a shorter one.
const LONG_NAME: &str = "\"projects/seeker-sim/tenants/job-board/jobs/";
const SHORT_NAME: &str = "\"jobs/";

/// The kind of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Pages of ten results of which about four are opened, and job names without a project, so that messages have 300 to 400 bytes. The
    /// limit is set for these messages.
    Short,
    /// As calibrated: pages of up to twenty results.
    Calibrated,
}

impl Kind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Calibrated => "calibrated",
        }
    }

    fn model(self) -> Result<Model> {
        let (mut behaviour, mut postings) = (Behaviour::default(), CatalogueSpec::default());
        if self == Self::Short {
            behaviour.page_size = 10;
            behaviour.continue_after_skip = 1.0;
            behaviour.continue_after_click = 1.0;
            postings.attractiveness_mean = 0.4;
        }
        let catalogue = Catalogue::new(&postings, 0).context("the default parameters are out of range")?;
        Model::new(catalogue, behaviour, Week::default()).context("the default parameters are out of range")
    }
}

/// Returns the path of a stream with this many events. Writes the stream if it does not exist.
pub(crate) fn written(kind: Kind, events: u64, release_folder: &Path) -> Result<PathBuf> {
    let folder = release_folder.parent().context("the release folder has no parent folder")?.join("xtask/measure-check");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("seekers-{}-{events}.ndjson", kind.name()));
    if !file.exists() {
        let draft = folder.join(format!("{events}.draft"));
        write(kind, events, &draft).with_context(|| format!("cannot write {}", draft.display()))?;
        fs::rename(&draft, &file)?;
    }
    Ok(file)
}

fn write(kind: Kind, events: u64, file: &Path) -> Result<()> {
    let model = kind.model()?;
    let mut out = BufWriter::with_capacity(1 << 20, File::create(file)?);
    let mut line = Vec::new();
    let sampled: usize = (0..SAMPLE).map(|seeker| events_of(Playback::new(&model, SEED, seeker, SimTime::ZERO)).count()).sum();
    let micros_per_seeker = 86_400_000_000 * sampled as u64 / (SAMPLE * EVENTS_PER_DAY);
    let mut seekers = Seekers { model: &model, micros_per_seeker, next: 0, under_way: BinaryHeap::new() };
    for _ in 0..events {
        let event = seekers.next_event();
        let millis = i64::try_from(event.at.since_start().as_millis())?;
        line.clear();
        event.to_message(&model, EventTimestamp::from_millis(EPOCH_MILLIS + millis)).write_json(&mut line);
        line.push(b'\n');
        match kind {
            Kind::Short => out.write_all(str::from_utf8(&line)?.replace(LONG_NAME, SHORT_NAME).as_bytes())?,
            Kind::Calibrated => out.write_all(&line)?,
        }
    }
    Ok(out.flush()?)
}

/// The events of a seeker, without employers' decisions.
fn events_of(playback: impl Iterator<Item = SeekerEvent>) -> impl Iterator<Item = SeekerEvent> {
    playback.filter(|event| !matches!(event.event_type, EventType::InterviewGranted | EventType::Hired))
}

/// Seekers that arrive one after the other and overlap in time.
struct Seekers<'m> {
    model: &'m Model,
    micros_per_seeker: u64,
    /// The number of the next seeker to arrive.
    next: u64,
    /// Active seekers, by the time of their next event.
    under_way: BinaryHeap<UnderWay<'m>>,
}

impl Seekers<'_> {
    fn next_event(&mut self) -> SeekerEvent {
        loop {
            let arrival = SimTime::from_micros(self.next * self.micros_per_seeker);
            if self.under_way.peek().is_none_or(|first| first.event.at >= arrival) {
                let rest = Playback::new(self.model, SEED, self.next, arrival);
                self.under_way.extend(UnderWay::of(rest));
                self.next += 1;
                continue;
            }
            let UnderWay { event, rest } = self.under_way.pop().expect("the heap is not empty");
            self.under_way.extend(UnderWay::of(rest));
            return event;
        }
    }
}

struct UnderWay<'m> {
    event: SeekerEvent,
    rest: Playback<'m>,
}

impl<'m> UnderWay<'m> {
    fn of(mut rest: Playback<'m>) -> Option<Self> {
        let event = events_of(rest.by_ref()).next()?;
        Some(Self { event, rest })
    }

    /// Reverses the order, so that a heap returns the earliest first.
    fn order(&self) -> Reverse<(SimTime, u64)> {
        Reverse((self.event.at, self.event.seeker))
    }
}

impl PartialEq for UnderWay<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for UnderWay<'_> {}

impl PartialOrd for UnderWay<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for UnderWay<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}
