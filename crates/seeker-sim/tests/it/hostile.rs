//! Targets that break every rule: slow, lying, endless, early, late. Whatever they do, each event is accounted for, memory is bounded and the
//! run ends.

#[cfg(unix)]
mod http2;
