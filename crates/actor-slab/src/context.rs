//! The context of an actor in a slab. It exists only during a call; the slab keeps the state of a waiting actor.

use std::cell::OnceCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Waker;

use actix::dev::{Envelope, Mailbox, ToEnvelope};
use actix::fut::ActorFuture;
use actix::{Actor, ActorContext, ActorState, Addr, AsyncContext, Handler, Message, SpawnHandle, WeakAddr};
use seeker_model::SimTime;

use super::{ActorKey, ActorSlab, Call};

/// The context of an actor in an [`ActorSlab`].
pub struct SlabContext<A: Actor<Context = Self>> {
    slab: Rc<ActorSlab<A>>,
    key: ActorKey,
    pub(super) state: ActorState,
    start: SimTime,
    due: u16,
    attachments: OnceCell<Box<Attachments<A>>>,
    pub(super) panic: Option<Box<str>>,
}

impl<A: Actor<Context = Self>> SlabContext<A> {
    pub(super) fn new(slab: Rc<ActorSlab<A>>, key: ActorKey, state: ActorState, start: SimTime, due: u16) -> Self {
        Self { slab, key, state, start, due, attachments: OnceCell::new(), panic: None }
    }

    pub(super) fn with_attachments(self, attachments: Box<Attachments<A>>) -> Self {
        Self { attachments: OnceCell::from(attachments), ..self }
    }

    /// The key that delivers messages to the actor without an address.
    pub fn key(&self) -> ActorKey {
        self.key
    }

    /// The slab that contains the actor.
    pub fn slab(&self) -> &Rc<ActorSlab<A>> {
        &self.slab
    }

    /// The simulated time at which the actor was started. Available in [`Actor::started`] only; zero later.
    pub fn start_time(&self) -> SimTime {
        self.start
    }

    /// The message of the panic that has ended the actor. Available in [`Actor::stopped`].
    pub fn panic_message(&self) -> Option<&str> {
        self.panic.as_deref()
    }

    /// Sends the actor a [`Wake`](super::Wake) at this simulated time, or soon if the time has passed. Until then the actor lives without
    /// an address.
    pub fn wake_at(&mut self, time: SimTime)
    where
        A: Handler<super::Wake>,
    {
        self.add_due();
        self.slab.timers.add(time, self.key);
    }

    /// Sends the actor the output of the future as a message. Until then the actor lives without an address. If the actor ends first, the
    /// future continues.
    ///
    /// Costs a task, but no mailbox. Use [`AsyncContext::spawn`] for futures that need the actor or must end with it.
    pub fn notify_when<M>(&mut self, message: impl Future<Output = M> + 'static)
    where
        A: Handler<M>,
        M: Message + 'static,
    {
        self.add_due();
        let (slab, key) = (Rc::clone(&self.slab), self.key);
        actix::spawn(async move {
            let message = message.await;
            slab.deliver_due(key, message);
        });
    }

    pub(super) fn due(&self) -> u16 {
        self.due
    }

    fn add_due(&mut self) {
        self.due = self.due.checked_add(1).expect("an actor has fewer than 2^16 waits");
    }

    pub(super) fn due_is_over(&mut self) {
        self.due -= 1;
    }

    /// Whether the actor can still be called.
    pub(super) fn keep_alive(&self) -> bool {
        self.due > 0 || self.attachments.get().is_some_and(|attachments| attachments.keep_alive())
    }

    pub(super) fn has_attachments(&self) -> bool {
        self.attachments.get().is_some()
    }

    pub(super) fn attachments(&mut self) -> &mut Attachments<A> {
        self.attachments.get_or_init(|| Box::new(Attachments::new()));
        self.attachments.get_mut().expect("set in the previous statement")
    }

    pub(super) fn take_attachments(&mut self) -> Option<Box<Attachments<A>>> {
        self.attachments.take()
    }
}

impl<A: Actor<Context = Self>> ActorContext for SlabContext<A> {
    fn stop(&mut self) {
        if self.state.alive() {
            self.state = ActorState::Stopping;
        }
    }

    fn terminate(&mut self) {
        self.state = ActorState::Stopped;
    }

