//! STS over the whole way: sessions with tags and policies, and every refusal.

use bytes::Bytes;
use http::Request;
use time::OffsetDateTime;

use crate::encoding::percent_encode;
use crate::sigv4::testing::signed;
use crate::{Options, Sandbox};

#[derive(Clone)]
struct Client {
    sandbox: Sandbox,
    key_id: String,
    secret: String,
    token: Option<String>,
}

impl Client {
    fn new() -> Self {
        Self {
            sandbox: Sandbox::new(Options {
                randomness: Some(3),
                ..Options::default()
            }),
            key_id: "test".to_owned(),
            secret: "test".to_owned(),
            token: None,
        }
    }

    /// The answer, or the code and the sentence of the refusal.
    async fn ask(
        &self,
        service: &str,
        operation: &str,
        members: &[(&str, &str)],
    ) -> Result<String, String> {
        let version = if service == "iam" {
            "2010-05-08"
        } else {
            "2011-06-15"
        };
        let mut form = format!("Version={version}&Action={operation}");
        for (name, value) in members {
            form.push_str(&format!("&{name}={}", percent_encode(value.as_bytes())));
        }
        let mut request = Request::post(format!("https://{service}.amazonaws.com/"))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Bytes::from(form))
            .unwrap();
        if let Some(token) = &self.token {
            let headers = request.headers_mut();
            headers.insert("x-amz-security-token", token.parse().unwrap());
        }
        let signed = if self.key_id.is_empty() {
            request
        } else {
            let (key_id, secret) = (&self.key_id, &self.secret);
            let now = OffsetDateTime::now_utc();
            signed(request, key_id, secret, "eu-west-1", service, now)
        };
        let response = self.sandbox.handle(signed).await.unwrap();
        let status = response.status();
        let xml = String::from_utf8(response.into_body().to_vec()).unwrap();
        if status == 200 {
            return Ok(xml);
        }
        Err(format!(
            "{}: {}",
            element(&xml, "Code"),
            element(&xml, "Message")
        ))
    }

    async fn sts(&self, operation: &str, members: &[(&str, &str)]) -> Result<String, String> {
        self.ask("sts", operation, members).await
    }

    async fn is_refused(&self, operation: &str, members: &[(&str, &str)], code: &str) {
        let refused = self.sts(operation, members).await.unwrap_err();
        assert!(refused.starts_with(code), "{operation}: {refused}");
    }

    /// A role that everybody of the account may assume for these actions.
    async fn make_role(&self, name: &str, actions: &str, condition: &str) {
        let trust = format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"111111111111"}},"Action":{actions}{condition}}}}}"#
        );
        let members = [("RoleName", name), ("AssumeRolePolicyDocument", &trust)];
        self.ask("iam", "CreateRole", &members).await.unwrap();
        let everything = crate::iam::company::ADMINISTRATOR_ACCESS;
        let members = [
            ("RoleName", name),
            ("PolicyName", "all"),
            ("PolicyDocument", everything),
        ];
        self.ask("iam", "PutRolePolicy", &members).await.unwrap();
    }

    async fn assume(&self, role: &str, more: &[(&str, &str)]) -> Result<Self, String> {
        let arn = format!("arn:aws:iam::111111111111:role/{role}");
        let mut members = vec![("RoleArn", arn.as_str()), ("RoleSessionName", "me")];
        members.extend(more);
        Ok(self.with(&self.sts("AssumeRole", &members).await?))
    }

    fn with(&self, xml: &str) -> Self {
        Self {
            sandbox: self.sandbox.clone(),
            key_id: element(xml, "AccessKeyId"),
            secret: element(xml, "SecretAccessKey"),
            token: Some(element(xml, "SessionToken")),
        }
    }
}

fn element(xml: &str, name: &str) -> String {
    let after = xml.split_once(&format!("<{name}>"));
    let text = after.and_then(|(_, after)| after.split_once('<'));
    text.map_or_else(String::new, |(text, _)| text.to_owned())
}

const TAG: [(&str, &str); 2] = [
    ("Tags.member.1.Key", "team"),
    ("Tags.member.1.Value", "blue"),
];

