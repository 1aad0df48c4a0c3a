//! The command `man`.

use std::io::Write;

use terminal_escape::one_line;

use super::output::{fail, print, print_whole};
use crate::cli::{ManArgs, ManPage};
use crate::exit::ExitCode;

pub(super) fn man(args: &ManArgs) -> ExitCode {
    let pages = ManPage::all();
    let Some(folder) = &args.out else {
        return print(&pages[0].text, ExitCode::Success);
    };
    match pages.iter().map(|page| page.write(folder)).collect::<Result<Vec<_>, _>>() {
        Ok(paths) => print_whole(|out| paths.iter().try_for_each(|path| writeln!(out, "{}", path.display())), ExitCode::Success),
        Err(error) => fail(one_line(&error), ExitCode::BadInput),
    }
}
