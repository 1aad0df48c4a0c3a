//! Standard output as a file. Each write reaches the operating system immediately, and holds no lock of the process. The
//! standard library's standard output would search for the end of every line.

use std::fs::File;
use std::io;

/// Returns standard output.
///
/// # Errors
///
/// The error of the operating system if standard output cannot be duplicated.
#[cfg(unix)]
pub fn standard_output() -> io::Result<File> {
    use std::os::fd::AsFd;
    io::stdout().as_fd().try_clone_to_owned().map(File::from)
}

/// Returns standard output.
#[cfg(windows)]
pub fn standard_output() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    io::stdout().as_handle().try_clone_to_owned().map(File::from)
}
