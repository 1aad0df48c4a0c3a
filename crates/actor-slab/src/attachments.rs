//! What an actor has from the moment at which it asks for an address or spawns a future: a mailbox, futures, and the messages that wait for
//! its task.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::Waker;

use actix::dev::Mailbox;
use actix::{Actor, Addr, SpawnHandle, WeakAddr};

use super::{Call, SlabContext};

/// A future of an actor.
pub(super) type ActorTask<A> = Pin<Box<dyn actix::fut::ActorFuture<A, Output = ()>>>;

pub(super) struct Attachments<A: Actor<Context = SlabContext<A>>> {
    /// Not here while it is polled.
    pub(super) mailbox: Option<Mailbox<A>>,
    address: WeakAddr<A>,
    /// Messages that came by key.
    pub(super) calls: VecDeque<Call<A>>,
    /// Futures that run beside messages.
    pub(super) spawned: Vec<(SpawnHandle, ActorTask<A>)>,
    /// Futures that keep messages waiting, the newest last.
    pub(super) waits: Vec<ActorTask<A>>,
    /// Futures that are to be dropped.
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

    /// Keeps a message for the actor's task.
    pub(super) fn push(&mut self, call: Call<A>) {
        self.calls.push_back(call);
        self.wake();
    }

    /// Has the actor's task polled.
    pub(super) fn wake(&self) {
        if let Some(waker) = &self.waker {
            waker.wake_by_ref();
        }
    }

    /// Remembers how the actor's task is polled.
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

    /// Drops the futures that were cancelled.
    pub(super) fn reap(&mut self) {
        for cancelled in self.cancelled.drain(..) {
            self.spawned.retain(|(handle, _)| *handle != cancelled);
        }
    }

    /// Whether there is anything that could still call the actor.
    pub(super) fn keep_alive(&self) -> bool {
        let has_address = self.mailbox.as_ref().is_none_or(Mailbox::connected);
        has_address || !self.calls.is_empty() || !self.spawned.is_empty() || !self.waits.is_empty()
    }
}
