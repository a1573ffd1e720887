//! An AWS on loopback, and OwnKey as a process of its own that asks it: what a test needs that kills
//! the program, or looks at what AWS was asked.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use ownkey_aws::{Aws, AwsParts, Described, InProcess, Kms, NoAnswer};
use ownkey_lib::ComputerClock;
use ownkey_material::{
    Backup, MasterKey, Material, Passphrase, SealedRecords, mac, make_challenge, open, open_backup,
};
use ownkey_model::{
    AccountId, AliasName, Connection, ConnectionId, ConnectionKind, Key, KeyArn, Region, Tag,
};
use ownkey_sandbox::{Options, Sandbox, Seed, serve::Listener};
use ownkey_store::Store;
use tauri::async_runtime::block_on;
use tokio::sync::oneshot;

use crate::{desk::FolderVault, running::Desk};

/// The profile that leads to the AWS on loopback.
pub(crate) const PROFILE: &str = "elsewhere";

/// An AWS that answers on loopback until it is dropped.
pub(crate) struct Elsewhere {
    pub(crate) sandbox: Sandbox,
    url: String,
    _end: oneshot::Sender<()>,
}

impl Elsewhere {
    /// One account without keys.
    pub(crate) fn empty() -> Self {
        Self::of(Sandbox::new(options()))
    }

    /// The seeded company, with users who may do little.
    pub(crate) fn company() -> Self {
        Self::of(Sandbox::new(Options::default()))
    }

    /// Goes on where another one stood.
    pub(crate) fn as_it_was(state: &[u8]) -> Self {
        Self::of(Sandbox::resume(options(), state).expect("its own state"))
    }

    fn of(sandbox: Sandbox) -> Self {
        let listener = block_on(Listener::bind(sandbox.clone(), 0)).expect("a free port");
        let address = listener.address().expect("an address");
        let (end, ended) = oneshot::channel();
        tauri::async_runtime::spawn(listener.run(async {
            // Dropping the other half ends it too.
            let _either_way = ended.await;
        }));
        Self {
            sandbox,
            url: format!("http://{address}"),
            _end: end,
        }
    }

    /// Where it answers.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The same AWS at another address.
    pub(crate) fn again(&self) -> Self {
        Self::of(self.sandbox.clone())
    }

    /// Writes the AWS configuration files of somebody who asks this AWS.
    pub(crate) fn write_profile(&self, folder: &Path, key_id: &str, secret: &str) {
        std::fs::create_dir_all(folder).expect("made");
        let config = format!(
            "[profile {PROFILE}]\nregion = eu-central-1\nendpoint_url = {}\n",
            self.url
        );
        std::fs::write(folder.join("config"), config).expect("written");
        let credentials = format!(
            "[{PROFILE}]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n"
        );
        std::fs::write(folder.join("credentials"), credentials).expect("written");
    }
}

fn options() -> Options {
    Options {
        seed: Seed::Empty,
        ..Options::default()
    }
}

/// This test program once more, as a process of its own that does one test only and finds its AWS
/// configuration in a folder.
pub(crate) fn once_more(test: &str, aws: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("AWS_") {
            command.env_remove(name);
        }
    }
    command
        .args([test, "--exact", "--nocapture"])
        .env("AWS_CONFIG_FILE", aws.join("config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", aws.join("credentials"));
    command
}

/// Whether the process is one that [`on_loopback`] made.
const CHILD: &str = "OWNKEY_ON_LOOPBACK";

/// Runs a test in a process of its own, whose environment names the profile of an AWS on loopback.
/// The environment belongs to the whole process: two tests cannot share one.
pub(crate) fn on_loopback(test: &str, body: impl FnOnce(Elsewhere, PathBuf)) {
    if let Some(folder) = std::env::var_os(CHILD) {
        let elsewhere = Elsewhere::empty();
        elsewhere.write_profile(Path::new(&folder), "test", "test");
        return body(elsewhere, folder.into());
    }
    let folder = tempfile::tempdir().expect("a folder");
    passed(once_more(test, folder.path()).env(CHILD, folder.path()));
}

