//! Validates a plan: each value on its own, then contradictions between values.

use std::time::Duration;

use event_request::{Batching, BodyForm, EventForm, PathNames};
use jiff::{SignedDuration, Timestamp};
use load_plan::load::{Load, LoadKind, TIME_MAX};
use load_plan::threshold::Threshold;
use scenario::SPEED;
use transport::http::{ConnectTo, Trust};

use super::{PlanError, RunPlan, option_of};
use crate::delivery::targets::TargetAddress;
use crate::plan::metrics::PushPlan;
use crate::target::nats_credentials::NatsCredentialsFile;
use crate::target::proxies::Proxies;

/// The maximum number of retries of an event: at ten seconds each, a quarter of an hour.
const RETRIES_MAX: u32 = 100;

/// The maximum number of events in one request: the limit of the receiver.
const BATCH_MAX: u64 = 10_000;

/// The maximum time that events wait for others. Waiting counts as latency.
const BATCH_WAIT_MAX: Duration = Duration::from_mins(1);

/// The minimum interval of metric pushes: a shorter interval brings nothing new.
const PUSH_INTERVAL_MIN: Duration = Duration::from_millis(100);

/// How far ahead of now a run can be told to start. A later time is likely a mistake in the date or the offset.
const START_AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The maximum number of concurrent requests over HTTP/2 and HTTP/3; each allocates about 2 KB in advance.
const REQUESTS_MAX: u64 = 200_000;

impl RunPlan {
    /// Checks that every value is in range and that the run has something to do. Returns the validated load, or its part of the shard.
    ///
    /// # Errors
    ///
    /// [`PlanError`] names the option and the expected value.
    pub fn validate(&self) -> Result<Load, PlanError> {
        let load = self.whole_load()?;
        let load = self.shard.map_or_else(|| load.clone(), |shard| load.shard(shard.part() - 1, shard.of()));
        self.check_ranges()?;
        self.check_options()?;
        self.check_http3()?;
        self.check_batches()?;
        self.check_delivery()?;
        self.check_load(&load)?;
        self.check_generators(&load)?;
        Ok(load)
    }

    /// Returns the load of all shards.
    pub(crate) fn whole_load(&self) -> Result<Load, PlanError> {
        Ok(self.load.check_seeded(self.seed)?)
    }

    /// Checks the part of the load and the time of the start.
    fn check_generators(&self, load: &Load) -> Result<(), PlanError> {
        if let Some(shard) = self.shard {
            if self.find_capacity {
                return Err(PlanError::CapacityOfShard);
            }
            if load.is_empty_shard() {
                let what = match load.kind() {
                    LoadKind::Rate => "events",
                    LoadKind::Arrivals => "arrivals",
                    LoadKind::Seekers => "seekers",
                };
                return Err(PlanError::EmptyShard { shard, what });
            }
        }
        match self.start_at {
            Some(start_at) if start_at.duration_since(Timestamp::now()) > START_AHEAD_MAX => {
                Err(PlanError::StartTooFar(start_at))
            }
            _ => Ok(()),
        }
    }

    /// Checks that every number is in range.
    fn check_ranges(&self) -> Result<(), PlanError> {
        if self.delivery.timeout.is_zero() || self.delivery.timeout > TIME_MAX {
            return Err(PlanError::Duration {
                option: "--timeout",
                value: self.delivery.timeout,
                expected: "a time above 0 and",
            });
        }
        if self.drain > TIME_MAX {
            return Err(PlanError::Duration { option: "--drain", value: self.drain, expected: "a time of" });
        }
        if let Some(PushPlan { every, .. }) = self.metrics.push
            && !(PUSH_INTERVAL_MIN..=TIME_MAX).contains(&every)
        {
            return Err(PlanError::Duration {
                option: "--otlp-interval",
                value: every,
                expected: "a time of at least 100ms and",
            });
        }
        within("--seekers-max", self.seekers_max, 100_000_000, "1 to 100000000")?;
        within("--connections", self.delivery.connections.get() as u64, 50_000, "1 to 50000")?;
        if let Some(streams) = self.delivery.streams {
            within("--streams", streams.get() as u64, 10_000, "1 to 10000")?;
            within("--connections times --streams", self.delivery.requests_max() as u64, REQUESTS_MAX, "at most 200000")?;
        }
        if self.delivery.retries > RETRIES_MAX {
            within("--retries", self.delivery.retries.into(), RETRIES_MAX.into(), "0 to 100")?;
        }
        if self.seed >= Self::SEED_END {
            within("--seed", self.seed, Self::SEED_END - 1, "0 to 9007199254740991")?;
        }
        if !(SPEED[0]..=SPEED[1]).contains(&self.speed) {
            return Err(PlanError::Range { option: "--speed", value: self.speed, expected: "0.01 to 10000" });
        }
        Ok(())
    }

