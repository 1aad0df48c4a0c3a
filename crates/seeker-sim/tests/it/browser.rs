//! Pages in a browser: at any width no text stands out of the page, and none over another in a chart.

use std::fs;
use std::process::{Command, Stdio};

use maud::{DOCTYPE, PreEscaped, html};
use serde_json::Value;

/// Of telephones, a tablet and a screen.
const WIDTHS: [u32; 4] = [320, 400, 768, 1280];

/// Measures each frame once all are there, and leaves what it found as text.
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
        // The box of a line of text is higher than its letters.
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

/// Whether there is a browser to be asked. `.ci/run` sees to it that there is.
fn has_browser() -> bool {
    let is_there = |name: &str| Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    is_there("chromium") && is_there("timeout")
}

/// Makes sure of a page with so many charts, where there is a browser.
pub(crate) fn assert_nothing_stands_out(page: &str, charts: usize) {
    if !has_browser() {
        return;
    }
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
    // Ends, whatever the browser does.
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
    let frames: Vec<Value> = serde_json::from_str(&found).unwrap();
    assert_eq!(frames.len(), WIDTHS.len());
    for frame in frames {
        assert_eq!(frame["charts"], charts, "{frame}");
        assert_eq!(frame["scrollWidth"], frame["width"], "{frame}");
        for faults in ["outside", "overlapping"] {
            assert!(frame[faults].as_array().unwrap().is_empty(), "{faults} at {}: {}", frame["width"], frame[faults]);
        }
    }
}
