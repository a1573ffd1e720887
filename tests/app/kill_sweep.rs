//! The program is killed before and after every write of the journal, the keychain and a backup and
//! before and after every AWS call, and every call's answer is lost: whatever happens, the next start
//! brings the operation to a declared end (SAFETY 1, 2, 5, 6, 7).
//!
//! The program is this test program once more, as a process of its own: the real composition over the
//! real IPC. AWS is a sandbox in the process of the test, and so outlives the kill. The moments are
//! those that the product logs under `ownkey::moment`; at one of them the process kills itself.

use std::{
    collections::{HashMap, VecDeque},
    io::Write,
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::Instant,
};

use ownkey_model::{KeyState, OPERATION_TAG, Tag};
use ownkey_sandbox::{Fault, FaultKind};
use serde_json::{Value, json};
use tempfile::TempDir;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    util::SubscriberInitExt,
};

use crate::{
    elsewhere::{Elsewhere, Held, HeldKey, PROFILE, backups, once_more, stored},
    running::{Desk, Running, upload_draft},
};

/// What the process is to do, as JSON; absent in the process of the test.
const TASK: &str = "OWNKEY_SWEEP";

const THIS: &str = "kill_sweep::an_upload_killed_anywhere_is_finished_or_undone";
const PASSPHRASE: &str = "correct horse battery staple";
const ALIAS: &str = "kill/sweep";
const FILE: &[u8] = b"Thirty-two bytes of key material";

/// Most of the time a process waits: for its turn with AWS, or until it is certain that no key was
/// made.
const AT_ONCE: usize = 6;

#[test]
fn an_upload_killed_anywhere_is_finished_or_undone() {
    if let Ok(task) = std::env::var(TASK) {
        return be_the_program(&serde_json::from_str(&task).expect("JSON"));
    }
    let began = Instant::now();
    let base = Base::prepared();
    let whole = base.run(Act::Upload);
    let moments = whole.carried_out(None);
    whole.must_have_ended(Kind::Upload, "not killed");
    let starts = AtomicUsize::new(0);
    side_by_side((1..=moments.len()).collect(), |moment| {
        let run = base.run(Act::Upload);
        run.killed_at(moment);
        let at = format!("killed at moment {moment}, {}", moments[moment - 1]);
        starts.fetch_add(1 + run.both_ends(Kind::Upload, &at), SeqCst);
    });
    tell("an upload", &moments, starts.into_inner(), began);
}

#[test]
fn an_upload_whose_answers_are_lost_is_finished_or_undone() {
    let began = Instant::now();
    let base = Base::prepared();
    let whole = base.run(Act::Upload);
    let moments = whole.carried_out(None);
    let calls = whole.elsewhere.sandbox.calls();
    let sent = moments
        .iter()
        .filter(|one| one.starts_with("request begins"))
        .count();
    let before_the_upload = calls.len() - sent;
    let mut counted = HashMap::new();
    let mut losses = Vec::new();
    for (index, call) in calls.iter().enumerate() {
        let nth = counted
            .entry((call.service.clone(), call.operation.clone()))
            .or_insert(0);
        *nth += 1;
        let fault = Fault::nth(&call.service, &call.operation, *nth, FaultKind::DropAnswer);
        losses.push((fault.clone(), None));
        // And as hard to tell apart: the request itself is lost.
        let unsent = FaultKind::Close;
        losses.push((
            Fault::nth(&call.service, &call.operation, *nth, unsent),
            None,
        ));
        let changes = [
            "CreateKey",
            "ImportKeyMaterial",
            "TagResource",
            "CreateAlias",
            "UntagResource",
        ];
        if changes.contains(&call.operation.as_str()) {
            let lost = nth_ended(&moments, index - before_the_upload);
            // On the way to looking what became of it.
            losses.extend((1..=3).map(|later| (fault.clone(), Some(lost + later))));
        }
    }
    assert!(losses.len() >= 2 * calls.len() + 15, "{calls:?}");
    let (number, starts) = (losses.len(), AtomicUsize::new(0));
    side_by_side(losses, |(fault, moment)| {
        let run = base.run(Act::Upload);
        run.elsewhere.sandbox.inject(fault.clone());
        let mut at = format!("lost: {fault:?}");
        match moment {
            None => {
                run.carried_out(None);
                run.must_have_ended(Kind::Upload, &at);
                starts.fetch_add(1, SeqCst);
            }
            Some(moment) => {
                run.killed_at(moment);
                at = format!("{at}, killed at moment {moment}");
                starts.fetch_add(1 + run.both_ends(Kind::Upload, &at), SeqCst);
            }
        }
    });
    say(&format!(
        "lost answers and requests: {number} ({} calls each, and kills after those that change \
         something), {} starts of the program, {:.0} s",
        calls.len(),
        starts.into_inner(),
        began.elapsed().as_secs_f64()
    ));
}

