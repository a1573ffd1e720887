"""Multi-Region keys: primary and replica keys, with native and with imported material."""

import json
from datetime import timedelta

from asserting import has, near, refused, same, state, until
from checks import group
from material import (
    STAYS,
    arn,
    create,
    current_material,
    import_into,
    imported_key,
    material_ids,
    round_trip,
    secret,
)
from place import ELSEWHERE, HERE, THERE

check = group("Multi-Region keys")

UNSUPPORTED = "UnsupportedOperationException"
INCORRECT = "IncorrectKeyMaterialException"
NEW = {"ImportType": "NEW_KEY_MATERIAL"}
EXISTING = {"ImportType": "EXISTING_KEY_MATERIAL"}


def replicate(aws, key, region=THERE, from_region=HERE, **said):
    """Replicates and waits until the replica is made; the answer."""
    answer = aws.kms_in(from_region).replicate_key(KeyId=key, ReplicaRegion=region, **said)
    until(lambda: state(aws.kms_in(region), key) != "Creating", "the replica is made")
    return answer


def family(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]


@check("K40", "ReplicateKey AWS_KMS: same id, primary's ciphertext decrypts in the replica Region")
def native(aws):
    key = create(aws.kms, MultiRegion=True)
    blob = round_trip(aws.kms, key)
    answer = replicate(aws, key)["ReplicaKeyMetadata"]
    there = aws.kms_in(THERE)
    has(answer, KeyId=key, Arn=arn(aws.account(), key, THERE), MultiRegion=True, Origin="AWS_KMS")
    has(there.describe_key(KeyId=key)["KeyMetadata"], KeyState="Enabled", KeySpec="SYMMETRIC_DEFAULT")
    opened = there.decrypt(CiphertextBlob=blob, KeyId=key)
    has(opened, Plaintext=b"one message", KeyId=arn(aws.account(), key, THERE))
    back = there.encrypt(KeyId=key, Plaintext=b"back")["CiphertextBlob"]
    same(aws.kms.decrypt(CiphertextBlob=back)["Plaintext"], b"back")
    same(current_material(there, key), current_material(aws.kms, key), "material ids")
    mac = create(aws.kms, MultiRegion=True, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    replicate(aws, mac)
    said = {"KeyId": mac, "MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
    same(there.generate_mac(**said)["Mac"], aws.kms.generate_mac(**said)["Mac"], "MACs of both Regions")


@check("K41", "DescribeKey MultiRegionConfiguration on both sides")
def configuration(aws):
    account = aws.account()
    key = create(aws.kms, MultiRegion=True)
    answer = replicate(aws, key)
    replicate(aws, key, ELSEWHERE)
    entry = {region: {"Arn": arn(account, key, region), "Region": region} for region in (HERE, THERE, ELSEWHERE)}
    for region in entry:
        shown = family(aws.kms_in(region), key)
        same(shown["MultiRegionKeyType"], "PRIMARY" if region == HERE else "REPLICA", region)
        same(shown["PrimaryKey"], entry[HERE], region)
        replicas = sorted(shown["ReplicaKeys"], key=lambda one: one["Region"])
        same(replicas, [entry[ELSEWHERE], entry[THERE]], f"replicas in {region}")
    assert "ReplicaPolicy" in answer and "ReplicaTags" in answer, sorted(answer)


@check("K42", "ReplicateKey EXTERNAL: replica PendingImport, same material imported, ciphertext portable")
def external(aws):
    there = aws.kms_in(THERE)
    key, material = imported_key(aws.kms, MultiRegion=True)
    blob = round_trip(aws.kms, key)
    replicate(aws, key)
    shown = there.describe_key(KeyId=key)["KeyMetadata"]
    has(shown, KeyState="PendingImport", Enabled=False, Origin="EXTERNAL", ValidTo=None)
    refused("KMSInvalidStateException", there.decrypt, CiphertextBlob=blob, KeyId=key)
    here_id = current_material(aws.kms, key)
    answer = import_into(there, key, material, **EXISTING)
    same(answer["KeyMaterialId"], here_id, "the material's id in both Regions")
    same(state(there, key), "Enabled")
    same(there.decrypt(CiphertextBlob=blob, KeyId=key)["Plaintext"], b"one message")
    back = there.encrypt(KeyId=key, Plaintext=b"back")["CiphertextBlob"]
    same(aws.kms.decrypt(CiphertextBlob=back)["Plaintext"], b"back")
    # The material of one Region is not that of the other: deleting it here leaves it there.
    there.delete_imported_key_material(KeyId=key)
    same((state(aws.kms, key), state(there, key)), ("Enabled", "PendingImport"))


@check("K43", "EXTERNAL replica refuses other material -> IncorrectKeyMaterialException")
def other_material(aws):
    there = aws.kms_in(THERE)
    key, material = imported_key(aws.kms, MultiRegion=True)
    replicate(aws, key)
    for said in ({}, EXISTING):
        refused(INCORRECT, import_into, kms=there, key=key, material=secret(), **said)
    same(state(there, key), "PendingImport")
    import_into(there, key, material, **EXISTING)
    mac, bytes_ = imported_key(aws.kms, spec="HMAC_256", MultiRegion=True)
    replicate(aws, mac)
    refused(INCORRECT, import_into, kms=there, key=mac, material=secret("HMAC_256"))
    import_into(there, mac, bytes_)
    same(state(there, mac), "Enabled")


@check("K44", "UpdatePrimaryRegion swaps the roles")
def swap(aws):
    account, there = aws.account(), aws.kms_in(THERE)
    key = create(aws.kms, MultiRegion=True)
    blob = round_trip(aws.kms, key)
    replicate(aws, key)
    refused((UNSUPPORTED, "NotFoundException"), aws.kms.update_primary_region, KeyId=key, PrimaryRegion=ELSEWHERE)
    refused((UNSUPPORTED, "KMSInvalidStateException"), there.update_primary_region, KeyId=key, PrimaryRegion=HERE)
    aws.kms.update_primary_region(KeyId=key, PrimaryRegion=THERE)
    same(aws.kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"one message")
    until(lambda: {state(aws.kms, key), state(there, key)} == {"Enabled"}, "both keys are Enabled again")
    for region, kind in ((HERE, "REPLICA"), (THERE, "PRIMARY")):
        shown = family(aws.kms_in(region), key)
        same(shown["MultiRegionKeyType"], kind, region)
        same(shown["PrimaryKey"], {"Arn": arn(account, key, THERE), "Region": THERE}, region)
        same(shown["ReplicaKeys"], [{"Arn": arn(account, key, HERE), "Region": HERE}], region)
    refused(UNSUPPORTED, aws.kms.replicate_key, KeyId=key, ReplicaRegion=ELSEWHERE)
    replicate(aws, key, ELSEWHERE, THERE)
    same(aws.kms_in(ELSEWHERE).decrypt(CiphertextBlob=blob, KeyId=key)["Plaintext"], b"one message")


@check("K45", "ReplicateKey refusals (single-Region, duplicate, from a replica)")
def refusals(aws):
    single, key = create(aws.kms), create(aws.kms, MultiRegion=True)
    refused(UNSUPPORTED, aws.kms.replicate_key, KeyId=single, ReplicaRegion=THERE)
    replicate(aws, key)
    refused("AlreadyExistsException", aws.kms.replicate_key, KeyId=key, ReplicaRegion=THERE)
    refused("AlreadyExistsException", aws.kms.replicate_key, KeyId=key, ReplicaRegion=HERE)
    refused(UNSUPPORTED, aws.kms_in(THERE).replicate_key, KeyId=key, ReplicaRegion=ELSEWHERE)
    aws.kms.disable_key(KeyId=key)
    refused("DisabledException", aws.kms.replicate_key, KeyId=key, ReplicaRegion=ELSEWHERE)
    refused("NotFoundException", aws.kms_in(ELSEWHERE).describe_key, KeyId=key)


@check("K46", "Deleting a primary with replicas -> PendingReplicaDeletion")
def deleting(aws):
    there = aws.kms_in(THERE)
    key = create(aws.kms, MultiRegion=True)
    blob = round_trip(aws.kms, key)
    replicate(aws, key)
    answer = aws.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=9)
    has(answer, KeyState="PendingReplicaDeletion", PendingWindowInDays=9, DeletionDate=None)
    shown = aws.kms.describe_key(KeyId=key)["KeyMetadata"]
    has(shown, KeyState="PendingReplicaDeletion", PendingDeletionWindowInDays=9, DeletionDate=None, Enabled=False)
    refused("KMSInvalidStateException", aws.kms.encrypt, KeyId=key, Plaintext=b"x")
    refused("KMSInvalidStateException", aws.kms.replicate_key, KeyId=key, ReplicaRegion=ELSEWHERE)
    same(there.decrypt(CiphertextBlob=blob, KeyId=key)["Plaintext"], b"one message")
    aws.kms.cancel_key_deletion(KeyId=key)
    same(state(aws.kms, key), "Disabled")


@check("K47", "ReplicateKey takes its own policy, description, tags")
def own_settings(aws):
    account, there = aws.account(), aws.kms_in(THERE)
    key = create(aws.kms, MultiRegion=True, Description="here", Tags=[{"TagKey": "at", "TagValue": "here"}])
    policy = {
        "Version": "2012-10-17",
        "Id": "there",
        "Statement": [
            {
                "Sid": "Account",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    tags = [{"TagKey": "at", "TagValue": "there"}]
    answer = replicate(aws, key, Description="there", Tags=tags, Policy=json.dumps(policy))
    same(json.loads(answer["ReplicaPolicy"]), policy, "ReplicaPolicy")
    same(answer["ReplicaTags"], tags, "ReplicaTags")
    same(json.loads(there.get_key_policy(KeyId=key)["Policy"]), policy, "the replica's policy")
    same(there.list_resource_tags(KeyId=key)["Tags"], tags, "the replica's tags")
    same(there.describe_key(KeyId=key)["KeyMetadata"]["Description"], "there")
    same(
        aws.kms.list_resource_tags(KeyId=key)["Tags"], [{"TagKey": "at", "TagValue": "here"}], "the primary's tags"
    )
    assert json.loads(aws.kms.get_key_policy(KeyId=key)["Policy"]).get("Id") != "there"
    # What is not said is not copied either.
    replicate(aws, key, ELSEWHERE)
    elsewhere = aws.kms_in(ELSEWHERE)
    same(elsewhere.list_resource_tags(KeyId=key)["Tags"], [], "the tags of a replica made without")
    same(elsewhere.describe_key(KeyId=key)["KeyMetadata"]["Description"], "")


@check("E10", "Rotation of imported multi-Region material: NEW into the primary, EXISTING into every replica")
def imported_rotation(aws):
    here, there, elsewhere = (aws.kms_in(region) for region in (HERE, THERE, ELSEWHERE))
    key, first = imported_key(here, MultiRegion=True)
    second = secret()
    old = current_material(here, key)
    blob = round_trip(here, key)
    for region, kms in ((THERE, there), (ELSEWHERE, elsewhere)):
        replicate(aws, key, region)
        import_into(kms, key, first, **EXISTING)
    wrong = (INCORRECT, UNSUPPORTED, "ValidationException", "KMSInvalidStateException")
    refused(wrong, import_into, kms=there, key=key, material=second, **NEW)
    new = import_into(here, key, second, **NEW)["KeyMaterialId"]
    pending = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    same(material_ids(here, key)[new]["KeyMaterialState"], pending)
    refused("KMSInvalidStateException", here.rotate_key_on_demand, KeyId=key)
    import_into(there, key, second, **EXISTING)
    same(material_ids(here, key)[new]["KeyMaterialState"], pending, "with one replica left")
    refused("KMSInvalidStateException", here.rotate_key_on_demand, KeyId=key)
    import_into(elsewhere, key, second, **EXISTING)
    same(material_ids(here, key)[new]["KeyMaterialState"], "PENDING_ROTATION")
    refused(UNSUPPORTED, there.rotate_key_on_demand, KeyId=key)
    here.rotate_key_on_demand(KeyId=key)
    for kms in (here, there, elsewhere):
        until(lambda: current_material(kms, key) == new, "the new material is current in each Region")
        has(kms.decrypt(CiphertextBlob=blob, KeyId=key), Plaintext=b"one message", KeyMaterialId=old)
    sealed = elsewhere.encrypt(KeyId=key, Plaintext=b"far")["CiphertextBlob"]
    has(here.decrypt(CiphertextBlob=sealed, KeyId=key), Plaintext=b"far", KeyMaterialId=new)


@check("E11", "Rotation of native multi-Region keys is shared; a replica refuses to rotate")
def native_rotation(aws):
    there = aws.kms_in(THERE)
    key = create(aws.kms, MultiRegion=True)
    replicate(aws, key)
    blob = round_trip(aws.kms, key)
    aws.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    has(there.get_key_rotation_status(KeyId=key), KeyRotationEnabled=True, RotationPeriodInDays=180)
    for ask in (there.enable_key_rotation, there.disable_key_rotation, there.rotate_key_on_demand):
        refused(UNSUPPORTED, ask, KeyId=key)
    aws.kms.rotate_key_on_demand(KeyId=key)
    until(lambda: current_material(there, key) == current_material(aws.kms, key), "both Regions have rotated")
    same(there.decrypt(CiphertextBlob=blob, KeyId=key)["Plaintext"], b"one message")
    same(len(there.list_key_rotations(KeyId=key)["Rotations"]), 1, "rotations of the replica")


@check("E12", "A primary waits for its last replica's deletion, and is then deleted itself", moves_clock=True)
def last_replica(aws):
    there = aws.kms_in(THERE)
    key = create(aws.kms, MultiRegion=True)
    replicate(aws, key)
    aws.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=10)
    aws.advance(days=40)
    same(state(aws.kms, key), "PendingReplicaDeletion")
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    same(state(aws.kms, key), "PendingReplicaDeletion")
    aws.advance(days=7, hours=1)
    refused("NotFoundException", there.describe_key, KeyId=key)
    shown = aws.kms.describe_key(KeyId=key)["KeyMetadata"]
    has(shown, KeyState="PendingDeletion", PendingDeletionWindowInDays=None)
    assert 9 < (shown["DeletionDate"] - aws.now()).days + 1 <= 10, shown["DeletionDate"]
    aws.advance(days=10)
    refused("NotFoundException", aws.kms.describe_key, KeyId=key)


@check("E13", "Expiry of imported material is each Region's own", moves_clock=True)
def expiry_per_region(aws):
    there = aws.kms_in(THERE)
    key, material = imported_key(aws.kms, MultiRegion=True)
    blob = round_trip(aws.kms, key)
    replicate(aws, key)
    end = aws.now() + timedelta(days=1)
    import_into(there, key, material, **EXISTING, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=end)
    near(there.describe_key(KeyId=key)["KeyMetadata"]["ValidTo"], end, seconds=2)
    has(aws.kms.describe_key(KeyId=key)["KeyMetadata"], ValidTo=None, **STAYS)
    aws.advance(days=1, minutes=1)
    same((state(aws.kms, key), state(there, key)), ("Enabled", "PendingImport"))
    same(aws.kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"one message")
    refused("KMSInvalidStateException", there.decrypt, CiphertextBlob=blob, KeyId=key)


@check(
    "E42",
    "Scheduled rotation of a multi-Region key is the primary's, and happens in all Regions",
    moves_clock=True,
)
def scheduled_everywhere(aws):
    there = aws.kms_in(THERE)
    key = create(aws.kms, MultiRegion=True)
    replicate(aws, key)
    aws.kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    planned = aws.kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    same(there.get_key_rotation_status(KeyId=key)["NextRotationDate"], planned, "NextRotationDate of the replica")
    blob, before = round_trip(there, key), current_material(aws.kms, key)
    there.disable_key(KeyId=key)
    aws.advance(days=60)
    there.enable_key(KeyId=key)
    same(aws.kms.get_key_rotation_status(KeyId=key)["NextRotationDate"], planned, "NextRotationDate")
    aws.advance(days=30, hours=1)
    after = current_material(aws.kms, key)
    assert after != before, "the key was not rotated"
    same(current_material(there, key), after, "the replica's current material")
    has(there.decrypt(CiphertextBlob=blob, KeyId=key), Plaintext=b"one message", KeyMaterialId=before)
    sealed = aws.kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    has(there.decrypt(CiphertextBlob=sealed, KeyId=key), Plaintext=b"x", KeyMaterialId=after)
