//! How events travel to the target.

use std::sync::Arc;

use crate::delivery::line_sink::LineSink;
#[cfg(test)]
use crate::delivery::scripted::ScriptedTarget;
use crate::target::service::Service;

/// How events travel to the target.
#[derive(Clone)]
pub(crate) enum Route {
    /// Over HTTP.
    Service(Service),
    /// As lines of a file.
    Lines(Arc<LineSink>),
    /// To a target that a test makes up.
    #[cfg(test)]
    Scripted(Arc<ScriptedTarget>),
}
