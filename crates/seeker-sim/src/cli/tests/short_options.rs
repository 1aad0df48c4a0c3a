//! Short options have one meaning in all commands.

use std::collections::BTreeMap;

use super::commands;

/// The meaning of each short option, with the long options that have it.
///
/// `-r`, `-d`, `-c` and `-H` are the most used options of a load test, and mean the same in wrk, hey, oha and curl (`-d`, `-c`, `-H`) or in
/// vegeta's and Locust's habit of a rate (`-r`). `-o` is always the file or folder that is written. `-b` is the address of the service.
///
/// These letters stay free, because other tools disagree about them: `-t` (threads, time limit, run time), `-n` and `-i` (requests,
/// iterations), `-s` (stage, script), `-q` (rate, quiet), `-u` (users, user), `-p`, `-f` and `-v`. An error suggests the option to use. `-k`
/// stays free so that nobody turns off certificate checks by habit.
const MEANINGS: [(char, &str, &[&str]); 8] = [
    ('r', "rate of events", &["rate"]),
    ('d', "length of the load", &["duration"]),
    ('c', "maximum number of connections", &["connections"]),
    ('H', "header of a request", &["header"]),
    ('o', "file or folder to write", &["report", "out"]),
    ('b', "address to listen on", &["bind"]),
    ('h', "help", &["help"]),
    ('V', "version", &["version"]),
];

#[test]
fn no_short_option_means_two_things() {
    let mut used: BTreeMap<char, Vec<String>> = BTreeMap::new();
    for (path, command) in commands() {
        for arg in command.get_arguments() {
            let Some(short) = arg.get_short() else { continue };
            let long = arg.get_long().unwrap();
            let (_, meaning, longs) = MEANINGS.iter().find(|(letter, ..)| *letter == short).unwrap_or_else(|| panic!("-{short}"));
            assert!(longs.contains(&long), "{path}: -{short} means {meaning}, not --{long}");
            used.entry(short).or_default().push(long.to_owned());
        }
    }
    assert_eq!(used.len(), MEANINGS.len(), "{used:?}");
}

/// For all long options that have a short one somewhere, they have it in every command.
#[test]
fn short_options_are_there_in_every_command() {
    for (path, command) in commands() {
        for arg in command.get_arguments() {
            let expected = MEANINGS.iter().find(|(_, _, longs)| arg.get_long().is_some_and(|long| longs.contains(&long)));
            assert_eq!(arg.get_short(), expected.map(|(letter, ..)| *letter), "{path}: {arg}");
        }
    }
}
