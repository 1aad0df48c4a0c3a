//! The scenarios that are part of the program.

use crate::{SCHEMA_PATH, Scenario, read};

/// A scenario that is part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadyScenario {
    /// What it is called.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

/// All of them; the first is what is played where none is named.
pub const READY: [ReadyScenario; 5] = [
    ReadyScenario { name: "job-board", text: include_str!("../scenarios/job-board.toml") },
    ReadyScenario { name: "aggregator", text: include_str!("../scenarios/aggregator.toml") },
    ReadyScenario { name: "staffing-agency", text: include_str!("../scenarios/staffing-agency.toml") },
    ReadyScenario { name: "campaign-spike", text: include_str!("../scenarios/campaign-spike.toml") },
    ReadyScenario { name: "weekday-morning", text: include_str!("../scenarios/weekday-morning.toml") },
];

impl ReadyScenario {
    /// The one of that name.
    pub fn named(name: &str) -> Option<Self> {
        READY.into_iter().find(|ready| ready.name == name)
    }

    /// Its file as it is used outside the repository, where the schema lies beside it.
    pub fn text_for_elsewhere(self) -> String {
        self.text.replacen(&format!("../../../schemas/{SCHEMA_PATH}"), "./scenario.schema.json", 1)
    }

    /// What it says.
    pub fn scenario(self) -> Scenario {
        read(self.text, self.name).expect("what is part of the program is sound, and tested")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_scenarios_are_sound_and_differ() {
        let scenarios: Vec<_> = READY.into_iter().map(ReadyScenario::scenario).collect();
        for (position, scenario) in scenarios.iter().enumerate() {
            assert!(!scenario.description.is_empty());
            assert!(
                scenarios[..position].iter().all(|other| other.behaviour != scenario.behaviour || other.start != scenario.start)
            );
        }
        assert_eq!(Scenario { description: String::new(), ..scenarios[0].clone() }, Scenario::default());
    }
}
