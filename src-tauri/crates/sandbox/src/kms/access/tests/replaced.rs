//! Principals that are replaced by others of the same name.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::json;

use super::{DENIED, OWN, allow, anna, key, root};
use crate::iam::caller::Caller;
use crate::kms::testing::{Bench, user};
use crate::kms::{Principals, policy};
use crate::regions::Partition;

/// Principals that come and go.
#[derive(Default)]
struct Staff(Mutex<BTreeMap<String, String>>);

impl Staff {
    fn hire(&self, arn: &str, id: &str) {
        self.0.lock().unwrap().insert(arn.to_owned(), id.to_owned());
    }
}

impl Principals for Staff {
    fn exist(&self, name: &str, _: Partition) -> bool {
        name.ends_with(":root") || self.0.lock().unwrap().contains_key(name)
    }

    fn unique_id(&self, arn: &str) -> Option<String> {
        self.0.lock().unwrap().get(arn).cloned()
    }

    fn arn(&self, id: &str) -> Option<String> {
        let staff = self.0.lock().unwrap();
        let known = staff.iter().find(|(_, known)| *known == id);
        known.map(|(arn, _)| arn.clone())
    }
}

#[tokio::test]
async fn a_new_principal_of_the_same_name_is_another_one() {
    let staff = Arc::new(Staff::default());
    let arn = anna(OWN);
    staff.hire(&arn, "AIDAFIRST");
    let mut bench = Bench::among(Arc::<Staff>::clone(&staff));
    let look = json!({"Effect": "Allow", "Principal": {"AWS": root(OWN)}, "Action": "kms:*", "Resource": "*"});
    let key = key(&mut bench, &[look, allow(&arn)]).await;
    let anna = |id: &str| Caller {
        user_id: id.to_owned(),
        ..user(OWN, "anna", &[])
    };
    let shown = |bench: &Bench| {
        let asked = json!({ "KeyId": key });
        let call = bench.call();
        let answer = policy::get_key_policy(
            &bench.kms,
            &call,
            crate::kms::parse::Input::new(asked.as_object().unwrap()),
        );
        answer.unwrap()["Policy"].as_str().unwrap().to_owned()
    };
    let put = shown(&bench);
    bench.caller = Some(anna("AIDAFIRST"));
    assert_eq!(
        bench.code("DescribeKey", json!({ "KeyId": key })).await,
        "ok"
    );
    staff.hire(&arn, "AIDASECOND");
    bench.caller = Some(anna("AIDASECOND"));
    let asked = bench.code("DescribeKey", json!({ "KeyId": key })).await;
    assert_eq!(asked, DENIED);
    bench.caller = None;
    assert_eq!(shown(&bench), put.replace(&arn, "AIDAFIRST"));
    // Put again, the name means whoever has it now; the id of who is gone means nobody.
    let again = json!({"KeyId": key, "Policy": put});
    assert_eq!(bench.code("PutKeyPolicy", again).await, "ok");
    let gone = json!({"KeyId": key, "Policy": put.replace(&arn, "AIDAFIRST")});
    let refused = bench.code("PutKeyPolicy", gone).await;
    assert_eq!(refused, "MalformedPolicyDocumentException");
    bench.caller = Some(anna("AIDASECOND"));
    assert_eq!(
        bench.code("DescribeKey", json!({ "KeyId": key })).await,
        "ok"
    );
}