#[test]
fn an_upload_that_cannot_look_either_is_looked_up_by_the_next_start() {
    let base = Base::prepared();
    // Planning describes twice what has the alias.
    let cases = vec![
        ("CreateKey", "ListKeys", 0),
        ("ImportKeyMaterial", "DescribeKey", 2),
    ];
    side_by_side(cases, |(changes, looks, before)| {
        let run = base.run(Act::Upload);
        let sandbox = &run.elsewhere.sandbox;
        sandbox.inject(Fault::nth("kms", changes, 1, FaultKind::DropAnswer));
        for nth in before + 1..before + 20 {
            sandbox.inject(Fault::nth("kms", looks, nth, FaultKind::Close));
        }
        run.carried_out(None);
        sandbox.clear_faults();
        let ended = run.answer()["ended"].clone();
        let at = format!("the answer of {changes} lost, and all those of {looks}");
        assert_eq!(ended["state"], "open", "{at}: {ended:#}");
        assert_eq!(ended["error"]["code"], "endpointUnreachable", "{at}");
        run.both_ends(Kind::Upload, &at);
    });
}

#[test]
fn undoing_killed_anywhere_is_ended_by_the_next_start() {
    let waiting = Base::prepared().run(Act::Wait);
    waiting.carried_out(None);
    for (what, base, act, kind) in [
        (
            "undoing an upload",
            Base::prepared(),
            Act::Upload,
            Kind::Upload,
        ),
        (
            "undoing an import",
            waiting.as_base(),
            Act::Import,
            Kind::Import,
        ),
    ] {
        let began = Instant::now();
        let close = base.run(act).moment_of_the_last_write();
        let all_but_closed = base.run(act);
        all_but_closed.killed_at(close);
        let base = all_but_closed.as_base();
        let moments = base.run(Act::Undo).carried_out(None);
        let starts = AtomicUsize::new(0);
        side_by_side((1..=moments.len()).collect(), |moment| {
            let run = base.run(Act::Undo);
            run.killed_at(moment);
            let at = format!(
                "killed at moment {moment} of undoing, {}",
                moments[moment - 1]
            );
            run.restarted(Act::Undo, kind, &at);
            starts.fetch_add(2, SeqCst);
        });
        tell(what, &moments, starts.into_inner(), began);
    }
}

#[test]
fn an_import_killed_anywhere_is_finished_or_undone() {
    let began = Instant::now();
    let waiting = Base::prepared().run(Act::Wait);
    waiting.carried_out(None);
    let base = waiting.as_base();
    let whole = base.run(Act::Import);
    let moments = whole.carried_out(None);
    whole.must_have_ended(Kind::Import, "not killed");
    let starts = AtomicUsize::new(0);
    side_by_side((1..=moments.len()).collect(), |moment| {
        let run = base.run(Act::Import);
        run.killed_at(moment);
        let at = format!("killed at moment {moment}, {}", moments[moment - 1]);
        starts.fetch_add(1 + run.both_ends(Kind::Import, &at), SeqCst);
    });
    tell("an import", &moments, starts.into_inner(), began);
}

/// What the program is started for.
#[derive(Clone, Copy, PartialEq)]
enum Act {
    /// Registers the account and sets up backups.
    Prepare,
    /// Uploads generated material.
    Upload,
    /// Makes a key that waits for its material.
    Wait,
    /// Imports a file into the key that waits.
    Import,
    /// Finishes what is open.
    Finish,
    /// Undoes what is open.
    Undo,
}

