//! The page of exit codes.

use seeker_sim::exit::ExitCode;

use super::markdown::Table;

pub(super) fn page() -> String {
    let mut table = Table::new(["Code", "Command", "Meaning"]);
    for code in ExitCode::ALL {
        for (command, meaning) in code.meanings() {
            table.add([format!("`{}`", code as u8), (*command).to_owned(), (*meaning).to_owned()]);
        }
    }
    format!("# Exit codes\n\nExit codes are stable. Scripts can rely on them.\n\n{}", table.text())
}
