//! The lifecycle of an actor, as actix documents it:
//!
//! | state | what happens | next state |
//! |---|---|---|
//! | `Started` | `started` | as after a message |
//! | `Running` | a message | `Stopping` after `stop`, or if nothing is left that could call the actor; `Stopped` after `terminate` or a panic |
//! | `Stopping` | `stopping` | `Stopped` if it returns `Running::Stop`, else `Running` |
//! | `Stopped` | `stopped`, once | the actor is dropped |

use actix::{Actor, ActorState, Running};

use super::SlabContext;
use crate::panics::contain;

/// Makes a call and handles its consequences. Returns whether the actor stays alive.
pub(super) fn run<A>(actor: &mut A, ctx: &mut SlabContext<A>, call: impl FnOnce(&mut A, &mut SlabContext<A>)) -> bool
where
    A: Actor<Context = SlabContext<A>>,
{
    let is_stopping = contain(|| {
        call(actor, ctx);
        is_stopping(actor, ctx)
    });
    match is_stopping {
        Ok(false) => return true,
        Ok(true) => {}
        Err(message) => ctx.panic = Some(message.into()),
    }
    ctx.state = ActorState::Stopped;
    // A panic here is in the last call, and the actor is dropped anyway.
    let _ = contain(|| actor.stopped(ctx));
    false
}

/// Whether the actor must stop after a call.
fn is_stopping<A>(actor: &mut A, ctx: &mut SlabContext<A>) -> bool
where
    A: Actor<Context = SlabContext<A>>,
{
    loop {
        match ctx.state {
            ActorState::Stopped => return true,
            ActorState::Stopping => {
                if actor.stopping(ctx) == Running::Stop {
                    return true;
                }
                ctx.state = ActorState::Running;
                // There may be more messages in the mailbox. The actor's task checks the mailbox before the slab decides whether the actor
                // can live.
                if ctx.has_attachments() {
                    return false;
                }
            }
            ActorState::Started | ActorState::Running => {
                ctx.state = ActorState::Running;
                if ctx.keep_alive() {
                    return false;
                }
                ctx.state = ActorState::Stopping;
                let stops = actor.stopping(ctx) == Running::Stop;
                ctx.state = if stops { ActorState::Stopped } else { ActorState::Running };
                return stops;
            }
        }
    }
}