impl Act {
    const ALL: [(Self, &'static str); 6] = [
        (Self::Prepare, "prepare"),
        (Self::Upload, "upload"),
        (Self::Wait, "wait"),
        (Self::Import, "import"),
        (Self::Finish, "finish"),
        (Self::Undo, "undo"),
    ];

    fn word(self) -> &'static str {
        let known = Self::ALL.into_iter().find(|(act, _)| *act == self);
        known.expect("every act has a word").1
    }

    fn of(word: &Value) -> Self {
        let known = Self::ALL.into_iter().find(|(_, known)| word == known);
        known.expect("a word for an act").0
    }
}

/// Which operation is swept.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Upload,
    Import,
}

// The process of the program.

/// Does what it is told; at one of the moments of that, it kills itself.
fn be_the_program(task: &Value) {
    let moments = Moments::watch(task["killAt"].as_u64());
    let folder = PathBuf::from(task["folder"].as_str().expect("a folder"));
    let ownkey = Running::start_on(Desk::at(&folder.join("desk")));
    let ended = match Act::of(&task["act"]) {
        Act::Prepare => {
            ownkey.register(PROFILE);
            ownkey.set_up_backups(PASSPHRASE)
        }
        Act::Upload => {
            let mut draft = upload_draft(&registered(&ownkey), ALIAS);
            draft["tags"] = json!([{ "key": "team", "value": "payments" }]);
            let plan = planned(&ownkey, "plan_upload", &draft);
            moments.begin();
            carried_out(&ownkey, "apply_upload", &draft, &plan)
        }
        Act::Wait => {
            let mut draft = upload_draft(&registered(&ownkey), ALIAS);
            draft["material"] = json!({ "from": "later" });
            let plan = planned(&ownkey, "plan_upload", &draft);
            carried_out(&ownkey, "apply_upload", &draft, &plan)
        }
        Act::Import => {
            let handle = ownkey.picked("key.bin", FILE);
            let draft = json!({
                "key": operations(&ownkey, false)[0]["key"],
                "material": { "from": "file", "handle": handle, "reading": "raw" },
                "keyExpiration": false,
                "validTo": null,
            });
            let plan = planned(&ownkey, "plan_import", &draft);
            moments.begin();
            carried_out(&ownkey, "apply_import", &draft, &plan)
        }
        act => {
            let open = operations(&ownkey, true);
            assert!(open.len() <= 1, "{open:?}");
            moments.begin();
            open.first()
                .map_or(Value::Null, |one| resumed(&ownkey, one, act))
        }
    };
    let answer = json!({
        "ended": ended,
        "operations": operations(&ownkey, false),
        "moments": moments.seen(),
    });
    std::fs::write(folder.join("answer.json"), answer.to_string()).expect("written");
}

fn registered(ownkey: &Running) -> Value {
    let listed = ownkey
        .call("list_registrations", json!({}))
        .expect("listed");
    let all = listed.as_array().expect("a list");
    let ours = all.iter().find(|one| one["name"] == "Elsewhere");
    ours.expect("registered")["id"].clone()
}

/// Backups go where this run's desk lies.
fn planned(ownkey: &Running, command: &str, draft: &Value) -> Value {
    let folder = json!({ "folder": ownkey.desk.backups(), "passphrase": null, "repeated": null });
    ownkey.call("set_up_backups", folder).expect("kept");
    ownkey
        .call(command, json!({ "draft": draft }))
        .expect("planned")
}

fn carried_out(ownkey: &Running, command: &str, draft: &Value, plan: &Value) -> Value {
    ownkey
        .carry_out(command, json!({ "draft": draft, "plan": plan }))
        .expect("begun")
}

fn operations(ownkey: &Running, open_only: bool) -> Vec<Value> {
    let query = json!({ "openOnly": open_only, "key": null, "skip": 0, "limit": 200 });
    let page = ownkey
        .call("list_operations", json!({ "query": query }))
        .expect("listed");
    page["operations"].as_array().expect("a list").clone()
}

