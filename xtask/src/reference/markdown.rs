//! Pieces of Markdown.

use std::fmt::Write;

/// A table.
#[derive(Debug)]
pub(super) struct Table {
    text: String,
}

impl Table {
    pub(super) fn new<const N: usize>(header: [&str; N]) -> Self {
        let mut table = Self { text: String::new() };
        table.add(header.map(str::to_owned));
        table.add(header.map(|_| "---".to_owned()));
        table
    }

    /// Adds a row. Cells are Markdown, except that they must not end the cell.
    pub(super) fn add<const N: usize>(&mut self, cells: [String; N]) {
        self.text.push('|');
        for cell in cells {
            let cell = cell.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ");
            let _ = write!(self.text, " {cell}{}|", if cell.is_empty() { "" } else { " " });
        }
        self.text.push('\n');
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// Formats a text as code.
pub(super) fn code(text: &str) -> String {
    // A text with a backtick needs two around it.
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

/// Formats lines as a block.
pub(super) fn block(language: &str, text: &str) -> String {
    format!("```{language}\n{}\n```\n", text.trim_end())
}

/// Makes sure that `<` and `>` in a sentence are no tags, and formats options as code. Text in backticks stays as it is.
pub(super) fn plain(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let parts = parts.map(|(number, part)| match number % 2 {
        0 => with_coded_options(&part.replace('<', "&lt;").replace('>', "&gt;").replace('*', "\\*").replace('[', "\\[")),
        _ => format!("`{part}`"),
    });
    parts.collect()
}

fn with_coded_options(text: &str) -> String {
    let of_word = |word: &str| match word.find("--") {
        Some(start) if word[start + 2..].starts_with(|char: char| char.is_ascii_lowercase()) => {
            let length =
                word[start..].find(|char: char| char != '-' && !char.is_ascii_alphanumeric()).unwrap_or(word.len() - start);
            let end = start + length;
            format!("{}{}{}", &word[..start], code(&word[start..end]), &word[end..])
        }
        _ => word.to_owned(),
    };
    text.split(' ').map(of_word).collect::<Vec<_>>().join(" ")
}
