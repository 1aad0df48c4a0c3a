//! Merges all reports of a folder, one after the other, as `seeker-sim report merge` does, and prints the summary. With a second
//! argument, writes the page as well.
//!
//! ```sh
//! cargo run --release -p run-report --example merge_parts -- FOLDER [PAGE.html]
//! ```

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write};

use run_report::merge::{MergeOptions, Merger};
use run_report::page::page;
use run_report::read::read_report;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("expected FOLDER [PAGE.html]")?;
    let mut merger = Merger::new(MergeOptions::default());
    for entry in fs::read_dir(folder)? {
        merger.add(read_report(entry?.path())?)?;
    }
    let report = merger.finish()?;
    if let Some(path) = env::args().nth(2) {
        fs::write(path, page(&report).into_string())?;
    }
    write!(io::stdout(), "{}", report.summary())?;
    Ok(())
}