/// What is being undone can only be undone; that is what finishing does then.
fn resumed(ownkey: &Running, operation: &Value, act: Act) -> Value {
    let id = &operation["id"];
    let answer = if act == Act::Undo && operation["state"] == "open" {
        let typed = operation["undo"]["confirmation"].as_str().unwrap_or("");
        ownkey.carry_out("undo_operation", json!({ "id": id, "confirmation": typed }))
    } else {
        ownkey.carry_out("finish_operation", json!({ "id": id }))
    };
    answer.unwrap_or_else(|error| panic!("{}: {error}", act.word()))
}

/// Counts the moments once it is told to begin, and kills the process at one of them.
struct Moments {
    begun: AtomicBool,
    seen: Mutex<Vec<String>>,
    kill_at: Option<u64>,
}

impl Moments {
    fn watch(kill_at: Option<u64>) -> Arc<Self> {
        let moments = Arc::new(Self {
            begun: AtomicBool::new(false),
            seen: Mutex::default(),
            kill_at,
        });
        tracing_subscriber::registry()
            .with(Watch(Arc::clone(&moments)))
            .init();
        moments
    }

    fn begin(&self) {
        self.begun.store(true, SeqCst);
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().expect("no panic").clone()
    }

    fn saw(&self, moment: String) {
        let mut seen = self.seen.lock().expect("no panic");
        seen.push(moment);
        if Some(seen.len() as u64) == self.kill_at {
            kill_this_process();
        }
    }
}

struct Watch(Arc<Moments>);

impl<S: Subscriber> Layer<S> for Watch {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "ownkey::moment"
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if self.0.begun.load(SeqCst) {
            let mut words = Words::default();
            event.record(&mut words);
            self.0.saw(format!("{} {}", words.message, words.action));
        }
    }
}

#[derive(Default)]
struct Words {
    message: String,
    action: String,
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        match field.name() {
            "message" => self.message = format!("{value:?}"),
            _ => self.action = format!("{value:?}"),
        }
    }
}

/// Nothing runs after it: no destructor, no flush, no other thread.
#[cfg(unix)]
fn kill_this_process() {
    let this = rustix::process::getpid();
    rustix::process::kill_process(this, rustix::process::Signal::KILL).expect("may kill itself");
    unreachable!("a killed process does nothing");
}

/// Where there is no SIGKILL, ending at once without unwinding is the nearest thing.
#[cfg(not(unix))]
fn kill_this_process() {
    std::process::abort();
}

// The process of the test.

/// A desk and an AWS to begin from, as often as wanted.
struct Base {
    desk: TempDir,
    state: Vec<u8>,
}

impl Base {
    /// The account is registered and backups are set up.
    fn prepared() -> Self {
        let empty = Self {
            desk: tempfile::tempdir().expect("a folder"),
            state: Elsewhere::empty().sandbox.state().to_vec(),
        };
        let run = empty.run(Act::Prepare);
        run.carried_out(None);
        run.as_base()
    }

    fn run(&self, act: Act) -> Run {
        let run = Run {
            act,
            folder: tempfile::tempdir().expect("a folder"),
            elsewhere: Elsewhere::as_it_was(&self.state),
        };
        copy(self.desk.path(), &run.folder.path().join("desk"));
        run
    }
}

/// One life of the program, which may be cut short, and of its AWS.
struct Run {
    act: Act,
    folder: TempDir,
    elsewhere: Elsewhere,
}

impl Run {
    fn desk(&self) -> Desk {
        Desk::at(&self.folder.path().join("desk"))
    }

    fn as_base(&self) -> Base {
        let base = Base {
            desk: tempfile::tempdir().expect("a folder"),
            state: self.elsewhere.sandbox.state().to_vec(),
        };
        copy(&self.folder.path().join("desk"), base.desk.path());
        base
    }

    /// Lets the program do what it is there for, to its end; gives the moments.
    fn carried_out(&self, kill_at: Option<usize>) -> Vec<String> {
        let (status, said) = self.started(self.act, kill_at);
        assert!(status.success(), "{said}");
        let moments = self.answer()["moments"].clone();
        serde_json::from_value(moments).expect("a list")
    }

