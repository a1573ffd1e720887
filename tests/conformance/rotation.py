"""Rotating key material: on schedule, on demand, native and imported."""

from datetime import timedelta

from asserting import has, near, pages, refused, same, state, without_doubles
from checks import group
from material import (
    arn,
    create,
    current_material,
    import_into,
    imported_key,
    material_ids,
    round_trip,
    secret,
    waiting_key,
)

check = group("Rotation")

NEW = {"ImportType": "NEW_KEY_MATERIAL"}
EXISTING = {"ImportType": "EXISTING_KEY_MATERIAL"}
INCORRECT = "IncorrectKeyMaterialException"
UNSUPPORTED = "UnsupportedOperationException"


@check("K29", "ImportType NEW_KEY_MATERIAL + description, pending, RotateKeyOnDemand, old ciphertext decrypts")
def imported_rotation(aws):
    kms = aws.kms
    key, first, second = waiting_key(kms), secret(), secret()
    old = import_into(kms, key, first, **NEW, KeyMaterialDescription="the first one")["KeyMaterialId"]
    blob = round_trip(kms, key)
    answer = import_into(kms, key, second, **NEW, KeyMaterialDescription="for 2027: a/b_c-d.")
    new = answer["KeyMaterialId"]
    assert new != old, "two materials with one id"
    same((state(kms, key), current_material(kms, key)), ("Enabled", old), "before the rotation")
    materials = material_ids(kms, key)
    same(set(materials), {old, new}, "materials")
    has(materials[old], KeyMaterialState="CURRENT", ImportState="IMPORTED", KeyMaterialDescription="the first one")
    has(
        materials[new],
        KeyMaterialState="PENDING_ROTATION",
        ImportState="IMPORTED",
        KeyMaterialDescription="for 2027: a/b_c-d.",
        RotationDate=None,
        RotationType=None,
    )
    same(kms.list_key_rotations(KeyId=key)["Rotations"], [], "rotations before one was made")
    same(kms.decrypt(CiphertextBlob=round_trip(kms, key))["KeyMaterialId"], old)
    kms.rotate_key_on_demand(KeyId=key)
    same((state(kms, key), current_material(kms, key)), ("Enabled", new), "after the rotation")
    opened = kms.decrypt(CiphertextBlob=blob)
    has(opened, Plaintext=b"one message", KeyMaterialId=old)
    same(kms.decrypt(CiphertextBlob=round_trip(kms, key))["KeyMaterialId"], new)
    materials = material_ids(kms, key)
    has(materials[old], KeyMaterialState="NON_CURRENT", RotationDate=None)
    has(materials[new], KeyMaterialState="CURRENT", RotationType="ON_DEMAND")
    (done,) = kms.list_key_rotations(KeyId=key)["Rotations"]
    same(done["KeyMaterialId"], new)
    near(done["RotationDate"], aws.now())
    # Nothing waits any more.
    refused(("KMSInvalidStateException", UNSUPPORTED), kms.rotate_key_on_demand, KeyId=key)


@check("E07", "Several imported materials: each is asked for by its id, all are needed")
def several_materials(aws):
    kms = aws.kms
    key, first, second = waiting_key(kms), secret(), secret()
    old = import_into(kms, key, first)["KeyMaterialId"]
    blob = round_trip(kms, key)
    refused(INCORRECT, import_into, kms=kms, key=key, material=first, **NEW)
    refused("ValidationException", import_into, kms=kms, key=key, material=second, **NEW, KeyMaterialId=old)
    refused(INCORRECT, import_into, kms=kms, key=key, material=second, **EXISTING)
    new = import_into(kms, key, second, **NEW)["KeyMaterialId"]
    kms.rotate_key_on_demand(KeyId=key)
    newer = round_trip(kms, key)
    # The old material is deleted by its id; without an id it would be the current one.
    same(kms.delete_imported_key_material(KeyId=key, KeyMaterialId=old)["KeyMaterialId"], old)
    same(state(kms, key), "PendingImport")
    has(material_ids(kms, key)[old], ImportState="PENDING_IMPORT", KeyMaterialState="NON_CURRENT")
    has(material_ids(kms, key)[new], ImportState="IMPORTED", KeyMaterialState="CURRENT")
    refused("KMSInvalidStateException", kms.decrypt, CiphertextBlob=newer)
    refused(INCORRECT, import_into, kms=kms, key=key, material=second, **EXISTING, KeyMaterialId=old)
    import_into(kms, key, first, **EXISTING, KeyMaterialId=old)
    same(state(kms, key), "Enabled")
    same(kms.delete_imported_key_material(KeyId=key)["KeyMaterialId"], new)
    same(state(kms, key), "PendingImport")
    import_into(kms, key, second)
    for each in (blob, newer):
        same(kms.decrypt(CiphertextBlob=each)["Plaintext"], b"one message")
    # A description stays until another one is given.
    import_into(kms, key, first, **EXISTING, KeyMaterialDescription="once")
    import_into(kms, key, first, **EXISTING)
    same(material_ids(kms, key)[old].get("KeyMaterialDescription"), "once")
    # These words are for symmetric keys only.
    mac, bytes_ = imported_key(kms, spec="HMAC_256")
    for said in (EXISTING, {"KeyMaterialDescription": "d"}):
        refused((UNSUPPORTED, "ValidationException"), import_into, kms=kms, key=mac, material=bytes_, **said)


