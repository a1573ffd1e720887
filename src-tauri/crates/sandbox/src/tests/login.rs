//! A session of `aws login`: renewed by the holder of its key, until it ends.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::*;

const ENDPOINT: &str = "https://signin.aws.amazon.com/v1/token";

fn key() -> EcdsaKeyPair {
    EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap()
}

fn proof(key: &EcdsaKeyPair, address: &str) -> String {
    let base64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let point = key.public_key().as_ref();
    let (x, y) = (base64(&point[1..33]), base64(&point[33..]));
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": {"kty": "EC", "crv": "P-256", "x": x, "y": y}});
    let now = OffsetDateTime::now_utc().unix_timestamp();
    let payload = json!({"jti": "1", "htm": "POST", "htu": address, "iat": now});
    let message = [header, payload].map(|part| base64(part.to_string().as_bytes()));
    let message = message.join(".");
    let signature = key.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    format!("{message}.{}", base64(signature.as_ref()))
}

async fn renewed(sandbox: &Sandbox, session: &Value, proof: &str) -> (u16, Value) {
    let body = json!({
        "clientId": "arn:aws:signin:::devtools/same-device",
        "grantType": "refresh_token",
        "refreshToken": session["refreshToken"],
    });
    let request = Request::post(ENDPOINT)
        .header("dpop", proof)
        .body(Bytes::from(body.to_string()))
        .unwrap();
    let response = sandbox.handle(request).await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(response.body()).unwrap())
}

fn client(sandbox: &Sandbox, session: &Value) -> Client {
    let text = |name: &str| session["accessToken"][name].as_str().unwrap().to_owned();
    Client {
        key_id: text("accessKeyId"),
        secret: text("secretAccessKey"),
        token: Some(text("sessionToken")),
        ..Client::new(sandbox, "")
    }
}

#[tokio::test]
async fn a_session_is_renewed_by_its_key_until_it_ends() {
    let sandbox = company();
    let user = "arn:aws:iam::111111111111:user/priya.nair";
    let begun: Value = serde_json::from_str(&sandbox.begin_login(user).unwrap()).unwrap();
    assert!(
        sandbox
            .begin_login("arn:aws:iam::111111111111:user/nobody")
            .is_none()
    );
    let (_, xml) = client(&sandbox, &begun)
        .query("sts", "Action=GetCallerIdentity")
        .await
        .unwrap();
    assert_eq!(element(&xml, "Arn"), user);

    let (own, other) = (key(), key());
    sandbox.advance(Duration::from_secs(901));
    assert_eq!(
        client(&sandbox, &begun)
            .kms("ListKeys", "{}")
            .await
            .unwrap()
            .0,
        400
    );
    let elsewhere = proof(&own, "https://signin.aws.amazon.com/v1/other");
    for wrong in [elsewhere.as_str(), "a.b.c", ""] {
        let (status, body) = renewed(&sandbox, &begun, wrong).await;
        assert_eq!((status, &body["error"]), (400, &json!("INVALID_REQUEST")));
    }
    let (status, next) = renewed(&sandbox, &begun, &proof(&own, ENDPOINT)).await;
    assert_eq!((status, &next["expiresIn"]), (200, &json!(900)));
    assert_eq!(
        client(&sandbox, &next)
            .kms("ListKeys", "{}")
            .await
            .unwrap()
            .0,
        200
    );

    let sandbox = Sandbox::resume(Options::default(), &sandbox.state()).unwrap();
    let expired = json!("TOKEN_EXPIRED");
    for (session, key) in [(&begun, &own), (&next, &other)] {
        let (status, body) = renewed(&sandbox, session, &proof(key, ENDPOINT)).await;
        assert_eq!((status, &body["error"]), (400, &expired));
    }
    let (status, last) = renewed(&sandbox, &next, &proof(&own, ENDPOINT)).await;
    assert_eq!(status, 200, "{last}");
    sandbox.advance(Duration::from_secs(12 * 3_600));
    let (_, body) = renewed(&sandbox, &last, &proof(&own, ENDPOINT)).await;
    assert_eq!(body["error"], expired);
    let asked: Vec<_> = sandbox
        .calls()
        .into_iter()
        .map(|call| (call.service, call.operation))
        .collect();
    assert!(asked.contains(&("signin".into(), "CreateOAuth2Token".into())));
}
