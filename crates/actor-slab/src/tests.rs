//! Tests of the slab: an actor in it has the same lifecycle as in `actix::Context`, under any sequence of steps.

use std::cell::RefCell;
use std::future::pending;
use std::marker::PhantomData;

use actix::{Addr, AsyncContext, Context, Running, System, WrapFuture};
use proptest::prelude::*;
use tokio::sync::oneshot;

use super::*;

mod lifecycle;
mod messages;

/// The record of an actor under test, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Started,
    Message(u8),
    Stopping,
    Stopped,
}

/// The action of a handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Nothing,
    /// Stays alive until the test wakes it.
    Await,
    Stop,
    Terminate,
    /// Stops, but `stopping` refuses once.
    StopAndContinue,
    /// Waits for a future that is ready at once.
    WaitReady,
    SpawnReady,
    /// Waits for a future that is ready when the test wakes it.
    Wait,
    /// Spawns a future that is never ready, and cancels it.
    SpawnAndCancel,
    /// Spawns a future that is never ready.
    SpawnForever,
    /// Sends another message to itself.
    Notify,
    Panic,
}

fn acts() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::Nothing),
        6 => Just(Act::Await),
        1 => Just(Act::Stop),
        1 => Just(Act::Terminate),
        2 => Just(Act::StopAndContinue),
        1 => Just(Act::WaitReady),
        1 => Just(Act::SpawnReady),
        2 => Just(Act::Wait),
        1 => Just(Act::SpawnForever),
        1 => Just(Act::Notify),
    ]
}

/// A message with its number.
#[derive(Clone, Copy, Debug, Message)]
#[rtype(result = "()")]
struct Numbered(u8, Act);

/// The number of a message that an actor sends to itself.
const NOTIFIED: u8 = 255;

/// The context of an actor under test.
trait Host: Sized + Unpin + 'static
where
    Probe<Self>: Actor,
{
    /// Keeps the actor alive until the test wakes it.
    fn wait(probe: &mut Probe<Self>, ctx: &mut <Probe<Self> as Actor>::Context);
}

/// In a slab.
struct InSlab;

/// In `actix::Context`.
struct InActix;

/// An actor that keeps a record.
struct Probe<H>
where
    Self: Actor,
{
    /// Receives the actor's address when it is started, if given.
    address: Option<Rc<RefCell<Option<Addr<Self>>>>>,
    seen: Rc<RefCell<Vec<Seen>>>,
    first: Act,
    refusals: u8,
    /// End the waits of the actor, except for wakes of the slab.
    wakers: Rc<RefCell<Vec<oneshot::Sender<()>>>>,
    host: PhantomData<H>,
}

impl<H: Host> Probe<H>
where
    Self: Actor,
    <Self as Actor>::Context: AsyncContext<Self>,
{
    fn see(&self, seen: Seen) {
        self.seen.borrow_mut().push(seen);
    }

    fn act(&mut self, act: Act, ctx: &mut <Self as Actor>::Context)
    where
        Self: Handler<Numbered>,
    {
        match act {
            Act::Nothing => {}
            Act::Await => H::wait(self, ctx),
            Act::Stop => ctx.stop(),
            Act::Terminate => ctx.terminate(),
            Act::StopAndContinue => {
                self.refusals = 1;
                ctx.stop();
            }
            Act::WaitReady => ctx.wait(async {}.into_actor(self)),
            Act::SpawnReady => {
                ctx.spawn(async {}.into_actor(self));
            }
            Act::Wait => {
                let woken = self.until_woken();
                ctx.wait(woken.into_actor(self));
            }
            Act::SpawnAndCancel => {
                let spawned = ctx.spawn(pending().into_actor(self));
                ctx.cancel_future(spawned);
            }
            Act::SpawnForever => {
                ctx.spawn(pending().into_actor(self));
            }
            Act::Notify => ctx.notify(Numbered(NOTIFIED, Act::Nothing)),
            Act::Panic => panic!("asked to"),
        }
    }

    /// Ready when the test wakes the actor.
    fn until_woken(&mut self) -> impl Future<Output = ()> + 'static + use<H> {
        let (waker, woken) = oneshot::channel::<()>();
        self.wakers.borrow_mut().push(waker);
        async move { drop(woken.await) }
    }

    fn refuse(&mut self) -> Running {
        self.see(Seen::Stopping);
        if std::mem::take(&mut self.refusals) > 0 { Running::Continue } else { Running::Stop }
    }
}

/// The same actor for both hosts.
macro_rules! probe_in {
    ($host:ty, $context:ty) => {
        impl Actor for Probe<$host> {
            type Context = $context;

            fn started(&mut self, ctx: &mut Self::Context) {
                self.see(Seen::Started);
                if let Some(address) = self.address.take() {
                    address.replace(Some(ctx.address()));
                }
                self.act(self.first, ctx);
            }

            fn stopping(&mut self, _: &mut Self::Context) -> Running {
                self.refuse()
            }

            fn stopped(&mut self, _: &mut Self::Context) {
                self.see(Seen::Stopped);
            }
        }

        impl Handler<Numbered> for Probe<$host> {
            type Result = ();

            fn handle(&mut self, Numbered(number, act): Numbered, ctx: &mut Self::Context) {
                self.see(Seen::Message(number));
                self.act(act, ctx);
            }
        }
    };
}

probe_in!(InSlab, SlabContext<Self>);
probe_in!(InActix, Context<Self>);

impl Handler<Wake> for Probe<InSlab> {
    type Result = ();

    fn handle(&mut self, _: Wake, _: &mut Self::Context) {}
}

impl Host for InSlab {
    fn wait(_: &mut Probe<Self>, ctx: &mut SlabContext<Probe<Self>>) {
        ctx.wake_at(SimTime::from_micros(1));
    }
}

impl Host for InActix {
    fn wait(probe: &mut Probe<Self>, ctx: &mut Context<Probe<Self>>) {
        let woken = probe.until_woken();
        ctx.spawn(woken.into_actor(probe));
    }
}

/// Lets all tasks of the thread make progress.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}
