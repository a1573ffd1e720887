//! Accounts that are invited into an organization: asked, and answered by either side.
//!
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_accounts_invites.html>

use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use super::asked::Asked;
use super::creation::{MOST, is_address};
use super::handshake::{Answer, Handshake, HandshakeState, Target};
use super::input::{Input, Page, invalid};
use super::organization::make_id;
use super::record::{Member, State};
use crate::api::{ApiError, ApiResult};
use crate::iam::account::is_account_id;

impl Asked<'_> {
    pub(super) fn invite_account(&self) -> ApiResult {
        let target = self.target()?;
        let notes = self.input.text("Notes", 0, 1_024)?;
        let tags = self.input.tags()?.unwrap_or_default();
        let id = make_id("h", 32, self.around.random);
        let kept = &self.around.neighbours.organizations;
        let mut state = kept.write(self.around.revision);
        let on = match &target {
            Target::Account(id) => Some(id.as_str()),
            Target::Email(_) => None,
        };
        let sender = self.managed(&state, "InviteAccountToOrganization", on)?;
        let mut members = sender.members.iter();
        if members.any(|(id, member)| match &target {
            Target::Account(account) => account == id,
            Target::Email(address) => address.eq_ignore_ascii_case(&member.email),
        }) {
            return Err(already_in_it());
        }
        let handshake = Handshake {
            organization: sender.id.clone(),
            management: sender.management.clone(),
            target,
            notes: notes.map(str::to_owned),
            tags,
            requested: self.call.now,
            answer: None,
        };
        self.refuse_one_more(&state, &handshake)?;
        state.forget_handshakes(self.call.now);
        let shown = handshake.show(
            &id,
            state.organizations.get(&handshake.organization),
            self.call.now,
        );
        state.handshakes.insert(id, handshake);
        Ok(json!({ "Handshake": shown }))
    }

    /// The account becomes a member, and leaves the organization where it was.
    pub(super) fn accept_handshake(&self) -> ApiResult {
        let account = &self.call.account;
        let name = self.name_of(account);
        let shown = {
            let kept = &self.around.neighbours.organizations;
            let mut state = kept.write(self.around.revision);
            let id = self.received(&state, "AcceptHandshake", HandshakeState::Accepted)?;
            let Some(handshake) = state.handshakes.get(id).cloned() else {
                return Err(not_found());
            };
            let sender = state.organizations.get(&handshake.organization);
            let partition = sender.ok_or_else(not_found)?.partition;
            if partition != self.call.caller.partition {
                return Err(constraint(
                    "ORGANIZATION_FROM_DIFFERENT_SELLER_OF_RECORD",
                    "You can only join an organization that operates in the same AWS partition as \
                     your account.",
                ));
            }
            // By another invitation, which named it in another way.
            if state
                .of(account)
                .is_some_and(|home| home.id == handshake.organization)
            {
                return Err(already_in_it());
            }
            let email = state.address_of(account);
            if let Some(before) = state.of_mut(account) {
                before.let_go(account)?;
            }
            let sender = state.organizations.get_mut(&handshake.organization);
            let sender = sender.ok_or_else(not_found)?;
            let member = Member {
                name,
                email,
                parent: sender.root.clone(),
                invited: true,
                joined: self.call.now,
                closed: None,
            };
            sender.members.insert(account.clone(), member);
            sender.begin_controls(account);
            if !handshake.tags.is_empty() {
                sender.tags.insert(account.clone(), handshake.tags);
            }
            self.answer(&mut state, id, HandshakeState::Accepted)?
        };
        self.enforce();
        Ok(shown)
    }

    pub(super) fn decline_handshake(&self) -> ApiResult {
        let kept = &self.around.neighbours.organizations;
        let mut state = kept.write(self.around.revision);
        let id = self.received(&state, "DeclineHandshake", HandshakeState::Declined)?;
        self.answer(&mut state, id, HandshakeState::Declined)
    }

    pub(super) fn cancel_handshake(&self) -> ApiResult {
        let kept = &self.around.neighbours.organizations;
        let mut state = kept.write(self.around.revision);
        let (id, handshake) = self.visible(&state, "CancelHandshake")?;
        if handshake.management != self.call.account {
            return Err(not_yours());
        }
        refuse_answered(handshake, HandshakeState::Canceled, self.call.now)?;
        self.answer(&mut state, id, HandshakeState::Canceled)
    }

    pub(super) fn describe_handshake(&self) -> ApiResult {
        let state = self.around.neighbours.organizations.read();
        let (id, handshake) = self.visible(&state, "DescribeHandshake")?;
        let sender = state.organizations.get(&handshake.organization);
        Ok(json!({ "Handshake": handshake.show(id, sender, self.call.now) }))
    }

    pub(super) fn list_received_handshakes(&self) -> ApiResult {
        let (page, wanted) = (self.input.page()?, self.wants_invitations()?);
        let state = self.around.neighbours.organizations.read();
        self.allow(&state, "ListHandshakesForAccount", None)?;
        self.list(&state, page, |handshake| {
            wanted && state.is_for(handshake, &self.call.account)
        })
    }

    pub(super) fn list_sent_handshakes(&self) -> ApiResult {
        let (page, wanted) = (self.input.page()?, self.wants_invitations()?);
        let state = self.around.neighbours.organizations.read();
        let sender = self.managed(&state, "ListHandshakesForOrganization", None)?;
        self.list(&state, page, |handshake| {
            wanted && handshake.organization == sender.id
        })
    }

    fn list(&self, state: &State, page: Page, fits: impl Fn(&Handshake) -> bool) -> ApiResult {
        let now = self.call.now;
        let known = state.handshakes.iter();
        let fitting =
            known.filter(|(_, handshake)| !handshake.is_forgotten(now) && fits(handshake));
        let shown = fitting.map(|(id, handshake)| {
            let sender = state.organizations.get(&handshake.organization);
            (id, handshake.show(id, sender, now))
        });
        page.cut("Handshakes", shown)
    }

    fn target(&self) -> Result<Target, ApiError> {
        let target = self.input.0.get("Target").and_then(Value::as_object);
        let target = Input(target.ok_or_else(|| invalid("INPUT_REQUIRED"))?);
        let id = target.need("Id", 64)?;
        let kind = target.word("Type", &["ACCOUNT", "ORGANIZATION", "EMAIL"])?;
        match kind.ok_or_else(|| invalid("INPUT_REQUIRED"))? {
            "ACCOUNT" if is_account_id(id) => Ok(Target::Account(id.to_owned())),
            "ACCOUNT" => Err(invalid("INVALID_PATTERN_TARGET_ID")),
            "EMAIL" if is_address(id) => Ok(Target::Email(id.to_owned())),
            "EMAIL" => Err(invalid("INVALID_EMAIL_ADDRESS_TARGET")),
            _ => Err(invalid("INVALID_PARTY_TYPE_TARGET")),
        }
    }

    /// AWS's limits: of the same invitation, of accounts, and of attempts in a day.
    fn refuse_one_more(&self, state: &State, new: &Handshake) -> Result<(), ApiError> {
        let now = self.call.now;
        let sent = state.handshakes.values();
        let mut sent = sent.filter(|known| known.organization == new.organization);
        let is_open = |known: &Handshake| known.state(now) == HandshakeState::Requested;
        if sent
            .clone()
            .any(|known| known.target == new.target && is_open(known))
        {
            return Err(ApiError::new(
                "DuplicateHandshakeException",
                "A handshake with the same action and target already exists.",
            ));
        }
        let members = state.organizations.get(&new.organization);
        let members = members.map_or(0, |sender| sender.members.len() + sender.accounts_in_work());
        if members + state.open_invitations(&new.organization, now) >= MOST {
            return Err(constraint(
                "ACCOUNT_NUMBER_LIMIT_EXCEEDED",
                "You have exceeded the allowed number of AWS accounts.",
            ));
        }
        let is_recent = |known: &&Handshake| now - known.requested < Duration::days(1);
        let counts = |known: &&Handshake| known.state(now) != HandshakeState::Accepted;
        if sent.by_ref().filter(is_recent).filter(counts).count() >= MOST {
            return Err(constraint(
                "HANDSHAKE_RATE_LIMIT_EXCEEDED",
                "You attempted to exceed the number of handshakes that you can send in one day.",
            ));
        }
        Ok(())
    }

    /// The handshake that is asked about, if the caller is on either side of it and may do this.
    fn visible<'s>(
        &self,
        state: &'s State,
        action: &str,
    ) -> Result<(&str, &'s Handshake), ApiError> {
        let id = self.input.id("HandshakeId", is_handshake)?;
        let known = state.handshakes.get(id).filter(|handshake| {
            let is_sender = state
                .of(&self.call.account)
                .is_some_and(|home| home.id == handshake.organization);
            !handshake.is_forgotten(self.call.now)
                && (is_sender || state.is_for(handshake, &self.call.account))
        });
        let arn = known.map_or_else(
            || "*".to_owned(),
            |known| known.arn(id, state.organizations.get(&known.organization)),
        );
        self.allow_on_arn(action, arn)?;
        Ok((id, known.ok_or_else(not_found)?))
    }

    /// The id of one that the caller received and can still answer so.
    fn received(
        &self,
        state: &State,
        action: &str,
        answer: HandshakeState,
    ) -> Result<&str, ApiError> {
        let (id, handshake) = self.visible(state, action)?;
        if !state.is_for(handshake, &self.call.account) {
            return Err(not_yours());
        }
        refuse_answered(handshake, answer, self.call.now)?;
        Ok(id)
    }

    fn answer(&self, state: &mut State, id: &str, outcome: HandshakeState) -> ApiResult {
        let now = self.call.now;
        let handshake = state.handshakes.get_mut(id).ok_or_else(not_found)?;
        handshake.answer = Some(Answer { outcome, at: now });
        let handshake = handshake.clone();
        let sender = state.organizations.get(&handshake.organization);
        Ok(json!({ "Handshake": handshake.show(id, sender, now) }))
    }

    /// Whether the filter lets invitations through: there are no other handshakes here.
    fn wants_invitations(&self) -> Result<bool, ApiError> {
        const ACTIONS: &[&str] = &[
            "INVITE",
            "ENABLE_ALL_FEATURES",
            "APPROVE_ALL_FEATURES",
            "ADD_ORGANIZATIONS_SERVICE_LINKED_ROLE",
            "TRANSFER_RESPONSIBILITY",
        ];
        let filter = self.input.0.get("Filter").and_then(Value::as_object);
        let Some(filter) = filter.map(Input) else {
            return Ok(true);
        };
        let parent = filter.text("ParentHandshakeId", 0, 34)?;
        let action = filter.word("ActionType", ACTIONS)?;
        Ok(parent.is_none() && action.is_none_or(|action| action == "INVITE"))
    }
}

