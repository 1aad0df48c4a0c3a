//! The task of an actor with attachments: delivers the messages in its mailbox and polls its futures. The order is that of actix: awaited
//! futures, the newest first; then messages; then spawned futures.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix::{Actor, AsyncContext};

use super::{ActorKey, ActorSlab, SlabContext};

/// The task of one actor.
pub(super) struct Driver<A: Actor<Context = SlabContext<A>>> {
    slab: Rc<ActorSlab<A>>,
    key: ActorKey,
}

impl<A: Actor<Context = SlabContext<A>>> Driver<A> {
    pub(super) fn new(slab: Rc<ActorSlab<A>>, key: ActorKey) -> Self {
        Self { slab, key }
    }
}

impl<A: Actor<Context = SlabContext<A>>> Future for Driver<A> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let Some((actor, ctx)) = self.slab.check_out_driven(self.key) {
            self.slab.run(actor, ctx, |actor, ctx| {
                ctx.attachments().set_waker(cx.waker());
                drive(actor, ctx, cx);
                if ctx.state.stopping() {
                    // If the actor does not stop after all, there may be more work.
                    cx.waker().wake_by_ref();
                }
            });
        }
        if super::slot(&self.slab.slots.borrow(), self.key).is_some() { Poll::Pending } else { Poll::Ready(()) }
    }
}

/// Does all work that is ready now.
fn drive<A>(actor: &mut A, ctx: &mut SlabContext<A>, cx: &mut Context<'_>)
where
    A: Actor<Context = SlabContext<A>>,
{
    loop {
        if !poll_waits(actor, ctx, cx) {
            return;
        }
        while !ctx.waiting()
            && let Some(call) = ctx.attachments().calls.pop_front()
        {
            call(actor, ctx);
        }
        if let Some(mut mailbox) = ctx.attachments().mailbox.take() {
            mailbox.poll(actor, ctx, cx);
            ctx.attachments().mailbox = Some(mailbox);
        }
        if ctx.waiting() {
            continue;
        }
        if !poll_spawned(actor, ctx, cx) && !ctx.waiting() {
            return;
        }
    }
}

/// Polls the awaited futures. Returns whether messages may be handled.
fn poll_waits<A>(actor: &mut A, ctx: &mut SlabContext<A>, cx: &mut Context<'_>) -> bool
where
    A: Actor<Context = SlabContext<A>>,
{
    while !ctx.state.stopping()
        && let Some(mut wait) = ctx.attachments().waits.pop()
    {
        let place = ctx.attachments().waits.len();
        if wait.as_mut().poll(actor, ctx, cx).is_pending() {
            let waits = &mut ctx.attachments().waits;
            waits.insert(place, wait);
            if waits.len() == place + 1 {
                return false;
            }
        }
    }
    !ctx.state.stopping()
}

/// Polls the spawned futures. Returns whether some must be polled again, because futures were added or cancelled.
fn poll_spawned<A>(actor: &mut A, ctx: &mut SlabContext<A>, cx: &mut Context<'_>) -> bool
where
    A: Actor<Context = SlabContext<A>>,
{
    ctx.attachments().reap();
    let mut polled = std::mem::take(&mut ctx.attachments().spawned);
    let mut place = 0;
    while place < polled.len() && !ctx.waiting() {
        let (_, future) = &mut polled[place];
        if future.as_mut().poll(actor, ctx, cx).is_ready() {
            // As in actix.
            drop(polled.swap_remove(place));
        } else {
            place += 1;
        }
        if !ctx.attachments().cancelled.is_empty() {
            break;
        }
    }
    let attachments = ctx.attachments();
    let is_new = !attachments.spawned.is_empty() || !attachments.cancelled.is_empty();
    polled.append(&mut attachments.spawned);
    attachments.spawned = polled;
    attachments.reap();
    is_new
}
