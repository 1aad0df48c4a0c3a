//! The names of the jobs of a borrowed event.

use std::borrow::Cow;
use std::slice;

/// The names of the jobs. Most events are about one job, which needs no allocation.
#[derive(Clone, Debug)]
pub(crate) enum Jobs<'a> {
    One(Cow<'a, str>),
    Several(Vec<Cow<'a, str>>),
}

impl<'a> Jobs<'a> {
    pub(crate) fn as_slice(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(name) => slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl PartialEq for Jobs<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Jobs<'_> {}