    fn killed_at(&self, moment: usize) {
        let (status, said) = self.started(self.act, Some(moment));
        assert!(was_killed(status), "moment {moment}: {status}, {said}");
        assert!(!self.folder.path().join("answer.json").exists());
    }

    /// The last write closes the operation.
    fn moment_of_the_last_write(&self) -> usize {
        let moments = self.carried_out(None);
        let last = moments
            .iter()
            .rposition(|one| one.starts_with("journal write begins"));
        last.expect("it wrote") + 1
    }

    fn started(&self, act: Act, kill_at: Option<usize>) -> (ExitStatus, String) {
        let folder = self.folder.path();
        let aws = folder.join("aws");
        self.elsewhere.write_profile(&aws, "test", "test");
        let task = json!({ "act": act.word(), "folder": folder, "killAt": kill_at });
        let output = once_more(THIS, &aws)
            .env(TASK, task.to_string())
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status, said)
    }

    fn answer(&self) -> Value {
        let answer = std::fs::read(self.folder.path().join("answer.json")).expect("it answered");
        serde_json::from_slice(&answer).expect("JSON")
    }

    /// Starts the program anew, once to finish and once to undo; gives how often it was started.
    fn both_ends(mut self, kind: Kind, at: &str) -> usize {
        self.must_be_restorable(at);
        let (state, saved) = (self.elsewhere.sandbox.state(), tempfile::tempdir());
        let (saved, desk) = (saved.expect("a folder"), self.folder.path().join("desk"));
        copy(&desk, saved.path());
        self.restarted(Act::Finish, kind, at);
        let made = keys_made(&self.elsewhere);
        std::fs::remove_dir_all(&desk).expect("removed");
        copy(saved.path(), &desk);
        self.elsewhere = Elsewhere::as_it_was(&state);
        self.restarted(Act::Undo, kind, at);
        assert!(made <= 1, "{at}: {made} keys were made");
        2
    }

    /// Starts the program anew: what is open then comes to the end that was asked for.
    fn restarted(&self, act: Act, kind: Kind, at: &str) {
        self.must_be_restorable(at);
        let at = format!("{at}; then {}", act.word());
        let (status, said) = self.started(act, None);
        assert!(status.success(), "{at}: {said}");
        let ended = &self.answer()["ended"];
        if !ended.is_null() {
            let end = if act == Act::Finish {
                "finished"
            } else {
                "undone"
            };
            assert_eq!(ended["state"], end, "{at}: {ended:#}");
        }
        self.must_have_ended(kind, &at);
    }

    /// No enabled key whose material could not be restored from its backup, at any time.
    fn must_be_restorable(&self, at: &str) {
        let held = Held::of(&self.elsewhere.sandbox);
        let backups = backups(&self.desk().backups(), PASSPHRASE);
        for HeldKey { key, .. } in held.keys() {
            assert!(
                key.state != KeyState::Enabled
                    || backups.iter().any(|one| held.has(&key.arn, &one.material)),
                "{at}: {} is enabled and has no backup",
                key.arn
            );
        }
    }

    /// The operation ended as one of the declared states, or never began; there is no other.
    fn must_have_ended(&self, kind: Kind, at: &str) {
        self.must_be_restorable(at);
        let made = keys_made(&self.elsewhere);
        assert!(made <= 1, "{at}: {made} keys were made");
        let word = match kind {
            Kind::Upload => "uploadKey",
            Kind::Import => "importMaterial",
        };
        let answer = self.answer();
        let all = answer["operations"].as_array().expect("a list");
        let ours: Vec<_> = all.iter().filter(|one| one["kind"] == word).collect();
        assert!(ours.len() <= 1, "{at}: {ours:?}");
        let state = ours.first().map(|one| one["state"].as_str().expect("text"));
        let held = Held::of(&self.elsewhere.sandbox);
        let (keys, stored) = (held.keys(), stored(&self.desk()));
        for one in &keys {
            let bears = one.tags.iter().any(|tag| tag.key == OPERATION_TAG);
            assert!(
                !bears || one.key.state == KeyState::PendingDeletion,
                "{at}: {} bears the operation's tag",
                one.key.arn
            );
        }
        match (kind, state) {
            (Kind::Upload, None) => {
                assert!(
                    keys.is_empty() && stored.is_empty(),
                    "{at}: something is left"
                );
            }
            (Kind::Upload, Some("undone")) => {
                let gone = |one: &HeldKey| one.key.state == KeyState::PendingDeletion;
                assert!(keys.len() <= 1 && keys.iter().all(gone), "{at}");
                assert_eq!(held.alias(ALIAS), None, "{at}");
                assert_eq!(stored.len(), 1, "{at}: the material stays");
            }
            (Kind::Import, None | Some("undone")) => {
                let [one] = keys.as_slice() else {
                    panic!("{at}: {} keys", keys.len());
                };
                assert_eq!(one.key.state, KeyState::PendingImport, "{at}");
                assert_eq!(held.alias(ALIAS), Some(one.key.arn.clone()), "{at}");
                assert_eq!(stored.len(), usize::from(state.is_some()), "{at}");
            }
            (_, Some("finished")) => {
                let [one] = keys.as_slice() else {
                    panic!("{at}: {} keys", keys.len());
                };
                assert_eq!(one.key.state, KeyState::Enabled, "{at}");
                assert_eq!(held.alias(ALIAS), Some(one.key.arn.clone()), "{at}");
                let tags = match kind {
                    Kind::Upload => vec![Tag {
                        key: "team".into(),
                        value: "payments".into(),
                    }],
                    Kind::Import => vec![],
                };
                assert_eq!(one.tags, tags, "{at}");
                let [material] = stored.as_slice() else {
                    panic!("{at}: {} materials", stored.len());
                };
                assert!(held.has(&one.key.arn, material), "{at}: other bytes");
                assert!(kind == Kind::Upload || material.expose() == FILE, "{at}");
            }
            (_, state) => panic!("{at}: {state:?} is no end"),
        }
    }
}

