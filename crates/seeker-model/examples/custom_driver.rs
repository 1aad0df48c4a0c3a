//! Drives one job seeker step by step, and answers its searches with job names of an external service:
//!
//! ```text
//! cargo run -p seeker-model --example custom_driver
//! ```

#![expect(clippy::print_stdout, reason = "the output of the example")]

use seeker_model::{
    Behaviour, Catalogue, CatalogueSpec, Input, Model, Next, Party, Query, RequestKey, ResultsPage, SimTime, Week,
};

/// The answer of the external service. A real driver would send a request here.
fn search(model: &Model, query: &Query, number: u64) -> ResultsPage {
    let names: Vec<_> = (0..query.page_size).map(|line| format!("jobs/{}-{line}", query.interest % 10)).collect();
    let postings = model.catalogue().postings_for_jobs(names.iter().map(String::as_str));
    ResultsPage { request: RequestKey::from_bits(number.into()), postings: postings.into() }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let catalogue = Catalogue::new(&CatalogueSpec { postings: 1_000, days: 3, ..CatalogueSpec::default() }, 42)?;
    let behaviour = Behaviour { apply_per_view: 0.3, ..Behaviour::default() };
    let model = Model::new(catalogue, behaviour, Week::default())?;
    let mut party = Party::arriving(&model, 42, 7);
    let (mut input, mut now) = (Input::Started, SimTime::ZERO);
    for number in 0.. {
        let step = party.handle(input, now, &model);
        if let Some(event) = &step.event {
            println!("{:>10.1} s  {}", now.since_start().as_secs_f64(), event.event_type);
        }
        if step.new_party.is_some() {
            // A complete driver runs the new party as well.
            println!("{:>10.1} s  another party starts", now.since_start().as_secs_f64());
        }
        input = match step.next {
            Next::Search(query) => Input::SearchAnswered(search(&model, &query, number)),
            Next::SleepUntil(time) => {
                now = time;
                Input::Woke
            }
            Next::Leave => break,
        };
    }
    Ok(())
}
