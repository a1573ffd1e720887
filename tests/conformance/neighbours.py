"""What else a company's tools ask for around keys: Regions, policies looked over, tags, HSM clusters."""

import json

from asserting import denied, has, refused, same, until
from checks import group
from people import document, statement, unique, user
from place import HERE, THERE, Place
from storage import bucket

check = group("Around keys")


@check("O01", "EC2 DescribeRegions")
def regions(aws):
    ec2 = aws.client("ec2")
    shown = {one["RegionName"]: one for one in ec2.describe_regions()["Regions"]}
    assert {HERE, THERE, "us-east-1"} <= set(shown), sorted(shown)
    has(shown[HERE], Endpoint=f"ec2.{HERE}.amazonaws.com", OptInStatus="opt-in-not-required")
    (one,) = ec2.describe_regions(RegionNames=[THERE])["Regions"]
    same(one["RegionName"], THERE)
    (one,) = ec2.describe_regions(Filters=[{"Name": "region-name", "Values": [HERE]}])["Regions"]
    same(one["RegionName"], HERE)
    refused("InvalidParameterValue", ec2.describe_regions, RegionNames=["nowhere-9"])
    everywhere = {one["RegionName"] for one in ec2.describe_regions(AllRegions=True)["Regions"]}
    assert everywhere >= set(shown) and len(everywhere) >= 17, sorted(everywhere)
    someone = user(aws)
    refused("UnauthorizedOperation", someone.client("ec2").describe_regions)
    someone.may("ec2:DescribeRegions")
    someone.client("ec2").describe_regions()


@check("O02", "Account ListRegions")
def account_regions(aws):
    account = aws.client("account", "us-east-1")
    found, more = [], {}
    while True:
        page = account.list_regions(MaxResults=7, **more)
        assert len(page["Regions"]) <= 7, f"{len(page['Regions'])} where 7 were asked"
        found += page["Regions"]
        if not page.get("NextToken"):
            break
        more = {"NextToken": page["NextToken"]}
        assert len(found) < 200, "the list does not end"
    by_name = {one["RegionName"]: one["RegionOptStatus"] for one in found}
    same(len(by_name), len(found), "Regions, each once")
    same((by_name[HERE], by_name["us-east-1"]), ("ENABLED_BY_DEFAULT", "ENABLED_BY_DEFAULT"))
    default = account.list_regions(RegionOptStatusContains=["ENABLED_BY_DEFAULT"], MaxResults=50)["Regions"]
    assert {one["RegionOptStatus"] for one in default} == {"ENABLED_BY_DEFAULT"} and len(default) >= 17
    has(account.get_region_opt_status(RegionName=HERE), RegionName=HERE, RegionOptStatus="ENABLED_BY_DEFAULT")
    refused("ValidationException", account.get_region_opt_status, RegionName="nowhere-9")
    denied(user(aws).client("account", "us-east-1").list_regions)


def findings(analyzer, policy, kind="IDENTITY_POLICY", **said):
    asked = policy if isinstance(policy, str) else json.dumps(policy)
    return analyzer.validate_policy(policyDocument=asked, policyType=kind, **said)["findings"]


def errors(found):
    return sorted(one["issueCode"] for one in found if one["findingType"] == "ERROR")


def marked(text, finding):
    """The part of a policy that a finding is about; its lines and columns fit its offsets."""
    span = finding["locations"][0]["span"]
    for place in (span["start"], span["end"]):
        before = text[: place["offset"]]
        same(
            (place["line"], place["column"]),
            (before.count("\n") + 1, len(before.split("\n")[-1])),
            "line and column",
        )
    return text[span["start"]["offset"] : span["end"]["offset"]]


