//! The actor that adds up what the outboxes tally, and shows it while the run goes on.

use actix::{Actor, AsyncContext, Context, Handler};
use std::time::Duration;

use crate::messages::{FinishRecording, Tallied};
use crate::progress::Progress;
use crate::tally::Tally;

/// How often the progress is looked at; what is shown and how often is the progress's business.
const PROGRESS_TICK: Duration = Duration::from_millis(200);

/// Adds up tallies.
pub(crate) struct Recorder {
    sum: Box<Tally>,
    progress: Progress,
}

impl Recorder {
    pub(crate) fn new(progress: Progress) -> Self {
        Self { sum: Box::default(), progress }
    }
}

impl Actor for Recorder {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.run_interval(PROGRESS_TICK, |recorder, _| recorder.progress.show(&recorder.sum));
    }
}

impl Handler<Tallied> for Recorder {
    type Result = ();

    fn handle(&mut self, Tallied(tally): Tallied, _: &mut Self::Context) {
        self.progress.observe(&tally);
        self.sum.add(&tally);
    }
}

impl Handler<FinishRecording> for Recorder {
    type Result = actix::MessageResult<FinishRecording>;

    fn handle(&mut self, _: FinishRecording, _: &mut Self::Context) -> Self::Result {
        self.progress.finish();
        actix::MessageResult(std::mem::take(&mut self.sum))
    }
}
