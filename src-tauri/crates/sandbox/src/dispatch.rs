//! The way of one request: control endpoint or AWS, faults, signature, quotas, permission,
//! service, latency, call list. What a service does is not decided here.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use time::OffsetDateTime;
use zeroize::Zeroizing;

use crate::api::{ApiError, ApiResult, Call};
use crate::authenticate::{authenticate, session_may_ask_iam};
use crate::body_limits::{LEAST_BODY, largest_body};
use crate::calls::{Calls, RecordedCall};
use crate::clock::Clock;
use crate::cloudhsm::{self, CloudHsm};
use crate::faults::{self, Fault, FaultKind, Faults};
use crate::iam::Iam;
use crate::iam::caller::Caller;
use crate::kms::{Kms, KmsWorld, Manner, Principals, TokenSeal};
use crate::neighbours::{Around, Neighbours};
use crate::protocol::{self, Answer, Ask};
use crate::quotas::Quotas;
use crate::random::Random;
use crate::regions::Partition;
use crate::revision::Revision;
use crate::services::{Form, Service};
use crate::signin::{self, Signin};
use crate::sigv4::SignatureProblem;
use crate::sso::{self, Approval, Sso};
use crate::state::{Contents, StateRefused};
use crate::{
    Dropped, Options, account, analyzer, cloudtrail, cloudwatch, control, ec2, iam, logs,
    organizations, s3, seed, state, sts, tagging,
};

/// Everything behind one [`Sandbox`](crate::Sandbox).
pub(crate) struct World {
    options: Options,
    clock: Clock,
    faults: Faults,
    calls: Calls,
    quotas: Quotas,
    random: Random,
    revision: Revision,
    approval: RwLock<Approval>,
    state: RwLock<Arc<State>>,
}

/// What a reset replaces. A request works with the state that it found.
struct State {
    random: Random,
    iam: Arc<Iam>,
    cloudhsm: Arc<CloudHsm>,
    kms: Kms,
    sso: Sso,
    signin: Signin,
    neighbours: Neighbours,
}

impl World {
    pub(crate) fn new(options: Options) -> Self {
        let revision = Revision::default();
        let clock = Clock::starting_at(options.clock);
        let state = State::planted(&options, clock.now(), &revision);
        Self::with(options, clock, revision, state)
    }

    pub(crate) fn resumed(options: Options, bytes: &[u8]) -> Result<Self, StateRefused> {
        let kept: Contents<
            iam::State,
            KmsWorld,
            TokenSeal,
            sso::State,
            signin::State,
            cloudhsm::State,
            Neighbours,
        > = state::read(bytes)?;
        let revision = Revision::default();
        let (seconds, nanoseconds) = kept.clock;
        let offset = time::Duration::new(seconds, nanoseconds);
        let clock = Clock::resumed(options.clock, offset);
        let random = match kept.random {
            Some(position) => Random::resumed(position),
            None => Random::from_os(),
        };
        let iam = Iam::resumed(kept.iam, random.clone(), revision.clone());
        organizations::enforce(&iam, &kept.neighbours.organizations);
        let iam = Arc::new(iam);
        let cloudhsm = CloudHsm::resumed(kept.cloudhsm, random.clone(), revision.clone());
        let cloudhsm = Arc::new(cloudhsm);
        let kms = Kms::resumed(
            kept.kms,
            kept.tokens,
            random.clone(),
            revision.clone(),
            principals_of(&iam),
        )
        .backed_by(&cloudhsm)
        .behaving(manner(&options));
        let sso = Sso::resumed(
            kept.sso,
            Arc::clone(&iam),
            random.clone(),
            revision.clone(),
            clock.now(),
        );
        let signin = Signin::resumed(
            kept.signin,
            Arc::clone(&iam),
            random.clone(),
            revision.clone(),
        );
        let state = State {
            random,
            iam,
            cloudhsm,
            kms,
            sso,
            signin,
            neighbours: kept.neighbours,
        };
        Ok(Self::with(options, clock, revision, state))
    }

    fn with(options: Options, clock: Clock, revision: Revision, state: State) -> Self {
        // Request ids only; a seed must not make them repeat the ids of keys.
        let random = options
            .randomness
            .map_or_else(Random::from_os, |seed| Random::seeded(!seed));
        Self {
            options,
            clock,
            faults: Faults::default(),
            calls: Calls::default(),
            quotas: Quotas::default(),
            random,
            revision,
            approval: RwLock::default(),
            state: RwLock::new(Arc::new(state)),
        }
    }

