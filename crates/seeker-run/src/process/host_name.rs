//! The name of this machine; `None` if the system does not report it.

/// Returns the name of this machine.
#[cfg(unix)]
pub(crate) fn host_name() -> Option<String> {
    let system = rustix::system::uname();
    let name = system.nodename().to_str().ok()?;
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(not(unix))]
pub(crate) fn host_name() -> Option<String> {
    None
}
