//! The context in which a seeker lives as an actor. Nobody sends a seeker anything: what it waits for is its next time, or the answer of a
//! search. So this context has no mailbox: with `actix::Context` a seeker takes a fifth more memory, and a run a tenth more of the processor,
//! since a mailbox of which the cache knows nothing any more is looked into whenever a seeker wakes.

use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;

use actix::{Actor, ActorContext, ActorState};
use seeker_model::{Input, SimTime};

use super::Seeker;
use crate::search::answer::Answer;

/// What a seeker is told to do next, and whether it lives.
pub(crate) struct SeekerContext {
    state: ActorState,
    waits: Option<Waits>,
}

/// What a seeker waits for.
enum Waits {
    Until(SimTime),
    ForAnswer { answer: Pin<Box<dyn Future<Output = Option<Arc<Answer>>>>>, searched: SimTime },
}

impl SeekerContext {
    /// The seeker goes on at that time.
    pub(super) fn sleep_until(&mut self, time: SimTime) {
        self.waits = Some(Waits::Until(time));
    }

    /// The seeker goes on with the answer to what it searched at that time.
    pub(super) fn wait_for_answer(&mut self, answer: impl Future<Output = Option<Arc<Answer>>> + 'static, searched: SimTime) {
        self.waits = Some(Waits::ForAnswer { answer: Box::pin(answer), searched });
    }
}

impl ActorContext for SeekerContext {
    fn stop(&mut self) {
        self.state = ActorState::Stopping;
    }

    fn terminate(&mut self) {
        self.state = ActorState::Stopped;
    }

    fn state(&self) -> ActorState {
        self.state
    }
}

/// The life of a seeker, until it stops.
pub(super) async fn live(mut seeker: Seeker) {
    let around = Rc::clone(&seeker.surroundings);
    let mut ctx = SeekerContext { state: ActorState::Started, waits: None };
    seeker.started(&mut ctx);
    while ctx.state().alive()
        && let Some(waits) = ctx.waits.take()
    {
        ctx.state = ActorState::Running;
        match waits {
            Waits::Until(time) => {
                around.sleepers.until(time).await;
                seeker.advance(Input::Woke, time, &mut ctx);
            }
            Waits::ForAnswer { answer, searched } => {
                let answer = answer.await;
                seeker.see(answer, searched, &mut ctx);
            }
        }
    }
    ctx.terminate();
    seeker.stopped(&mut ctx);
}
