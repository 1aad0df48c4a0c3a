//! Search terms: the names of common occupations, as people type them.

/// Occupations that employ many people, in the singular. Own choice, after the largest ones of the United States by employment (Bureau
/// of Labor Statistics, Occupational Employment and Wage Statistics).
const OCCUPATIONS: [&str; 64] = [
    "home health aide",
    "retail salesperson",
    "fast food worker",
    "operations manager",
    "cashier",
    "registered nurse",
    "warehouse worker",
    "stocker",
    "customer service representative",
    "office clerk",
    "waiter",
    "janitor",
    "truck driver",
    "administrative assistant",
    "software developer",
    "bookkeeper",
    "accountant",
    "maintenance worker",
    "office supervisor",
    "elementary school teacher",
    "cook",
    "nursing assistant",
    "sales representative",
    "teaching assistant",
    "security guard",
    "assembler",
    "retail supervisor",
    "project manager",
    "delivery driver",
    "business analyst",
    "construction worker",
    "food preparation worker",
    "secondary school teacher",
    "market research analyst",
    "receptionist",
    "housekeeper",
    "landscaper",
    "financial manager",
    "childcare worker",
    "police officer",
    "medical assistant",
    "electrician",
    "car mechanic",
    "human resources specialist",
    "lawyer",
    "bartender",
    "restaurant manager",
    "carpenter",
    "licensed practical nurse",
    "sales manager",
    "help desk technician",
    "medical secretary",
    "social worker",
    "forklift operator",
    "quality inspector",
    "physician",
    "welder",
    "plumber",
    "school bus driver",
    "pharmacy technician",
    "dental assistant",
    "insurance agent",
    "hairdresser",
    "civil engineer",
];

/// The search term of a seeker with this interest.
pub(crate) fn words_of(interest: u64) -> &'static str {
    let place = interest % OCCUPATIONS.len() as u64;
    OCCUPATIONS[usize::try_from(place).expect("less than the number of occupations")]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_interest_has_its_words() {
        let words: HashSet<_> = (0..64).map(words_of).collect();
        assert_eq!(words.len(), OCCUPATIONS.len());
        assert_eq!((words_of(0), words_of(u64::MAX)), ("home health aide", "civil engineer"));
    }
}
