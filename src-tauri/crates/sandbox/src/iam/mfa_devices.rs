//! Virtual MFA devices: made, given to users, taken away. What a code is, is in `mfa`.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::serde::rfc3339;

use super::account::{Account, Tags};
use super::answers::{Asked, conflict, limit, missing, no_entity};
use super::holders::Kind;
use super::{State, mfa, tags};
use crate::api::ApiError;
use crate::protocol::seconds;
use crate::xml::Xml;

/// AWS's limit of MFA devices of a user.
const MOST_OF_USER: usize = 8;
/// AWS's limit of virtual devices that belong to nobody.
const MOST_UNASSIGNED: usize = 100;

/// A virtual MFA device.
#[derive(Serialize, Deserialize)]
pub(crate) struct MfaDevice {
    /// What its codes are made from, in base 32.
    seed: String,
    pub(super) holder: Option<Holding>,
    pub(super) tags: Tags,
}

/// Who uses a device.
#[derive(Serialize, Deserialize)]
pub(super) struct Holding {
    pub(super) user: String,
    #[serde(with = "rfc3339")]
    pub(super) since: OffsetDateTime,
}

impl MfaDevice {
    /// A device that belongs to a user.
    pub(super) fn of(user: &str, since: OffsetDateTime, seed: &str) -> Self {
        Self {
            seed: seed.to_owned(),
            holder: Some(Holding {
                user: user.to_owned(),
                since,
            }),
            tags: Tags::new(),
        }
    }

    pub(super) fn seed(&self) -> &str {
        &self.seed
    }

    pub(super) fn rename_holder(&mut self, name: &str, new_name: &str) {
        if let Some(holder) = &mut self.holder
            && holder.user == name
        {
            new_name.clone_into(&mut holder.user);
        }
    }
}

impl Account {
    /// The devices of a user: the resource parts of their serial numbers, and since when.
    pub(crate) fn devices_of(&self, user: &str) -> impl Iterator<Item = (&String, OffsetDateTime)> {
        self.mfa_devices.iter().filter_map(move |(name, device)| {
            let holder = device.holder.as_ref()?;
            (holder.user == user).then_some((name, holder.since))
        })
    }
}

impl State {
    /// The device of a serial number.
    pub(super) fn device(&self, serial: &str) -> Option<&MfaDevice> {
        let mut parts = serial.splitn(6, ':').skip(4);
        let (account, resource) = (parts.next()?, parts.next()?);
        let home = self.accounts.get(account)?;
        let serial_of = |resource| super::account::iam_arn(home.partition, account, resource);
        let device = home.mfa_devices.get(resource)?;
        (serial_of(resource) == serial).then_some(device)
    }
}

