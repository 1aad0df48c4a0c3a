//! A table as text, for the reports of the tasks.

/// Returns the rows under their headings. Each column is as wide as its widest cell; lines have no trailing blanks.
pub(crate) fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let headings: Vec<String> = headings.iter().map(ToString::to_string).collect();
    let widths: Vec<usize> = (0..headings.len()).map(|column| width(&headings, rows, column)).collect();
    let rule = widths.iter().map(|width| "-".repeat(*width)).collect();
    [&headings, &rule].into_iter().chain(rows).map(|row| line(row, &widths)).collect()
}

fn width(headings: &[String], rows: &[Vec<String>], column: usize) -> usize {
    let cells = rows.iter().filter_map(|row| row.get(column)).chain(headings.get(column));
    cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
    format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows =
            [vec!["a".to_owned(), "ü".to_owned(), "end".to_owned()], vec!["long".to_owned(), "bb".to_owned(), String::new()]];
        let expected = "1     two  3\n----  ---  ---\na     ü    end\nlong  bb\n";
        assert_eq!(table(&["1", "two", "3"], &rows), expected);
    }
}