@check("K58", "EnableKeyRotation with period, status, bounds; refused on EXTERNAL")
def scheduled(aws):
    kms = aws.kms
    key = create(kms)
    same(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], False)
    for period in (90, 2560, None):
        kms.enable_key_rotation(KeyId=key, **({"RotationPeriodInDays": period} if period else {}))
        status = kms.get_key_rotation_status(KeyId=key)
        has(status, KeyRotationEnabled=True, RotationPeriodInDays=period or 365, KeyId=arn(aws.account(), key))
        near(status["NextRotationDate"], aws.now() + timedelta(days=period or 365), seconds=86_400)
    for period in (89, 2561):
        refused("ValidationException", kms.enable_key_rotation, wrong=True, KeyId=key, RotationPeriodInDays=period)
    kms.disable_key_rotation(KeyId=key)
    has(kms.get_key_rotation_status(KeyId=key), KeyRotationEnabled=False, NextRotationDate=None)
    for other in (
        imported_key(kms)[0],
        create(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC"),
        create(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY"),
    ):
        refused(UNSUPPORTED, kms.enable_key_rotation, KeyId=other)
    kms.disable_key(KeyId=key)
    refused("DisabledException", kms.enable_key_rotation, KeyId=key)


@check("K59", "RotateKeyOnDemand + ListKeyRotations; old ciphertext decrypts, material id changes")
def on_demand(aws):
    kms = aws.kms
    key = create(kms)
    ids, blobs = [current_material(kms, key)], [round_trip(kms, key)]
    same(kms.list_key_rotations(KeyId=key)["Rotations"], [], "rotations of a new key")
    for _ in range(3):
        kms.rotate_key_on_demand(KeyId=key)
        ids.append(current_material(kms, key))
        blobs.append(round_trip(kms, key))
    same(len(set(ids)), 4, "material ids of their own")
    for material, blob in zip(ids, blobs):
        has(kms.decrypt(CiphertextBlob=blob), Plaintext=b"one message", KeyMaterialId=material)
    rotations = pages(kms.list_key_rotations, "Rotations", size=2, KeyId=key)
    same(without_doubles(rotations, "KeyMaterialId"), set(ids[1:]), "rotations")
    for entry in rotations:
        has(entry, RotationType="ON_DEMAND", ImportState=None, ExpirationModel=None, KeyMaterialDescription=None)
        near(entry["RotationDate"], aws.now())
    materials = material_ids(kms, key)
    same([materials[each]["KeyMaterialState"] for each in ids], ["NON_CURRENT"] * 3 + ["CURRENT"])
    has(materials[ids[0]], RotationDate=None, RotationType=None)
    same(kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"], False)
    for spec, usage in (("HMAC_256", "GENERATE_VERIFY_MAC"), ("ECC_NIST_P256", "SIGN_VERIFY")):
        other = create(kms, KeySpec=spec, KeyUsage=usage)
        refused(UNSUPPORTED, kms.rotate_key_on_demand, KeyId=other)
        refused(UNSUPPORTED, kms.list_key_rotations, KeyId=other)
    refused("InvalidMarkerException", kms.list_key_rotations, KeyId=key, Marker="not a marker of yours")


@check("E08", "At most 25 rotations on demand -> LimitExceededException")
def twenty_five(aws):
    kms = aws.kms
    key = create(kms)
    blob = round_trip(kms, key)
    for _ in range(25):
        kms.rotate_key_on_demand(KeyId=key)
    refused("LimitExceededException", kms.rotate_key_on_demand, KeyId=key)
    same(kms.decrypt(CiphertextBlob=blob)["Plaintext"], b"one message")
    same(len(pages(kms.list_key_rotations, "Rotations", size=10, KeyId=key)), 25, "rotations")


@check(
    "E09",
    "Scheduled rotation happens when the clock passes it; an on-demand one does not move it",
    moves_clock=True,
)
def rotates_by_itself(aws):
    kms = aws.kms
    key = create(kms)
    blob, first = round_trip(kms, key), current_material(kms, key)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    planned = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    aws.advance(days=30)
    kms.rotate_key_on_demand(KeyId=key)
    same(kms.get_key_rotation_status(KeyId=key)["NextRotationDate"], planned, "NextRotationDate")
    second = current_material(kms, key)
    aws.advance(days=61)
    third = current_material(kms, key)
    same(len({first, second, third}), 3, "material ids")
    kinds = {
        entry["KeyMaterialId"]: entry["RotationType"] for entry in kms.list_key_rotations(KeyId=key)["Rotations"]
    }
    same(kinds, {second: "ON_DEMAND", third: "AUTOMATIC"})
    near(kms.get_key_rotation_status(KeyId=key)["NextRotationDate"], planned + timedelta(days=90), seconds=86_400)
    has(kms.decrypt(CiphertextBlob=blob), Plaintext=b"one message", KeyMaterialId=first)


@check(
    "E41",
    "RotateKeyOnDemand within 20 minutes of the next scheduled rotation -> ConflictException",
    moves_clock=True,
)
def too_close(aws):
    kms = aws.kms
    key = create(kms)
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    aws.advance(days=89, hours=23, minutes=45)
    before = current_material(kms, key)
    refused("ConflictException", kms.rotate_key_on_demand, KeyId=key)
    same(current_material(kms, key), before)
    aws.advance(minutes=20)
    scheduled = current_material(kms, key)
    assert scheduled != before, "the scheduled rotation did not happen"
    kms.rotate_key_on_demand(KeyId=key)
    assert current_material(kms, key) != scheduled, "the rotation on demand did not happen"
