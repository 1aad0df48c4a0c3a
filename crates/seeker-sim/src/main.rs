//! The program `seeker-sim`. All of its code is in the library.

fn main() -> std::process::ExitCode {
    seeker_sim::main().into()
}
