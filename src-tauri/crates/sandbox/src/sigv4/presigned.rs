//! Signatures in the query of an address that was given away, which S3 takes for a while.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use http::request::Parts;
use time::{Duration, OffsetDateTime};

use super::{ALGORITHM, Authorization, SignatureProblem, SigningTime, TOLERANCE};
use crate::query::Params;

/// Seven days, in seconds.
const LONGEST: i64 = 604_800;

/// What only such an address says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Presigned {
    pub(super) signed_at: String,
    lasts: i64,
    token: Option<String>,
}

impl Authorization {
    /// What the `Authorization` header says, or in its place the query.
    pub(crate) fn of(head: &Parts) -> Result<Self, SignatureProblem> {
        let query = head.uri.query();
        match Self::read(&head.headers) {
            Err(SignatureProblem::Missing)
                if query.is_some_and(|query| query.contains("X-Amz-Algorithm=")) =>
            {
                Self::read_query(&Params::read(query, b""))
            }
            read => read,
        }
    }

    fn read_query(query: &Params) -> Result<Self, SignatureProblem> {
        let refused = |sentence: &str| SignatureProblem::IncompleteQuery(sentence.to_owned());
        let need = |name: &str| {
            query.one(name).ok_or_else(|| {
                refused(
                    "Query-string authentication version 4 requires the X-Amz-Algorithm, \
                     X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and \
                     X-Amz-Expires parameters.",
                )
            })
        };
        if need("X-Amz-Algorithm")? != ALGORITHM {
            let sentence = "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"";
            return Err(refused(sentence));
        }
        let lasts: i64 = need("X-Amz-Expires")?
            .parse()
            .map_err(|_| refused("X-Amz-Expires should be a number"))?;
        if lasts < 0 {
            return Err(refused("X-Amz-Expires must be non-negative"));
        }
        if lasts > LONGEST {
            return Err(refused(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given \
                 X-Amz-Expires must be less than 604800 seconds",
            ));
        }
        let credential = need("X-Amz-Credential")?;
        let (headers, signature) = (need("X-Amz-SignedHeaders")?, need("X-Amz-Signature")?);
        let mut read = Self::of_parts(credential, headers, signature).map_err(|_| {
            refused(
                "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; \
                 expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            )
        })?;
        read.presigned = Some(Presigned {
            signed_at: need("X-Amz-Date")?.to_owned(),
            lasts,
            token: query.one("X-Amz-Security-Token").map(str::to_owned),
        });
        Ok(read)
    }

    /// The session token that comes along.
    pub(crate) fn token<'a>(&'a self, head: &'a Parts) -> Option<&'a [u8]> {
        let given = head.headers.get("x-amz-security-token");
        let in_query = || self.presigned.as_ref()?.token.as_ref();
        given
            .map(http::HeaderValue::as_bytes)
            .or_else(|| in_query().map(String::as_bytes))
    }
}

impl Presigned {
    pub(super) fn timely(
        &self,
        signed_at: &SigningTime,
        real_now: OffsetDateTime,
    ) -> Result<(), SignatureProblem> {
        if signed_at.time > real_now + TOLERANCE {
            let sentence = "Request is not valid yet".to_owned();
            return Err(SignatureProblem::Expired(sentence));
        }
        if signed_at.time + Duration::seconds(self.lasts) < real_now {
            let sentence = "Request has expired".to_owned();
            return Err(SignatureProblem::Expired(sentence));
        }
        Ok(())
    }
}
