//! Hundreds of thousands of actors on one thread. An [`ActorSlab`] holds the actors of one arbiter by value and calls their handlers
//! itself, so a waiting actor costs its own size and a few bytes. `actix::Context` costs a task, a mailbox and, for a wait, a timer for
//! each actor.
//!
//! An actor uses the actix interface: messages with [`Handler`]s, `started`, `stopping` and `stopped`, [`ActorContext`] and
//! [`AsyncContext`](actix::AsyncContext). The differences from `actix::Context`:
//!
//! | | `actix::Context` | here |
//! |---|---|---|
//! | mailbox and task | from the start | from the first call of `address`, `spawn` or `wait`; see [`AsyncContext`](actix::AsyncContext) |
//! | a message | by `Addr`, through the mailbox | by [`ActorKey`] as a direct call on the arbiter's thread; by `Addr` through the mailbox |
//! | an actor without an address | stops | lives while a wake ([`SlabContext::wake_at`]) or a future ([`SlabContext::notify_when`]) is due |
//! | a wait for a time | `run_later`, a timer of the runtime in milliseconds | [`Wake`], a key in a timing wheel in simulated time |
//! | a panic in the actor | prints, ends its task | ends the actor; `stopped` is called and can read the message |
//! | `state` in `started` | `Running` | `Started`, as actix documents |
//!
//! Measured with `cargo bench -p benches --bench seeker_actor`. The README of the repository has the figures.

pub mod panics;
pub mod timer_wheel;

mod context;
mod driver;
mod lifecycle;
#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::rc::Rc;

use actix::dev::MessageResponse;
use actix::{Actor, ActorContext, ActorState, Handler, Message};
use rapidhash::RapidHashMap;
use seeker_model::SimTime;
use slab::Slab;

use crate::panics::install_hook;
use crate::timer_wheel::{BATCH, TimerWheel};
use context::Attachments;
use driver::Driver;

pub use context::SlabContext;

/// The time that an actor waited for has been reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Message)]
#[rtype(result = "()")]
pub struct Wake {
    /// The simulated time that the actor waited for.
    pub scheduled: SimTime,
}

/// Identifies an actor of a slab. The key of an ended actor never identifies another actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ActorKey {
    index: u32,
    serial: NonZeroU32,
}

/// The actors of one arbiter.
pub struct ActorSlab<A: Actor<Context = SlabContext<A>>> {
    slots: RefCell<Slab<Slot<A>>>,
    /// The mailboxes and futures of the few actors that have any, by index. An entry is absent while its actor is called.
    attachments: RefCell<RapidHashMap<u32, Box<Attachments<A>>>>,
    timers: TimerWheel<ActorKey>,
    /// Messages to actors that are in a call. Delivered when the outermost call ends.
    deferred: RefCell<VecDeque<(ActorKey, Call<A>)>>,
    calls: Cell<u32>,
    next_serial: Cell<NonZeroU32>,
}

/// A handler call with its message.
type Call<A> = Box<dyn FnOnce(&mut A, &mut SlabContext<A>)>;

/// The slot of an actor.
struct Slot<A> {
    /// `None` while the actor is called.
    actor: Option<A>,
    serial: NonZeroU32,
    /// The number of wakes and futures that are due.
    due: u16,
    /// Whether the actor has attachments; its task then calls it.
    is_driven: bool,
}

/// How a slab delivers a message.
enum Checkout<A: Actor<Context = SlabContext<A>>> {
    /// Calls the actor.
    Call(A, SlabContext<A>),
    /// Leaves the call to the actor's task.
    Driven,
    /// Waits until the current call of the actor ends.
    Busy,
    /// Drops the message: the actor has ended.
    Ended,
}

impl<A: Actor<Context = SlabContext<A>>> Default for ActorSlab<A> {
    fn default() -> Self {
        install_hook();
        Self {
            slots: RefCell::default(),
            attachments: RefCell::default(),
            timers: TimerWheel::default(),
            deferred: RefCell::default(),
            calls: Cell::default(),
            next_serial: Cell::new(NonZeroU32::MIN),
        }
    }
}

