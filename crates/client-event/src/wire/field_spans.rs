//! Finds the fields of a message in its text, for problems that are found after reading. Reads the text a second time, so that messages
//! without problems need not keep spans.

use std::cell::OnceCell;
use std::ops::Range;

use crate::check::CheckedSpans;
use crate::json::containers::{read_elements, read_members};
use crate::json::lexer::{Lexer, SyntaxError, ValueKind};
use crate::wire::field::Field;

/// The spans of the fields in the text of a message, which must be a JSON object. The text is read when the first span is requested.
pub(crate) struct FieldSpans<'a> {
    text: &'a str,
    fields: OnceCell<[Option<Range<usize>>; Field::COUNT]>,
    jobs: OnceCell<Vec<Range<usize>>>,
}

impl<'a> FieldSpans<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, fields: OnceCell::new(), jobs: OnceCell::new() }
    }

    /// The span of the value of a field; `None` if the field is missing.
    pub(crate) fn field(&self, field: Field) -> Option<Range<usize>> {
        let fields = self.fields.get_or_init(|| {
            let mut spans = [const { None }; Field::COUNT];
            let read = read_members(&mut Lexer::new(self.text), |key, lexer| {
                let span = skip_value(lexer)?;
                if let Some(field) = Field::from_key(&key.name) {
                    spans[field as usize].get_or_insert(span);
                }
                Ok(())
            });
            debug_assert!(read.is_ok(), "the message was read before");
            spans
        });
        fields[field as usize].clone()
    }

    fn read_jobs(&self) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        let Some(list) = self.field(Field::RelatedJobNames) else { return spans };
        let mut lexer = Lexer::starting_at(self.text, list.start);
        let read = lexer.peek_kind().and_then(|kind| {
            if kind != ValueKind::Array {
                return Ok(());
            }
            read_elements(&mut lexer, |_, _, lexer| {
                spans.push(skip_value(lexer)?);
                Ok(())
            })
        });
        debug_assert!(read.is_ok(), "the message was read before");
        spans
    }
}

fn skip_value(lexer: &mut Lexer<'_>) -> Result<Range<usize>, SyntaxError> {
    lexer.peek_kind()?;
    let start = lexer.offset();
    lexer.skip_value()?;
    Ok(start..lexer.offset())
}

impl CheckedSpans for FieldSpans<'_> {
    fn event_type(&self) -> Option<Range<usize>> {
        self.field(Field::EventType)
    }

    fn jobs(&self) -> Option<Range<usize>> {
        self.field(Field::RelatedJobNames)
    }

    fn job(&self, index: usize) -> Option<Range<usize>> {
        self.jobs.get_or_init(|| self.read_jobs()).get(index).cloned()
    }

    fn timestamp(&self) -> Option<Range<usize>> {
        self.field(Field::EventTimestampMillis)
    }
}
