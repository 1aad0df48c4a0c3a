//! Tests of message delivery: by key, by address, and to actors in a call.

use actix::{ActorFutureExt, MessageResult, ResponseActFuture};

use super::*;

/// An actor that sums numbers.
#[derive(Default)]
struct Sum {
    total: u32,
    record: Rc<RefCell<Vec<u32>>>,
    other: Option<ActorKey>,
}

impl Actor for Sum {
    type Context = SlabContext<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        ctx.wake_at(SimTime::from_micros(1_000));
    }

    fn stopped(&mut self, ctx: &mut Self::Context) {
        self.record.borrow_mut().push(if ctx.panic_message().is_some() { 999 } else { 1_000 });
    }
}

impl Handler<Wake> for Sum {
    type Result = ();

    fn handle(&mut self, _: Wake, _: &mut Self::Context) {
        self.record.borrow_mut().push(self.total);
    }
}

/// Adds, and returns the sum.
#[derive(Clone, Copy, Message)]
#[rtype(result = "u32")]
struct Add(u32);

impl Handler<Add> for Sum {
    type Result = u32;

    fn handle(&mut self, Add(summand): Add, _: &mut Self::Context) -> u32 {
        self.total = self.total.checked_add(summand).unwrap();
        self.record.borrow_mut().push(self.total);
        self.total
    }
}

/// Adds a moment later, and handles no message before.
#[derive(Clone, Copy, Message)]
#[rtype(result = "u32")]
struct AddLater(u32);

impl Handler<AddLater> for Sum {
    type Result = ResponseActFuture<Self, u32>;

    fn handle(&mut self, AddLater(summand): AddLater, ctx: &mut Self::Context) -> Self::Result {
        ctx.wait(tokio::task::yield_now().into_actor(self).map(|(), sum, _| sum.record.borrow_mut().push(0)));
        Box::pin(async {}.into_actor(self).map(move |(), sum, ctx| sum.handle(Add(summand), ctx)))
    }
}

/// Sends a message by key to this actor and to another one, and then records 0.
#[derive(Clone, Copy, Message)]
#[rtype(result = "()")]
struct Spread(u32);

impl Handler<Spread> for Sum {
    type Result = ();

    fn handle(&mut self, Spread(summand): Spread, ctx: &mut Self::Context) {
        ctx.slab().deliver(ctx.key(), Add(summand));
        if let Some(other) = self.other {
            ctx.slab().deliver(other, Spread(summand));
        }
        self.record.borrow_mut().push(0);
    }
}

/// Returns the actor's address.
#[derive(Clone, Copy, Message)]
#[rtype(result = "Addr<Sum>")]
struct GiveAddress(Option<&'static RefCell<Option<Addr<Sum>>>>);

impl Handler<GiveAddress> for Sum {
    type Result = MessageResult<GiveAddress>;

    fn handle(&mut self, GiveAddress(place): GiveAddress, ctx: &mut Self::Context) -> Self::Result {
        if let Some(place) = place {
            place.replace(Some(ctx.address()));
        }
        MessageResult(ctx.address())
    }
}

type Record = Rc<RefCell<Vec<u32>>>;

fn start(other: Option<ActorKey>, slab: &Rc<ActorSlab<Sum>>) -> (ActorKey, Record) {
    let record = Record::default();
    (slab.start(Sum { record: Rc::clone(&record), other, ..Sum::default() }, SimTime::ZERO), record)
}

/// By key, a handler has run when `deliver` returns, in the order of the messages. Messages that the handler delivers come after it, and
/// first to the actor that is not in a call.
#[test]
fn messages_by_key_are_calls() {
    let slab = Rc::default();
    let (other, record_of_other) = start(None, &slab);
    let (key, record) = start(Some(other), &slab);
    slab.deliver(key, Add(1));
    assert_eq!(*record.borrow(), [1]);
    slab.deliver(key, Spread(2));
    assert_eq!((record.borrow().clone(), record_of_other.borrow().clone()), (vec![1, 0, 3], vec![0, 2]));
    slab.deliver_to_all(&Add(1));
    assert_eq!((record.borrow().clone(), record_of_other.borrow().clone()), (vec![1, 0, 3, 4], vec![0, 2, 3]));
    slab.wake_before(SimTime::from_micros(1_001), |next| assert_eq!(next.iter().flatten().count(), 2));
    assert!(slab.is_empty(), "an actor without pending calls ends");
    assert_eq!(*record.borrow(), [1, 0, 3, 4, 4, 1_000]);
}

/// The key of an ended actor delivers nothing, even if another actor reuses its slot.
#[test]
fn keys_are_not_used_again() {
    let slab = Rc::default();
    let (ended, _) = start(None, &slab);
    slab.deliver(ended, Add(u32::MAX));
    slab.deliver(ended, Add(1));
    assert!(slab.is_empty(), "the actor has panicked");
    let (key, record) = start(None, &slab);
    assert_eq!((key.index, key == ended), (ended.index, false));
    slab.deliver(ended, Add(1));
    assert!(record.borrow().is_empty());
}

/// Messages by address get results. They wait while the actor waits, as do messages by key.
#[test]
fn an_actor_with_an_address_is_driven_by_its_mailbox() {
    thread_local! {
        static PLACE: &'static RefCell<Option<Addr<Sum>>> = Box::leak(Box::default());
    }
    System::new().block_on(async {
        let slab = Rc::default();
        let (key, record) = start(None, &slab);
        slab.deliver(key, GiveAddress(None));
        assert!(slab.attachments.borrow().contains_key(&key.index));
        slab.deliver(key, Add(1));
        assert!(record.borrow().is_empty(), "the task has not run yet");
        let place = PLACE.with(|place| *place);
        slab.deliver(key, GiveAddress(Some(place)));
        settle().await;
        let address = place.take().unwrap();
        assert_eq!(address.send(Add(2)).await, Ok(3));
        let later = address.send(AddLater(3));
        address.do_send(Add(4));
        assert_eq!(later.await, Ok(10), "the future runs concurrently with messages");
        assert_eq!(*record.borrow(), [1, 3, 0, 7, 10]);
        slab.wake_before(SimTime::from_micros(1_001), |_| ());
        settle().await;
        assert_eq!(slab.len(), 1, "the address keeps the actor alive");
        assert_eq!(address.send(Add(1)).await, Ok(11));
        drop(address);
        settle().await;
        assert!(slab.is_empty());
        assert_eq!(*record.borrow(), [1, 3, 0, 7, 10, 10, 11, 1_000]);
    });
}

/// A panic ends one actor, with or without an address, and its senders get an error.
#[test]
fn a_panic_ends_one_actor() {
    System::new().block_on(async {
        let slab = Rc::default();
        let place: &'static RefCell<Option<Addr<Sum>>> = Box::leak(Box::default());
        let ((key, record), (other, record_of_other)) = (start(None, &slab), start(None, &slab));
        slab.deliver(key, GiveAddress(Some(place)));
        let address = place.take().unwrap();
        assert_eq!(address.send(Add(1)).await, Ok(1));
        assert!(address.send(Add(u32::MAX)).await.is_err());
        assert!(!address.connected() && slab.len() == 1);
        slab.deliver(other, Add(5));
        slab.deliver(other, Add(u32::MAX));
        assert_eq!((record.borrow().clone(), record_of_other.borrow().clone()), (vec![1, 999], vec![5, 999]));
        assert!(slab.is_empty());
    });
}