impl<A: Actor<Context = SlabContext<A>>> ActorSlab<A> {
    /// The memory that the slab needs for an actor without attachments.
    pub const BYTES_PER_ACTOR: usize = size_of::<Option<Slot<A>>>();

    /// Starts an actor at this simulated time. Calls [`Actor::started`] before it returns.
    ///
    /// # Panics
    ///
    /// If 2^32 actors are live at the same time.
    pub fn start(self: &Rc<Self>, actor: A, time: SimTime) -> ActorKey {
        let serial = self.next_serial.get();
        self.next_serial.set(serial.checked_add(1).unwrap_or(NonZeroU32::MIN));
        let index = self.slots.borrow_mut().insert(Slot { actor: None, serial, due: 0, is_driven: false });
        let key = ActorKey { index: u32::try_from(index).expect("fewer than 2^32 actors fit into memory"), serial };
        let ctx = SlabContext::new(Rc::clone(self), key, ActorState::Started, time, 0);
        self.run(actor, ctx, A::started);
        key
    }

    /// Delivers a message. The handler has run when this returns, unless the actor has a mailbox or is in a call: then it runs later. A
    /// message to an ended actor is dropped.
    pub fn deliver<M>(self: &Rc<Self>, key: ActorKey, message: M)
    where
        A: Handler<M>,
        M: Message + 'static,
    {
        self.call(key, move |actor, ctx| respond(actor, message, ctx));
    }

    /// Delivers a message that the actor was waiting for.
    fn deliver_due<M>(self: &Rc<Self>, key: ActorKey, message: M)
    where
        A: Handler<M>,
        M: Message + 'static,
    {
        self.call(key, move |actor, ctx| {
            ctx.due_is_over();
            respond(actor, message, ctx);
        });
    }

    /// Delivers a message to each actor, in no particular order.
    pub fn deliver_to_all<M>(self: &Rc<Self>, message: &M)
    where
        A: Handler<M>,
        M: Message + Clone + 'static,
    {
        self.keys().into_iter().for_each(|key| self.deliver(key, message.clone()));
    }

    /// Wakes all actors that wait for a time before `time`, in order. Passes a few of them at a time to `prefetch` first.
    pub fn wake_before(self: &Rc<Self>, time: SimTime, prefetch: impl Fn(&[Option<&A>]))
    where
        A: Handler<Wake>,
    {
        let prefetch = |next: &[(SimTime, ActorKey)]| {
            let slots = self.slots.borrow();
            let mut actors = [None; BATCH];
            for (actor, (_, key)) in actors.iter_mut().zip(next) {
                *actor = slot(&slots, *key).and_then(|slot| slot.actor.as_ref());
            }
            prefetch(&actors);
        };
        self.timers.expire_before(time, prefetch, |key, scheduled| self.deliver_due(key, Wake { scheduled }));
    }

    /// Whether this time has passed, so that the actor would be woken immediately.
    pub fn is_over(&self, time: SimTime) -> bool {
        self.timers.is_over(time)
    }

    /// The number of live actors.
    pub fn len(&self) -> usize {
        self.slots.borrow().len()
    }

    /// Whether no actor is live.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Terminates all actors, including actors with a mailbox, and drops all wakes.
    pub fn terminate_all(self: &Rc<Self>) {
        for key in self.keys() {
            if let Some((actor, ctx)) = self.check_out_driven(key) {
                self.run(actor, ctx, |_, ctx| ctx.terminate());
            } else {
                self.call(key, |_, ctx| ctx.terminate());
            }
        }
        self.timers.clear();
    }

    fn keys(&self) -> Vec<ActorKey> {
        let slots = self.slots.borrow();
        let key = |(index, slot): (usize, &Slot<A>)| Some(ActorKey { index: u32::try_from(index).ok()?, serial: slot.serial });
        slots.iter().filter_map(key).collect()
    }