fn refuse_answered(
    handshake: &Handshake,
    answer: HandshakeState,
    now: OffsetDateTime,
) -> Result<(), ApiError> {
    match handshake.state(now) {
        HandshakeState::Requested => Ok(()),
        state if state == answer => Err(ApiError::new(
            "HandshakeAlreadyInStateException",
            "The specified handshake is already in the requested state.",
        )),
        _ => Err(ApiError::new(
            "InvalidHandshakeTransitionException",
            "You can't perform the operation on the handshake in its current state.",
        )),
    }
}

/// `h-` and letters.
fn is_handshake(id: &str) -> bool {
    id.strip_prefix("h-").is_some_and(|id| {
        let fits = |byte: u8| byte.is_ascii_digit() || byte.is_ascii_lowercase();
        (8..=32).contains(&id.len()) && id.bytes().all(fits)
    })
}

fn constraint(reason: &'static str, sentence: &str) -> ApiError {
    ApiError::new("HandshakeConstraintViolationException", sentence).about("Reason", reason)
}

fn already_in_it() -> ApiError {
    constraint(
        "ALREADY_IN_AN_ORGANIZATION",
        "The account is already a member of an organization.",
    )
}

fn not_found() -> ApiError {
    ApiError::new(
        "HandshakeNotFoundException",
        "You specified a handshake that doesn't exist.",
    )
}

/// It is the other side's to do.
fn not_yours() -> ApiError {
    ApiError::new(
        "AccessDeniedException",
        "You don't have permissions to access this resource.",
    )
}