#[tokio::test]
async fn session_tags_need_a_permission_and_count_as_the_principals() {
    let client = Client::new();
    client.make_role("plain", r#""sts:AssumeRole""#, "").await;
    let refused = client.assume("plain", &TAG).await.err().unwrap();
    let sentence = "is not authorized to perform: sts:TagSession on resource";
    assert!(refused.contains(sentence), "{refused}");
    let both = r#"["sts:AssumeRole","sts:TagSession"]"#;
    client.make_role("first", both, "").await;
    let only_blue = r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#;
    client.make_role("second", both, only_blue).await;
    let chain = [TAG[0], TAG[1], ("TransitiveTagKeys.member.1", "team")];
    let untagged = client.assume("first", &[]).await.unwrap();
    assert!(untagged.assume("second", &[]).await.is_err());
    let tagged = client.assume("first", &chain).await.unwrap();
    let second = tagged.assume("second", &[]).await.unwrap();
    // The transitive tag is still there, and cannot be given anew.
    let third = second.assume("second", &[]).await.unwrap();
    third.sts("GetCallerIdentity", &[]).await.unwrap();
    let refused = second.assume("first", &TAG).await.err().unwrap();
    assert!(refused.starts_with("InvalidParameterValue"), "{refused}");
    for (more, code) in [
        (
            vec![("TransitiveTagKeys.member.1", "x")],
            "InvalidParameterValue",
        ),
        (
            vec![
                TAG[0],
                ("Tags.member.2.Key", "TEAM"),
                ("Tags.member.2.Value", ""),
            ],
            "InvalidParameterValue: Duplicate tag keys",
        ),
        (vec![("Tags.member.1.Key", "a*")], "ValidationError"),
        (vec![("SourceIdentity", "x")], "ValidationError"),
    ] {
        let refused = client.assume("first", &more).await.err().unwrap();
        assert!(refused.starts_with(code), "{refused}");
    }
}

#[tokio::test]
async fn a_source_identity_stays_with_the_session() {
    let client = Client::new();
    client.make_role("plain", r#""sts:AssumeRole""#, "").await;
    client
        .make_role("known", r#"["sts:AssumeRole","sts:SetSourceIdentity"]"#, "")
        .await;
    let ada = [("SourceIdentity", "ada")];
    let refused = client.assume("plain", &ada).await.err().unwrap();
    assert!(refused.contains("sts:SetSourceIdentity"), "{refused}");
    let session = client.assume("known", &ada).await.unwrap();
    assert!(session.assume("plain", &[]).await.is_err());
    session.assume("known", &[]).await.unwrap();
    session.assume("known", &ada).await.unwrap();
    assert!(
        session
            .assume("known", &[("SourceIdentity", "bob")])
            .await
            .is_err()
    );
}

#[tokio::test]
async fn managed_policies_narrow_a_session() {
    let client = Client::new();
    client.make_role("plain", r#""sts:AssumeRole""#, "").await;
    let arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    let narrowing = [("PolicyArns.member.1.arn", arn)];
    let session = client.assume("plain", &narrowing).await.unwrap();
    session.ask("iam", "ListUsers", &[]).await.unwrap();
    let name = [("UserName", "new")];
    assert!(session.ask("iam", "CreateUser", &name).await.is_err());
    let inline = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:CreateUser","Resource":"*"}}"#;
    let both = [narrowing[0], ("Policy", inline)];
    let session = client.assume("plain", &both).await.unwrap();
    session.ask("iam", "CreateUser", &name).await.unwrap();
    session.ask("iam", "ListUsers", &[]).await.unwrap();
    assert!(session.ask("iam", "ListRoles", &[]).await.is_ok());
    let unknown = [(
        "PolicyArns.member.1.arn",
        "arn:aws:iam::aws:policy/NoSuchPolicy",
    )];
    let refused = client.assume("plain", &unknown).await.err().unwrap();
    assert!(refused.starts_with("MalformedPolicyDocument"), "{refused}");
    let long = format!("{}{}", inline, " ".repeat(2_048));
    let refused = client
        .assume("plain", &[("Policy", &long)])
        .await
        .err()
        .unwrap();
    assert!(refused.starts_with("PackedPolicyTooLarge"), "{refused}");
}

#[tokio::test]
async fn a_federated_user_has_what_both_sides_allow() {
    let client = Client::new();
    let policy = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"ec2:*","Resource":"*"}}"#;
    let members = [("Name", "guest"), ("Policy", policy)];
    let xml = client.sts("GetFederationToken", &members).await.unwrap();
    assert_eq!(element(&xml, "FederatedUserId"), "111111111111:guest");
    let guest = client.with(&xml);
    let identity = guest.sts("GetCallerIdentity", &[]).await.unwrap();
    let arn = "arn:aws:sts::111111111111:federated-user/guest";
    assert_eq!(element(&identity, "Arn"), arn);
    assert_eq!(element(&identity, "UserId"), "111111111111:guest");
    let role = [
        (
            "RoleArn",
            "arn:aws:iam::222222222222:role/OwnKeyAdministrator",
        ),
        ("RoleSessionName", "me"),
    ];
    guest.is_refused("AssumeRole", &role, "AccessDenied").await;
    guest
        .is_refused("GetFederationToken", &members, "AccessDenied")
        .await;
    guest
        .is_refused("GetSessionToken", &[], "AccessDenied")
        .await;
    let key = [("AccessKeyId", crate::AUDITOR_KEY_ID)];
    let refused = "AccessDenied: Cannot call GetAccessKeyInfo with federation token credentials";
    guest.is_refused("GetAccessKeyInfo", &key, refused).await;
    client
        .is_refused("GetFederationToken", &[("Name", "x")], "ValidationError")
        .await;
}

#[tokio::test]
async fn a_session_may_ask_sts_for_what_it_was_made() {
    let client = Client::new();
    let device = ("SerialNumber", "arn:aws:iam::111111111111:mfa/phone");
    let letters = [device, ("TokenCode", "12a456")];
    client
        .is_refused("GetSessionToken", &letters, "ValidationError")
        .await;
    let xml = client.sts("GetSessionToken", &[]).await.unwrap();
    let session = client.with(&xml);
    session.sts("GetCallerIdentity", &[]).await.unwrap();
    let key = [("AccessKeyId", crate::AUDITOR_KEY_ID)];
    let refused = "AccessDenied: Cannot call GetAccessKeyInfo with session credentials";
    session.is_refused("GetAccessKeyInfo", &key, refused).await;
    client.make_role("plain", r#""sts:AssumeRole""#, "").await;
    let assumed = session.assume("plain", &[]).await.unwrap();
    assumed
        .is_refused("GetSessionToken", &[], "AccessDenied")
        .await;
    assumed.sts("GetAccessKeyInfo", &key).await.unwrap();
}

#[tokio::test]
async fn keys_messages_and_tokens() {
    let client = Client::new();
    let key = [("AccessKeyId", crate::AUDITOR_KEY_ID)];
    let xml = client.sts("GetAccessKeyInfo", &key).await.unwrap();
    assert_eq!(element(&xml, "Account"), "111111111111");
    let unknown = [("AccessKeyId", "AKIANOBODYNOBODY0000")];
    client
        .is_refused("GetAccessKeyInfo", &unknown, "ValidationError")
        .await;
    let message = [("EncodedMessage", "abc")];
    let code = "InvalidAuthorizationMessageException";
    client
        .is_refused("DecodeAuthorizationMessage", &message, code)
        .await;
    let nobody = Client {
        key_id: String::new(),
        ..client.clone()
    };
    let role = ("RoleArn", "arn:aws:iam::111111111111:role/BreakGlass");
    // {"alg":"RS256"} and {"iss":"https://id.example","exp":9999999999}
    let jwt =
        "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2lkLmV4YW1wbGUiLCJleHAiOjk5OTk5OTk5OTl9.c2ln";
    for (token, sentence) in [
        (
            "not-a-token",
            "InvalidIdentityToken: The ID Token provided is not a valid JWT",
        ),
        (jwt, "InvalidIdentityToken: No OpenIDConnect provider found"),
    ] {
        let members = [role, ("RoleSessionName", "me"), ("WebIdentityToken", token)];
        nobody
            .is_refused("AssumeRoleWithWebIdentity", &members, sentence)
            .await;
    }
    let provider = (
        "PrincipalArn",
        "arn:aws:iam::111111111111:saml-provider/none",
    );
    let members = [role, provider, ("SAMLAssertion", "PFJlc3BvbnNlLz4=")];
    nobody
        .is_refused("AssumeRoleWithSAML", &members, "InvalidIdentityToken")
        .await;
    nobody
        .is_refused("AssumeRoleWithSAML", &[role], "ValidationError")
        .await;
    nobody
        .is_refused("GetCallerIdentity", &[], "MissingAuthenticationToken")
        .await;
}
