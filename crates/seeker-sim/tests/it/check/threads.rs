//! Tests that the number of threads, the cut into files, and compression do not change the result.

use std::num::NonZeroUsize;
use std::path::Path;

use client_event::rules::RuleSettings;
use client_event::{EventTimestamp, EventType};
use event_tools::check::{CheckPlan, CheckReport, FormatChoice, Input, Statistics, TimeOfChecking, check};
use proptest::prelude::*;

use super::inputs::gzip;
use super::{Folder, event};

/// Pseudorandom numbers from a seed (`SplitMix64`, Steele et al. 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ z >> 31) % end
    }

    fn one_of<T: Copy>(&mut self, values: &[T]) -> T {
        values[usize::try_from(self.below(values.len() as u64)).unwrap()]
    }
}

/// Lines of several chunks that violate almost every rule.
pub(super) fn lines(seed: u64) -> Vec<String> {
    let mut numbers = Numbers(seed);
    (0..4_000_u64)
        .map(|number| {
            if numbers.below(100) == 0 {
                return numbers.one_of(&["nonsense", "", "{\"eventId\":\"é\"}"]).to_owned();
            }
            let id = if numbers.below(50) == 0 { numbers.below(number + 1) } else { number };
            let event_type = numbers.one_of(&EventType::ALL);
            let (request, job) = (number / 50 + numbers.below(5), numbers.below(3));
            let millis = 1_700_000_000_000 + number * 1_000 + numbers.below(20_000);
            event(&format!("ö-{id}"), event_type.name(), &format!("r-{request}"), &format!("jobs/{job}"), millis)
        })
        .collect()
}

/// The findings, each with its line number in the whole stream, and the counts.
fn told(report: CheckReport, first_lines: &[(String, u64)]) -> (Vec<String>, u64, Statistics) {
    let line_of = |file: &str, line: u64| {
        let (_, first) = first_lines.iter().find(|(name, _)| name == file).unwrap();
        first + line
    };
    let findings = report.findings.iter().map(|found| {
        let related = found.related.as_ref().map(|related| line_of(&related.file, related.line));
        format!("{} {}:{} {related:?} {}", found.rule, line_of(&found.file, found.line), found.column, found.message)
    });
    let findings = findings.collect();
    let statistics = Statistics { files: 0, bytes: 0, ..report.statistics };
    (findings, report.omitted, statistics)
}

pub(crate) fn plan(files: &[&Path], threads: usize, findings_max: Option<usize>) -> CheckPlan {
    CheckPlan {
        inputs: files.iter().map(|path| Input::File(path.to_path_buf())).collect(),
        format: FormatChoice::Auto,
        searches: Vec::new(),
        window_ms: Some(600_000),
        settings: RuleSettings::default(),
        findings_max,
        shows_excerpts: true,
        threads: NonZeroUsize::new(threads).unwrap(),
        now: TimeOfChecking::Fixed(EventTimestamp::from_millis(1_800_000_000_000)),
    }
}

proptest! {
    // Each case checks thousands of events several times, so a few cases are enough.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(64), max_shrink_iters: 0, ..ProptestConfig::default() })]

    /// For all streams, threads and cuts into files, plain and compressed, the findings and the counts are the same.
    #[test]
    fn threads_and_files_make_no_difference(
        seed: u64,
        threads in 2_usize..6,
        cuts in prop::array::uniform2(any::<prop::sample::Index>()),
        findings_max in prop::option::of(1_usize..1_000),
    ) {
        let lines = lines(seed);
        let folder = Folder::new();
        folder.write("whole", lines.join("\n"));
        let whole = folder.path("whole");
        let of_whole = [(whole.display().to_string(), 0)];
        let expected = told(check(&plan(&[&whole], 1, findings_max)), &of_whole);
        prop_assert!(expected.0.len() as u64 + expected.1 > 500, "the stream has many findings");
        prop_assert_eq!(&told(check(&plan(&[&whole], threads, findings_max)), &of_whole), &expected);

        folder.write("compressed", gzip(lines.join("\n").as_bytes()));
        let compressed = folder.path("compressed");
        let report = check(&plan(&[&compressed], threads, findings_max));
        prop_assert_eq!(&told(report, &[(compressed.display().to_string(), 0)]), &expected);

        // A file with only blank lines would add a finding.
        let mut cuts = cuts.map(|cut| 10 + cut.index(lines.len() - 20));
        cuts.sort_unstable();
        prop_assume!(cuts[1] - cuts[0] > 10);
        let parts = [&lines[..cuts[0]], &lines[cuts[0]..cuts[1]], &lines[cuts[1]..]];
        let (mut first_lines, mut first) = (Vec::new(), 0);
        for (number, part) in parts.iter().enumerate() {
            let name = format!("part-{number}");
            // `check` reports a truncated last line of each file, so only the last file ends without a line break.
            folder.write(&name, part.join("\n") + if number < 2 { "\n" } else { "" });
            first_lines.push((folder.path(&name).display().to_string(), first));
            first += part.len() as u64;
        }
        let paths: Vec<_> = first_lines.iter().map(|(name, _)| Path::new(name)).collect();
        prop_assert_eq!(&told(check(&plan(&paths, threads, findings_max)), &first_lines), &expected);
    }
}