@check("O06", "Access Analyzer ValidatePolicy finds an error")
def validated(aws):
    analyzer = aws.client("accessanalyzer")
    good = document(statement("Allow", "kms:Encrypt", resource=f"arn:aws:kms:{HERE}:{aws.account()}:key/*"))
    same(findings(analyzer, good), [])
    wrong = document(
        statement("Allow", "kms:Encrypt", "kms:Entomb", resource=f"arn:aws:kms:{HERE}:{aws.account()}:key/*")
    )
    for indent in (None, 2, 4):
        text = json.dumps(wrong, indent=indent)
        (found,) = findings(analyzer, text)
        has(found, findingType="ERROR", issueCode="INVALID_ACTION")
        assert "kms:Entomb" in found["findingDetails"] and found["learnMoreLink"].startswith("https://"), found
        same(marked(text, found).strip('"'), "kms:Entomb")
        path = found["locations"][0]["path"]
        same(path, [{"value": "Statement"}, {"index": 0}, {"value": "Action"}, {"index": 1}])
    for policy, kind, code in (
        ('{"Version": "2012-10-17", "Statement": [', "IDENTITY_POLICY", "JSON_SYNTAX_ERROR"),
        (document({"Effect": "Allow", "Resource": "*"}), "IDENTITY_POLICY", "MISSING_ACTION"),
        (document({"Effect": "Allow", "Action": "kms:Sign"}), "IDENTITY_POLICY", "MISSING_RESOURCE"),
        (document(statement("Perhaps", "kms:Sign")), "IDENTITY_POLICY", "INVALID_EFFECT"),
        (document(statement("Allow", "kms:Sign", principal="*")), "IDENTITY_POLICY", "UNSUPPORTED_PRINCIPAL"),
        (document(statement("Allow", "kms:Sign")), "RESOURCE_POLICY", "MISSING_PRINCIPAL"),
    ):
        codes = errors(findings(analyzer, policy, kind))
        assert code in codes, f"{code} expected in {codes} of {policy}"
    risky = findings(analyzer, document(statement("Allow", "iam:PassRole")))
    assert "SECURITY_WARNING" in {one["findingType"] for one in risky}, risky
    versionless = findings(analyzer, {"Statement": good["Statement"]})
    assert "WARNING" in {one["findingType"] for one in versionless}, versionless
    many = document(*[statement("Allow", f"kms:Wrong{number}", resource="*") for number in range(5)])
    seen, more = [], {}
    while True:
        page = analyzer.validate_policy(
            policyDocument=json.dumps(many), policyType="IDENTITY_POLICY", maxResults=2, **more
        )
        seen += [one["findingDetails"] for one in page["findings"] if one["issueCode"] == "INVALID_ACTION"]
        if not page.get("nextToken"):
            break
        more = {"nextToken": page["nextToken"]}
        assert len(seen) <= 5, seen
    same(len(set(seen)), 5, "findings over all pages")
    refused(
        "ValidationException", analyzer.validate_policy, wrong=True, policyDocument="{}", policyType="A_POLICY"
    )
    denied(user(aws).client("accessanalyzer").validate_policy, policyDocument="{}", policyType="IDENTITY_POLICY")


