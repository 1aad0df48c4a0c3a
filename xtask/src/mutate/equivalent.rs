//! Changes of a schema that no JSON value can detect, each with its proof. Any other survivor is a missing vector.

use client_event::schema::Role;

/// A change without an effect.
pub(super) struct Equivalent {
    roles: &'static [Role],
    place: &'static str,
    changes: &'static [&'static str],
    /// Why no value can detect the change.
    #[expect(dead_code, reason = "the proof is for the reader of the list")]
    proof: &'static str,
}

impl Equivalent {
    pub(super) fn is(&self, role: Role, place: &str, change: &str) -> bool {
        self.roles.contains(&role) && self.place == place && self.changes.contains(&change)
    }
}

/// All equivalent changes.
pub(super) const EQUIVALENT: &[Equivalent] = &[
    Equivalent {
        roles: &[Role::Accept],
        place: "",
        changes: &[
            "type left out",
            "type or array",
            "type or string",
            "type or number",
            "type or integer",
            "type or boolean",
            "type or null",
        ],
        proof: "`required` holds for every value that is not an object, so both branches of each `oneOf` hold, and `oneOf` refuses the value",
    },
    Equivalent {
        roles: &Role::ALL,
        place: "/$defs/EventType",
        changes: &[
            "type left out",
            "type or object",
            "type or array",
            "type or number",
            "type or integer",
            "type or boolean",
            "type or null",
        ],
        proof: "every value of `enum` is a string",
    },
    Equivalent {
        roles: &[Role::Send],
        place: "/else/properties/relatedJobNames",
        changes: &[
            "type left out",
            "type or object",
            "type or string",
            "type or number",
            "type or integer",
            "type or boolean",
            "type or null",
        ],
        proof: "`properties` of the whole schema says the same; it is repeated for validators that require it next to `maxItems`",
    },
    Equivalent {
        roles: &[Role::Accept],
        place: "/properties/details/anyOf/0",
        changes: &["type or null"],
        proof: "the other branch of `anyOf` accepts null",
    },
];
