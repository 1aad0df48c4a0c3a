//! Writes the Rust types that typify generates from a JSON Schema: `generate <schema> <file to write>`. `roundtrip` compiles and runs them.

use std::error::Error;

use schemars::schema::RootSchema;
use typify::{TypeSpace, TypeSpaceSettings};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(path), Some(out)) = (arguments.next(), arguments.next()) else {
        return Err("expected two arguments: the schema and the file to write".into());
    };
    let schema: RootSchema = serde_json::from_slice(&std::fs::read(path)?)?;
    let mut types = TypeSpace::new(&TypeSpaceSettings::default());
    types.add_root_schema(schema)?;
    std::fs::write(out, prettyplease::unparse(&syn::parse2(types.to_stream())?))?;
    Ok(())
}
