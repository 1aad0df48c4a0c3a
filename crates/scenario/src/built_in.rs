//! The scenarios that are built into the program.

use crate::{SCHEMA_PATH, Scenario, read};

/// A scenario that is built into the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltInScenario {
    /// The name of the scenario.
    pub name: &'static str,
    /// The text of its file.
    pub text: &'static str,
}

/// All built-in scenarios. The first is the default.
pub const BUILT_IN: [BuiltInScenario; 5] = [
    BuiltInScenario { name: "job-board", text: include_str!("../scenarios/job-board.toml") },
    BuiltInScenario { name: "aggregator", text: include_str!("../scenarios/aggregator.toml") },
    BuiltInScenario { name: "staffing-agency", text: include_str!("../scenarios/staffing-agency.toml") },
    BuiltInScenario { name: "campaign-spike", text: include_str!("../scenarios/campaign-spike.toml") },
    BuiltInScenario { name: "weekday-morning", text: include_str!("../scenarios/weekday-morning.toml") },
];

impl BuiltInScenario {
    /// Returns the scenario with this name.
    pub fn named(name: &str) -> Option<Self> {
        BUILT_IN.into_iter().find(|built_in| built_in.name == name)
    }

    /// Returns the text of its file for use outside the repository, where the schema is in the same folder.
    pub fn text_for_elsewhere(self) -> String {
        self.text.replacen(&format!("../../../schemas/{SCHEMA_PATH}"), "./scenario.schema.json", 1)
    }

    /// Returns the parsed scenario.
    pub fn scenario(self) -> Scenario {
        read(self.text, self.name).expect("a test reads all built-in scenarios")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_scenarios_are_valid_and_differ() {
        let scenarios: Vec<_> = BUILT_IN.into_iter().map(BuiltInScenario::scenario).collect();
        for (position, scenario) in scenarios.iter().enumerate() {
            assert!(!scenario.description.is_empty());
            assert!(
                scenarios[..position].iter().all(|other| other.behaviour != scenario.behaviour || other.start != scenario.start)
            );
        }
        assert_eq!(Scenario { description: String::new(), ..scenarios[0].clone() }, Scenario::default());
    }
}