    fn state(&self) -> ActorState {
        self.state
    }
}

/// The first call of `address`, `spawn` or `wait` gives the actor a mailbox and a task, which it keeps until it ends.
impl<A: Actor<Context = Self>> AsyncContext<A> for SlabContext<A> {
    fn address(&self) -> Addr<A> {
        self.attachments.get_or_init(|| Box::new(Attachments::new())).address()
    }

    fn spawn<F>(&mut self, future: F) -> SpawnHandle
    where
        F: ActorFuture<A, Output = ()> + 'static,
    {
        self.attachments().spawn(Box::pin(future))
    }

    fn wait<F>(&mut self, future: F)
    where
        F: ActorFuture<A, Output = ()> + 'static,
    {
        self.attachments().waits.push(Box::pin(future));
    }

    fn waiting(&self) -> bool {
        self.state.stopping() || self.attachments.get().is_some_and(|attachments| !attachments.waits.is_empty())
    }

    fn cancel_future(&mut self, handle: SpawnHandle) -> bool {
        self.attachments().cancelled.push(handle);
        true
    }
}

impl<A, M> ToEnvelope<A, M> for SlabContext<A>
where
    A: Actor<Context = Self> + Handler<M>,
    M: Message + Send + 'static,
    M::Result: Send,
{
    fn pack(message: M, answer: Option<actix::dev::OneshotSender<M::Result>>) -> Envelope<A> {
        Envelope::new(message, answer)
    }
}

/// A future of an actor.
pub(super) type ActorTask<A> = Pin<Box<dyn ActorFuture<A, Output = ()>>>;

pub(super) struct Attachments<A: Actor<Context = SlabContext<A>>> {
    /// `None` while it is polled.
    pub(super) mailbox: Option<Mailbox<A>>,
    address: WeakAddr<A>,
    /// Messages delivered by key.
    pub(super) calls: VecDeque<Call<A>>,
    /// Futures that run concurrently with messages.
    pub(super) spawned: Vec<(SpawnHandle, ActorTask<A>)>,
    /// Futures that block messages, the newest last.
    pub(super) waits: Vec<ActorTask<A>>,
    /// Futures to drop.
    pub(super) cancelled: Vec<SpawnHandle>,
    last_handle: SpawnHandle,
    waker: Option<Waker>,
}

impl<A: Actor<Context = SlabContext<A>>> Attachments<A> {
    pub(super) fn new() -> Self {
        let mailbox = Mailbox::default();
        Self {
            address: mailbox.address().downgrade(),
            mailbox: Some(mailbox),
            calls: VecDeque::new(),
            spawned: Vec::new(),
            waits: Vec::new(),
            cancelled: Vec::new(),
            last_handle: SpawnHandle::default(),
            waker: None,
        }
    }

    pub(super) fn address(&self) -> Addr<A> {
        self.address.upgrade().expect("the mailbox lives as long as the actor")
    }

    /// Stores a message for the actor's task.
    pub(super) fn push(&mut self, call: Call<A>) {
        self.calls.push_back(call);
        self.wake();
    }

    /// Wakes the actor's task.
    pub(super) fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }

    /// Stores the waker of the actor's task.
    pub(super) fn set_waker(&mut self, waker: &Waker) {
        if self.waker.as_ref().is_none_or(|known| !known.will_wake(waker)) {
            self.waker = Some(waker.clone());
        }
    }

    pub(super) fn spawn(&mut self, task: ActorTask<A>) -> SpawnHandle {
        self.last_handle = self.last_handle.next();
        self.spawned.push((self.last_handle, task));
        self.last_handle
    }

    /// Drops the cancelled futures.
    pub(super) fn reap(&mut self) {
        for cancelled in self.cancelled.drain(..) {
            self.spawned.retain(|(handle, _)| *handle != cancelled);
        }
    }

    /// Whether the actor can still be called.
    pub(super) fn keep_alive(&self) -> bool {
        let has_address = self.mailbox.as_ref().is_none_or(Mailbox::connected);
        has_address || !self.calls.is_empty() || !self.spawned.is_empty() || !self.waits.is_empty()
    }
}
