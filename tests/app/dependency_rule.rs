//! Nothing points up or sideways: the table of `src-tauri/README.md`, kept by what Cargo knows.

use std::{collections::BTreeSet, process::Command};

const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("material", &["model"]),
    ("aws", &["model", "material"]),
    ("store", &["model", "material"]),
    ("usecases", &["model", "material", "aws", "store"]),
    ("sandbox", &[]),
];

#[test]
fn a_crate_uses_only_what_its_arrow_points_to() {
    let metadata = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let metadata: serde_json::Value =
        serde_json::from_slice(&metadata.stdout).expect("cargo prints JSON");
    let mut seen = BTreeSet::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let Some(name) = package["name"]
            .as_str()
            .and_then(|name| name.strip_prefix("ownkey-"))
        else {
            continue;
        };
        let (_, may_use) = MAY_USE
            .iter()
            .find(|(known, _)| *known == name)
            .unwrap_or_else(|| panic!("{name} has no row in the table"));
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        for dependency in dependencies.iter().filter(|one| one["kind"].is_null()) {
            let used = dependency["name"].as_str().expect("a name");
            if let Some(used) = used.strip_prefix("ownkey-") {
                assert!(may_use.contains(&used), "{name} may not use {used}");
            }
            let aws_sdk = used.starts_with("aws-") && used != "aws-lc-rs";
            assert!(
                !aws_sdk || name == "aws",
                "only aws may use {used}, not {name}"
            );
            assert!(
                !used.starts_with("tauri"),
                "only the shell may use {used}, not {name}"
            );
            let storage = ["rusqlite", "keyring"].contains(&used);
            assert!(
                !storage || name == "store",
                "only store may use {used}, not {name}"
            );
        }
        seen.insert(name.to_owned());
    }
    assert_eq!(seen.len(), MAY_USE.len(), "{seen:?}");
}
