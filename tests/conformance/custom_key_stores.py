"""Custom key stores of both kinds, and the keys in them."""

import itertools
import random
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from asserting import has, near, pages, refused, same, state, until, without_doubles
from checks import group
from material import create, round_trip
from place import HERE

check = group("Custom key stores")

PASSWORD = "kmsPswd-of-kmsuser"
UNSUPPORTED = "UnsupportedOperationException"
_numbers = itertools.count(1)


def cluster(aws):
    """An active CloudHSM cluster that no key store uses: its id and the certificate of its trust anchor."""
    hsm = aws.client("cloudhsmv2", HERE)
    for found in hsm.describe_clusters()["Clusters"]:
        if found["State"] == "ACTIVE":
            return found["ClusterId"], found["Certificates"]["ClusterCertificate"]
    raise AssertionError("there is no active CloudHSM cluster")


def described(kms, store):
    (found,) = kms.describe_custom_key_stores(CustomKeyStoreId=store)["CustomKeyStores"]
    return found


def connect(kms, store):
    kms.connect_custom_key_store(CustomKeyStoreId=store)
    until(lambda: described(kms, store)["ConnectionState"] == "CONNECTED", "the key store is connected")


def disconnect(kms, store):
    kms.disconnect_custom_key_store(CustomKeyStoreId=store)
    until(lambda: described(kms, store)["ConnectionState"] == "DISCONNECTED", "the key store is disconnected")


