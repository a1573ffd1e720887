//! One request to S3, read: its bucket, key, parameters, headers and body.

use std::borrow::Cow;

use http::request::Parts;
use time::OffsetDateTime;

use super::errors::{access_denied, host_id, invalid_argument, method_not_allowed, no_such_bucket};
use super::operation::Target;
use super::read_xml::Element;
use super::state::{Bucket, State};
use super::streamed::{self, Trailers};
use crate::api::{ApiError, Call};
use crate::neighbours::Around;
use crate::protocol::Rest;
use crate::query::Params;
use crate::regions::Partition;
use crate::sigv4::chunked;
use crate::xml::Xml;

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// What is asked.
pub(super) struct Asked<'a> {
    pub(super) around: &'a Around<'a>,
    pub(super) call: &'a Call,
    pub(super) operation: &'a str,
    pub(super) head: &'a Parts,
    pub(super) query: Params,
    pub(super) bucket: String,
    /// Empty if the bucket itself is meant.
    pub(super) key: String,
    /// As the client means it: out of its chunks.
    pub(super) body: Cow<'a, [u8]>,
    trailers: Trailers,
}

impl<'a> Asked<'a> {
    pub(super) fn read(
        around: &'a Around<'a>,
        call: &'a Call,
        operation: &'a str,
        head: &'a Parts,
        body: &'a [u8],
    ) -> Result<Self, ApiError> {
        let target = Target::read(head.uri.path())
            .ok_or_else(|| ApiError::new("InvalidURI", "Couldn't parse the specified URI."))?;
        let (body, trailers) = if chunked::is_chunked(&head.headers) {
            let (body, trailers) = streamed::read(&head.headers, body)?;
            (Cow::Owned(body), trailers)
        } else {
            (Cow::Borrowed(body), Vec::new())
        };
        Ok(Self {
            around,
            call,
            operation,
            head,
            query: Params::read(head.uri.query(), b""),
            bucket: target.bucket,
            key: target.key,
            body,
            trailers,
        })
    }

    pub(super) fn now(&self) -> OffsetDateTime {
        self.call.now
    }

    pub(super) fn partition(&self) -> Partition {
        self.call.caller.partition
    }

    /// A header, a trailer, or what a presigned address says in place of one.
    pub(super) fn header(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some(value) = self.head.headers.get(name) {
            return Some(String::from_utf8_lossy(value.as_bytes()));
        }
        let trailer = self.trailers.iter().find(|(known, _)| known == name);
        let given = trailer.map(|(_, value)| value.as_str());
        let hoisted = || self.query.one(name).filter(|_| name.starts_with("x-amz-"));
        given.or_else(hoisted).map(Cow::Borrowed)
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.header(name).is_some()
    }

    pub(super) fn state(&self) -> std::sync::RwLockReadGuard<'_, State> {
        self.around.neighbours.s3.read()
    }

    /// Looks at the bucket that is asked for.
    pub(super) fn with_bucket<T>(
        &self,
        look: impl FnOnce(&Bucket) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let state = self.state();
        let bucket = state.bucket(self.partition(), &self.bucket);
        look(bucket.ok_or_else(|| no_such_bucket(&self.bucket))?)
    }

    /// Changes it.
    pub(super) fn change_bucket<T>(
        &self,
        change: impl FnOnce(&mut Bucket) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let mut state = self.around.neighbours.s3.write(self.around.revision);
        let bucket = state.bucket_mut(self.partition(), &self.bucket);
        change(bucket.ok_or_else(|| no_such_bucket(&self.bucket))?)
    }

    /// The bucket is there, in the region that is asked, and belongs to whom the client expects.
    pub(super) fn check_bucket(&self) -> Result<(), ApiError> {
        self.with_bucket(|bucket| {
            let anywhere = self.operation == "GetBucketLocation" && self.call.region == "us-east-1";
            if bucket.region != self.call.region && !anywhere {
                return Err(redirect(bucket, self.partition()));
            }
            self.check_owner(bucket, "x-amz-expected-bucket-owner")
        })
    }

    /// The bucket belongs to whom the header says, if it says it.
    pub(super) fn check_owner(&self, bucket: &Bucket, header: &str) -> Result<(), ApiError> {
        match self.header(header) {
            Some(owner) if !is_account(&owner) => Err(invalid_argument(
                format!(
                    "The value of the expected bucket owner parameter must be an AWS Account ID... \
                     [{header}]"
                ),
                header,
                owner,
            )),
            Some(owner) if *owner != *bucket.account => Err(access_denied()),
            _ => Ok(()),
        }
    }

    /// Only the owner may do it, whatever a policy says.
    pub(super) fn only_owner(&self) -> Result<(), ApiError> {
        self.with_bucket(|bucket| {
            if bucket.account == self.call.account {
                Ok(())
            } else {
                Err(method_not_allowed(self.head.method.as_str()))
            }
        })
    }

    pub(super) fn document(&self, root: &str) -> Result<Element, ApiError> {
        Element::document(&self.body, root)
    }

    /// The bucket's ARN.
    pub(super) fn bucket_arn(&self) -> String {
        bucket_arn(self.partition(), &self.bucket)
    }

    pub(super) fn object_arn(&self) -> String {
        format!("{}/{}", self.bucket_arn(), self.key)
    }

    /// A number in the query between 0 and `most`, which is also what is taken if there is none.
    pub(super) fn number(&self, name: &str, most: usize) -> Result<usize, ApiError> {
        let Some(text) = self.query.one(name) else {
            return Ok(most);
        };
        match text.parse::<i32>() {
            Ok(number) if number < 0 => Err(invalid_argument(
                format!("Argument {name} must be an integer between 0 and 2147483647"),
                name,
                text,
            )),
            Ok(number) => Ok((number as usize).min(most)),
            Err(_) => Err(invalid_argument(
                format!("Provided {name} not an integer or within integer range"),
                name,
                text,
            )),
        }
    }

    /// An answer of XML.
    pub(super) fn xml(&self, root: &str, inner: Xml) -> Rest {
        let body = Xml::root(root, NAMESPACE, inner);
        let mut rest = self.empty(200);
        rest.body = body.into();
        rest.with("content-type", "application/xml")
    }

    /// An answer without a body.
    pub(super) fn empty(&self, status: u16) -> Rest {
        Rest {
            status,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        }
        .with("x-amz-id-2", host_id(&self.call.request_id))
        .with("server", "AmazonS3")
    }
}

impl Rest {
    /// The same with a header.
    pub(super) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The same with a header, if there is one.
    pub(super) fn maybe(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }
}

pub(super) fn bucket_arn(partition: Partition, bucket: &str) -> String {
    format!("arn:{}:s3:::{bucket}", partition.word())
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where the client should ask.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Redirects.html>
fn redirect(bucket: &Bucket, partition: Partition) -> ApiError {
    let sentence = "The bucket you are attempting to access must be addressed using the specified \
                    endpoint. Please send all future requests to this endpoint.";
    let endpoint = format!(
        "{}.s3.{}.{}",
        bucket.name,
        bucket.region,
        partition.domain()
    );
    ApiError::new("PermanentRedirect", sentence)
        .with_status(301)
        .about("Endpoint", endpoint)
        .about("Bucket", &bucket.name)
        .about("x-amz-bucket-region", &bucket.region)
}
