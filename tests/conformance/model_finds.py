"""That the look at requests and answers sees what is wrong with them: it is shown broken ones."""

import json

from botocore.awsrequest import HeadersDict

import model
from asserting import same
from checks import group

check = group("Service models")

KEY = {"AWSAccountId": "1" * 12, "KeyId": "k", "CreationDate": 1.5, "Enabled": True, "KeySpec": "HMAC_256"}
JSON = {"content-type": "application/x-amz-json-1.1", "x-amzn-requestid": "r"}
XML = {"content-type": "text/xml", "x-amzn-requestid": "r"}


@check("E31", "The look at the wire finds unknown members, wrong types, values and codes, and nothing else")
def finds(aws):
    describe = aws.kms.meta.service_model.operation_model("DescribeKey")
    users = aws.iam.meta.service_model.operation_model("ListUsers")

    def answer(operation, body, status=200, headers=None):
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        if headers is None:
            headers = JSON if operation is describe else XML
        response = {"status_code": status, "headers": headers, "body": body}
        judge = model._of_error if status >= 300 else model._of_response
        return [path for path, _ in judge(operation, response)]

    def key(**members):
        return answer(describe, {"KeyMetadata": {**KEY, **members}})

    same(key(), [])
    for members in (
        {"Extra": 1},
        {"Enabled": "true"},
        {"Enabled": 1},
        {"CreationDate": "2026-01-01T00:00:00Z"},
        {"KeySpec": "HMAC_1"},
        {"Arn": "short"},
        {"CurrentKeyMaterialId": "a" * 63},
        {"MultiRegionConfiguration": []},
        {"Description": None},
    ):
        (name,) = members
        same(key(**members), [f".KeyMetadata.{name}"], name)
    same(answer(describe, {"KeyMetadata": {"Enabled": True}}), [".KeyMetadata.KeyId"], "a required member")
    same(answer(describe, {}, headers={}), ["Content-Type", "x-amzn-RequestId"])
    same(answer(describe, b"not JSON"), [""])
    known = {"__type": "NotFoundException", "message": "m"}
    same(answer(describe, known, 400), [])
    for body, status in (
        ({**known, "__type": "MalformedPolicyDocumentException"}, 400),
        (known, 404),
        ({"__type": "NotFoundException"}, 400),
        ({"__type": "KMSInternalException", "message": "m"}, 400),
        ({"message": "m"}, 400),
    ):
        same(len(answer(describe, body, status)), 1, f"findings in {body} with {status}")

    def listed(inner, root="ListUsersResponse", namespace="https://iam.amazonaws.com/doc/2010-05-08/"):
        meta = "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>"
        text = f'<{root} xmlns="{namespace}"><ListUsersResult>{inner}</ListUsersResult>{meta}</{root}>'
        return answer(users, text.encode())

    member = (
        "<member><Path>/</Path><UserName>u</UserName><UserId>AIDAAAAAAAAAAAAAA</UserId>"
        "<Arn>arn:aws:iam::111111111111:user/u</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></member>"
    )
    right = f"<Users>{member}</Users><IsTruncated>false</IsTruncated>"
    same(listed(right), [])
    same(listed("<IsTruncated>false</IsTruncated>"), [".Users"])
    for old, new in (
        ("false", "no"),
        ("2026-01-01T00:00:00Z", "1767225600"),
        ("<Path>/</Path>", "<Path>/</Path><Path>/</Path>"),
        ("<Path>/</Path>", "<Path>no slash</Path>"),
        ("<UserName>u</UserName>", "<UserName></UserName>"),
        ("<Users>", "<Users><item/>"),
        ("<IsTruncated>", "<Extra/><IsTruncated>"),
    ):
        assert listed(right.replace(old, new)), f"{new!r} passed"
    assert listed(right, root="ListRolesResponse") and listed(right, namespace="https://example.com/")


@check(
    "E54", "The look at S3's answers finds wrong elements, headers, statuses, codes and times, and nothing else"
)
def finds_in_s3(aws):
    operations = aws.client("s3").meta.service_model
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    ids = {"content-type": "application/xml", "x-amz-request-id": "r", "x-amz-id-2": "i"}

    def answer(name, body="", status=200, **headers):
        said = HeadersDict({**ids, **{word.replace("_", "-"): content for word, content in headers.items()}})
        judge = model._of_error if status >= 300 else model._of_response
        response = {"status_code": status, "headers": said, "body": body.encode()}
        return [path for path, _ in judge(operations.operation_model(name), response)]

    entry = "<Contents><Key>k</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><Size>1</Size></Contents>"
    right = f'<ListBucketResult xmlns="{space}"><Name>b</Name>{entry}{entry}</ListBucketResult>'
    same(answer("ListObjectsV2", right), [])
    for old, new in (
        ("ListBucketResult", "ListObjectsResult"),
        (space, "https://example.com/"),
        ("<Size>1", "<Size>one"),
        ("2026-01-01T00:00:00.000Z", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("<Key>k</Key>", "<Key>k</Key><Extra/>"),
        ("<Name>b</Name>", "<Name>b</Name><Name>b</Name>"),
    ):
        assert answer("ListObjectsV2", right.replace(old, new)), f"{new!r} passed"
    same(answer("PutObject", etag='"e"', x_amz_server_side_encryption="AES256"), [])
    for headers in (
        {"x_amz_server_side_encryption": "rot13"},
        {"x_amz_no_such_header": "x"},
        {"x_amz_server_side_encryption_bucket_key_enabled": "yes"},
        {"x_amz_id_2": ""},
    ):
        assert answer("PutObject", **headers), headers
    assert answer("HeadObject", last_modified="2026-01-01T00:00:00Z") and answer("PutObject", status=201)
    told = "<Error><Code>NoSuchBucket</Code><Message>m</Message><RequestId>r</RequestId><HostId>i</HostId></Error>"
    same(answer("ListObjectsV2", told, 404), [])
    for body, status in (
        (told, 400),
        (told.replace("NoSuchBucket", "NoSuchPail"), 404),
        (told.replace("<Message>m</Message>", ""), 404),
        (told.replace("<HostId>i</HostId>", ""), 404),
        ("not XML", 404),
    ):
        assert answer("ListObjectsV2", body, status), f"{body} with {status} passed"
