//! The laws of the model for random scenarios, tested with the program: the generated events violate no rule, they are the same for any
//! number of threads, and the shards add up to the whole.

use std::fs;

use proptest::prelude::*;

use crate::program::ended;

/// Tables of keys with values of all kinds: at both limits, unless that makes millions of events, and in between.
fn scenario() -> impl Strategy<Value = String> {
    let probability = || prop_oneof![Just(0.0), Just(1.0), 0.0..=1.0].prop_map(|share: f64| share.to_string());
    let shares = [
        "mobile_share",
        "continue_after_skip",
        "continue_after_click",
        "bookmark_per_view",
        "apply_per_view",
        "apply_from_results_share",
        "finish_per_start",
        "second_page",
        "returns_soon",
        "returns_to_seen",
        "same_interest",
        "alert_share",
        "alert_per_day",
        "alert_clicked",
        "interview_per_application",
        "hire_per_interview",
        "campaign_share",
    ];
    let shares = shares.map(|key| (Just(key), probability()));
    let shares = prop::sample::subsequence(shares.to_vec(), 0..=shares.len()).prop_flat_map(|shares| shares);
    let behaviour = (1_u16..40, 0.01_f64..4.0, 0.0..2.0, 0.0..=0.5, 0.0..=0.5, 1.0..20.0, 0.0..200.0).prop_map(
        |(page_size, visits, sigma, recruiters, agencies, candidates, campaign_after_h)| {
            format!(
                "page_size = {page_size}\nvisits_median = {visits}\nvisits_sigma = {sigma}\nrecruiter_share = {recruiters}\n\
                 agency_share = {agencies}\ncandidates_per_vacancy = {candidates}\ncampaign_after_h = {campaign_after_h}\n\
                 further_page = 0.4\nsearches_median = 1"
            )
        },
    );
    let catalogue = (1_u32..200, 1_u16..60, 0.01..0.9, 0.0..=1.0, 0.0..3.0).prop_map(
        |(postings, life_days, attractiveness, aggregator, popularity)| {
            format!(
                "postings = {postings}\nlife_days = {life_days}\nattractiveness_mean = {attractiveness}\n\
                 aggregator_share = {aggregator}\npopularity_sigma = {popularity}"
            )
        },
    );
    let start = prop::sample::select(vec![
        "time_zone = 'UTC'",
        "time_zone = 'Europe/Berlin'\nstart = 2025-03-29T18:00:00",
        "time_zone = 'America/New_York'\nstart = 2025-11-01T23:30:00",
        "time_zone = 'Asia/Kathmandu'\nstart = 2024-02-28T12:00:00",
    ]);
    let hours = prop::collection::vec(prop_oneof![Just(0.0), 0.001..5.0], 24)
        .prop_filter("an hour at least is busy", |hours| hours.iter().any(|weight| *weight > 0.0));
    (start, behaviour, shares, catalogue, hours).prop_map(|(start, behaviour, shares, catalogue, hours)| {
        let shares: Vec<_> = shares.iter().map(|(key, share)| format!("{key} = {share}\n")).collect();
        let shares = shares.concat();
        format!("{start}\n[behaviour]\n{behaviour}\n{shares}[catalogue]\n{catalogue}\n[rhythm]\nhours = {hours:?}\n")
    })
}

/// The time and the id of an event, which define the order of events.
fn key(line: &str) -> (i64, String) {
    let event = client_event::ClientEvent::from_json(line.as_bytes()).unwrap();
    (event.event_timestamp_millis.as_millis(), event.event_id.to_string())
}

proptest! {
    // A case starts eight processes.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(16), max_shrink_iters: 50, ..ProptestConfig::default() })]

    /// For all scenarios and seeds, the three laws hold.
    #[test]
    fn laws_hold_for_all_scenarios(scenario in scenario(), seed in 0_u64..1 << 53) {
        let folder = tempfile::tempdir().unwrap();
        let path_of = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let (file, searches) = (path_of("scenario.toml"), path_of("searches.ndjson"));
        fs::write(&file, scenario).unwrap();
        let generated = |more: &[&str]| {
            let seed = seed.to_string();
            let mut args = vec!["generate", "--seekers", "25", "--days", "3", "--seed", &seed, "--scenario", &file];
            args.extend(more);
            let ended = ended(&args);
            assert_eq!(ended.code, Some(0), "{}", ended.stderr);
            ended.stdout
        };
        let whole = generated(&["--threads", "1", "--searches", &searches]);
        prop_assert!(whole == generated(&["--threads", "3"]), "the number of threads changes the output");
        let shards = ["1/3", "2/3", "3/3"].map(|shard| generated(&["--shard", shard]));
        let mut merged: Vec<_> = shards.iter().flat_map(|shard| shard.lines()).collect();
        merged.sort_by_cached_key(|line| key(line));
        prop_assert!(merged.into_iter().eq(whole.lines()), "the shards do not add up to the whole");
        if !whole.is_empty() {
            fs::write(path_of("events.ndjson"), &whole).unwrap();
            let checked = ended(&["check", &path_of("events.ndjson"), "--searches", &searches, "--window", "3650d"]);
            prop_assert_eq!(checked.code, Some(0), "{}{}", checked.stdout, checked.stderr);
        }
    }
}
