//! Tests of the HTML pages in a browser: at every width, no text leaves the page and no texts of a chart overlap.

use std::io::{self, Write};
use std::process::{Command, Stdio};
use std::{env, fs};

use maud::{DOCTYPE, PreEscaped, html};
use serde_json::Value;

/// The widths of phones, a tablet and a desktop screen.
const WIDTHS: [u32; 4] = [320, 400, 768, 1280];

/// Measures each frame once all are loaded, and leaves the result as text.
const MEASURE: &str = r#"
addEventListener("load", () => {
  const found = [...document.querySelectorAll("iframe")].map((frame) => {
    const inner = frame.contentDocument;
    const width = inner.documentElement.clientWidth;
    const outside = [...inner.querySelectorAll("body *")].filter((element) => {
      const box = element.getBoundingClientRect();
      return element.closest(".unseen") === null && (box.right > width + 1 || box.left < -1);
    });
    const overlapping = [];
    for (const chart of inner.querySelectorAll("svg")) {
      const texts = [...chart.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
      texts.forEach(([a, one], place) => texts.slice(place + 1).forEach(([b, other]) => {
        const across = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const down = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        // The box of a line of text is taller than its letters.
        if (across > 1 && down > 5) overlapping.push(`${a} | ${b}`);
      }));
    }
    return {
      width,
      scrollWidth: inner.documentElement.scrollWidth,
      charts: inner.querySelectorAll("svg").length,
      outside: outside.map((element) => `${element.tagName} ${element.textContent.slice(0, 60)}`),
      overlapping,
    };
  });
  document.getElementById("found").textContent = JSON.stringify(found);
});
"#;

/// If set, as in continuous integration, a missing browser fails the tests. Otherwise the tests pass without a browser.
const NEEDS_BROWSER: &str = "SEEKER_SIM_TESTS_NEED_BROWSER";

/// Whether a browser is installed.
fn has_browser() -> bool {
    let is_there = |name: &str| {
        let version = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        version.is_ok_and(|status| status.success())
    };
    let missing = ["chromium", "timeout"].into_iter().find(|name| !is_there(name));
    if let Some(name) = missing {
        assert!(
            env::var_os(NEEDS_BROWSER).is_none(),
            "{NEEDS_BROWSER} is set, but {name} is not installed; install it (Debian: {name})"
        );
        let _ = writeln!(io::stderr(), "pages are not checked: {name} is not installed");
    }
    missing.is_none()
}

/// Asserts that a page with this many charts has no faults.
pub(crate) fn assert_nothing_stands_out(page: &str, charts: usize) {
    if has_browser() {
        assert_eq!(faults(page, charts), <[String; 0]>::default());
    }
}

/// The faults of a page that should have this many charts, at each width.
fn faults(page: &str, charts: usize) -> Vec<String> {
    let frames = frames(page);
    assert_eq!(frames.len(), WIDTHS.len());
    let mut faults = Vec::new();
    for frame in frames {
        let width = &frame["width"];
        if frame["charts"] != charts {
            faults.push(format!("{} charts at {width}, not {charts}", frame["charts"]));
        }
        if frame["scrollWidth"] != *width {
            faults.push(format!("scrolls to {} at {width}", frame["scrollWidth"]));
        }
        for kind in ["outside", "overlapping"] {
            let of_kind = frame[kind].as_array().unwrap();
            faults.extend(of_kind.iter().map(|fault| format!("{kind} at {width}: {fault}")));
        }
    }
    faults
}

/// Loads a page in frames of each width, and returns the measurements of the browser.
fn frames(page: &str) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let harness = html! {
        (DOCTYPE)
        html {
            body {
                @for width in WIDTHS { iframe width=(width) height="600" srcdoc=(page) {} }
                pre id="found" {}
                script { (PreEscaped(MEASURE)) }
            }
        }
    };
    let harness_path = folder.path().join("harness.html");
    fs::write(&harness_path, harness.into_string()).unwrap();
    // Limits the time of the browser.
    let browser = Command::new("timeout")
        .args(["--kill-after=5", "100", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
        .arg("--dump-dom")
        .arg(format!("file://{}", harness_path.display()))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let dom = String::from_utf8(browser.stdout).unwrap();
    let found = dom.split_once("<pre id=\"found\">").and_then(|(_, rest)| rest.split_once("</pre>")).map(|(found, _)| found);
    let found = found.unwrap_or_else(|| panic!("{}: {}", browser.status, String::from_utf8_lossy(&browser.stderr)));
    let found = found.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", "\u{a0}").replace("&amp;", "&");
    serde_json::from_str(&found).unwrap()
}

/// Each kind of fault is found in a page that has it, and not in a page without faults.
#[test]
fn faults_are_found() {
    if !has_browser() {
        return;
    }
    let page = |body: &str| format!("<!DOCTYPE html><html><body style=\"margin: 0\">{body}</body></html>");
    let chart = |texts: &str| page(&format!("<svg width=\"300\" height=\"100\">{texts}</svg>"));
    let apart = "<text x=\"5\" y=\"20\">one</text><text x=\"5\" y=\"60\">other</text>";
    for (page, found) in [
        (chart(apart), None),
        (page("<p>no chart</p>"), Some("0 charts at 320, not 1")),
        (chart(&apart.replace("60", "22")), Some("overlapping at 320: \"one | other\"")),
        (chart(apart).replace("<svg", "<p style=\"width: 350px\">wide</p><svg"), Some("outside at 320: \"P wide\"")),
        (chart(apart).replace("<svg", "<p style=\"width: 350px\">wide</p><svg"), Some("scrolls to 350 at 320")),
    ] {
        let faults = faults(&page, 1);
        match found {
            None => assert_eq!(faults, <[String; 0]>::default()),
            Some(found) => assert!(faults.iter().any(|fault| fault == found), "{found}: {faults:?}"),
        }
    }
}
