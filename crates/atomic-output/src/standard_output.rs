//! Standard output as a file: each write reaches the operating system at once, and no lock of the process is held meanwhile. The standard library's
//! own would look for the end of every line.

use std::fs::File;
use std::io;

/// Standard output.
///
/// # Errors
///
/// The operating system's, where standard output cannot be duplicated.
#[cfg(unix)]
pub fn standard_output() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Standard output.
#[cfg(windows)]
pub fn standard_output() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}
