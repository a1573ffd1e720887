//! The seeded company: Acme, with a production and an analytics account in six regions.
//!
//! The list wants to look like what a few years of work by several teams leave behind: good names and
//! bad ones, keys nobody remembers, imported material at every point of its life.

use time::{Duration, OffsetDateTime};

use super::draft::{Draft, Planter, byok, imported, native, symmetric};
use super::policies;
use crate::kms::{AWS_SERVICES, KeySpec, KeyUsage, Kms, KmsWorld, aws_managed_key};
use crate::random::Random;

pub(super) const PRODUCTION: &str = "111111111111";
pub(super) const ANALYTICS: &str = "222222222222";
const FEDERAL: &str = "555555555555";
const CHINA: &str = "666666666666";

const FRANKFURT: &str = "eu-central-1";
const IRELAND: &str = "eu-west-1";
const VIRGINIA: &str = "us-east-1";
const OREGON: &str = "us-west-2";
const SINGAPORE: &str = "ap-southeast-1";
const SAO_PAULO: &str = "sa-east-1";

const PAYMENTS_API: &str = "service-role/payments-api";
const ORDERS_WORKER: &str = "service-role/orders-worker";

/// Plants everything.
pub(super) fn plant(kms: &Kms, now: OffsetDateTime) {
    kms.plant(|world| {
        for (account, region, drafts) in [
            (PRODUCTION, FRANKFURT, frankfurt()),
            (PRODUCTION, IRELAND, ireland()),
            (PRODUCTION, VIRGINIA, virginia()),
            (PRODUCTION, OREGON, oregon()),
            (PRODUCTION, SINGAPORE, singapore()),
            (PRODUCTION, SAO_PAULO, sao_paulo()),
            (ANALYTICS, FRANKFURT, analytics_frankfurt()),
            (ANALYTICS, VIRGINIA, analytics_virginia()),
            (ANALYTICS, IRELAND, analytics_ireland()),
            (FEDERAL, "us-gov-west-1", govcloud_west()),
            (FEDERAL, "us-gov-east-1", govcloud_east()),
            (CHINA, "cn-north-1", beijing()),
            (CHINA, "cn-northwest-1", ningxia()),
        ] {
            let mut planter = Planter {
                world,
                account,
                region,
                now,
            };
            for draft in drafts {
                planter.plant(draft);
            }
        }
        plant_multi_region_keys(world, now);
        plant_aws_keys(world, now);
    });
}