@check("O07", "Resource Groups Tagging GetResources finds a KMS key by tag")
def by_tag(aws):
    tagging, word = aws.client("resourcegroupstaggingapi"), unique("stage")
    tags = [
        [{"TagKey": word, "TagValue": value}, {"TagKey": "team", "TagValue": "keys"}] for value in ("prod", "test")
    ]
    prod, test = (aws.kms.create_key(Tags=of)["KeyMetadata"]["Arn"] for of in tags)
    aws.kms_in(THERE).create_key(Tags=tags[0])
    aws.kms.create_key()

    def found(**said):
        arns, more = [], {}
        while True:
            page = tagging.get_resources(**said, **more)
            arns += [one["ResourceARN"] for one in page["ResourceTagMappingList"]]
            if not page.get("PaginationToken"):
                return sorted(arns)
            more = {"PaginationToken": page["PaginationToken"]}
            assert len(arns) < 100, "the list does not end"

    def tagged(*values):
        return [{"Key": word, "Values": list(values)} if values else {"Key": word}]

    same(found(TagFilters=tagged("prod")), [prod])
    same(found(TagFilters=tagged()), sorted([prod, test]))
    same(found(TagFilters=tagged("prod", "test"), ResourcesPerPage=1), sorted([prod, test]))
    same(found(TagFilters=[*tagged("prod"), {"Key": "team", "Values": ["keys"]}]), [prod])
    same(found(TagFilters=[*tagged("prod"), {"Key": "team", "Values": ["others"]}]), [])
    for kind, wanted in (("kms", [prod]), ("kms:key", [prod]), ("s3", [])):
        same(found(TagFilters=tagged("prod"), ResourceTypeFilters=[kind]), wanted, kind)
    (shown,) = tagging.get_resources(TagFilters=tagged("prod"))["ResourceTagMappingList"]
    same({one["Key"]: one["Value"] for one in shown["Tags"]}, {word: "prod", "team": "keys"})
    assert word in tagging.get_tag_keys()["TagKeys"]
    same(sorted(tagging.get_tag_values(Key=word)["TagValues"]), ["prod", "test"])
    # What is tagged here is tagged there, and the other way around.
    same(tagging.tag_resources(ResourceARNList=[test], Tags={word: "prod"})["FailedResourcesMap"], {})
    listed = {one["TagKey"]: one["TagValue"] for one in aws.kms.list_resource_tags(KeyId=test)["Tags"]}
    same(listed, {word: "prod", "team": "keys"})
    aws.kms.untag_resource(KeyId=prod, TagKeys=[word])
    until(lambda: found(TagFilters=tagged("prod")) == [test], "the tag is gone")
    name = bucket(aws)
    aws.client("s3").put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": word, "Value": "prod"}]})
    until(lambda: f"arn:aws:s3:::{name}" in found(ResourceTypeFilters=["s3"]), "the bucket is found")
    denied(user(aws).client("resourcegroupstaggingapi").get_resources)
    if not aws.server.access_key_id:
        other = Place(aws.server, aws.record).client("resourcegroupstaggingapi")
        same(other.get_resources(TagFilters=tagged())["ResourceTagMappingList"], [])
    refused("InvalidParameterException", tagging.get_resources, ResourcesPerPage=1000)


@check("O08", "CloudHSM v2 DescribeClusters")
def clusters(aws):
    hsm = aws.client("cloudhsmv2")
    shown = hsm.describe_clusters()["Clusters"]
    if shown:
        subnets = list(shown[0]["SubnetMapping"].values())
    else:
        ec2 = aws.client("ec2")
        subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:1]
    made = hsm.create_cluster(HsmType="hsm2m.medium", SubnetIds=subnets)["Cluster"]
    assert made["ClusterId"].startswith("cluster-"), made
    own = {"clusterIds": [made["ClusterId"]]}
    (found,) = hsm.describe_clusters(Filters=own)["Clusters"]
    has(found, ClusterId=made["ClusterId"], HsmType="hsm2m.medium")
    assert found["State"] in ("CREATE_IN_PROGRESS", "UNINITIALIZED"), found["State"]
    same(hsm.describe_clusters(Filters={**own, "states": ["DELETED"]})["Clusters"], [])
    seen, more = [], {}
    while True:
        page = hsm.describe_clusters(MaxResults=1, **more)
        seen += [one["ClusterId"] for one in page["Clusters"]]
        if not page.get("NextToken"):
            break
        more = {"NextToken": page["NextToken"]}
        assert len(seen) < 20, seen
    same((made["ClusterId"] in seen, len(seen)), (True, len(set(seen))))
    elsewhere = aws.client("cloudhsmv2", THERE).describe_clusters(Filters=own)["Clusters"]
    same(elsewhere, [])
    refused("CloudHsmAccessDeniedException", user(aws).client("cloudhsmv2").describe_clusters)
    hsm.delete_cluster(ClusterId=made["ClusterId"])
