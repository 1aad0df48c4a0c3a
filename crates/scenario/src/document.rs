//! A TOML document as a JSON value, with the position of each part in the text. Values that JSON cannot represent (infinite
//! and NaN numbers, numbers beyond 64 bits) are problems.

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Number, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problems::ScenarioProblem;

/// The position of a part of a document, as byte ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// The key of the part; for an element of an array, the value.
    pub(super) key: Range<usize>,
    pub(super) value: Range<usize>,
}

/// A document.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) value: Value,
    /// The positions, by JSON Pointer.
    pub(super) places: BTreeMap<String, Place>,
}

impl Document {
    /// Parses a text and adds its problems. The document contains all parts that can be read.
    pub(super) fn read(text: &str, problems: &mut Vec<ScenarioProblem>) -> Self {
        let (table, errors) = DeTable::parse_recoverable(text);
        problems.extend(errors.into_iter().map(|error| {
            let span = error.span().unwrap_or(0..0);
            ScenarioProblem::new(error.message().to_owned(), span)
        }));
        let mut places = BTreeMap::new();
        places.insert(String::new(), Place { key: 0..0, value: 0..0 });
        let value = Self::table(table.get_ref(), "", &mut places, problems);
        Self { value, places }
    }

    /// Returns the position of the part at `pointer`, or of the nearest part around it.
    pub(super) fn place(&self, pointer: &str) -> &Place {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.places.get(pointer) {
                return place;
            }
            pointer = pointer.rfind('/').map_or("", |slash| &pointer[..slash]);
        }
    }

    fn table(
        table: &DeTable<'_>,
        pointer: &str,
        places: &mut BTreeMap<String, Place>,
        problems: &mut Vec<ScenarioProblem>,
    ) -> Value {
        let entries = table.iter().filter_map(|(key, value)| {
            let pointer = child(pointer, key.get_ref());
            places.insert(pointer.clone(), Place { key: key.span(), value: value.span() });
            Some((key.get_ref().to_string(), Self::value(value, &pointer, places, problems)?))
        });
        Value::Object(entries.collect::<Map<_, _>>())
    }

    fn value(
        value: &Spanned<DeValue<'_>>,
        pointer: &str,
        places: &mut BTreeMap<String, Place>,
        problems: &mut Vec<ScenarioProblem>,
    ) -> Option<Value> {
        let number = |number: Option<Number>, problems: &mut Vec<ScenarioProblem>, text: &str| {
            if number.is_none() {
                problems.push(ScenarioProblem::new(
                    format!("{text} is not supported; expected a finite number of at most 64 bits"),
                    value.span(),
                ));
            }
            // The key is present even if its value is invalid.
            Some(number.map_or(Value::Null, Value::Number))
        };
        match value.get_ref() {
            DeValue::String(text) => Some(Value::String(text.to_string())),
            DeValue::Integer(integer) => {
                let parsed = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
                number(parsed.map(Number::from), problems, integer.as_str())
            }
            DeValue::Float(float) => {
                let parsed: Option<f64> = float.as_str().parse().ok();
                // Accepts 20.0 as a whole number.
                let whole = parsed.filter(|number| number.fract() == 0.0 && number.abs() < 1e15);
                #[expect(clippy::cast_possible_truncation, reason = "it is a whole number below 2^53")]
                let parsed = whole.map(|number| Number::from(number as i64)).or_else(|| parsed.and_then(Number::from_f64));
                number(parsed, problems, float.as_str())
            }
            DeValue::Boolean(boolean) => Some(Value::Bool(*boolean)),
            DeValue::Datetime(datetime) => Some(Value::String(datetime.to_string())),
            DeValue::Array(array) => {
                let parts = array.iter().enumerate().filter_map(|(position, part)| {
                    let pointer = child(pointer, &position.to_string());
                    places.insert(pointer.clone(), Place { key: part.span(), value: part.span() });
                    Self::value(part, &pointer, places, problems)
                });
                Some(Value::Array(parts.collect()))
            }
            DeValue::Table(table) => Some(Self::table(table, pointer, places, problems)),
        }
    }
}

/// Returns the pointer to a child of the part at `pointer`.
pub(super) fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}
