//! Tests of the lifecycle: the same as in `actix::Context`, in the documented order, each step once.

use super::*;

/// A step in the life of an actor.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A message by address, if the test holds the address.
    Send(Act),
    /// Two messages; the second is in the mailbox while the first is handled.
    SendTwo(Act, Act),
    /// A message by key.
    Deliver(Act),
    /// All waits end.
    Wake,
    DropAddress,
}

fn steps_by_address() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => acts().prop_map(Step::Send),
        2 => (acts(), acts()).prop_map(|(one, other)| Step::SendTwo(one, other)),
        2 => Just(Step::Wake),
        1 => Just(Step::DropAddress),
    ];
    prop::collection::vec(step, 0..12)
}

fn steps_of_all_kinds() -> impl Strategy<Value = Vec<Step>> {
    // In `actix::Context`, terminating an actor before a cancelled future is dropped never ends (actix 0.13.5).
    let act = || prop_oneof![9 => acts(), 1 => Just(Act::Panic), 1 => Just(Act::SpawnAndCancel)];
    let step = prop_oneof![
        2 => act().prop_map(Step::Send),
        4 => act().prop_map(Step::Deliver),
        1 => (act(), act()).prop_map(|(one, other)| Step::SendTwo(one, other)),
        2 => Just(Step::Wake),
        1 => Just(Step::DropAddress),
    ];
    prop::collection::vec(step, 0..12)
}

/// The record of an actor in `actix::Context` after each step.
async fn seen_in_actix(first: Act, has_address: bool, steps: &[Step]) -> Vec<Vec<Seen>> {
    let (address, seen, wakers) =
        (Rc::<RefCell<_>>::default(), Rc::<RefCell<Vec<_>>>::default(), Rc::<RefCell<Vec<_>>>::default());
    let asked = has_address.then(|| Rc::clone(&address));
    let (record, waits) = (Rc::clone(&seen), Rc::clone(&wakers));
    // The test drops the address that this returns.
    drop(Probe::<InActix> { address: asked, seen: record, first, refusals: 0, wakers: waits, host: PhantomData }.start());
    settle().await;
    let mut seen_after = vec![seen.borrow().clone()];
    for (number, step) in (0..).step_by(2).zip(steps) {
        send(&address, number, *step);
        if let Step::Wake = step {
            wakers.take().into_iter().for_each(drop);
        }
        settle().await;
        seen_after.push(seen.borrow().clone());
    }
    seen_after
}

/// The record of an actor in a slab after each step, and after all actors were terminated.
async fn seen_in_slab(first: Act, has_address: bool, steps: &[Step]) -> Vec<Vec<Seen>> {
    let (address, seen, wakers) =
        (Rc::<RefCell<_>>::default(), Rc::<RefCell<Vec<_>>>::default(), Rc::<RefCell<Vec<_>>>::default());
    let asked = has_address.then(|| Rc::clone(&address));
    let (record, waits) = (Rc::clone(&seen), Rc::clone(&wakers));
    let slab = Rc::<ActorSlab<Probe<InSlab>>>::default();
    let probe = Probe { address: asked, seen: record, first, refusals: 0, wakers: waits, host: PhantomData };
    let key = slab.start(probe, SimTime::ZERO);
    settle().await;
    let mut seen_after = vec![seen.borrow().clone()];
    for ((number, step), time) in (0..).step_by(2).zip(steps).zip(2..) {
        send(&address, number, *step);
        match step {
            Step::Wake => {
                slab.wake_before(SimTime::from_micros(time), |_| ());
                wakers.take().into_iter().for_each(drop);
            }
            Step::Deliver(act) => slab.deliver(key, Numbered(number, *act)),
            _ => {}
        }
        settle().await;
        seen_after.push(seen.borrow().clone());
        assert_eq!(slab.is_empty(), seen.borrow().contains(&Seen::Stopped));
    }
    slab.terminate_all();
    assert!(slab.is_empty());
    assert!(address.borrow().as_ref().is_none_or(|address| !address.connected()));
    seen_after.push(seen.borrow().clone());
    seen_after
}

fn send<H>(address: &RefCell<Option<Addr<Probe<H>>>>, number: u8, step: Step)
where
    Probe<H>: Handler<Numbered>,
    <Probe<H> as Actor>::Context: actix::dev::ToEnvelope<Probe<H>, Numbered>,
{
    match (step, &*address.borrow()) {
        (Step::Send(act), Some(address)) => address.do_send(Numbered(number, act)),
        (Step::SendTwo(one, other), Some(address)) => {
            address.do_send(Numbered(number, one));
            address.do_send(Numbered(number + 1, other));
        }
        _ => {}
    }
    if let Step::DropAddress = step {
        address.take();
    }
}

/// Whether the record is in the order that actix documents, with `started` and `stopped` once each.
fn is_a_life(seen: &[Seen]) -> bool {
    let [Seen::Started, rest @ .., Seen::Stopped] = seen else { return false };
    rest.iter().all(|seen| matches!(seen, Seen::Message(_) | Seen::Stopping))
}

proptest! {
    /// For all actors and all steps, with and without an address, an actor has the same record in a slab as in `actix::Context` after each
    /// step. Messages from its own spawned futures are excepted.
    #[test]
    fn an_actor_lives_as_in_actix(first in acts(), has_address in any::<bool>(), steps in steps_by_address()) {
        System::new().block_on(async {
            let mut in_actix = seen_in_actix(first, has_address, &steps).await;
            let mut in_slab = seen_in_slab(first, has_address, &steps).await;
            in_slab.pop();
            // actix polls one spawned future after a message has asked to wait, and does not document the order of spawned futures. In a
            // slab, no future runs before the wait is over.
            let is_in_order = |seen: &Seen| *seen != Seen::Message(NOTIFIED);
            in_actix.iter_mut().chain(&mut in_slab).for_each(|seen| seen.retain(is_in_order));
            prop_assert_eq!(in_slab, in_actix);
            Ok(())
        })?;
    }

    /// For all messages by key and by address, panics included, an actor goes through the documented states in order, and ends once.
    #[test]
    fn each_actor_starts_and_stops_once(first in acts(), has_address in any::<bool>(), steps in steps_of_all_kinds()) {
        System::new().block_on(async {
            let seen = seen_in_slab(first, has_address, &steps).await.pop();
            prop_assert!(seen.as_deref().is_some_and(is_a_life), "{:?}", seen);
            Ok(())
        })?;
    }
}

/// A cancelled future keeps no actor alive, in either context.
#[test]
fn a_cancelled_future_is_dropped() {
    System::new().block_on(async {
        let in_actix = seen_in_actix(Act::SpawnAndCancel, false, &[]).await;
        let in_slab = seen_in_slab(Act::SpawnAndCancel, false, &[]).await;
        assert_eq!(in_actix, [[Seen::Started, Seen::Stopping, Seen::Stopped]]);
        assert_eq!(in_slab[0], in_actix[0]);
    });
}
