"""Creating, describing, listing, switching and deleting keys."""

import re
from datetime import timedelta

from cryptography.hazmat.primitives.serialization import load_der_public_key

from asserting import has, near, pages, refused, same, state, without_doubles
from checks import group
from material import CURVES, LENGTHS, SIZES, USAGES, arn, create, imported_key, round_trip, waiting_key
from place import HERE, THERE

check = group("Keys")

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEX_64 = re.compile(r"[0-9a-f]{64}")


@check("K01", "CreateKey AWS_KMS, DescribeKey")
def native(aws):
    account = aws.account()
    made = aws.kms.create_key(Description="first", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
    assert UUID.fullmatch(made["KeyId"]), made["KeyId"]
    shown = aws.kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]
    for key in (made, shown):
        has(
            key,
            Arn=arn(account, key["KeyId"]),
            AWSAccountId=account,
            KeyState="Enabled",
            Enabled=True,
            Origin="AWS_KMS",
            KeyManager="CUSTOMER",
            KeySpec="SYMMETRIC_DEFAULT",
            CustomerMasterKeySpec="SYMMETRIC_DEFAULT",
            KeyUsage="ENCRYPT_DECRYPT",
            EncryptionAlgorithms=["SYMMETRIC_DEFAULT"],
            MultiRegion=False,
            Description="first",
        )
        near(key["CreationDate"], aws.now())
        absent = {"DeletionDate", "ValidTo", "ExpirationModel", "CustomKeyStoreId", "MultiRegionConfiguration"}
        assert not absent & set(key), f"{absent & set(key)} on a key of AWS_KMS"
    assert HEX_64.fullmatch(shown.get("CurrentKeyMaterialId", "")), "no CurrentKeyMaterialId"
    tags = aws.kms.list_resource_tags(KeyId=made["KeyId"])["Tags"]
    same(tags, [{"TagKey": "a", "TagValue": "b"}], "tags")
    round_trip(aws.kms, made["KeyId"])


@check("K02", "CreateKey EXTERNAL is PendingImport")
def external(aws):
    made = aws.kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    shown = aws.kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]
    for key in (made, shown):
        has(
            key,
            KeyState="PendingImport",
            Enabled=False,
            Origin="EXTERNAL",
            KeySpec="SYMMETRIC_DEFAULT",
            ValidTo=None,
        )


@check("K03", "CreateKey MultiRegion (mrk-, PRIMARY)")
def multi_region(aws):
    made = aws.kms.create_key(MultiRegion=True)["KeyMetadata"]
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", made["KeyId"]), made["KeyId"]
    primary = {"Arn": arn(aws.account(), made["KeyId"]), "Region": HERE}
    wanted = {"MultiRegionKeyType": "PRIMARY", "PrimaryKey": primary, "ReplicaKeys": []}
    for key in (made, aws.kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]):
        has(key, MultiRegion=True, MultiRegionConfiguration=wanted, Arn=primary["Arn"], KeyState="Enabled")
    refused("NotFoundException", aws.kms_in(THERE).describe_key, KeyId=made["KeyId"])