    pub(crate) async fn handle(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, Dropped> {
        let (head, body) = request.into_parts();
        if body.len() > LEAST_BODY && body.len() > largest_body(&head) {
            return Ok(self.refuse_body(&head, body.len()));
        }
        if let Some(answer) = control::answer(self, &head, &body) {
            return Ok(answer);
        }
        let ask = Ask::read(&head, &body);
        let mut record = self.record_of(&ask, "closed");
        let struck = self
            .faults
            .strike(&ask.service_name, &ask.operation, &ask.region);
        let strikes = |kind: FaultKind| struck.iter().any(|fault| fault.kind == kind);
        if strikes(FaultKind::Close) {
            self.calls.record(record);
            return Err(Dropped);
        }
        // Before the work, so that who gives up meanwhile has changed nothing, and nothing can come
        // between the work and its answer.
        let delay = self.options.latency + faults::delay(&struck);
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let outcome = match faults::refusal(&ask, &struck) {
            Some(refusal) => Err(refusal),
            None => self.carry_out(&ask, &head, &body, &mut record).await,
        };
        let dropped = strikes(FaultKind::DropAnswer);
        record.outcome = match &outcome {
            _ if dropped => "dropped".to_owned(),
            Ok(_) => "ok".to_owned(),
            Err(error) => error.code.to_owned(),
        };
        let request_id = record.request_id.clone();
        self.calls.record(record);
        if dropped {
            return Err(Dropped);
        }
        let answer = protocol::render(ask.service, &ask.operation, &request_id, outcome);
        if head.method == http::Method::HEAD {
            return Ok(answer.map(|_| Bytes::new()));
        }
        Ok(answer)
    }

    /// The answer to a request whose body is too large to be looked at.
    pub(crate) fn refuse_body(&self, head: &Parts, size: usize) -> http::Response<Bytes> {
        if control::is_meant(head) {
            return control::too_large();
        }
        let ask = Ask::read(head, b"");
        let refusal = ask.service.too_large(&ask.operation, size);
        let record = self.record_of(&ask, refusal.code);
        let request_id = record.request_id.clone();
        self.calls.record(record);
        protocol::render(ask.service, &ask.operation, &request_id, Err(refusal))
    }

    fn record_of(&self, ask: &Ask, outcome: &str) -> RecordedCall {
        RecordedCall {
            service: ask.service_name.clone(),
            operation: ask.operation.clone(),
            region: ask.region.clone(),
            account: String::new(),
            principal: String::new(),
            outcome: outcome.to_owned(),
            request_id: self.random.uuid(),
        }
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    pub(crate) fn advance(&self, by: Duration) -> OffsetDateTime {
        let now = self.clock.advance(by);
        self.revision.step();
        now
    }

    pub(crate) fn revision(&self) -> u64 {
        self.revision.count()
    }

    pub(crate) fn state(&self) -> Zeroizing<Vec<u8>> {
        let state = self.current();
        let iam = state.iam.read();
        let (kms, tokens) = state.kms.kept();
        let sso = state.sso.read();
        let signin = state.signin.read();
        // After KMS, which asks it while it holds its own lock.
        let cloudhsm = state.cloudhsm.read();
        let offset = self.clock.offset();
        state::write(&Contents {
            clock: (offset.whole_seconds(), offset.subsec_nanoseconds()),
            random: state.random.position(),
            iam: &*iam,
            kms: &*kms,
            tokens,
            sso: &*sso,
            signin: &*signin,
            cloudhsm: &*cloudhsm,
            neighbours: &state.neighbours,
        })
    }

    pub(crate) fn approve_sign_ins(&self, approval: Approval) {
        *self
            .approval
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = approval;
    }

    pub(crate) fn begin_login(&self, user_arn: &str) -> Option<serde_json::Value> {
        self.current().signin.begin(user_arn, self.clock.now())
    }

    pub(crate) fn decide_sign_in(&self, user_code: &str, approve: bool) -> bool {
        self.current()
            .sso
            .decide(user_code, approve, self.clock.now())
    }

    pub(crate) fn inject(&self, fault: Fault) {
        self.faults.inject(fault);
    }

    pub(crate) fn clear_faults(&self) {
        self.faults.clear();
    }

    pub(crate) fn calls(&self) -> Vec<RecordedCall> {
        self.calls.all()
    }

    pub(crate) fn clear_calls(&self) {
        self.calls.clear();
    }

    pub(crate) fn reset(&self) {
        self.clock.reset();
        self.faults.clear();
        self.quotas.reset();
        self.approve_sign_ins(Approval::default());
        let fresh = State::planted(&self.options, self.clock.now(), &self.revision);
        *self
            .state
            .write()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Arc::new(fresh);
        self.revision.step();
        self.calls.clear();
    }

    async fn carry_out(
        &self,
        ask: &Ask,
        head: &Parts,
        body: &[u8],
        record: &mut RecordedCall,
    ) -> Result<Answer, ApiError> {
        let state = self.current();
        let now = self.clock.now();
        if ask.service == Service::Signin {
            let answer = state.signin.answer(head, body, now);
            return answer.map(Answer::Json);
        }
        if matches!(ask.service, Service::SsoOidc | Service::Sso) {
            if state.sso.is_signed_in(head, now) {
                record.principal = sso::USER.to_owned();
            }
            let answer = state.sso.answer(ask, head, body, self.approval(), now);
            return answer.map(Answer::Json);
        }
        if ask.service == Service::Sts {
            let (operation, params) = (&ask.operation, &ask.params);
            if let Some(refusal) = sts::refuse_identity_token(&state.iam, operation, params, now) {
                return Err(refusal);
            }
        }
        let (caller, region) = match &ask.authorization {
            // Objects can be public.
            Err(SignatureProblem::Missing) if ask.service == Service::S3 => {
                let (caller, region) = state.neighbours.s3.read().anonymous(head);
                let controls = state.iam.read().levels_of(&caller.account);
                (Caller { controls, ..caller }, region)
            }
            _ => {
                let caller = authenticate(&state.iam, ask, head, body, now)?;
                (caller, ask.region.clone())
            }
        };
        let caller = Arc::new(caller);
        record.region.clone_from(&region);
        if let Ok(authorization) = &ask.authorization {
            let noted = iam::Noted {
                key_id: &authorization.key_id,
                service: &ask.service_name,
                operation: &ask.operation,
                region: &ask.region,
                at: now,
            };
            state.iam.note(&caller, &noted);
        }
        record.account.clone_from(&caller.account);
        record.principal.clone_from(&caller.arn);
        let call = Call {
            account: caller.account.clone(),
            region,
            principal: caller.arn.clone(),
            caller: Arc::clone(&caller),
            via: None,
            request_id: record.request_id.clone(),
            now,
        };
        tracing::trace!(
            request_id = call.request_id,
            service = ask.service_name,
            operation = ask.operation,
            "asked"
        );
        cloudtrail::catch_up(&self.around(&state), &call);
        let outcome = self.ask_service(&state, &call, ask, head, body).await;
        if !caller.is_anonymous() {
            let seen = cloudtrail::Seen { ask, head, body };
            cloudtrail::note(&self.around(&state), &call, &seen, &outcome);
        }
        outcome
    }

    /// Asks the service that the request is signed for.
    async fn ask_service(
        &self,
        state: &State,
        call: &Call,
        ask: &Ask,
        head: &Parts,
        body: &[u8],
    ) -> Result<Answer, ApiError> {
        let caller = &call.caller;
        match ask.service {
            Service::Kms => self.ask_kms(&state.kms, call, ask, head, body).await,
            Service::CloudHsm => {
                cloudhsm::answer(&state.cloudhsm, call, head, body).map(Answer::Json)
            }
            Service::S3 => {
                let around = self.around(state);
                s3::answer(&around, call, &ask.operation, head, body)
                    .await
                    .map(Answer::Rest)
            }
            service if service.speaks_json() => {
                let answered = self.ask_neighbour(state, call, ask, head, body).await;
                answered.map(Answer::Json)
            }
            service => {
                service.check_version(&ask.operation, &ask.params)?;
                let (operation, params) = (ask.operation.as_str(), &ask.params);
                let answered = match service {
                    Service::Sts => sts::answer(&state.iam, caller, call, operation, params),
                    Service::Iam => {
                        session_may_ask_iam(caller)?;
                        iam::answers::answer(&state.iam, caller, call, operation, params)
                    }
                    Service::Ec2 => ec2::answer(caller, call, operation, params),
                    _ => None,
                };
                let xml = answered
                    .unwrap_or_else(|| Err(service.no_such_operation(operation, params)))?;
                Ok(Answer::Xml(xml))
            }
        }
    }

    /// The services that speak JSON, but for KMS and CloudHSM.
    async fn ask_neighbour(
        &self,
        state: &State,
        call: &Call,
        ask: &Ask,
        head: &Parts,
        body: &[u8],
    ) -> ApiResult {
        let Ask {
            service,
            operation,
            params,
            ..
        } = ask;
        if let Form::Json(prefix) = service.form()
            && !names_target(head, prefix)
        {
            return Err(service.no_such_operation(operation, params));
        }
        let input = protocol::json_input(body)?;
        let around = self.around(state);
        match service {
            Service::Organizations => organizations::answer(&around, call, operation, &input),
            Service::CloudTrail => cloudtrail::answer(&around, call, operation, &input),
            Service::Logs => logs::answer(&around, call, operation, &input),
            Service::CloudWatch => cloudwatch::answer(&around, call, operation, &input),
            Service::Tagging => tagging::answer(&around, call, operation, &input).await,
            Service::Account => account::answer(call, operation, &input),
            Service::AccessAnalyzer => analyzer::answer(call, operation, params, &input),
            _ => Err(service.no_such_operation(operation, params)),
        }
    }

    fn around<'a>(&'a self, state: &'a State) -> Around<'a> {
        Around {
            iam: &state.iam,
            kms: &state.kms,
            cloudhsm: &state.cloudhsm,
            neighbours: &state.neighbours,
            random: &state.random,
            revision: &self.revision,
        }
    }

    fn approval(&self) -> Approval {
        let approval = self.approval.read();
        *approval.unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn current(&self) -> Arc<State> {
        let state = self.state.read();
        Arc::clone(&state.unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    async fn ask_kms(
        &self,
        kms: &Kms,
        call: &Call,
        ask: &Ask,
        head: &Parts,
        body: &[u8],
    ) -> Result<Answer, ApiError> {
        let unknown = || ask.service.no_such_operation(&ask.operation, &ask.params);
        // The protocol has one method and one path.
        if head.method != http::Method::POST || head.uri.path() != "/" {
            return Err(unknown().with_status(404));
        }
        let target = head
            .headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.strip_prefix("TrentService."));
        let operation = operation.ok_or_else(unknown)?;
        let input = protocol::json_input(body)?;
        if self.options.quotas {
            self.charge(kms, call, operation, &input)?;
        }
        kms.answer(call, operation, &input).await.map(Answer::Json)
    }

    fn charge(
        &self,
        kms: &Kms,
        call: &Call,
        operation: &str,
        input: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), ApiError> {
        let charges = kms.charges(call, operation, input);
        let admitted = charges.iter().all(|charge| {
            self.quotas
                .admit(&call.account, &charge.place, &charge.quota, charge.count)
        });
        if admitted {
            Ok(())
        } else {
            Err(Service::Kms.throttled())
        }
    }
}

impl State {
    fn planted(options: &Options, now: OffsetDateTime, revision: &Revision) -> Self {
        // Its own stream, so that a seeded reset repeats the start and not what came after it.
        let random = options
            .randomness
            .map_or_else(Random::from_os, Random::seeded);
        let iam = Iam::new(random.clone(), revision.clone(), options.seed, now);
        let iam = Arc::new(iam);
        let cloudhsm = Arc::new(CloudHsm::new(random.clone(), revision.clone()));
        let kms = Kms::new(random.clone(), revision.clone(), principals_of(&iam))
            .backed_by(&cloudhsm)
            .behaving(manner(options));
        seed::plant(&kms, &options.seed, &options.seed_regions, now);
        kms.bind_policies();
        let neighbours = Neighbours::planted(options.seed, now);
        organizations::enforce(&iam, &neighbours.organizations);
        let sso = Sso::new(Arc::clone(&iam), random.clone(), revision.clone(), now);
        let signin = Signin::resumed(
            signin::State::default(),
            Arc::clone(&iam),
            random.clone(),
            revision.clone(),
        );
        Self {
            random,
            iam,
            cloudhsm,
            kms,
            sso,
            signin,
            neighbours,
        }
    }
}

fn manner(options: &Options) -> Manner {
    Manner {
        consistency: options.consistency,
        strict: options.strict,
    }
}

fn principals_of(iam: &Arc<Iam>) -> Arc<dyn Principals> {
    Arc::<Iam>::clone(iam)
}

impl Principals for Iam {
    fn exist(&self, name: &str, partition: Partition) -> bool {
        self.read().has_principal(name, partition)
    }

    fn unique_id(&self, arn: &str) -> Option<String> {
        self.read().unique_id(arn)
    }

    fn arn(&self, id: &str) -> Option<String> {
        self.read().arn_of_id(id)
    }
}

/// Whether `X-Amz-Target` belongs to the service with this prefix.
fn names_target(head: &Parts, prefix: &str) -> bool {
    let target = head.headers.get("x-amz-target");
    let service = target
        .and_then(|target| target.to_str().ok())
        .and_then(|target| target.rsplit_once('.'));
    service.is_some_and(|(service, _)| service == prefix)
}
