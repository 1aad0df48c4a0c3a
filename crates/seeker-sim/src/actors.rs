//! The actors of a run. A seeker decides nothing: its journey is the model's, what the load lacks is the ledger's, and who may send is the
//! dispatch's decision. Their messages are in [`crate::messages`].

pub(crate) mod ledger;
pub(crate) mod outbox;
pub(crate) mod population;
pub(crate) mod recorder;
pub(crate) mod seeker;