/// How many keys AWS was made to make, whether it could say so or not.
fn keys_made(elsewhere: &Elsewhere) -> usize {
    let calls = elsewhere.sandbox.calls();
    let made = |outcome: &str| ["ok", "dropped"].contains(&outcome);
    calls
        .iter()
        .filter(|call| call.operation == "CreateKey" && made(&call.outcome))
        .count()
}

#[cfg(unix)]
fn was_killed(status: ExitStatus) -> bool {
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(9)
}

#[cfg(not(unix))]
fn was_killed(status: ExitStatus) -> bool {
    !status.success()
}

/// The moment, from 1, at which a request ends: the one with so many before it.
fn nth_ended(moments: &[String], before: usize) -> usize {
    let ends = moments
        .iter()
        .zip(1..)
        .filter(|(one, _)| one.starts_with("request ended"));
    ends.map(|(_, number)| number)
        .nth(before)
        .expect("every request ends")
}

fn side_by_side<T: Send>(tasks: Vec<T>, work: impl Fn(T) + Sync) {
    let left = Mutex::new(VecDeque::from(tasks));
    let next = || left.lock().expect("no panic").pop_front();
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(task) = next() {
                    work(task);
                }
            });
        }
    });
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("made");
    for entry in std::fs::read_dir(from).expect("readable") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
}

fn tell(what: &str, moments: &[String], starts: usize, began: Instant) {
    let count = |word: &str| moments.iter().filter(|one| one.starts_with(word)).count();
    say(&format!(
        "kill sweep of {what}: {} kill points, before and after {} journal writes, {} AWS calls, \
         {} backup files and {} keychain entries; {starts} starts of the program, {:.0} s",
        moments.len(),
        count("journal write begins"),
        count("request begins"),
        count("backup file begins"),
        count("keychain write begins"),
        began.elapsed().as_secs_f64()
    ));
}

/// Past the test runner, which keeps what a test prints to itself unless it fails.
fn say(line: &str) {
    let _closed = writeln!(std::io::stderr(), "{line}").is_err();
}