fn frankfurt() -> Vec<Draft> {
    vec![
        byok("payments/card-vault")
            .about("Card numbers at rest (PCI DSS 3.6). Material from the HSM in Bonn, custodians A. Weiss and P. Nair.")
            .of("payments", "prod", "cc-4100", "restricted")
            .tag("pci", "in-scope")
            .policy(policies::split(PRODUCTION, "KeyAdministrator", &[PAYMENTS_API]))
            .rotated_on_demand(1)
            .aged(812),
        byok("payments/ledger")
            .about("Double-entry ledger")
            .of("payments", "prod", "cc-4100", "confidential")
            .policy(policies::split(PRODUCTION, "KeyAdministrator", &[PAYMENTS_API]))
            .expires_in(3)
            .aged(727),
        byok("prod-rds-orders")
            .about("RDS: orders cluster")
            .of("orders", "prod", "cc-4200", "confidential")
            .policy(policies::through_service(PRODUCTION, FRANKFURT, "rds"))
            .expires_in(9)
            .aged(356),
        byok("hr/payroll")
            .about("Payroll exports to the bureau")
            .of("people", "prod", "cc-1900", "restricted")
            .expires_in(12)
            .aged(353),
        imported("payments/webhook-mac", KeySpec::Hmac256, KeyUsage::GenerateVerifyMac)
            .about("Signs webhooks to merchants")
            .of("payments", "prod", "cc-4100", "internal")
            .expires_in(21)
            .aged(344),
        byok("prod-s3-customer-documents")
            .about("Uploaded documents, replicated to Ireland")
            .of("documents", "prod", "cc-4300", "confidential")
            .policy(policies::shared_with(PRODUCTION, ANALYTICS))
            .expires_in(28)
            .aged(337),
        byok("prod-ebs-default")
            .about("Default for EBS volumes")
            .of("platform", "prod", "cc-2000", "internal")
            .expires_in(187)
            .aged(178),
        byok("orders/invoices")
            .about("Invoices, kept ten years")
            .of("orders", "prod", "cc-4200", "confidential")
            .with_pending_material()
            .expires_in(74)
            .aged(291),
        imported("identity/session-mac", KeySpec::Hmac512, KeyUsage::GenerateVerifyMac)
            .about("Session cookies of the customer portal")
            .of("identity", "prod", "cc-2100", "internal")
            .aged(240),
        imported("legal/contract-signing", KeySpec::Rsa3072, KeyUsage::SignVerify)
            .about("Advanced electronic signatures, certificate serial 4F:1B:09")
            .of("legal", "prod", "cc-1700", "restricted")
            .policy(policies::split(PRODUCTION, "KeyAdministrator", &[ORDERS_WORKER]))
            .aged(602),
        imported("identity/oidc-issuer", KeySpec::EccNistP256, KeyUsage::SignVerify)
            .about("Signs ID tokens")
            .of("identity", "prod", "cc-2100", "internal")
            .aged(415),
        byok("legacy/backup-2023")
            .about("Tape successor; keep until the retention ends")
            .of("platform", "prod", "cc-2000", "confidential")
            .expires_in(-14)
            .aged(379),
        byok("prod-dynamodb-sessions")
            .about("Waiting for the key ceremony")
            .of("identity", "prod", "cc-2100", "internal")
            .without_material()
            .aged(6),
        byok("crm/exports-old")
            .about("Replaced by documents; disabled until the audit is closed")
            .of("sales", "prod", "cc-3000", "confidential")
            .disabled()
            .aged(1_015),
        byok("poc/hsm-trial")
            .about("Trial of the new HSM")
            .of("security", "dev", "cc-2200", "test")
            .deleted_in(11)
            .aged(88),
        symmetric("prod-rds-inventory")
            .about("RDS: inventory cluster")
            .of("logistics", "prod", "cc-4400", "internal")
            .policy(policies::through_service(PRODUCTION, FRANKFURT, "rds"))
            .rotated_every(365)
            .aged(910),
        symmetric("prod-sqs-events")
            .about("Domain events")
            .of("platform", "prod", "cc-2000", "internal")
            .rotated_every(180)
            .aged(402),
        symmetric("prod-lambda-env")
            .about("Environment variables of functions")
            .of("platform", "prod", "cc-2000", "internal")
            .policy(policies::with_deleted_principals(PRODUCTION))
            .aged(640),
        native("partners/edi-inbound", KeySpec::Rsa4096, KeyUsage::EncryptDecrypt)
            .about("Partners encrypt EDI files to this key")
            .of("orders", "prod", "cc-4200", "confidential")
            .aged(520),
        native("platform/artifact-signing", KeySpec::EccNistP384, KeyUsage::SignVerify)
            .about("Container images and release artefacts")
            .of("platform", "prod", "cc-2000", "internal")
            .aged(301),
        native("platform/csrf-mac", KeySpec::Hmac384, KeyUsage::GenerateVerifyMac)
            .of("platform", "prod", "cc-2000", "internal")
            .aged(301),
        symmetric("old/intranet").about("Do not delete, ask Jürgen").disabled().aged(1_390),
        symmetric("old/jenkins").about("CI before the move").deleted_in(24).aged(1_390),
        symmetric("unnamed-frankfurt").without_alias().aged(1_120),
    ]
}

