//! Whom a key policy can name.

use ownkey_model::{AppError, Principals, RegistrationId, Result};

use crate::Context;

/// The users and roles of a registration's account. What IAM does not list is said, not left out.
pub async fn list_principals(cx: &Context, registration: RegistrationId) -> Result<Principals> {
    let registration = cx
        .blocking(move |cx| cx.store.registration(&registration))
        .await?;
    let session = cx.sign_in_to(&registration).await?;
    let (users, roles) = tokio::join!(session.users(), session.roles());
    let mut principals = Principals::default();
    let mut listed = |answer: Result<Vec<String>>| -> Result<Vec<String>> {
        match answer {
            Ok(arns) => Ok(arns),
            Err(error @ (AppError::AccessDenied { .. } | AppError::ListCutShort)) => {
                principals.refused.push(error);
                Ok(vec![])
            }
            Err(error) => Err(error),
        }
    };
    let (users, roles) = (listed(users)?, listed(roles)?);
    Ok(Principals {
        users,
        roles,
        ..principals
    })
}
