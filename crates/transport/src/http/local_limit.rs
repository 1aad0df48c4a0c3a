//! Limits of this machine and process that prevent requests. They say nothing about the target.

use std::{fmt, io};

/// A limit of this machine or process. Its text names the exhausted resource and the remedy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LocalLimit {
    /// Every local port to this address is in use (`EADDRNOTAVAIL`).
    Ports,
    /// The process has reached its limit of open files (`EMFILE`).
    Files,
    /// The system has reached its limit of open files (`ENFILE`).
    SystemFiles,
    /// The system has no memory for sockets (`ENOBUFS`, `ENOMEM`).
    Memory,
    /// The host name does not resolve.
    NameService,
}

impl LocalLimit {
    /// The limit that caused a socket error, if any.
    pub(super) fn of(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::AddrNotAvailable => Some(Self::Ports),
            io::ErrorKind::OutOfMemory => Some(Self::Memory),
            _ => Self::of_number(error.raw_os_error()?),
        }
    }

    #[cfg(unix)]
    fn of_number(number: i32) -> Option<Self> {
        use rustix::io::Errno;

        match Errno::from_raw_os_error(number) {
            Errno::MFILE => Some(Self::Files),
            Errno::NFILE => Some(Self::SystemFiles),
            Errno::NOBUFS => Some(Self::Memory),
            _ => None,
        }
    }

    /// Windows Sockets error numbers.
    #[cfg(windows)]
    fn of_number(number: i32) -> Option<Self> {
        const WSAEMFILE: i32 = 10_024;
        const WSAENOBUFS: i32 = 10_055;

        match number {
            WSAEMFILE => Some(Self::Files),
            WSAENOBUFS => Some(Self::Memory),
            _ => None,
        }
    }
}

impl fmt::Display for LocalLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ports => "no free local port: lower --connections or the load, or widen net.ipv4.ip_local_port_range",
            Self::Files => "no file descriptor left: raise ulimit -n",
            Self::SystemFiles => "no file descriptor left in the system: raise fs.file-max, or stop other programs",
            Self::Memory => "no memory left for sockets: lower --connections, or raise net.ipv4.tcp_mem",
            Self::NameService => {
                "the name service of this machine failed: check its settings, or use an IP address as the host of the target"
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn local_limits_and_target_errors_are_distinguished() {
        use rustix::io::Errno;

        for (errno, expected) in [
            (Errno::ADDRNOTAVAIL, Some(LocalLimit::Ports)),
            (Errno::MFILE, Some(LocalLimit::Files)),
            (Errno::NFILE, Some(LocalLimit::SystemFiles)),
            (Errno::NOBUFS, Some(LocalLimit::Memory)),
            (Errno::NOMEM, Some(LocalLimit::Memory)),
            (Errno::CONNREFUSED, None),
            (Errno::CONNRESET, None),
            (Errno::PIPE, None),
            (Errno::TIMEDOUT, None),
            (Errno::HOSTUNREACH, None),
        ] {
            assert_eq!(LocalLimit::of(&errno.into()), expected, "{errno}");
        }
    }

    #[test]
    fn errors_without_a_number_are_no_limits() {
        assert_eq!(LocalLimit::of(&io::Error::other("no")), None);
        assert_eq!(LocalLimit::of(&io::ErrorKind::UnexpectedEof.into()), None);
    }
}