@check("K04", "CreateKey EXTERNAL asymmetric and HMAC specs")
def external_specs(aws):
    def waits(spec, usage, **algorithms):
        key = aws.kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyMetadata"]
        has(key, KeyState="PendingImport", Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage, **algorithms)

    for spec in SIZES:
        waits(spec, "ENCRYPT_DECRYPT", EncryptionAlgorithms=["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
        pss, pkcs = ([f"RSASSA_{kind}_SHA_{bits}" for bits in (256, 384, 512)] for kind in ("PSS", "PKCS1_V1_5"))
        key = aws.kms.create_key(Origin="EXTERNAL", KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
        has(key, KeyState="PendingImport", EncryptionAlgorithms=None)
        same(sorted(key["SigningAlgorithms"]), sorted(pss + pkcs), spec)
    hashes = {"ECC_NIST_P256": 256, "ECC_NIST_P384": 384, "ECC_NIST_P521": 512, "ECC_SECG_P256K1": 256}
    for spec in CURVES:
        waits(spec, "SIGN_VERIFY", SigningAlgorithms=[f"ECDSA_SHA_{hashes[spec]}"], EncryptionAlgorithms=None)
    for spec in ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"):
        waits(spec, "KEY_AGREEMENT", KeyAgreementAlgorithms=["ECDH"], SigningAlgorithms=None)
    for spec in LENGTHS:
        if spec.startswith("HMAC"):
            algorithm = spec.replace("HMAC_", "HMAC_SHA_")
            waits(spec, USAGES[spec], MacAlgorithms=[algorithm], EncryptionAlgorithms=None)


@check("K30", "Enable/Disable; DisabledException; EnableKey on PendingImport refused")
def switching(aws):
    kms = aws.kms
    key = create(kms)
    blob = round_trip(kms, key)
    kms.disable_key(KeyId=key)
    has(kms.describe_key(KeyId=key)["KeyMetadata"], KeyState="Disabled", Enabled=False)
    refused("DisabledException", kms.encrypt, KeyId=key, Plaintext=b"x")
    refused("DisabledException", kms.decrypt, CiphertextBlob=blob)
    refused("DisabledException", kms.generate_data_key, KeyId=key, KeySpec="AES_256")
    kms.enable_key(KeyId=key)
    has(kms.describe_key(KeyId=key)["KeyMetadata"], KeyState="Enabled", Enabled=True)
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"one message")
    waiting = waiting_key(kms)
    refused("KMSInvalidStateException", kms.enable_key, KeyId=waiting)
    refused("KMSInvalidStateException", kms.disable_key, KeyId=waiting)
    same(state(kms, waiting), "PendingImport")
    imported, _ = imported_key(kms)
    kms.disable_key(KeyId=imported)
    kms.enable_key(KeyId=imported)
    same(state(kms, imported), "Enabled")


@check("K33", "DescribeKey by ARN, alias, alias ARN; other region NotFoundException")
def references(aws):
    kms, account = aws.kms, aws.account()
    key = create(kms)
    name = f"alias/{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    alias_arn = f"arn:aws:kms:{HERE}:{account}:{name}"
    for reference in (key, arn(account, key), name, alias_arn):
        same(kms.describe_key(KeyId=reference)["KeyMetadata"]["KeyId"], key, reference)
    for reference in (key, arn(account, key), name, alias_arn):
        refused("NotFoundException", aws.kms_in(THERE).describe_key, KeyId=reference)
    refused("NotFoundException", kms.describe_key, KeyId="alias/nobody-has-this-name")
    refused("InvalidArnException", kms.describe_key, KeyId="arn:aws:kms:not-an-arn")


@check("K57", "UpdateKeyDescription")
def description(aws):
    kms = aws.kms
    key = create(kms, Description="old")
    for words in ("new, with äöü", "", "x" * 8192):
        kms.update_key_description(KeyId=key, Description=words)
        same(kms.describe_key(KeyId=key)["KeyMetadata"]["Description"], words)
    refused("ValidationException", kms.update_key_description, wrong=True, KeyId=key, Description="x" * 8193)
    same(kms.describe_key(KeyId=key)["KeyMetadata"]["Description"], "x" * 8192)


@check("K60", "ScheduleKeyDeletion 7-30, PendingDeletion, Cancel -> Disabled")
def deletion(aws):
    kms = aws.kms
    key = create(kms)
    blob = round_trip(kms, key)
    for days in (6, 31):
        ask = kms.schedule_key_deletion
        refused("ValidationException", ask, KeyId=key, PendingWindowInDays=days)
    for days in (7, 30, None):
        window = {} if days is None else {"PendingWindowInDays": days}
        answer = kms.schedule_key_deletion(KeyId=key, **window)
        has(answer, KeyState="PendingDeletion", PendingWindowInDays=days or 30, KeyId=arn(aws.account(), key))
        near(answer["DeletionDate"], aws.now() + timedelta(days=days or 30))
        shown = kms.describe_key(KeyId=key)["KeyMetadata"]
        has(shown, KeyState="PendingDeletion", Enabled=False, DeletionDate=answer["DeletionDate"])
        refused("KMSInvalidStateException", kms.encrypt, KeyId=key, Plaintext=b"x")
        refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=blob)
        refused("KMSInvalidStateException", kms.schedule_key_deletion, KeyId=key)
        refused("KMSInvalidStateException", kms.enable_key, KeyId=key)
        same(kms.cancel_key_deletion(KeyId=key)["KeyId"], arn(aws.account(), key))
        has(kms.describe_key(KeyId=key)["KeyMetadata"], KeyState="Disabled", DeletionDate=None)
    refused("KMSInvalidStateException", kms.cancel_key_deletion, KeyId=key)
    kms.enable_key(KeyId=key)
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"one message")