fn ireland() -> Vec<Draft> {
    vec![
        symmetric("dr/rds-orders")
            .about("Disaster recovery: orders")
            .of("orders", "dr", "cc-4200", "confidential")
            .rotated_every(365)
            .aged(610),
        symmetric("dr/s3-customer-documents")
            .about("Replica bucket of customer documents")
            .of("documents", "dr", "cc-4300", "confidential")
            .policy(policies::shared_with(PRODUCTION, ANALYTICS))
            .rotated_every(365)
            .aged(336),
        byok("dr/card-vault")
            .about("Disaster recovery of the card vault")
            .of("payments", "dr", "cc-4100", "restricted")
            .expires_in(203)
            .aged(162),
        native(
            "identity/jwe-decryption",
            KeySpec::Rsa2048,
            KeyUsage::EncryptDecrypt,
        )
        .about("Opens encrypted requests of the mobile app")
        .of("identity", "prod", "cc-2100", "internal")
        .aged(150),
        symmetric("unnamed-ireland")
            .about("<img src=x onerror=\"alert('kms')\"> ${7*7} '; DROP TABLE keys; --")
            .tag("owner", "=cmd+calc")
            .without_alias()
            .aged(45),
    ]
}

fn virginia() -> Vec<Draft> {
    vec![
        symmetric("prod-s3-logs")
            .about("CloudTrail and access logs")
            .of("security", "prod", "cc-2200", "internal")
            .policy(policies::through_service(PRODUCTION, VIRGINIA, "s3"))
            .rotated_every(365)
            .aged(1_480),
        byok("marketing/newsletter-list")
            .about("Subscribers (US)")
            .of("marketing", "prod", "cc-3100", "confidential")
            .expires_in(46)
            .aged(319),
        imported(
            "partners/api-hmac",
            KeySpec::Hmac224,
            KeyUsage::GenerateVerifyMac,
        )
        .about("Old partners cannot do more than SHA-224")
        .of("orders", "prod", "cc-4200", "internal")
        .aged(980),
        imported(
            "treasury/usdc-hot-wallet",
            KeySpec::EccSecgP256k1,
            KeyUsage::SignVerify,
        )
        .about("Settlement wallet; quorum of three")
        .of("treasury", "prod", "cc-1500", "restricted")
        .policy(policies::split(
            PRODUCTION,
            "KeyAdministrator",
            &[PAYMENTS_API],
        ))
        .expires_in(119)
        .aged(246),
        imported(
            "partners/sftp-escrow",
            KeySpec::Rsa2048,
            KeyUsage::EncryptDecrypt,
        )
        .about("Escrow; material lapsed with the contract")
        .of("legal", "prod", "cc-1700", "confidential")
        .expires_in(-61)
        .aged(426),
        symmetric("staging/everything")
            .about("One key for all of staging")
            .of("platform", "staging", "cc-2000", "test")
            .aged(700),
        symmetric("unnamed-virginia")
            .about(endless_description())
            .without_alias()
            .aged(77),
    ]
}

fn oregon() -> Vec<Draft> {
    vec![
        symmetric("search/index")
            .about("OpenSearch domain")
            .of("search", "prod", "cc-4500", "internal")
            .rotated_every(365)
            .aged(530),
        byok("search/query-log")
            .about("Query logs with user ids")
            .of("search", "prod", "cc-4500", "confidential")
            .expires_in(-2)
            .aged(366),
        native(
            "devices/provisioning",
            KeySpec::EccNistP256,
            KeyUsage::KeyAgreement,
        )
        .about("Key agreement with warehouse scanners")
        .of("logistics", "prod", "cc-4400", "internal")
        .aged(204),
    ]
}

