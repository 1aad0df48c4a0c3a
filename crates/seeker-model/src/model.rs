//! The shared, constant part of a simulation: the catalogue, the behaviour, the week, and values derived from them.

use crate::behaviour::Behaviour;
use crate::catalogue::Catalogue;
use crate::catalogue_spec::CatalogueSpec;
use crate::parameter_errors::ParameterErrors;
use crate::posting::ApplyType;
use crate::quantile_table::QuantileTable;
use crate::sim_time::SimTime;
use crate::week::Week;

/// The shared, constant part of a simulation: the catalogue of postings, the behaviour of the parties and the rhythm of the week.
///
/// ```
/// use seeker_model::{Behaviour, Catalogue, CatalogueSpec, Model, Week};
///
/// let catalogue = Catalogue::new(&CatalogueSpec { postings: 500, days: 7, ..CatalogueSpec::default() }, 42)?;
/// let behaviour = Behaviour { mobile_share: 0.8, ..Behaviour::default() };
/// let model = Model::new(catalogue, behaviour, Week::default())?;
/// assert_eq!(model.end().day(), 7);
/// # Ok::<(), seeker_model::ParameterErrors>(())
/// ```
#[derive(Debug)]
pub struct Model {
    catalogue: Catalogue,
    behaviour: Behaviour,
    week: Week,
    /// The time that a seeker looks at a line of a results page.
    glances: QuantileTable,
    /// The probability to apply after reading a posting that does not redirect.
    apply_on_site: f64,
}

impl Model {
    /// A model of a catalogue and a behaviour.
    ///
    /// # Errors
    ///
    /// [`ParameterErrors`] names the parameters that are out of their range.
    pub fn new(catalogue: Catalogue, behaviour: Behaviour, week: Week) -> Result<Self, ParameterErrors> {
        behaviour.validate()?;
        // The parameter is the mean over all postings. Postings that redirect get fewer applications.
        let can_apply =
            |types: &[ApplyType]| catalogue.postings().iter().filter(|posting| types.contains(&posting.apply_type)).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of postings are far below 2^53")]
        let (redirecting, on_site) =
            (can_apply(&[ApplyType::Redirect]) as f64, can_apply(&[ApplyType::MultiStep, ApplyType::Quick]) as f64);
        let after_view = behaviour.apply_per_view * (1.0 - behaviour.apply_from_results_share);
        let weight = on_site + behaviour.redirect_apply_ratio * redirecting;
        let apply_on_site = if weight > 0.0 { (after_view * (on_site + redirecting) / weight).min(1.0) } else { after_view };
        let glances = QuantileTable::new(behaviour.glance_s);
        Ok(Self { catalogue, behaviour, week, glances, apply_on_site })
    }

    /// The calibrated defaults, with the catalogue of seed 0.
    pub fn with_defaults() -> Self {
        let catalogue = Catalogue::new(&CatalogueSpec::default(), 0).expect("the defaults are in range");
        Self::new(catalogue, Behaviour::default(), Week::default()).expect("the defaults are in range")
    }

    /// The same model with this parent of the jobs, as in [`Catalogue::with_job_parent`].
    ///
    /// # Panics
    ///
    /// If the parent has a character that JSON strings escape.
    #[must_use]
    pub fn with_job_parent(self, parent: &str) -> Self {
        Self { catalogue: self.catalogue.with_job_parent(parent), ..self }
    }

    /// The postings.
    pub fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// The rhythm of the week.
    pub fn week(&self) -> &Week {
        &self.week
    }

    /// The end of the simulation. No visit starts after it, but employers still decide.
    pub fn end(&self) -> SimTime {
        SimTime::start_of_day(self.catalogue.days().into())
    }

    /// The behaviour of the parties.
    pub fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    pub(crate) fn glances(&self) -> &QuantileTable {
        &self.glances
    }

    /// The probability to apply to a posting after reading it on this site.
    pub(crate) fn apply_after_view(&self, apply_type: ApplyType) -> f64 {
        match apply_type {
            ApplyType::MultiStep | ApplyType::Quick => self.apply_on_site,
            ApplyType::Redirect => (self.apply_on_site * self.behaviour.redirect_apply_ratio).min(1.0),
            ApplyType::Aggregator => 0.0,
        }
    }
}