    fn call(self: &Rc<Self>, key: ActorKey, call: impl FnOnce(&mut A, &mut SlabContext<A>) + 'static) {
        match self.check_out(key) {
            Checkout::Call(actor, ctx) => self.run(actor, ctx, call),
            Checkout::Driven => {
                if let Some(attachments) = self.attachments.borrow_mut().get_mut(&key.index) {
                    attachments.push(Box::new(call));
                }
            }
            Checkout::Busy => self.deferred.borrow_mut().push_back((key, Box::new(call))),
            Checkout::Ended => {}
        }
    }

    fn check_out(self: &Rc<Self>, key: ActorKey) -> Checkout<A> {
        let mut slots = self.slots.borrow_mut();
        let Some(slot) = slot_mut(&mut slots, key) else { return Checkout::Ended };
        if slot.is_driven && slot.actor.is_some() {
            return Checkout::Driven;
        }
        let Some(actor) = slot.actor.take() else { return Checkout::Busy };
        Checkout::Call(actor, SlabContext::new(Rc::clone(self), key, ActorState::Running, SimTime::ZERO, slot.due))
    }

    /// Checks out the actor of a task, with its attachments.
    fn check_out_driven(self: &Rc<Self>, key: ActorKey) -> Option<(A, SlabContext<A>)> {
        let mut slots = self.slots.borrow_mut();
        let slot = slot_mut(&mut slots, key).filter(|slot| slot.is_driven)?;
        let attachments = self.attachments.borrow_mut().remove(&key.index)?;
        let ctx = SlabContext::new(Rc::clone(self), key, ActorState::Running, SimTime::ZERO, slot.due);
        Some((slot.actor.take()?, ctx.with_attachments(attachments)))
    }

    /// Makes a call and handles its consequences.
    fn run(self: &Rc<Self>, mut actor: A, mut ctx: SlabContext<A>, call: impl FnOnce(&mut A, &mut SlabContext<A>)) {
        self.calls.set(self.calls.get() + 1);
        let lives = lifecycle::run(&mut actor, &mut ctx, call);
        self.check_in(actor, ctx, lives);
        self.calls.set(self.calls.get() - 1);
        self.deliver_deferred();
    }

    /// Puts an actor back, or removes it if it has ended.
    fn check_in(self: &Rc<Self>, actor: A, mut ctx: SlabContext<A>, lives: bool) {
        let key = ctx.key();
        let mut slots = self.slots.borrow_mut();
        if !lives {
            let ended = slots.try_remove(key.index as usize);
            if let Some(attachments) = ctx.take_attachments() {
                attachments.wake();
            }
            // A destructor may access the slab, so the borrow ends before the actor is dropped.
            drop((slots, ended, actor, ctx));
            return;
        }
        if let Some(slot) = slot_mut(&mut slots, key) {
            slot.actor = Some(actor);
            slot.due = ctx.due();
            if let Some(attachments) = ctx.take_attachments() {
                self.attachments.borrow_mut().insert(key.index, attachments);
                if !std::mem::replace(&mut slot.is_driven, true) {
                    actix::spawn(Driver::new(Rc::clone(self), key));
                }
            }
        }
    }

    fn deliver_deferred(self: &Rc<Self>) {
        while self.calls.get() == 0 {
            let Some((key, call)) = self.deferred.borrow_mut().pop_front() else { return };
            self.call(key, call);
        }
    }
}

/// Calls a handler. A result without a receiver is dropped; a returned future is spawned.
fn respond<A, M>(actor: &mut A, message: M, ctx: &mut SlabContext<A>)
where
    A: Actor<Context = SlabContext<A>> + Handler<M>,
    M: Message + 'static,
{
    actor.handle(message, ctx).handle(ctx, None);
}

fn slot<A>(slots: &Slab<Slot<A>>, key: ActorKey) -> Option<&Slot<A>> {
    slots.get(key.index as usize).filter(|slot| slot.serial == key.serial)
}

fn slot_mut<A>(slots: &mut Slab<Slot<A>>, key: ActorKey) -> Option<&mut Slot<A>> {
    slots.get_mut(key.index as usize).filter(|slot| slot.serial == key.serial)
}