fn singapore() -> Vec<Draft> {
    vec![
        symmetric("apac/rds-orders")
            .about("RDS: orders APAC")
            .of("orders", "prod", "cc-4210", "confidential")
            .rotated_every(365)
            .aged(455),
        byok("apac/loyalty")
            .about("عملاء الولاء / 忠诚度计划")
            .of("loyalty", "prod", "cc-4210", "confidential")
            .tag("الفريق", "ولاء العملاء")
            .tag("担当", "アジア太平洋 物流")
            .expires_in(262)
            .aged(103),
        byok("apac/hsm-ceremony-2")
            .about("Second ceremony is on the 14th")
            .of("security", "prod", "cc-2200", "restricted")
            .without_material()
            .aged(2),
    ]
}

fn sao_paulo() -> Vec<Draft> {
    vec![
        byok("latam/nota-fiscal")
            .about("Notas fiscais eletrônicas, guarda de 5 anos")
            .of("tax", "prod", "cc-1600", "confidential")
            .expires_in(329)
            .aged(36),
        native(
            "latam/pix-mac",
            KeySpec::Hmac256,
            KeyUsage::GenerateVerifyMac,
        )
        .about("Pix notifications")
        .of("payments", "prod", "cc-4110", "internal")
        .aged(290),
    ]
}

fn analytics_frankfurt() -> Vec<Draft> {
    vec![
        symmetric("lake/raw")
            .about("Data lake, landing zone")
            .of("analytics", "prod", "cc-5100", "confidential")
            .rotated_every(365)
            .aged(640),
        symmetric("lake/curated")
            .about("Data lake, curated zone")
            .of("analytics", "prod", "cc-5100", "internal")
            .rotated_every(365)
            .aged(640),
        byok("lake/pii-tokens")
            .about("Tokenisation of personal data")
            .of("analytics", "prod", "cc-5100", "restricted")
            .policy(policies::split(
                ANALYTICS,
                "OwnKeyAdministrator",
                &["DataEngineer"],
            ))
            .expires_in(16)
            .aged(349),
        imported(
            "lake/pseudonyms",
            KeySpec::Hmac256,
            KeyUsage::GenerateVerifyMac,
        )
        .about("Pseudonyms are HMACs under this key: losing it breaks every join")
        .of("analytics", "prod", "cc-5100", "restricted")
        .aged(633),
        symmetric("glue/catalog")
            .of("analytics", "prod", "cc-5100", "internal")
            .policy(policies::through_service(ANALYTICS, FRANKFURT, "glue"))
            .aged(500),
    ]
}

fn analytics_virginia() -> Vec<Draft> {
    vec![
        symmetric("redshift/warehouse")
            .about("Redshift cluster")
            .of("analytics", "prod", "cc-5200", "confidential")
            .rotated_every(365)
            .aged(498),
        byok("ml/training-sets")
            .about("Training data under customer contract")
            .of("data-science", "prod", "cc-5300", "restricted")
            .expires_in(-30)
            .aged(395),
        symmetric("ml/sandbox")
            .of("data-science", "dev", "cc-5300", "test")
            .disabled()
            .aged(260),
    ]
}

fn analytics_ireland() -> Vec<Draft> {
    vec![
        byok("reports/regulator")
            .about("Reports to the regulator")
            .of("risk", "prod", "cc-5400", "restricted")
            .expires_in(95)
            .aged(270),
        symmetric("quicksight/spice")
            .of("analytics", "prod", "cc-5200", "internal")
            .aged(180),
    ]
}

fn govcloud_west() -> Vec<Draft> {
    vec![
        byok("federal/case-files")
            .about("Case files of the agency, IL4")
            .of("federal", "prod", "cc-6100", "restricted")
            .expires_in(57)
            .aged(210),
        symmetric("federal/logs")
            .about("CloudTrail")
            .of("federal", "prod", "cc-6100", "internal")
            .rotated_every(365)
            .aged(410),
        imported(
            "federal/document-signing",
            KeySpec::EccNistP384,
            KeyUsage::SignVerify,
        )
        .about("Signs notices")
        .of("federal", "prod", "cc-6100", "restricted")
        .aged(122),
    ]
}

