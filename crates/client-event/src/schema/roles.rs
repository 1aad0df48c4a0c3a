//! The roles and dialects of the schema, and the names of their files.

use std::fmt;

/// The purpose of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// For code generation and documentation: the simplest shape.
    Types,
    /// For producers, to check events before they are sent: strict.
    Send,
    /// For receivers: every message that the reader of this crate accepts.
    Accept,
}

impl Role {
    /// All roles.
    pub const ALL: [Self; 3] = [Self::Types, Self::Send, Self::Accept];

    /// The name of the role.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Types => "types",
            Self::Send => "send",
            Self::Accept => "accept",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The dialect of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dialect {
    /// JSON Schema, draft 2020-12.
    Draft202012,
    /// JSON Schema, draft-07, for tools that do not support later drafts.
    Draft07,
    /// A component of an `OpenAPI` 3.0 description.
    OpenApi30,
    /// A component of an `OpenAPI` 3.1 description.
    OpenApi31,
}

impl Dialect {
    /// All dialects.
    pub const ALL: [Self; 4] = [Self::Draft202012, Self::Draft07, Self::OpenApi30, Self::OpenApi31];

    /// The name of the dialect.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft202012 => "2020-12",
            Self::Draft07 => "draft-07",
            Self::OpenApi30 => "openapi-3.0",
            Self::OpenApi31 => "openapi-3.1",
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The name of an existing schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchemaName {
    role: Role,
    dialect: Dialect,
}

impl SchemaName {
    /// The schema of a role in a dialect. `None` for the roles `send` and `accept` in `OpenAPI`, which have no files.
    pub const fn new(role: Role, dialect: Dialect) -> Option<Self> {
        match (role, dialect) {
            (Role::Send | Role::Accept, Dialect::OpenApi30 | Dialect::OpenApi31) => None,
            _ => Some(Self { role, dialect }),
        }
    }

    /// All schemas.
    pub fn all() -> impl Iterator<Item = Self> {
        Role::ALL.into_iter().flat_map(|role| Dialect::ALL.into_iter().filter_map(move |dialect| Self::new(role, dialect)))
    }

    /// The role.
    pub const fn role(self) -> Role {
        self.role
    }

    /// The dialect.
    pub const fn dialect(self) -> Dialect {
        self.dialect
    }

    /// The name of the file.
    pub const fn file_name(self) -> &'static str {
        match (self.role, self.dialect) {
            (Role::Types, Dialect::Draft202012) => "client-event.schema.json",
            (Role::Types, Dialect::Draft07) => "client-event.draft-07.schema.json",
            (Role::Types, Dialect::OpenApi30) => "client-event.openapi-3.0.json",
            (Role::Types, Dialect::OpenApi31) => "client-event.openapi-3.1.json",
            (Role::Send, Dialect::Draft07) => "client-event.send.draft-07.schema.json",
            (Role::Send, _) => "client-event.send.schema.json",
            (Role::Accept, Dialect::Draft07) => "client-event.accept.draft-07.schema.json",
            (Role::Accept, _) => "client-event.accept.schema.json",
        }
    }

    /// The path below `schemas/`, with the major version.
    pub fn path(self) -> String {
        format!("client-event/v1/{}", self.file_name())
    }

    /// The `$id`: a name, not an address. The top-level domain `example` is reserved (RFC 2606). No reader needs to fetch another schema,
    /// because every schema is complete.
    pub fn id(self) -> String {
        format!("https://seeker-sim.example/schemas/{}", self.path())
    }
}
