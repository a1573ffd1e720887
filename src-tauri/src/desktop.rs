//! The window and what the desktop asks for.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ownkey_material::WorkFactor;
use ownkey_model::Change;
use ownkey_store::Keychain;
use tauri::{
    AppHandle, Manager, Url, UserAttentionType, WebviewUrl, WebviewWindowBuilder, Window,
    WindowEvent,
};
use tauri_plugin_window_state::StateFlags;
use tauri_specta::Event;
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{
    App,
    app::Surroundings,
    dialogs::{Closing, SystemDialogs, ask_before_closing},
    ipc,
};

/// Many times what a message from the page and one write of the journal take.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// How often it is looked whether an operation in the background has come to its end.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Whether the window is being closed: whoever clicks again is not asked again.
static CLOSING: AtomicBool = AtomicBool::new(false);

/// A development build must not reach what a released one keeps.
const BUILD_KIND: &str = if cfg!(debug_assertions) {
    "development"
} else {
    "release"
};

/// Opens the window and returns when it is closed.
pub fn run() {
    let context = tauri::generate_context!();
    let identifier = context.config().identifier.clone();
    let folder = data_folder(&identifier);
    // Before the log makes a folder that others can read. What fails here is told in the window.
    let _told_later = ownkey_store::prepare_folder(&folder).is_err();
    log_to(&folder);

    let ipc = ipc::builder::<tauri::Wry>();
    let commands = ipc.invoke_handler();
    tauri::Builder::default()
        .plugin(remembered_window(&folder))
        .invoke_handler(commands)
        .setup(move |app| {
            ipc.mount_events(app);
            let handle = app.handle().clone();
            app.manage(tauri::async_runtime::block_on(App::start(Surroundings {
                data_folder: folder.clone(),
                keychain: Arc::new(Keychain::new(&format!("{identifier}.{BUILD_KIND}"))),
                dialogs: Arc::new(SystemDialogs),
                proposed_backup_folder: proposed_backup_folder(),
                backup_work: WorkFactor::FULL,
                announce: Arc::new(move |change| announce(&handle, change)),
            })));
            open_window(app.handle(), &folder)?;
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                api.prevent_close();
                close(window.clone());
            }
        })
        .run(context)
        .expect("the window system answers");
}

fn open_window(app: &AppHandle, folder: &Path) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("OwnKey")
        .inner_size(1280.0, 800.0)
        .min_inner_size(1024.0, 700.0)
        .on_navigation(stays_inside)
        .on_document_title_changed(|window, title| {
            // A title that cannot be shown is no reason to stop.
            let _not_shown = window.set_title(&title).is_err();
        });
    let kept = folder.join("webview");
    // Where nothing can be kept there must be a window all the same: it says so.
    let window = match std::fs::create_dir_all(&kept) {
        Ok(()) => window.data_directory(kept),
        Err(_) => window.incognito(true),
    };
    window.build()?;
    Ok(())
}

/// Closes the window; while an operation runs, as the user then says.
fn close(window: Window) {
    if CLOSING.swap(true, Ordering::SeqCst) {
        return;
    }
    tauri::async_runtime::spawn(async move {
        if !works(&window) {
            return close_gently(window).await;
        }
        match ask_before_closing().await {
            Closing::NotAtAll => return CLOSING.store(false, Ordering::SeqCst),
            Closing::InBackground => {}
            Closing::AfterThisStep => window.state::<App>().tasks.cancel_all(),
        }
        hide(&window);
        while works(&window) {
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        close_gently(window).await;
    });
}

fn works(window: &Window) -> bool {
    window.state::<App>().works()
}

/// What was chosen in the last moment is still on its way from the page: the window is gone at
/// once, the program a little later.
async fn close_gently(window: Window) {
    hide(&window);
    tokio::time::sleep(LAST_WORDS).await;
    if let Err(error) = window.destroy() {
        tracing::error!(%error, "the window did not close");
        CLOSING.store(false, Ordering::SeqCst);
    }
}

fn hide(window: &Window) {
    if window.hide().is_err() {
        tracing::debug!("the window could not be hidden before it closed");
    }
}

/// The window shows OwnKey's own pages and nothing else, whatever a string from AWS may contain.
fn stays_inside(url: &Url) -> bool {
    let own = url.scheme() == "tauri" || url.host_str() == Some("tauri.localhost");
    let served = cfg!(debug_assertions) && url.host_str() == Some("localhost");
    own || served
}

fn announce(app: &AppHandle, change: Change) {
    if change == Change::SignIns && app.try_state::<App>().is_some_and(|app| app.asks()) {
        come_forward(app);
    }
    if let Err(error) = ipc::Changed(change).emit(app) {
        tracing::warn!(%error, "the window was not told of a change");
    }
}

/// Somebody waits for a code or a sign-in: the window is seen, wherever it was.
fn come_forward(app: &AppHandle) {
    let Some(window) = app.get_webview_window("main") else {
        return;
    };
    let steps = [
        window.unminimize(),
        window.show(),
        window.set_focus(),
        window.request_user_attention(Some(UserAttentionType::Critical)),
    ];
    for refused in steps.into_iter().filter_map(Result::err) {
        // The request is in the window all the same.
        tracing::debug!(%refused, "the window did not come to the front");
    }
}

/// Size and place come back at the next start; visibility does not, or a hidden window would.
fn remembered_window<R: tauri::Runtime>(folder: &Path) -> tauri::plugin::TauriPlugin<R> {
    tauri_plugin_window_state::Builder::new()
        .with_filename(folder.join("window.json").to_string_lossy())
        .with_state_flags(StateFlags::SIZE | StateFlags::POSITION | StateFlags::MAXIMIZED)
        .build()
}

fn data_folder(identifier: &str) -> PathBuf {
    let chosen = std::env::var_os("OWNKEY_DATA_DIR").filter(|folder| !folder.is_empty());
    chosen.map_or_else(
        || {
            let platform = dirs::data_dir().unwrap_or_else(|| PathBuf::from("."));
            platform.join(format!("{identifier}.{BUILD_KIND}"))
        },
        PathBuf::from,
    )
}

/// Beside the user's own documents, where their backup software finds it.
fn proposed_backup_folder() -> String {
    let documents = dirs::document_dir()
        .or_else(|| dirs::home_dir().map(|home| home.join("Documents")))
        .unwrap_or_else(|| PathBuf::from("."));
    documents.join("OwnKey backups").display().to_string()
}

/// To the terminal, and to a file a day in the data folder, a week of them.
fn log_to(folder: &Path) {
    let filter = EnvFilter::try_from_env("OWNKEY_LOG").unwrap_or_else(|_| EnvFilter::new("warn"));
    let logs = folder.join("logs");
    // A folder that cannot be written to is told in the window.
    let _read_only = std::fs::create_dir_all(&logs).is_err();
    let file = tracing_appender::rolling::Builder::new()
        .rotation(tracing_appender::rolling::Rotation::DAILY)
        .filename_prefix("ownkey")
        .filename_suffix("log")
        .max_log_files(7)
        .build(logs)
        .ok();
    let terminal = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let file = file.map(|file| {
        tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_writer(std::sync::Mutex::new(file))
    });
    tracing_subscriber::registry()
        .with(filter)
        .with(terminal)
        .with(file)
        .init();
}
