//! Tests of the documents: each command line in a block of shell parses, and each option in the text exists.

mod markdown;
mod shell;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory, Parser};

use markdown::{Piece, pieces};
use shell::{Call, calls};

/// Options of other programs that the documents name.
const OTHER_PROGRAMS: &[&str] = &[
    // cargo
    "--all",
    "--all-features",
    "--all-targets",
    "--bench",
    "--example",
    "--features",
    "--frozen",
    "--lib",
    "--locked",
    "--no-deps",
    "--offline",
    "--package",
    "--profile",
    "--release",
    "--test",
    "--workspace",
    // curl
    "--data",
    "--data-binary",
    "--fail",
    "--silent",
    // nats
    "--creds",
    "--nkey",
    "--password",
    "--token",
    // goose
    "--baseline-file",
    "--co-mitigation",
    "--report-file",
    // oha
    "--latency-correction",
    // GNU parallel
    "--cleanup",
    "--jobs",
    "--workdir",
    // srun
    "--mpi",
    // pip
    "--user",
    // other load generators
    "--baseline-file",
    "--co-mitigation",
    "--latency-correction",
    "--report-file",
];

/// The page that translates options of other load generators.
const OTHER_TOOLS: &str = "docs/src/other-tools.md";

fn documents() -> Vec<PathBuf> {
    fn add_folder(folder: &Path, all: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add_folder(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                all.push(path);
            }
        }
    }
    let workspace = crate::workspace();
    let mut all = vec![workspace.join("README.md"), workspace.join("CONTRIBUTING.md")];
    add_folder(&workspace.join("docs/src"), &mut all);
    for entry in fs::read_dir(workspace.join("crates")).unwrap() {
        all.push(entry.unwrap().path().join("README.md"));
    }
    all.retain(|path| path.exists());
    all.sort();
    all
}

/// The problems of a document, each with its file and line.
fn problems(name: &str, text: &str) -> Vec<String> {
    let mut known = known_options();
    if name == OTHER_TOOLS {
        known.extend(seeker_sim::cli::foreign_option_names().map(str::to_owned));
    }
    let mut problems = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Shell { line, command } => match calls(&command) {
                Ok(calls) => {
                    let refused = calls.iter().filter_map(refused);
                    problems.extend(refused.map(|why| format!("{name}:{line}: {command}\n    {why}")));
                }
                Err(why) => problems.push(format!("{name}:{line}: {command}\n    {why}")),
            },
            Piece::Code { line, code } => {
                let unknown = options_in(&code).into_iter().filter(|option| !known.contains(option));
                problems.extend(unknown.map(|option| format!("{name}:{line}: unknown option {option} in `{code}`")));
            }
        }
    }
    problems
}

/// Why a command line cannot be typed; `None` if it can.
fn refused(call: &Call) -> Option<String> {
    let error = match call {
        Call::Program(words) => seeker_sim::cli::Cli::read(words).err()?,
        Call::Xtask(words) => crate::Cli::try_parse_from(words).err()?,
    };
    error.use_stderr().then(|| error.to_string().trim_end().replace('\n', "\n    "))
}

fn known_options() -> BTreeSet<String> {
    fn add(command: &Command, all: &mut BTreeSet<String>) {
        all.extend(command.get_arguments().filter_map(|arg| arg.get_long()).map(|long| format!("--{long}")));
        command.get_subcommands().for_each(|below| add(below, all));
    }
    let mut all = BTreeSet::new();
    for mut program in [seeker_sim::cli::Cli::command(), crate::Cli::command()] {
        program.build();
        add(&program, &mut all);
    }
    all.extend(OTHER_PROGRAMS.iter().map(|option| (*option).to_owned()));
    all
}

/// The long options in a piece of code.
fn options_in(code: &str) -> Vec<String> {
    let is_part = |char: char| char == '-' || char.is_ascii_alphanumeric();
    let words = code.split(|char: char| !is_part(char));
    let is_option =
        |word: &&str| word.strip_prefix("--").is_some_and(|name| name.starts_with(|char: char| char.is_ascii_lowercase()));
    words.filter(is_option).map(str::to_owned).collect()
}

