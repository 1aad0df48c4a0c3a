//! Finds the blocks of shell and the code in the text of a Markdown document.

/// A piece of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// A command line, without its continuations and comments.
    Shell { line: usize, command: String },
    /// Text between backticks.
    Code { line: usize, code: String },
}

/// Returns the pieces of a document.
pub(super) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    // The language of the block around a line.
    let mut block: Option<String> = None;
    let mut command: Option<(usize, String)> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let trimmed = line.trim();
        if let Some(fence) = trimmed.strip_prefix("```").filter(|rest| !rest.contains('`')) {
            block = if block.is_some() { None } else { Some(fence.split_whitespace().next().unwrap_or_default().to_owned()) };
            continue;
        }
        match block.as_deref() {
            Some("sh" | "bash" | "shell") => {
                if command.is_none() && (trimmed.is_empty() || trimmed.starts_with('#')) {
                    continue;
                }
                let (_, so_far) = command.get_or_insert_with(|| (number, String::new()));
                if let Some(part) = trimmed.strip_suffix('\\') {
                    so_far.push_str(part);
                } else {
                    so_far.push_str(trimmed);
                    pieces.extend(command.take().map(|(line, command)| Piece::Shell { line, command }));
                }
            }
            Some(_) => {}
            None => pieces.extend(spans(line).into_iter().map(|code| Piece::Code { line: number, code })),
        }
    }
    pieces
}

/// The code spans of a line. A span does not continue on the next line.
fn spans(line: &str) -> Vec<String> {
    let mut spans = Vec::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        let ticks = rest[start..].bytes().take_while(|byte| *byte == b'`').count();
        let fence = &rest[start..start + ticks];
        let inside = &rest[start + ticks..];
        let Some(end) = inside.find(fence) else { break };
        spans.push(inside[..end].trim().to_owned());
        rest = &inside[end + ticks..];
    }
    spans
}