    /// Checks that events can be batched as requested.
    fn check_batches(&self) -> Result<(), PlanError> {
        if let Some(Batching { events_max, form, wait }) = self.delivery.batching {
            let most = self.target.as_ref().map_or(BATCH_MAX, TargetAddress::batch_limit);
            within("--batch", events_max.get() as u64, most, if most == BATCH_MAX { "1 to 10000" } else { "1 to 1000" })?;
            // Several events are several messages or records, not one body.
            let is_publication = matches!(self.body_form(), BodyForm::GrpcPublish(_) | BodyForm::One(_));
            match (self.delivery.format, form) {
                _ if is_publication => {}
                (EventForm::Message, _) | (EventForm::Pubsub, None) => {}
                (EventForm::V3 | EventForm::V4 | EventForm::V4Beta1, _) => {
                    return Err(PlanError::NoBatches { form: self.delivery.format });
                }
                (EventForm::Pubsub, Some(form)) => return Err(PlanError::BatchFormOfPubsub { form }),
            }
            if wait > BATCH_WAIT_MAX {
                return Err(PlanError::BatchWait(wait));
            }
        }
        Ok(())
    }

    /// Checks that the options apply to the target.
    fn check_options(&self) -> Result<(), PlanError> {
        if self.delivery.is_ordered && !matches!(self.body_form(), BodyForm::Publish { .. } | BodyForm::GrpcPublish(_)) {
            return Err(PlanError::NoOrderingKey);
        }
        let of_target = self.target.as_ref().and_then(TargetAddress::default_streams);
        let is_pipelined = self.delivery.http2 || self.delivery.http3 || of_target.is_some();
        if self.delivery.streams.is_some() && !is_pipelined {
            return Err(PlanError::StreamsOfHttp1);
        }
        if self.delivery.nats_user.is_some() && self.delivery.token.is_none() {
            return Err(PlanError::UserWithoutPassword);
        }
        if self.delivery.kafka.sasl.is_some() && self.delivery.token.is_none() {
            return Err(PlanError::SaslWithoutPassword);
        }
        if let (Some(token), Some(target)) = (&self.delivery.token, &self.target)
            && self.delivery.kafka.sasl.is_none()
            && self.delivery.search.is_none()
            && target.refusal("--sasl").is_none()
        {
            return Err(PlanError::TokenWithoutSasl { option: option_of(token) });
        }
        match &self.target {
            Some(target) => {
                target.format(self.delivery.format).map_err(PlanError::Format)?;
                self.check_options_of(target)
            }
            None => self.check_options_without_target(),
        }
    }

    /// Checks that the settings of the target and of its requests are consistent.
    fn check_delivery(&self) -> Result<(), PlanError> {
        let services = || self.server_urls().iter().chain(&self.delivery.search);
        let over_http = self.target_url().into_iter().chain(&self.delivery.search);
        if let Some(variable) = over_http.into_iter().find_map(|url| self.delivery.proxies.for_url(url).err()) {
            return Err(PlanError::ProxyVariable(variable));
        }
        let connect_to = &self.delivery.connect_to;
        // The cluster may name any server.
        let is_open_ended = self.target.as_ref().is_some_and(TargetAddress::has_other_servers);
        let first_for = |url| connect_to.iter().position(|one: &ConnectTo| one.is_for_url(url));
        if !is_open_ended
            && let Some(position) =
                (0..connect_to.len()).find(|position| !services().any(|url| first_for(url) == Some(*position)))
        {
            return Err(PlanError::ConnectToOfOther { connect_to: connect_to[position].clone() });
        }
        let connected: Vec<_> = services().map(|url| ConnectTo::apply_to_url(connect_to, url)).collect();
        let resolves = &self.delivery.resolves;
        if !is_open_ended
            && let Some(resolve) = resolves.iter().find(|resolve| !connected.iter().any(|url| resolve.is_for_url(url)))
        {
            return Err(PlanError::ResolveOfOther { resolve: resolve.clone() });
        }
        if let Some(url) = self.target_url()
            && self.body_form() == self.delivery.request_form()
        {
            self.delivery.target_url(url)?;
        }
        self.search_url().transpose()?;
        if let Some(token) = &self.delivery.token
            && self.delivery.headers.iter().any(|header| header.is("authorization"))
        {
            return Err(PlanError::HeaderTwice { option: option_of(token), header: "Authorization" });
        }
        if self.delivery.gzip && self.delivery.headers.iter().any(|header| header.is("content-encoding")) {
            return Err(PlanError::HeaderTwice { option: "--gzip", header: "Content-Encoding" });
        }
        if self.delivery.is_traced && self.delivery.headers.iter().any(|header| header.is("traceparent")) {
            return Err(PlanError::HeaderTwice { option: "--traceparent", header: "traceparent" });
        }
        if let Some(option) = self.option_of_trust().or_else(|| self.delivery.identity.as_ref().map(|_| "--cert"))
            && services().all(|url| url.scheme() != "https")
        {
            return Err(PlanError::NoTls { option, target: self.server_urls().first().cloned() });
        }
        Ok(())
    }