fn govcloud_east() -> Vec<Draft> {
    vec![
        byok("federal/dr-case-files")
            .about("Disaster recovery of the case files")
            .of("federal", "dr", "cc-6100", "restricted")
            .without_material()
            .aged(9),
    ]
}

fn beijing() -> Vec<Draft> {
    vec![
        byok("china/orders")
            .about("中国区订单")
            .of("orders", "prod", "cc-7100", "confidential")
            .expires_in(33)
            .aged(88),
        symmetric("china/logs")
            .of("platform", "prod", "cc-7100", "internal")
            .rotated_every(365)
            .aged(300),
    ]
}

fn ningxia() -> Vec<Draft> {
    vec![
        byok("china/orders-backup")
            .about("中国区订单备份")
            .of("orders", "dr", "cc-7100", "confidential")
            .without_material()
            .aged(5),
    ]
}

fn plant_multi_region_keys(world: &mut KmsWorld, now: OffsetDateTime) {
    let mut planter = Planter {
        world,
        account: PRODUCTION,
        region: FRANKFURT,
        now,
    };
    let pii = planter.plant(
        byok("global/customer-pii")
            .about("Personal data of customers, all regions")
            .of("identity", "prod", "cc-2100", "restricted")
            .policy(policies::split(
                PRODUCTION,
                "KeyAdministrator",
                &[ORDERS_WORKER, PAYMENTS_API],
            ))
            .multi_region()
            .expires_in(140)
            .aged(224),
    );
    planter.replicate(&pii, VIRGINIA, Some(Some(140)));
    // Its material ran out in Ireland while the primary key is fine.
    planter.replicate(&pii, IRELAND, None);
    let tokens = planter.plant(
        byok("global/token-service")
            .about("Token service, active-active")
            .of("identity", "prod", "cc-2100", "confidential")
            .multi_region()
            .aged(19),
    );
    planter.replicate(&tokens, OREGON, Some(None));
    // Nobody has imported the material in Singapore yet.
    planter.replicate(&tokens, SINGAPORE, None);
    let config = planter.plant(
        symmetric("global/config")
            .about("Configuration of services")
            .of("platform", "prod", "cc-2000", "internal")
            .multi_region()
            .rotated_every(365)
            .aged(580),
    );
    planter.replicate(&config, OREGON, Some(None));
    planter.replicate(&config, SAO_PAULO, Some(None));
    let created = now - Duration::days(31);
    planter.alias("shared-config", &config, created);
    planter.alias("platform/bootstrap", &config, created);
}

/// AWS managed keys where services were used, and the aliases that AWS predefines for the others.
fn plant_aws_keys(world: &mut KmsWorld, now: OffsetDateTime) {
    let rng = Random::seeded(0x0000_acce);
    let regions = [FRANKFURT, IRELAND, VIRGINIA, OREGON, SINGAPORE, SAO_PAULO];
    for account in [PRODUCTION, ANALYTICS] {
        for region in regions {
            if world.room(account, region).is_none() {
                continue;
            }
            let mut used = vec!["s3", "ebs"];
            if region == FRANKFURT {
                used.push("rds");
            }
            for service in AWS_SERVICES {
                let name = format!("alias/aws/{service}");
                if used.contains(&service) {
                    let created = now - Duration::days(311);
                    let key = aws_managed_key(account, region, service, created, &rng);
                    let at = world.add(account, region, key);
                    world.point_alias(account, region, &name, Some(&at.id), created);
                } else {
                    world.point_alias(account, region, &name, None, now);
                }
            }
        }
    }
}

/// The longest description AWS takes is 8192 characters; someone pasted a runbook.
fn endless_description() -> String {
    let mut text = String::from("RUNBOOK, do not shorten. ");
    let mut step = 1;
    while text.len() < 4_000 {
        text.push_str(&format!(
            "Step {step}: call the on-call engineer, note time and ticket, wait for the second pair \
             of eyes. "
        ));
        step += 1;
    }
    text
}
