//! What one would type in a POSIX shell to do the same with `aws`, `openssl` and `age`.

use ownkey_model::{
    Expiry, ImportType, KeyArn, OPERATION_TAG, OperationId, Region, Registration, Step, Tag,
};
use serde_json::json;

use crate::console::{profile_alone, shell_quoted};

/// Writes the commands of the steps of one plan, in their order: later ones use what earlier ones
/// left in shell variables and files.
pub(super) struct ShellCommands<'a> {
    operation: &'a OperationId,
    /// ` --region …` and what else every command ends in.
    ending: String,
    /// How the key is named.
    key: String,
}

impl<'a> ShellCommands<'a> {
    pub(super) fn new(
        registration: &Registration,
        region: &Region,
        operation: &'a OperationId,
        key: Option<&KeyArn>,
    ) -> Self {
        let mut ending = format!(" --region {region}");
        if let Some(profile) = profile_alone(registration) {
            ending += &format!(" --profile {}", shell_quoted(profile));
        }
        if registration.is_sandbox() {
            // No program but this one reaches the sandbox that is built in.
            ending += " --endpoint-url http://sandbox.invalid";
        }
        if let Some(url) = &registration.connection.endpoint_url {
            ending += &format!(" --endpoint-url {}", shell_quoted(url.as_str()));
        }
        Self {
            operation,
            ending,
            key: key.map_or_else(|| "\"$KEY\"".to_owned(), ToString::to_string),
        }
    }

    pub(super) fn of(&mut self, step: &Step) -> Vec<String> {
        match step {
            Step::SealMaterial { .. } | Step::VerifyMaterial { .. } => vec![],
            Step::BackUpMaterial { .. } => {
                vec!["age --encrypt --armor --passphrase --output material.age material.bin".into()]
            }
            Step::CreateKey {
                spec,
                usage,
                description,
                multi_region,
                policy,
                ..
            } => {
                let mut words = format!(
                    "aws kms create-key --origin EXTERNAL --key-spec {spec} --key-usage {}",
                    usage.as_str()
                );
                if !description.is_empty() {
                    words += &format!(" --description {}", shell_quoted(description));
                }
                if *multi_region {
                    words += " --multi-region";
                }
                if let Some(text) = &policy.text {
                    words += &format!(" --policy {}", shell_quoted(text));
                }
                if policy.bypass_lockout_check {
                    words += " --bypass-policy-lockout-safety-check";
                }
                words += &format!(
                    " --tags TagKey={OPERATION_TAG},TagValue={} --query KeyMetadata.Arn --output text{}",
                    self.operation, self.ending
                );
                vec![format!("KEY=$({words})")]
            }
            Step::ImportMaterial {
                wrapping_algorithm,
                wrapping_key_spec,
                import_type,
                kms_material_id,
                expiry,
                ..
            } => self.import(
                wrapping_algorithm,
                wrapping_key_spec,
                *import_type,
                *expiry,
                kms_material_id.as_deref(),
            ),
            Step::AwaitEnabled => vec![self.aws(&format!(
                "describe-key --key-id {} --query KeyMetadata.KeyState",
                self.key
            ))],
            Step::TagKey { tags } => {
                vec![self.aws(&format!(
                    "tag-resource --key-id {} --tags {}",
                    self.key,
                    tags_json(tags)
                ))]
            }
            Step::CreateAlias { alias } => vec![self.aws(&format!(
                "create-alias --alias-name {alias} --target-key-id {}",
                self.key
            ))],
            Step::RemoveOperationTag => vec![self.aws(&format!(
                "untag-resource --key-id {} --tag-keys {OPERATION_TAG}",
                self.key
            ))],
            Step::DeleteAlias { alias } => {
                vec![self.aws(&format!("delete-alias --alias-name {alias}"))]
            }
            Step::ScheduleKeyDeletion { days } => vec![self.aws(&format!(
                "schedule-key-deletion --key-id {} --pending-window-in-days {days}",
                self.key
            ))],
            Step::DeleteMaterial => vec![self.aws(&format!(
                "delete-imported-key-material --key-id {}",
                self.key
            ))],
        }
    }

    fn import(
        &self,
        algorithm: &str,
        key_spec: &str,
        import_type: Option<ImportType>,
        expiry: Expiry,
        kms_material_id: Option<&str>,
    ) -> Vec<String> {
        let parameters = self.aws(&format!(
            "get-parameters-for-import --key-id {} --wrapping-algorithm {algorithm} \
             --wrapping-key-spec {key_spec} --query '[PublicKey,ImportToken]' --output text",
            self.key
        ));
        let mut commands = vec![
            format!("{parameters} > parameters.txt"),
            "cut -f1 parameters.txt | openssl base64 -d -A -out wrapping-key.der".into(),
            "cut -f2 parameters.txt | openssl base64 -d -A -out import-token.bin".into(),
        ];
        let hash = if algorithm.ends_with("SHA_256") {
            "sha256"
        } else {
            "sha1"
        };
        let oaep = |input: &str, output: &str| {
            format!(
                "openssl pkeyutl -encrypt -pubin -keyform DER -inkey wrapping-key.der -in {input} \
                 -out {output} -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:{hash} \
                 -pkeyopt rsa_mgf1_md:{hash}"
            )
        };
        if algorithm.starts_with("RSA_AES_KEY_WRAP") {
            commands.push("openssl rand -out one-time.key 32".into());
            commands.push(oaep("one-time.key", "wrapped-key.bin"));
            commands.push(
                "openssl enc -id-aes256-wrap-pad -K \"$(od -An -v -tx1 one-time.key | tr -d ' \\n')\" \
                 -iv A65959A6 -in material.bin -out wrapped-material.bin"
                    .into(),
            );
            commands.push("cat wrapped-key.bin wrapped-material.bin > encrypted.bin".into());
        } else {
            commands.push(oaep("material.bin", "encrypted.bin"));
        }
        let mut import = format!(
            "import-key-material --key-id {} --encrypted-key-material fileb://encrypted.bin \
             --import-token fileb://import-token.bin",
            self.key
        );
        import += &match expiry {
            Expiry::Never => " --expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE".to_owned(),
            Expiry::At(at) => format!(" --expiration-model KEY_MATERIAL_EXPIRES --valid-to {at}"),
        };
        if let Some(import_type) = import_type {
            import += &format!(" --import-type {}", import_type.as_str());
        }
        if let Some(id) = kms_material_id {
            import += &format!(" --key-material-id {}", shell_quoted(id));
        }
        commands.push(self.aws(&import));
        commands
    }

    fn aws(&self, words: &str) -> String {
        format!("aws kms {words}{}", self.ending)
    }
}

/// As JSON, since a tag's value may hold what the short form of the `aws` command takes apart.
fn tags_json(tags: &[Tag]) -> String {
    let list: Vec<_> = tags
        .iter()
        .map(|tag| json!({ "TagKey": tag.key, "TagValue": tag.value }))
        .collect();
    shell_quoted(&serde_json::Value::Array(list).to_string())
}
