//! Checks that a TOML editor with the generated schema accepts and refuses the same scenarios as the program. taplo checks the template,
//! with and without its comment marks, the built-in scenarios, and invalid ones.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use scenario::{BUILT_IN, SCHEMA_PATH, Scenario, shown, template};

use crate::tools::{ToolFolder, run as finished, say};

/// Files that an editor must refuse, each for one reason.
const WRONG: [(&str, &str); 4] = [
    ("unknown-key", "[behaviour]\naply_per_view = 0.1\n"),
    ("out-of-range", "[behaviour]\napply_per_view = 1.5\n"),
    ("wrong-kind", "[load]\nrate = 500\n"),
    ("too-few", "[rhythm]\nweekdays = [1, 1]\n"),
];

/// Returns the differences between taplo and the program.
fn differences(schemas: &Path) -> Result<Vec<String>> {
    let workshop = ToolFolder::open()?;
    let python = workshop.python()?;
    let folder = workshop.emptied("scenarios")?;
    let schema = schemas.join(SCHEMA_PATH);
    fs::copy(&schema, folder.join("scenario.schema.json")).with_context(|| format!("copy {}", schema.display()))?;
    let directive = "#:schema ./scenario.schema.json\n";
    let sound =
        [("template".to_owned(), template()), ("everything".to_owned(), directive.to_owned() + &shown(&Scenario::default()))]
            .into_iter()
            .chain(BUILT_IN.iter().map(|ready| (ready.name.to_owned(), ready.text_for_elsewhere())))
            .map(|(name, text)| (name, text, true));
    let wrong = WRONG.iter().map(|(name, text)| ((*name).to_owned(), format!("{directive}{text}"), false));
    let mut differences = Vec::new();
    for (name, text, is_sound) in sound.chain(wrong) {
        let path = folder.join(format!("{name}.toml"));
        fs::write(&path, text).with_context(|| format!("write {}", path.display()))?;
        let judged = finished(python.program("taplo").args(["lint", "--no-auto-config"]).arg(&path).current_dir(&folder), None)?;
        if judged.success != is_sound {
            let verdict = if judged.success { "takes" } else { "refuses" };
            differences.push(format!("taplo {verdict} {}: {}", path.display(), judged.said()));
        }
    }
    Ok(differences)
}

/// Runs the task.
pub(crate) fn run(schemas: &Path) -> Result<()> {
    let differences = differences(schemas)?;
    if !differences.is_empty() {
        bail!("{}", differences.join("\n"));
    }
    say(&format!(
        "taplo accepts the template and the {} built-in scenarios, and refuses {} invalid scenarios",
        BUILT_IN.len(),
        WRONG.len()
    ))
}
