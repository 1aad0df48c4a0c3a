//! The command `schema`.

use std::io::Write;

use client_event::schema::{Dialect, Role, SchemaName, schema_text};
use terminal_escape::one_line;

use super::output::{fail, print, print_whole};
use super::schema_files::{self, SchemaFilesError};
use crate::cli::SchemaArgs;
use crate::exit::ExitCode;

pub(super) fn schema(args: &SchemaArgs) -> ExitCode {
    let names = schema_files::selected(args.role, args.dialect);
    let Some(folder) = &args.out else {
        let role = args.role.unwrap_or(Role::Types);
        let dialect = args.dialect.unwrap_or(Dialect::Draft202012);
        let Some(name) = SchemaName::new(role, dialect) else {
            return fail(SchemaFilesError::NoSuchSchema, ExitCode::BadInput);
        };
        return print(&schema_text(name), ExitCode::Success);
    };
    match names.and_then(|names| schema_files::write(&names, folder, args.force)) {
        Ok(paths) => print_whole(|out| paths.iter().try_for_each(|path| writeln!(out, "{}", path.display())), ExitCode::Success),
        Err(error) => fail(one_line(&error), ExitCode::BadInput),
    }
}