/// For all documents, each command line in a block of shell parses as it is written, and each option in the text exists.
#[test]
fn commands_and_options_in_documents_exist() {
    let documents = documents();
    assert!(documents.len() > 20, "{documents:?}");
    let workspace = crate::workspace();
    let of_document = |path: &PathBuf| {
        let name = path.strip_prefix(&workspace).unwrap().display().to_string();
        problems(&name, &fs::read_to_string(path).unwrap())
    };
    let problems: Vec<_> = documents.iter().flat_map(of_document).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// For all commands, the page to which the help text links is in the table of contents.
#[test]
fn help_texts_link_to_pages_that_exist() {
    let summary = fs::read_to_string(crate::workspace().join("docs/src/SUMMARY.md")).unwrap();
    let mut program = seeker_sim::cli::Cli::command();
    program.build();
    let mut commands = vec![(String::new(), program)];
    while let Some((path, command)) = commands.pop() {
        let page = seeker_sim::cli::Cli::help_page(&path).unwrap();
        let source = if page.docs == "index" { "README" } else { page.docs };
        assert!(summary.contains(&format!("({source}.md)")), "{path}: {}", page.docs);
        let below = command.get_subcommands().filter(|below| below.get_name() != "help");
        commands.extend(below.map(|below| (format!("{path} {}", below.get_name()).trim_start().to_owned(), below.clone())));
    }
}

/// Wrong commands and options are found, with their lines.
#[test]
fn mistakes_are_found() {
    for (text, expected) in [
        ("```sh\nseeker-sim run --vus 5\n```", "a.md:2: seeker-sim run --vus 5\n    error: seeker-sim run has no option --vus"),
        ("```sh\n# A comment.\nx | RUST_LOG=debug seeker-sim \\\n  chekc - > out.txt\n```", "a.md:3: "),
        ("```sh\ncargo run --release -- run --vus 5\n```", "has no option --vus"),
        ("```sh\ncargo xtask schemes\n```", "schemes"),
        ("```sh\nseeker-sim run 'http://h\n```", "the quotes are not balanced"),
        ("```sh\nsrun -n4 seeker-sim run --vus 5\n```", "has no option --vus"),
        ("```sh\nsbatch --nodes=4 deploy/slurm/seeker-sim.sbatch http://h --vus 5\n```", "has no option --vus"),
        ("```sh\nparallel --jobs 1 seeker-sim run --seed {1} --vus {1} ::: 1 2\n```", "has no option --vus"),
        ("Pass `--frobnicate 5`.", "a.md:1: unknown option --frobnicate"),
        ("Pass `--vus 5`.", "unknown option --vus"),
        ("one\n\nPass `--rate` or\n`run --frobnicate=5`.", "a.md:4: unknown option --frobnicate"),
    ] {
        let problems = problems("a.md", text);
        assert!(problems.len() == 1 && problems[0].contains(expected), "{text}: {problems:?}");
    }
    for text in [
        "```sh\nseeker-sim run http://127.0.0.1:8080 --rate 5/s --threshold 'latency.p99 < 50ms' 2>&1 | tee run.txt\n```",
        "```sh\nfor i in 1 2; do seeker-sim run --seed \"$i\" --report \"run-$i.json\"; done\n```",
        "```sh\nseeker-sim serve &\ntimeout 5 seeker-sim run && target/release/seeker-sim check events.ndjson < /dev/null; curl --silent http://h\n```",
        "```sh\ncargo run --release -p client-event --example check_stream -- --frobnicate\ncargo xtask schemas --check\n```",
        "```text\nseeker-sim run --vus 5\n```",
        "Pass `--rate 5/s`, ``--report``, or `cargo build --release`. No code: --frobnicate.",
    ] {
        assert_eq!(problems("a.md", text), Vec::<String>::new(), "{text}");
    }
}
