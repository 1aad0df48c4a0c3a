//! The context in which a seeker lives as an actor. Nobody sends a seeker anything: what it waits for is its next time, or the answer of a
//! search. So this context has no mailbox, and a seeker that sleeps is no task of the runtime: it lies in the wheel of those who sleep, and
//! is called when it is time. With a mailbox and a task each, seekers take more than twice as much memory, and an event of theirs an eighth
//! more of the processor: a hundred thousand of either are more than a cache holds.

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
    fn new(state: ActorState) -> Self {
        Self { state, waits: None }
    }

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

/// The life of a seeker.
impl Seeker {
    /// Starts the actor.
    pub(crate) fn start(mut self) {
        let mut context = SeekerContext::new(ActorState::Started);
        self.started(&mut context);
        self.wait(context);
    }

    /// The time has come that the actor slept until.
    pub(crate) fn wake(mut self, time: SimTime) {
        let mut context = SeekerContext::new(ActorState::Running);
        self.advance(Input::Woke, time, &mut context);
        self.wait(context);
    }

    /// Waits for what it was told to, or has ended.
    fn wait(mut self, mut context: SeekerContext) {
        match context.waits.take() {
            Some(Waits::Until(time)) if context.state.alive() => {
                let around = Rc::clone(&self.surroundings);
                around.sleepers.add(time, self);
            }
            Some(Waits::ForAnswer { answer, searched }) if context.state.alive() => {
                actix::spawn(async move {
                    let answer = answer.await;
                    let mut context = SeekerContext::new(ActorState::Running);
                    self.see(answer, searched, &mut context);
                    self.wait(context);
                });
            }
            _ => {
                context.terminate();
                self.stopped(&mut context);
            }
        }
    }
}