@check("K62", "ListKeys pagination (Limit, Marker, no doubles)")
def listing(aws):
    kms = aws.kms
    made = {create(kms) for _ in range(12)}
    for size in (1, 5, 12, None):
        listed = pages(kms.list_keys, "Keys", size=size)
        ids = without_doubles(listed, "KeyId")
        assert made <= ids, f"{len(made - ids)} of {len(made)} keys are missing with Limit={size}"
    account = aws.account()
    for entry in listed:
        if entry["KeyId"] in made:
            same(entry["KeyArn"], arn(account, entry["KeyId"]))
    for limit in (0, 1001):
        refused("ValidationException", kms.list_keys, wrong=True, Limit=limit)
    refused("InvalidMarkerException", kms.list_keys, Marker="not a marker of yours")


@check("K67", "Unknown key -> NotFoundException; bad spec -> ValidationException")
def unknown(aws):
    kms = aws.kms
    nobody = "01234567-89ab-cdef-0123-456789abcdef"
    for ask, more in (
        (kms.describe_key, {}),
        (kms.get_key_policy, {}),
        (kms.encrypt, {"Plaintext": b"x"}),
        (kms.enable_key, {}),
        (kms.schedule_key_deletion, {}),
        (kms.list_resource_tags, {}),
        (
            kms.get_parameters_for_import,
            {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"},
        ),
    ):
        refused("NotFoundException", ask, KeyId=nobody, **more)
        refused("NotFoundException", ask, KeyId=arn(aws.account(), nobody), **more)
    refused("ValidationException", kms.create_key, wrong=True, KeySpec="AES_512")
    refused("ValidationException", kms.create_key, wrong=True, Origin="ELSEWHERE")
    refused("ValidationException", kms.create_key, KeySpec="HMAC_256", KeyUsage="SIGN_VERIFY")
    refused("ValidationException", kms.create_key, KeySpec="ECC_NIST_P256", KeyUsage="ENCRYPT_DECRYPT")
    refused("ValidationException", kms.create_key, KeySpec="HMAC_256")
    refused("ValidationException", kms.describe_key, wrong=True)


@check("E01", "Key-state table: every operation in Disabled, PendingImport and PendingDeletion")
def state_table(aws):
    kms = aws.kms
    disabled, deleting, waiting, both = create(kms), create(kms), waiting_key(kms), waiting_key(kms)
    target = create(kms)
    kms.disable_key(KeyId=disabled)
    kms.schedule_key_deletion(KeyId=deleting)
    kms.schedule_key_deletion(KeyId=both)
    same(state(kms, both), "PendingDeletion")
    invalid, off = "KMSInvalidStateException", "DisabledException"
    user = {"GranteePrincipal": f"arn:aws:iam::{aws.account()}:root", "Operations": ["DescribeKey"]}
    tag = {"Tags": [{"TagKey": "t", "TagValue": ""}]}
    # https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html: disabled, pending import, pending deletion.
    table = (
        (kms.describe_key, {}, None, None, None),
        (kms.get_key_policy, {}, None, None, None),
        (kms.list_key_policies, {}, None, None, None),
        (kms.list_resource_tags, {}, None, None, None),
        (kms.list_aliases, {}, None, None, None),
        (kms.list_grants, {}, None, None, None),
        (kms.list_key_rotations, {}, None, None, None),
        (kms.get_key_last_usage, {}, None, None, None),
        (kms.update_key_description, {"Description": "d"}, None, None, invalid),
        (kms.tag_resource, tag, None, None, invalid),
        (kms.untag_resource, {"TagKeys": ["t"]}, None, None, invalid),
        (kms.encrypt, {"Plaintext": b"x"}, off, invalid, invalid),
        (kms.generate_data_key, {"KeySpec": "AES_256"}, off, invalid, invalid),
        (kms.generate_data_key_without_plaintext, {"KeySpec": "AES_256"}, off, invalid, invalid),
        (kms.generate_data_key_pair, {"KeyPairSpec": "ECC_NIST_P256"}, off, invalid, invalid),
        (kms.generate_data_key_pair_without_plaintext, {"KeyPairSpec": "ECC_NIST_P256"}, off, invalid, invalid),
        (kms.create_grant, user, off, invalid, invalid),
        (kms.rotate_key_on_demand, {}, off, invalid, invalid),
        (kms.disable_key, {}, None, invalid, invalid),
        (kms.cancel_key_deletion, {}, invalid, invalid, None),
    )
    for ask, more, *wanted in table:
        for key, code in zip((disabled, waiting, deleting), wanted):
            if code:
                refused(code, ask, KeyId=key, **more)
            elif ask.__name__ != "cancel_key_deletion":
                ask(KeyId=key, **more)
    for key, code in ((disabled, None), (waiting, None), (deleting, invalid)):
        alias = {"AliasName": f"alias/{key}", "TargetKeyId": key}
        refused(code, kms.create_alias, **alias) if code else kms.create_alias(**alias)
    alias = f"alias/{disabled}"
    refused(invalid, kms.update_alias, AliasName=alias, TargetKeyId=deleting)
    kms.update_alias(AliasName=alias, TargetKeyId=target)
    for ask in (kms.enable_key_rotation, kms.disable_key_rotation):
        refused(off, ask, KeyId=disabled)
        refused(invalid, ask, KeyId=deleting)
    wrapping = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    refused(invalid, kms.get_parameters_for_import, KeyId=both, **wrapping)
    kms.delete_imported_key_material(KeyId=waiting)
    same(state(kms, waiting), "PendingImport")
    kms.delete_imported_key_material(KeyId=both)
    same(state(kms, both), "PendingDeletion")
    kms.cancel_key_deletion(KeyId=both)
    assert state(kms, both) in ("Disabled", "PendingImport"), state(kms, both)
    kms.schedule_key_deletion(KeyId=waiting)


@check("E02", "A deleted key is gone with its aliases when its window ends, and not before", moves_clock=True)
def window_ends(aws):
    kms = aws.kms
    key = create(kms)
    blob = round_trip(kms, key)
    kms.create_alias(AliasName=f"alias/{key}", TargetKeyId=key)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    aws.advance(days=6, hours=23)
    same(state(kms, f"alias/{key}"), "PendingDeletion")
    aws.advance(hours=2)
    for reference in (key, f"alias/{key}"):
        refused("NotFoundException", kms.describe_key, KeyId=reference)
    refused("NotFoundException", kms.cancel_key_deletion, KeyId=key)
    refused(
        ("NotFoundException", "InvalidCiphertextException", "AccessDeniedException"),
        kms.decrypt,
        CiphertextBlob=blob,
    )
    assert key not in {entry["KeyId"] for entry in pages(kms.list_keys, "Keys")}
    kms.create_alias(AliasName=f"alias/{key}", TargetKeyId=create(kms))


@check("E03", "Every key spec of AWS_KMS can be made; the public keys and usages are of the spec")
def native_specs(aws):
    kms = aws.kms
    for spec in ("RSA_2048", *CURVES, "ECC_NIST_EDWARDS25519", "ML_DSA_44", "ML_DSA_65", "ML_DSA_87"):
        key = create(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
        answer = kms.get_public_key(KeyId=key)
        has(answer, KeySpec=spec, KeyUsage="SIGN_VERIFY", EncryptionAlgorithms=None)
        if spec in CURVES:
            same(load_der_public_key(answer["PublicKey"]).curve.name, CURVES[spec]().name)
    refused("UnsupportedOperationException", kms.get_public_key, KeyId=create(kms))
    hmac = create(kms, KeySpec="HMAC_512", KeyUsage="GENERATE_VERIFY_MAC")
    refused("UnsupportedOperationException", kms.get_public_key, KeyId=hmac)
