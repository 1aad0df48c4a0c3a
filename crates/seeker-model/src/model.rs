//! What is the same for all seekers: the catalogue, the behaviour, and what follows from the two.

use crate::behaviour::Behaviour;
use crate::catalogue::{ApplyType, Catalogue};
use crate::catalogue_spec::CatalogueSpec;
use crate::parameters::ParameterErrors;
use crate::quantiles::Quantiles;
use crate::time::SimTime;
use crate::week::Week;

/// The world in which journeys take place. Shared by all of them and never changed.
#[derive(Debug)]
pub struct Model {
    catalogue: Catalogue,
    behaviour: Behaviour,
    week: Week,
    /// How long a line of the results is looked at.
    glances: Quantiles,
    /// Probability of applying after reading a posting that does not redirect.
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
        // Intents per view are given for all postings together; those that redirect draw fewer.
        let can_apply =
            |types: &[ApplyType]| catalogue.postings().iter().filter(|posting| types.contains(&posting.apply_type)).count();
        #[expect(clippy::cast_precision_loss, reason = "counts of postings are far below 2^53")]
        let (redirecting, on_site) =
            (can_apply(&[ApplyType::Redirect]) as f64, can_apply(&[ApplyType::MultiStep, ApplyType::Quick]) as f64);
        let after_view = behaviour.apply_per_view * (1.0 - behaviour.apply_from_results_share);
        let weight = on_site + behaviour.redirect_apply_ratio * redirecting;
        let apply_on_site = if weight > 0.0 { (after_view * (on_site + redirecting) / weight).min(1.0) } else { after_view };
        let glances = Quantiles::new(behaviour.glance_s);
        Ok(Self { catalogue, behaviour, week, glances, apply_on_site })
    }

    /// The calibrated defaults; the catalogue is that of seed 0.
    pub fn with_defaults() -> Self {
        let catalogue = Catalogue::new(&CatalogueSpec::default(), 0).expect("the defaults are in range");
        Self::new(catalogue, Behaviour::default(), Week::default()).expect("the defaults are in range")
    }

    /// The same model with jobs that belong to this parent, as in [`Catalogue::with_job_parent`].
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

    /// When the simulation ends: nobody comes any more, but employers still decide.
    pub fn end(&self) -> SimTime {
        SimTime::start_of_day(self.catalogue.days().into())
    }

    /// The parameters.
    pub fn behaviour(&self) -> &Behaviour {
        &self.behaviour
    }

    pub(crate) fn glances(&self) -> &Quantiles {
        &self.glances
    }

    /// The probability of applying to a posting after having read it here.
    pub(crate) fn apply_after_view(&self, apply_type: ApplyType) -> f64 {
        match apply_type {
            ApplyType::MultiStep | ApplyType::Quick => self.apply_on_site,
            ApplyType::Redirect => (self.apply_on_site * self.behaviour.redirect_apply_ratio).min(1.0),
            ApplyType::Aggregator => 0.0,
        }
    }
}
