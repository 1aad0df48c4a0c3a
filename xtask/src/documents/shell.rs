//! Finds the calls of this workspace's programs in a line of shell.

/// A call of a program, with the words that the program gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `seeker-sim ...` or `cargo run -- ...`.
    Program(Vec<String>),
    /// `cargo xtask ...`.
    Xtask(Vec<String>),
}

/// Words before a command that are not part of it.
const BEFORE_COMMAND: [&str; 14] =
    ["do", "then", "else", "if", "while", "until", "!", "time", "exec", "env", "nohup", "sudo", "{", "("];

/// Returns the calls in a line.
///
/// # Errors
///
/// The reason why the line has no words.
pub(super) fn calls(line: &str) -> Result<Vec<Call>, String> {
    let words = shlex::split(&with_values(&with_spaces(line))).ok_or("the quotes are not balanced")?;
    let commands = words.split(|word| ["|", "||", "&", "&&", ";"].contains(&word.as_str()));
    Ok(commands.filter_map(|words| call(&arguments(words))).collect())
}

/// Puts spaces around the operators outside quotes. Redirects such as `2>&1` stay together.
fn with_spaces(line: &str) -> String {
    let mut text = String::new();
    let mut quote = None;
    let mut chars = line.chars().peekable();
    while let Some(char) = chars.next() {
        match quote {
            Some(open) if char == open => quote = None,
            None if ['\'', '"'].contains(&char) => quote = Some(char),
            _ => {}
        }
        let is_operator = ['|', ';', '(', ')'].contains(&char) || char == '&' && !text.ends_with('>');
        if quote.is_some() || !is_operator {
            text.push(char);
            continue;
        }
        text.push(' ');
        text.push(char);
        if ['|', '&'].contains(&char) && chars.peek() == Some(&char) {
            text.extend(chars.next());
        }
        text.push(' ');
    }
    text
}

/// Gives each variable the value 1, as in the first turn of a loop.
fn with_values(line: &str) -> String {
    let mut text = String::new();
    let mut parts = line.split('$');
    text.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let is_name = |char: char| char == '_' || char.is_ascii_alphanumeric();
        let rest = match part.strip_prefix('{') {
            Some(braced) => braced.split_once('}').map(|(_, rest)| rest),
            None => Some(part.trim_start_matches(is_name)).filter(|rest| rest.len() < part.len()),
        };
        match rest {
            Some(rest) => text.extend(["1", rest]),
            None => text.extend(["$", part]),
        }
    }
    text
}

/// The words of a command that the program gets: without redirects, variables, and words such as `timeout 5` before the program.
fn arguments(words: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut skips_next = false;
    for word in words {
        if std::mem::take(&mut skips_next) {
            continue;
        }
        let redirect = word.trim_start_matches(|char: char| char.is_ascii_digit());
        if redirect.starts_with(['>', '<']) && !word.contains(' ') {
            skips_next = redirect.trim_start_matches(['>', '<']).is_empty();
            continue;
        }
        kept.push(word.clone());
    }
    let is_variable = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        })
    };
    let start = kept.iter().position(|word| !is_variable(word) && !BEFORE_COMMAND.contains(&word.as_str()));
    let mut kept = kept.split_off(start.unwrap_or(kept.len()));
    if kept.first().is_some_and(|word| word == "timeout") && kept.len() > 2 {
        kept.drain(..2);
    }
    kept
}

fn call(words: &[String]) -> Option<Call> {
    let (program, rest) = words.split_first()?;
    let with_name = |name: &str, rest: &[String]| [&[name.to_owned()], rest].concat();
    if program == "seeker-sim" || program.ends_with("/seeker-sim") {
        return Some(Call::Program(with_name("seeker-sim", rest)));
    }
    if let Some(words) = of_engine(program, rest) {
        return Some(Call::Program(words));
    }
    if program != "cargo" {
        return None;
    }
    match rest.split_first()? {
        (task, rest) if task == "xtask" => Some(Call::Xtask(with_name("cargo xtask", rest))),
        (task, rest) if task == "run" => {
            let separator = rest.iter().position(|word| word == "--")?;
            let (of_cargo, of_program) = (&rest[..separator], &rest[separator + 1..]);
            let is_other =
                of_cargo.iter().any(|word| ["-p", "--package", "--example", "--bin", "--manifest-path"].contains(&word.as_str()));
            (!is_other).then(|| Call::Program(with_name("seeker-sim", of_program)))
        }
        _ => None,
    }
}

/// The call that an engine makes: a program that starts others, such as `srun`. Placeholders of GNU parallel get the value 1.
fn of_engine(engine: &str, words: &[String]) -> Option<Vec<String>> {
    if engine == "sbatch" {
        let script = words.iter().position(|word| word.ends_with("seeker-sim.sbatch"))?;
        return Some([&["seeker-sim".to_owned(), "run".to_owned()], &words[script + 1..]].concat());
    }
    if !["srun", "mpirun", "parallel"].contains(&engine) {
        return None;
    }
    let start = words.iter().position(|word| word == "seeker-sim")?;
    let words = words[start..].iter().take_while(|word| !word.starts_with(":::"));
    let mut call: Vec<_> = words.map(|word| word.replace("{1}", "1")).collect();
    // Values that only the engine, or the shell at that time, knows.
    for (option, known) in [("--shard", "1/4"), ("--start-at", "2026-11-30T12:00:00Z")] {
        if let Some(place) = call.iter().position(|word| word == option)
            && let Some(value) = call.get_mut(place + 1).filter(|value| ["1", "auto"].contains(&value.as_str()))
        {
            known.clone_into(value);
        }
    }
    Some(call)
}
