//! Tests of the HTML page of `stats`: one file, all text escaped, and no chart with too little data.

use std::fs;

use roxmltree::Document;

use crate::browser::assert_nothing_stands_out;
use crate::program::ended;
use crate::stats::{figures, generated, measured, path_in};

/// The charts of a page.
fn charts(page: &str) -> Vec<&str> {
    let starts = page.match_indices("<svg");
    starts.map(|(start, _)| &page[start..start + page[start..].find("</svg>").unwrap() + "</svg>".len()]).collect()
}

#[test]
fn the_page_of_a_generated_stream_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let events = generated(folder.path(), "events.ndjson.gz", 400, "message");
    let page = measured(&[&events, "--output", "html", "--time-zone", "Asia/Tokyo"]);
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">") && page.ends_with("</html>\n"));
    let charts = charts(&page);
    assert_eq!(charts.len(), 5, "hires and the age of postings take longer than a fortnight");
    for chart in charts {
        let document = Document::parse(chart).unwrap();
        let named = |name: &str| document.root_element().children().find(|child| child.tag_name().name() == name).unwrap();
        for name in ["title", "desc"] {
            let text = named(name).text().unwrap();
            assert!(page.contains(&format!(">{text}</")), "{text}");
        }
    }
    for (title, told) in [
        ("Time from application to hire", "of the 100 required hires"),
        ("Age of the posting at an application", "0 of the 100 required"),
    ] {
        assert!(page.contains(&format!("<li>{title}: ")) && page.contains(told), "{title}");
    }
    for (kind, outside) in
        [("script", "<script"), ("file", "src="), ("link", "<link"), ("import", "@import"), ("image", "url("), ("place", "href=")]
    {
        assert!(!page.contains(outside), "{kind}");
    }
    let figures = figures(&[&events, "--time-zone", "Asia/Tokyo"]);
    let verdicts = figures["rows"].as_array().unwrap();
    for (key, class) in [("met", "verdict met"), ("missed", "verdict missed"), ("too_few_cases", "verdict few")] {
        let count = verdicts.iter().filter(|row| row["verdict"] == key).count();
        assert_eq!(page.matches(&format!("class=\"{class}\"")).count(), count, "{key}");
    }
    for event_type in figures["by_type"].as_object().unwrap().keys() {
        assert!(page.replace("<wbr>", "").contains(event_type), "{event_type}");
    }
    assert!(page.contains("Asia/Tokyo"));
}

#[test]
fn names_of_files_are_text() {
    let folder = tempfile::tempdir().unwrap();
    let events = path_in(folder.path(), "<script>alert(1)<&\"'.ndjson");
    let event = r#"{"eventId":"e","eventType":"VIEW","requestId":"r","relatedJobNames":["jobs/1"],"eventTimestampMillis":"1700000000000"}"#;
    fs::write(&events, format!("{event}\nno event\n")).unwrap();
    let page = measured(&[&events, "--output", "html"]);
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;alert(1)&lt;&amp;&quot;'.ndjson"), "{page}");
    assert!(page.contains("Not counted: 1 line or array element that is not an event."), "{page}");
    assert_eq!(charts(&page).len(), 0);

    let missing = path_in(folder.path(), "<missing>");
    let measured = ended(&["stats", &missing, &events, "--output", "html"]);
    assert_eq!(measured.code, Some(2));
    assert!(measured.stdout.contains("&lt;missing&gt;: cannot be opened"), "{}", measured.stdout);
}

#[test]
fn no_text_stands_out() {
    let folder = tempfile::tempdir().unwrap();
    let events =
        generated(folder.path(), "events-of-a-site-with-a-rather-long-name-2026-01-05-to-2026-01-18.ndjson.gz", 400, "message");
    let page = measured(&[&events, "--output", "html", "--time-zone", "America/Argentina/ComodRivadavia"]);
    assert_nothing_stands_out(&page, 5);
}