impl Asked<'_> {
    pub(super) fn create_mfa_device(&self) -> Result<Xml, ApiError> {
        let name = self.need("VirtualMFADeviceName")?;
        let path = self.params.one("Path").unwrap_or("/");
        let resource = format!("mfa{path}{name}");
        let serial = self.arn(&resource);
        let tags = self.new_tags()?;
        self.allow_with_tags("iam:CreateVirtualMFADevice", &serial, &tags)?;
        self.change(|account, random| {
            let last = |resource: &str| resource.rsplit('/').next().unwrap_or_default().to_owned();
            let mut known = account.mfa_devices.keys();
            if known.any(|known| last(known).eq_ignore_ascii_case(name)) {
                let sentence = "MFADevice entity at the same path and name already exists.";
                return Err(ApiError::new("EntityAlreadyExists", sentence).with_status(409));
            }
            let mut devices = account.mfa_devices.values();
            if devices
                .by_ref()
                .filter(|device| device.holder.is_none())
                .count()
                >= MOST_UNASSIGNED
            {
                return Err(limit(format!(
                    "Cannot exceed quota for UnassignedVirtualMFADevices: {MOST_UNASSIGNED}"
                )));
            }
            // 64 characters of base 32 are 40 bytes, as AWS gives them.
            let seed = random.id(64);
            let shown = Xml::new()
                .text("SerialNumber", &serial)
                .text("Base32StringSeed", STANDARD.encode(&seed))
                .append(tags::show(&tags));
            let device = MfaDevice {
                seed,
                holder: None,
                tags,
            };
            account.mfa_devices.insert(resource.clone(), device);
            Ok(Xml::new().inside("VirtualMFADevice", shown))
        })
    }

    pub(super) fn enable_mfa_device(&self) -> Result<Xml, ApiError> {
        let (user, serial) = (self.need("UserName")?, self.need("SerialNumber")?);
        self.permit_user(user, "iam:EnableMFADevice")?;
        let resource = self.resource_of(serial).unwrap_or_default();
        self.iam.change(|state, _| {
            let none = || missing_device(serial);
            let account = state
                .accounts
                .get_mut(&self.call.account)
                .ok_or_else(none)?;
            let count = account.devices_of(user).count();
            let device = account.mfa_devices.get_mut(resource).ok_or_else(none)?;
            if device.holder.is_some() {
                let sentence = format!("The MFA device {serial} is in use already.");
                return Err(ApiError::new("EntityAlreadyExists", sentence).with_status(409));
            }
            if count >= MOST_OF_USER {
                return Err(limit(format!(
                    "Cannot exceed quota for MFADevicesPerUser: {MOST_OF_USER}"
                )));
            }
            let turn = self.consecutive_turn(&device.seed)?;
            device.holder = Some(Holding {
                user: user.to_owned(),
                since: self.call.now,
            });
            state.mfa_turns.insert(serial.to_owned(), turn);
            Ok(Xml::new())
        })
    }

    pub(super) fn resync_mfa_device(&self) -> Result<Xml, ApiError> {
        let (user, serial) = (self.need("UserName")?, self.need("SerialNumber")?);
        self.permit_user(user, "iam:ResyncMFADevice")?;
        self.iam.change(|state, _| {
            let device = state.device(serial);
            let held = device.filter(|device| is_held(device, user));
            let turn = self.consecutive_turn(&held.ok_or_else(|| missing_device(serial))?.seed)?;
            state.mfa_turns.insert(serial.to_owned(), turn);
            Ok(Xml::new())
        })
    }

    pub(super) fn deactivate_mfa_device(&self) -> Result<Xml, ApiError> {
        let (user, serial) = (self.user_or_caller()?, self.need("SerialNumber")?);
        self.permit_user(user, "iam:DeactivateMFADevice")?;
        let resource = self.resource_of(serial).unwrap_or_default();
        self.iam.change(|state, _| {
            let account = state.accounts.get_mut(&self.call.account);
            let device = account.and_then(|account| account.mfa_devices.get_mut(resource));
            let device = device.filter(|device| is_held(device, user));
            device.ok_or_else(|| missing_device(serial))?.holder = None;
            state.mfa_turns.remove(serial);
            Ok(Xml::new())
        })
    }

    pub(super) fn delete_mfa_device(&self) -> Result<Xml, ApiError> {
        let serial = self.need("SerialNumber")?;
        self.change_device("iam:DeleteVirtualMFADevice", |account, resource| {
            let device = account.mfa_devices.get(resource);
            if device.is_some_and(|device| device.holder.is_some()) {
                return Err(conflict("MFA VirtualDevice in use. Must deactivate first."));
            }
            account.mfa_devices.remove(resource);
            Ok(())
        })?;
        self.iam.change(|state, _| state.mfa_turns.remove(serial));
        Ok(Xml::new())
    }

    pub(super) fn mfa_device(&self) -> Result<Xml, ApiError> {
        let serial = self.need("SerialNumber")?;
        let user = self.user_or_caller()?;
        self.permit_user(user, "iam:GetMFADevice")?;
        let state = self.iam.read();
        let device = state.device(serial).filter(|device| is_held(device, user));
        let holder = device.and_then(|device| device.holder.as_ref());
        let holder = holder.ok_or_else(|| missing_device(serial))?;
        Ok(Xml::new()
            .text("UserName", &holder.user)
            .text("SerialNumber", serial)
            .text("EnableDate", seconds(holder.since)))
    }

    pub(super) fn mfa_devices_of_user(&self) -> Result<Xml, ApiError> {
        let user = self.user_or_caller()?;
        let page = self.page()?;
        self.read_named(Kind::User, user, "iam:ListMFADevices", |account, _| {
            let devices = account.devices_of(user);
            let devices = devices.map(|(name, since)| (name.clone(), (name, since)));
            let show = |(name, since): (&String, OffsetDateTime)| {
                Xml::new()
                    .text("UserName", user)
                    .text("SerialNumber", self.arn(name))
                    .text("EnableDate", seconds(since))
            };
            Ok(page.cut(devices).show("MFADevices", show))
        })
    }

    pub(super) fn mfa_devices(&self) -> Result<Xml, ApiError> {
        self.allow("iam:ListVirtualMFADevices", &self.arn("mfa/"))?;
        let status = self.params.one("AssignmentStatus").unwrap_or("Any");
        let page = self.page()?;
        let state = self.iam.read();
        let account = self.account(&state);
        let devices = account.into_iter().flat_map(|account| &account.mfa_devices);
        let devices = devices
            .filter(|(_, device)| match status {
                "Assigned" => device.holder.is_some(),
                "Unassigned" => device.holder.is_none(),
                _ => true,
            })
            .map(|(name, device)| (name.clone(), (name, device)));
        let show = |(name, device): (&String, &MfaDevice)| {
            let shown = Xml::new().text("SerialNumber", self.arn(name));
            let Some(holder) = &device.holder else {
                return shown;
            };
            let user = account.and_then(|account| account.users.get(&holder.user));
            let user = user.map_or_else(Xml::new, |user| {
                Xml::new().inside("User", self.show_user(user))
            });
            shown.append(user).text("EnableDate", seconds(holder.since))
        };
        Ok(page.cut(devices).show("VirtualMFADevices", show))
    }

    pub(super) fn tag_mfa_device(&self) -> Result<Xml, ApiError> {
        let new = self.new_tags()?;
        self.change_device("iam:TagMFADevice", |account, resource| {
            let device = account.mfa_devices.get_mut(resource);
            device.map_or(Ok(()), |device| tags::add(&mut device.tags, &new))
        })
    }

    pub(super) fn untag_mfa_device(&self) -> Result<Xml, ApiError> {
        self.change_device("iam:UntagMFADevice", |account, resource| {
            if let Some(device) = account.mfa_devices.get_mut(resource) {
                self.remove_tags(&mut device.tags);
            }
            Ok(())
        })
    }

    pub(super) fn mfa_device_tags(&self) -> Result<Xml, ApiError> {
        let serial = self.need("SerialNumber")?;
        self.allow("iam:ListMFADeviceTags", serial)?;
        let page = self.page()?;
        let state = self.iam.read();
        let own = self.resource_of(serial).and(state.device(serial));
        let device = own.ok_or_else(|| missing_device(serial))?;
        Ok(tags::list(&page, &device.tags))
    }

    fn change_device(
        &self,
        action: &str,
        change: impl FnOnce(&mut Account, &str) -> Result<(), ApiError>,
    ) -> Result<Xml, ApiError> {
        let serial = self.need("SerialNumber")?;
        self.allow(action, serial)?;
        let resource = self.resource_of(serial).unwrap_or_default();
        self.change(|account, _| {
            if !account.mfa_devices.contains_key(resource) {
                return Err(missing_device(serial));
            }
            change(account, resource)?;
            Ok(Xml::new())
        })
    }

    /// The turn of the second of two codes that follow each other.
    fn consecutive_turn(&self, seed: &str) -> Result<i64, ApiError> {
        let first = self.need("AuthenticationCode1")?;
        let second = self.need("AuthenticationCode2")?;
        let turn = mfa::turn_of_two(seed, first, second, OffsetDateTime::now_utc());
        turn.ok_or_else(|| {
            let sentence = "Authentication code for device is not valid.";
            ApiError::new("InvalidAuthenticationCode", sentence).with_status(403)
        })
    }
}

fn is_held(device: &MfaDevice, user: &str) -> bool {
    let holder = device.holder.as_ref();
    holder.is_some_and(|holder| holder.user == user)
}

fn missing_device(serial: &str) -> ApiError {
    if serial.starts_with("arn:") {
        return no_entity(format!(
            "VirtualMFADevice with serial number {serial} doesn't exist."
        ));
    }
    missing("MFA Device", serial)
}
