//! `ui/src/api/bindings.ts` is what the backend offers.

use std::path::Path;

const BINDINGS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/src/api/bindings.ts");

#[test]
fn bindings_are_current() {
    let fresh = tempfile::tempdir()
        .expect("a folder")
        .path()
        .join("bindings.ts");
    std::fs::create_dir_all(fresh.parent().expect("it has one")).expect("a folder");
    ownkey_lib::ipc::export_bindings(&fresh);
    if std::env::var_os("UPDATE_BINDINGS").is_some() {
        std::fs::copy(&fresh, BINDINGS).expect("written");
    }
    let text = |path: &Path| std::fs::read_to_string(path).expect("readable");
    assert!(
        text(Path::new(BINDINGS)) == text(&fresh),
        "the bindings are stale: npm run bindings"
    );
}
