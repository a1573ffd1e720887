"""What the sandbox does only when it is asked to: AWS's request quotas, and its eventual consistency."""

import time

from botocore.exceptions import ClientError

from asserting import refused, same, state, until
from checks import group
from material import AES_1, AES_256, create, import_into, parameters, pkcs8, private_key, secret, waiting_key
from place import Place, Server

check = group("When asked for")


def variant(aws, name):
    """The same server, started otherwise."""
    address = aws.server.variants.get(name)
    assert address, f"{name} cannot be asked for"
    return Place(Server(name, address), aws.record)


def codes(ask, times):
    """The codes of so many calls, one right after the other; `None` for those that were granted."""

    def code():
        try:
            ask()
        except ClientError as error:
            return error.response["Error"]["Code"]
        return None

    return [code() for _ in range(times)]


@check("E29", "Request quotas: CreateKey 5 a second, GetParametersForImport 1 a second, per account and Region")
def quotas(aws):
    busy = variant(aws, "quotas")
    began = time.monotonic()
    seen = codes(busy.kms.create_key, 40)
    seconds = time.monotonic() - began
    same(set(seen), {None, "ThrottlingException"}, "codes")
    granted = seen.count(None)
    assert 5 <= granted <= 5 * (seconds + 1) + 5, f"{granted} granted in {seconds:.1f} s"
    key = busy.kms_in("us-west-2").create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
    asked = {"KeyId": key, "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    parameters = codes(lambda: busy.kms_in("us-west-2").get_parameters_for_import(**asked), 6)
    assert "ThrottlingException" in parameters and None in parameters, parameters
    # Others are not disturbed, and neither is another kind of request.
    neighbour = variant(aws, "quotas")
    neighbour.kms.create_key()
    same(codes(busy.kms.list_keys, 20), [None] * 20)
    until(lambda: codes(busy.kms.create_key, 1) == [None], "the quota is free again")


@check("E30", "Eventual consistency: what was just made or changed is seen a little later, and then by everybody")
def consistency(aws):
    slow = variant(aws, "consistency")
    kms = slow.kms
    key = create(kms)
    alias = f"alias/{key}"
    seen = codes(lambda: kms.describe_key(KeyId=key), 1)
    same(seen, ["NotFoundException"], "a key that was just made")
    until(lambda: codes(lambda: kms.describe_key(KeyId=key), 1) == [None], "the key is seen")
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    same(codes(lambda: kms.describe_key(KeyId=alias), 1), ["NotFoundException"], "an alias that was just made")
    until(lambda: codes(lambda: kms.describe_key(KeyId=alias), 1) == [None], "the alias is seen")
    kms.disable_key(KeyId=key)
    until(lambda: state(kms, key) == "Disabled", "the new state is seen")


@check("E38", "The strict reading: wrapping algorithms for RSA and ECC material only are refused for secrets")
def strict(aws):
    kms = variant(aws, "strict").kms
    refusals = ("UnsupportedOperationException", "ValidationException", "InvalidKeyUsageException")
    for spec in ("SYMMETRIC_DEFAULT", "HMAC_256"):
        key = waiting_key(kms, spec)
        for algorithm in (AES_256, AES_1):
            refused(refusals, parameters, kms=kms, key=key, algorithm=algorithm)
        import_into(kms, key, secret(spec))
        same(state(kms, key), "Enabled")
    pair = waiting_key(kms, "ECC_NIST_P256")
    import_into(kms, pair, pkcs8(private_key("ECC_NIST_P256")), AES_256)
    same(state(kms, pair), "Enabled")
