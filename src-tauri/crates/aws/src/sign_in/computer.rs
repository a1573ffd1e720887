//! Credentials that the computer gives to the programs on it: its environment, an EC2 instance, a
//! container.

use aws_config::{
    ecs::EcsCredentialsProvider, environment::EnvironmentVariableCredentialsProvider,
    imds::credentials::ImdsCredentialsProvider,
};
use aws_credential_types::{Credentials, provider::ProvideCredentials};
use ownkey_model::{AppError, Result};

use super::{Asking, link::ComputerSource};
use crate::asked::innermost;

/// Asks the computer. `NoCredentials` if it has none.
pub(crate) async fn credentials(asking: &Asking, source: ComputerSource) -> Result<Credentials> {
    let settings = asking.provider_config();
    let outcome = match source {
        ComputerSource::Environment => {
            EnvironmentVariableCredentialsProvider::new()
                .provide_credentials()
                .await
        }
        ComputerSource::Ec2InstanceMetadata => {
            ImdsCredentialsProvider::builder()
                .configure(&settings)
                .build()
                .provide_credentials()
                .await
        }
        ComputerSource::EcsContainer => {
            EcsCredentialsProvider::builder()
                .configure(&settings)
                .build()
                .provide_credentials()
                .await
        }
    };
    outcome.map_err(|error| AppError::NoCredentials {
        profile: asking.from.clone(),
        cause: innermost(&error),
    })
}