/// Runs a test in a process of its own; gives all that it printed, which is not for the test runner's
/// own output: what counts tests would count this one twice.
pub(crate) fn passed(command: &mut Command) -> Vec<u8> {
    let output = command.output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    let shown = String::from_utf8_lossy(&said);
    assert!(output.status.success(), "{}: {shown}", output.status);
    said
}

/// What AWS holds.
pub(crate) struct Held(Kms);

/// One key, as AWS has it.
pub(crate) struct HeldKey {
    pub(crate) key: Key,
    pub(crate) tags: Vec<Tag>,
}

impl Held {
    /// Looked at in a copy: looking meets no fault and leaves no trace in the list of calls.
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        Self::live(&Sandbox::resume(options(), &sandbox.state()).expect("its own state"))
    }

    /// Asked itself, as somebody else would ask it.
    pub(crate) fn live(sandbox: &Sandbox) -> Self {
        let sandbox = sandbox.clone();
        let answers: InProcess = Arc::new(move |request| {
            let sandbox = sandbox.clone();
            Box::pin(async move { sandbox.handle(request).await.map_err(|_dropped| NoAnswer) })
        });
        let connection = Connection {
            id: ConnectionId("look".into()),
            name: "look".into(),
            kind: ConnectionKind::Sandbox,
            role: None,
            region: None,
            endpoint_url: None,
            fips: false,
        };
        let aws = Aws::new(AwsParts {
            sandbox: Some(answers),
            vault: Arc::new(FolderVault(PathBuf::new())),
            clock: Arc::new(ComputerClock),
            announce: Arc::new(|_| {}),
        });
        let session = block_on(aws.session(&connection, None)).expect("a session");
        Self(session.kms(
            &AccountId::parse("000000000000").expect("an account"),
            &Region::parse("eu-central-1").expect("a region"),
        ))
    }

    pub(crate) fn kms(&self) -> &Kms {
        &self.0
    }

    pub(crate) fn keys(&self) -> Vec<HeldKey> {
        let listed = block_on(self.0.list_keys(None)).expect("listed");
        let one = |id: &String| {
            let Ok(Described::CustomerManaged(key)) = block_on(self.0.describe_key(id)) else {
                panic!("{id} is not described");
            };
            HeldKey {
                key: *key,
                tags: block_on(self.0.tags(id)).expect("listed"),
            }
        };
        listed.ids.iter().map(one).collect()
    }

    pub(crate) fn alias(&self, name: &str) -> Option<KeyArn> {
        let name = AliasName::parse(name).expect("an alias");
        block_on(self.0.alias_target(&name)).expect("looked up")
    }

    /// Whether an enabled HMAC key has exactly these bytes: it gives the same MAC of a random message.
    pub(crate) fn has(&self, key: &KeyArn, material: &Material) -> bool {
        let challenge = make_challenge().expect("random bytes");
        let (ours, algorithm) = mac(material, &challenge).expect("HMAC material");
        let theirs = block_on(self.0.generate_mac(key, &challenge, algorithm)).expect("a MAC");
        ours == theirs
    }
}

/// The backups that lie in a folder. Each of them opens: a file is there whole, or not at all.
pub(crate) fn backups(folder: &Path, passphrase: &str) -> Vec<Backup> {
    let passphrase = Passphrase::typed(passphrase.to_owned());
    std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "age"))
        .map(|path| {
            let file = std::fs::read(&path).expect("readable");
            open_backup(&file, &passphrase)
                .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        })
        .collect()
}

/// The materials that lie sealed on a desk. Each of them opens.
pub(crate) fn stored(desk: &Desk) -> Vec<Material> {
    let store = Store::open(&desk.data()).expect("nobody has it open");
    let materials = store.materials().expect("listed");
    if materials.is_empty() {
        return vec![];
    }
    let master = MasterKey::open(&desk.vault());
    let master = master.expect("it answers").expect("a master key");
    let opened = |id| {
        let record = store.fetch(id).expect("read").expect("sealed");
        open(&master, &record).unwrap_or_else(|error| panic!("{error}"))
    };
    materials.iter().map(|one| opened(&one.id)).collect()
}
