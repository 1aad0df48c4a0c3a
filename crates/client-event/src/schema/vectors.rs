//! Test vectors: JSON values that a schema or a reader must accept or refuse, in the form of the JSON Schema Test Suite. They come from a
//! table of edge cases. Each row has a verdict for every role. A vector is *optional* if a validator, or JSON Schema itself, cannot agree
//! with the reader: its file is named after the reason, and its verdict is the reader's.

mod details;
mod edges;
mod event_type;
mod ids;
mod jobs;
mod message;
mod timestamp;
mod vector;

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::schema::roles::{Dialect, Role, SchemaName};
use edges::Edge;

pub use vector::Vector;

/// All vectors, in the order of roles, fields and edges.
pub fn vectors() -> Vec<Vector> {
    let edges: Vec<Edge> =
        [message::edges(), ids::edges(), event_type::edges(), jobs::edges(), timestamp::edges(), details::edges()].concat();
    let of_role = |role| edges.iter().filter_map(move |edge| edge.vector(role));
    Role::ALL.into_iter().flat_map(of_role).collect()
}

/// The files of the vectors: the path below `schemas/` and the content.
pub(super) fn files() -> BTreeMap<String, Value> {
    let mut files: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut references = BTreeMap::new();
    for vector in vectors() {
        let folder = if vector.optional { "optional/" } else { "" };
        let path = format!("client-event/v1/tests/{}/{folder}{}.json", vector.role, vector.file);
        let schema = SchemaName::new(vector.role, Dialect::Draft202012).expect("every role has a schema of this draft");
        references.insert(path.clone(), (vector.file, schema.id()));
        let test = json!({"description": vector.description, "data": vector.data, "valid": vector.valid});
        files.entry(path).or_default().push(test);
    }
    files
        .into_iter()
        .map(|(path, tests)| {
            let (description, id) = &references[&path];
            (path, json!([{"description": description, "schema": {"$ref": id}, "tests": tests}]))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_role_has_enough_of_them_and_none_twice() {
        for role in Role::ALL {
            let of_role: Vec<_> = vectors().into_iter().filter(|vector| vector.role == role && !vector.optional).collect();
            assert!(of_role.len() >= 150, "{role}: {}", of_role.len());
            let mut descriptions = HashSet::new();
            let mut values = HashSet::new();
            for vector in of_role {
                assert!(descriptions.insert((vector.file, vector.description.clone())), "{vector:?}");
                assert!(values.insert(vector.data.to_string()), "{vector:?}");
            }
        }
    }
}