    fn option_of_trust(&self) -> Option<&'static str> {
        match &self.delivery.trust {
            Trust::System => None,
            Trust::SystemAnd(_) => Some("--ca"),
            Trust::Unchecked => Some("--insecure"),
        }
    }

    /// Checks that each option applies to this kind of target. Skips options that searches may need if there are searches.
    fn check_options_of(&self, target: &TargetAddress) -> Result<(), PlanError> {
        let settings = &self.delivery;
        let of_requests = [
            ("--gzip", settings.gzip),
            ("--traceparent", settings.is_traced),
            ("--retries", settings.retries > 0),
            ("--batch", settings.batching.is_some()),
            ("--batch-form", settings.batching.is_some_and(|batching| batching.form.is_some())),
            ("--http2", settings.http2),
            ("--http3", settings.http3),
            ("--nats-user", settings.nats_user.is_some()),
            (settings.nats_credentials.as_ref().map_or("", NatsCredentialsFile::option), settings.nats_credentials.is_some()),
            ("--acks", settings.kafka.acks.is_some()),
            ("--compression", settings.kafka.compression.is_some()),
            ("--sasl", settings.kafka.sasl.is_some()),
            ("--no-keep-alive", !settings.keeps_alive),
            ("--no-ack", !settings.awaits_acks),
        ];
        let PathNames { project, tenant, topic } = &settings.names;
        let of_searches_too = [
            ("--header", !settings.headers.is_empty()),
            (settings.token.as_ref().map_or("", option_of), settings.token.is_some()),
            (self.option_of_trust().unwrap_or_default(), settings.trust != Trust::System),
            ("--cert", settings.identity.is_some()),
            ("--proxy", matches!(settings.proxies, Proxies::Named(_))),
            ("--project", project.is_some()),
            ("--tenant", tenant.is_some()),
            ("--topic", topic.is_some()),
        ];
        let of_searches_too = of_searches_too.into_iter().filter(|_| settings.search.is_none());
        for (option, is_given) in of_requests.into_iter().chain(of_searches_too) {
            if let Some(reason) = target.refusal(option).filter(|_| is_given) {
                return Err(PlanError::NotApplicable { option, target: target.to_string(), reason });
            }
        }
        Ok(())
    }

    /// Checks that no option is for services of the user's own.
    fn check_options_without_target(&self) -> Result<(), PlanError> {
        let PathNames { project, tenant, topic } = &self.delivery.names;
        let needs_target = [
            ("--search", self.delivery.search.is_some()),
            ("--nats-user", self.delivery.nats_user.is_some()),
            (
                self.delivery.nats_credentials.as_ref().map_or("", NatsCredentialsFile::option),
                self.delivery.nats_credentials.is_some(),
            ),
            ("--acks", self.delivery.kafka.acks.is_some()),
            ("--compression", self.delivery.kafka.compression.is_some()),
            ("--sasl", self.delivery.kafka.sasl.is_some()),
            ("--proxy", matches!(self.delivery.proxies, Proxies::Named(_))),
            ("--no-ack", !self.delivery.awaits_acks),
            ("--format", self.delivery.format != EventForm::Message),
            ("--project", project.is_some()),
            ("--tenant", tenant.is_some()),
            ("--topic", topic.is_some()),
        ];
        match needs_target.into_iter().find(|(_, is_given)| *is_given) {
            Some((option, _)) => Err(PlanError::NeedsTarget { option }),
            None => Ok(()),
        }
    }

    /// Checks that the load is possible and that its thresholds can be judged.
    fn check_load(&self, load: &Load) -> Result<(), PlanError> {
        #[expect(clippy::cast_precision_loss, reason = "a bound of at most 100,000,000")]
        let seekers_max = self.seekers_max as f64;
        if load.kind() == LoadKind::Seekers && load.peak() > seekers_max {
            return Err(PlanError::SeekersMax { wanted: load.peak(), seekers_max: self.seekers_max });
        }
        let other_load = [
            ("--stage", !self.load.stages.is_empty()),
            ("--arrivals", self.load.arrivals.is_some()),
            ("--seekers", self.load.seekers.is_some()),
            ("--allow-load-changes", self.metrics.allows_load_changes),
        ];
        if let Some((option, _)) = other_load.into_iter().find(|(_, is_given)| self.find_capacity && *is_given) {
            return Err(PlanError::CapacityOf { option });
        }
        let measured = load.duration().saturating_sub(load.warm_up());
        for threshold in &self.thresholds {
            if let Some(over) = threshold.over.filter(|over| *over > measured) {
                return Err(PlanError::Window { threshold: *threshold, over, measured });
            }
        }
        if !self.delivery.awaits_acks {
            if self.find_capacity {
                return Err(PlanError::CapacityWithoutAcks);
            }
            if let Some(threshold) = self.thresholds.iter().find(|threshold| threshold.needs_acks()) {
                return Err(PlanError::ThresholdWithoutAcks { threshold: *threshold });
            }
        }
        if self.abort_on_threshold && !self.thresholds.iter().any(Threshold::can_be_lost) {
            return Err(PlanError::NothingToAbortOn);
        }
        Ok(())
    }
}

fn within(option: &'static str, value: u64, most: u64, expected: &'static str) -> Result<(), PlanError> {
    #[expect(clippy::cast_precision_loss, reason = "only shown")]
    let shown = value as f64;
    if (1..=most).contains(&value) { Ok(()) } else { Err(PlanError::Range { option, value: shown, expected }) }
}