def shared_rules(aws, kms, store, key, made_with):
    """What keys in both kinds of key stores have in common."""
    round_trip(kms, key)
    round_trip(kms, key, EncryptionContext={"a": "b"})
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    same(kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"], made["Plaintext"])
    blob = round_trip(kms, key)
    for ask in (kms.enable_key_rotation, kms.rotate_key_on_demand):
        refused(UNSUPPORTED, ask, KeyId=key)
    wrapping = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    refused(UNSUPPORTED, kms.get_parameters_for_import, KeyId=key, **wrapping)
    wrong = (UNSUPPORTED, "ValidationException")
    refused(wrong, kms.create_key, **made_with, MultiRegion=True)
    refused(wrong, kms.create_key, **made_with, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    # Connected, and not empty: which of the two is told, AWS's documentation leaves open.
    either = ("CustomKeyStoreHasCMKsException", "CustomKeyStoreInvalidStateException")
    refused(either, kms.delete_custom_key_store, CustomKeyStoreId=store)
    disconnect(kms, store)
    same(state(kms, key), "Unavailable")
    refused("KMSInvalidStateException", kms.encrypt, KeyId=key, Plaintext=b"x")
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
    invalid = "CustomKeyStoreInvalidStateException"
    refused(invalid, kms.create_key, **made_with)
    refused(invalid, kms.disconnect_custom_key_store, CustomKeyStoreId=store)
    refused("CustomKeyStoreHasCMKsException", kms.delete_custom_key_store, CustomKeyStoreId=store)
    connect(kms, store)
    same(state(kms, key), "Enabled")
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"one message")


@check("K63", "Custom key store CLOUDHSM lifecycle", limit_s=90)
def cloudhsm(aws):
    kms = aws.kms
    hsm, certificate = cluster(aws)
    said = {"CloudHsmClusterId": hsm, "TrustAnchorCertificate": certificate, "KeyStorePassword": PASSWORD}
    name = f"cloudhsm {next(_numbers)}"
    other = certificate.replace("M", "N", 1) if "BEGIN" in certificate else certificate[::-1]
    refused(
        "IncorrectTrustAnchorException",
        kms.create_custom_key_store,
        CustomKeyStoreName=name,
        **{**said, "TrustAnchorCertificate": other},
    )
    unknown = {**said, "CloudHsmClusterId": "cluster-" + "a" * 11}
    refused("CloudHsmClusterNotFoundException", kms.create_custom_key_store, CustomKeyStoreName=name, **unknown)
    store = kms.create_custom_key_store(CustomKeyStoreName=name, **said)["CustomKeyStoreId"]
    shown = described(kms, store)
    has(
        shown,
        CustomKeyStoreName=name,
        CloudHsmClusterId=hsm,
        TrustAnchorCertificate=certificate,
        ConnectionState="DISCONNECTED",
        CustomKeyStoreType="AWS_CLOUDHSM",
        XksProxyConfiguration=None,
    )
    near(shown["CreationDate"], aws.now())
    refused("CloudHsmClusterInUseException", kms.create_custom_key_store, CustomKeyStoreName=f"{name} b", **said)
    made_with = {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": store}
    refused("CustomKeyStoreInvalidStateException", kms.create_key, **made_with)
    connect(kms, store)
    refused("CustomKeyStoreInvalidStateException", kms.delete_custom_key_store, CustomKeyStoreId=store)
    refused(
        "CustomKeyStoreInvalidStateException",
        kms.update_custom_key_store,
        CustomKeyStoreId=store,
        KeyStorePassword=PASSWORD,
    )
    kms.update_custom_key_store(CustomKeyStoreId=store, NewCustomKeyStoreName=f"{name} new")
    (found,) = kms.describe_custom_key_stores(CustomKeyStoreName=f"{name} new")["CustomKeyStores"]
    same(found["CustomKeyStoreId"], store)
    key = kms.create_key(**made_with)["KeyMetadata"]
    has(
        key,
        Origin="AWS_CLOUDHSM",
        CustomKeyStoreId=store,
        CloudHsmClusterId=hsm,
        KeyState="Enabled",
        MultiRegion=False,
    )
    shared_rules(aws, kms, store, key["KeyId"], made_with)


@check("K64", "Custom key store EXTERNAL_KEY_STORE (XKS), key in it", limit_s=90)
def xks(aws):
    kms = aws.kms
    number = f"{random.SystemRandom().randrange(10**9):09}"
    name, endpoint = f"xks {number}", f"https://proxy-{number}.example.com"
    said = {
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyUriEndpoint": endpoint,
        "XksProxyUriPath": "/ours/kms/xks/v1",
        "XksProxyAuthenticationCredential": {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43},
    }
    store = kms.create_custom_key_store(CustomKeyStoreName=name, **said)["CustomKeyStoreId"]
    shown = described(kms, store)
    has(
        shown,
        CustomKeyStoreType="EXTERNAL_KEY_STORE",
        ConnectionState="DISCONNECTED",
        CloudHsmClusterId=None,
        TrustAnchorCertificate=None,
    )
    has(
        shown["XksProxyConfiguration"],
        Connectivity="PUBLIC_ENDPOINT",
        AccessKeyId="A" * 20,
        UriEndpoint=endpoint,
        UriPath="/ours/kms/xks/v1",
        VpcEndpointServiceName=None,
    )
    refused(
        "CustomKeyStoreNameInUseException",
        kms.create_custom_key_store,
        CustomKeyStoreName=name,
        **{**said, "XksProxyUriPath": "/b/kms/xks/v1"},
    )
    refused("XksProxyUriInUseException", kms.create_custom_key_store, CustomKeyStoreName=f"{name} b", **said)
    bare = {
        "CustomKeyStoreName": f"{name} c",
        **{key: said[key] for key in ("CustomKeyStoreType", "XksProxyUriEndpoint")},
    }
    refused("ValidationException", kms.create_custom_key_store, **bare)
    made_with = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": f"key-{number}"}
    refused("CustomKeyStoreInvalidStateException", kms.create_key, **made_with)
    connect(kms, store)
    without = {name: made_with[name] for name in ("Origin", "CustomKeyStoreId")}
    refused("ValidationException", kms.create_key, **without)
    key = kms.create_key(**made_with)["KeyMetadata"]
    has(
        key,
        Origin="EXTERNAL_KEY_STORE",
        CustomKeyStoreId=store,
        XksKeyConfiguration={"Id": f"key-{number}"},
        KeyState="Enabled",
        CurrentKeyMaterialId=None,
    )
    refused("XksKeyAlreadyInUseException", kms.create_key, **made_with)
    shared_rules(aws, kms, store, key["KeyId"], {**made_with, "XksKeyId": f"other-{number}"})
    credential = {"AccessKeyId": "B" * 20, "RawSecretAccessKey": "t" * 43}
    kms.update_custom_key_store(CustomKeyStoreId=store, XksProxyAuthenticationCredential=credential)
    same(described(kms, store)["XksProxyConfiguration"]["AccessKeyId"], "B" * 20)
    refused(
        "CustomKeyStoreInvalidStateException",
        kms.update_custom_key_store,
        CustomKeyStoreId=store,
        XksProxyUriEndpoint="https://new.example.com",
    )


@check("E24", "Custom key stores: listed page by page, unknown ones refused, deleted when empty and disconnected")
def stores(aws):
    kms = aws.kms
    number = random.SystemRandom().randrange(10**9)
    said = {
        "CustomKeyStoreType": "EXTERNAL_KEY_STORE",
        "XksProxyConnectivity": "PUBLIC_ENDPOINT",
        "XksProxyAuthenticationCredential": {"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43},
        "XksProxyUriPath": "/kms/xks/v1",
    }
    ids = {
        kms.create_custom_key_store(
            CustomKeyStoreName=f"store {number} {each}",
            XksProxyUriEndpoint=f"https://s{number}-{each}.example.com",
            **said,
        )["CustomKeyStoreId"]
        for each in range(3)
    }
    for size in (1, 2, None):
        listed = pages(kms.describe_custom_key_stores, "CustomKeyStores", size=size)
        assert ids <= without_doubles(listed, "CustomKeyStoreId"), f"Limit={size}"
    nobody = "cks-1234567890abcdef0"
    for ask in (
        kms.connect_custom_key_store,
        kms.disconnect_custom_key_store,
        kms.delete_custom_key_store,
        kms.describe_custom_key_stores,
    ):
        refused("CustomKeyStoreNotFoundException", ask, CustomKeyStoreId=nobody)
    refused("CustomKeyStoreNotFoundException", kms.create_key, Origin="AWS_CLOUDHSM", CustomKeyStoreId=nobody)
    one = sorted(ids)[0]
    connect(kms, one)
    refused("CustomKeyStoreInvalidStateException", kms.delete_custom_key_store, CustomKeyStoreId=one)
    disconnect(kms, one)
    kms.delete_custom_key_store(CustomKeyStoreId=one)
    refused("CustomKeyStoreNotFoundException", kms.describe_custom_key_stores, CustomKeyStoreId=one)
    refused(
        ("UnsupportedOperationException", "ValidationException"),
        kms.create_key,
        Origin="EXTERNAL",
        CustomKeyStoreId=sorted(ids)[1],
    )
    assert create(kms)


@check("E25", "A key store is empty once its key's deletion window has ended", moves_clock=True)
def emptied(aws):
    kms = aws.kms
    number = random.SystemRandom().randrange(10**9)
    store = kms.create_custom_key_store(
        CustomKeyStoreName=f"emptied {number}",
        CustomKeyStoreType="EXTERNAL_KEY_STORE",
        XksProxyConnectivity="PUBLIC_ENDPOINT",
        XksProxyUriEndpoint=f"https://e{number}.example.com",
        XksProxyUriPath="/kms/xks/v1",
        XksProxyAuthenticationCredential={"AccessKeyId": "A" * 20, "RawSecretAccessKey": "s" * 43},
    )["CustomKeyStoreId"]
    connect(kms, store)
    made_with = {"Origin": "EXTERNAL_KEY_STORE", "CustomKeyStoreId": store, "XksKeyId": "only"}
    key = create(kms, **made_with)
    refused("XksKeyAlreadyInUseException", kms.create_key, **made_with)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    same(state(kms, key), "PendingDeletion")
    disconnect(kms, store)
    refused("CustomKeyStoreHasCMKsException", kms.delete_custom_key_store, CustomKeyStoreId=store)
    aws.advance(days=7, hours=1)
    refused("NotFoundException", kms.describe_key, KeyId=key)
    kms.delete_custom_key_store(CustomKeyStoreId=store)


@check(
    "E36",
    "A CloudHSM cluster of one's own: made, initialized with a certificate for its request, used by a key store",
    limit_s=90,
)
def own_cluster(aws):
    kms, hsm = aws.kms, aws.client("cloudhsmv2", HERE)
    (given,) = [entry for entry in hsm.describe_clusters()["Clusters"] if entry["State"] == "ACTIVE"]
    zones = given["SubnetMapping"]
    made = hsm.create_cluster(HsmType="hsm2m.medium", SubnetIds=list(zones.values()))["Cluster"]
    own = made["ClusterId"]

    def shown():
        (found,) = hsm.describe_clusters(Filters={"clusterIds": [own]})["Clusters"]
        return found

    until(lambda: shown()["State"] == "UNINITIALIZED", "the cluster is made")
    for zone in sorted(zones)[:2]:
        hsm.create_hsm(ClusterId=own, AvailabilityZone=zone)
    until(lambda: [entry["State"] for entry in shown()["Hsms"]] == ["ACTIVE"] * 2, "both HSMs are active")
    certificate, anchor = signed(shown()["Certificates"]["ClusterCsr"])
    refused(
        "CloudHsmInvalidRequestException",
        hsm.initialize_cluster,
        ClusterId=own,
        SignedCert=anchor,
        TrustAnchor=anchor,
    )
    said = {"CloudHsmClusterId": own, "TrustAnchorCertificate": anchor, "KeyStorePassword": PASSWORD}
    name = f"own {own}"
    refused("CloudHsmClusterNotActiveException", kms.create_custom_key_store, CustomKeyStoreName=name, **said)
    hsm.initialize_cluster(ClusterId=own, SignedCert=certificate, TrustAnchor=anchor)
    until(lambda: shown()["State"] == "ACTIVE", "the cluster is active")
    wrong = {**said, "TrustAnchorCertificate": given["Certificates"]["ClusterCertificate"]}
    refused("IncorrectTrustAnchorException", kms.create_custom_key_store, CustomKeyStoreName=name, **wrong)
    store = kms.create_custom_key_store(CustomKeyStoreName=name, **said)["CustomKeyStoreId"]
    connect(kms, store)
    round_trip(kms, create(kms, Origin="AWS_CLOUDHSM", CustomKeyStoreId=store))


def signed(request):
    """A certificate for a cluster's request, and the one that signed it, as the owner of a cluster makes them."""
    issuer = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the owner")])
    asked = x509.load_pem_x509_csr(request.encode())

    def certificate(subject, public_key):
        made = x509.CertificateBuilder(name, subject, public_key, x509.random_serial_number())
        made = made.not_valid_before(datetime(2026, 1, 1)).not_valid_after(datetime(2036, 1, 1))
        return made.sign(issuer, hashes.SHA256()).public_bytes(Encoding.PEM).decode()

    return certificate(asked.subject, asked.public_key()), certificate(name, issuer.public_key())
