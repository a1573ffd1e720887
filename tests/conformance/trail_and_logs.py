"""What is written down of what was done, and the alarm on material that is about to expire."""

import json
from datetime import timedelta

from asserting import denied, has, near, refused, same, until
from checks import group
from material import create, import_into, secret, waiting_key
from people import role, statement, unique, user
from place import HERE, THERE, Place
from storage import bucket, put_policy

check = group("Trails and alarms")

# AWS shows events of the last minutes late. What stands in for it may be faster.
SOON_S = 15


def events(trail, name=None, value=None, **said):
    """Events, the newest first, page by page."""
    if name:
        said["LookupAttributes"] = [{"AttributeKey": name, "AttributeValue": value}]
    found, more = [], {}
    while True:
        page = trail.lookup_events(**said, **more)
        found += page["Events"]
        if not page.get("NextToken"):
            return found
        more = {"NextToken": page["NextToken"]}
        assert len(found) < 2000, "the list does not end"


@check("O04", "CloudTrail LookupEvents shows kms CreateKey")
def looked_up(aws):
    trail, account = aws.client("cloudtrail"), aws.account()
    someone = user(aws, "kms:CreateKey", "kms:Encrypt", "kms:Decrypt")
    made = someone.kms.create_key(Description="seen")["KeyMetadata"]
    plaintext = "what-nobody-may-read-in-a-log"
    blob = someone.kms.encrypt(KeyId=made["KeyId"], Plaintext=plaintext.encode())["CiphertextBlob"]
    someone.kms.decrypt(CiphertextBlob=blob)
    denied(someone.kms.disable_key, KeyId=made["KeyId"])

    def of(resource):
        return events(trail, "ResourceName", resource)

    names = {"CreateKey", "Encrypt", "Decrypt", "DisableKey"}
    until(lambda: names <= {one["EventName"] for one in of(made["Arn"])}, "all four are shown", SOON_S)
    shown = {one["EventName"]: one for one in of(made["Arn"])}
    created = shown["CreateKey"]
    has(created, EventSource="kms.amazonaws.com", Username=someone.name, ReadOnly="false")
    same(shown["Decrypt"]["ReadOnly"], "true")
    near(created["EventTime"], aws.now())
    (resource,) = [one for one in created["Resources"] if one["ResourceName"] == made["Arn"]]
    same(resource["ResourceType"], "AWS::KMS::Key")
    # https://docs.aws.amazon.com/kms/latest/developerguide/ct-createkey.html
    record = json.loads(created["CloudTrailEvent"])
    has(record, eventSource="kms.amazonaws.com", eventName="CreateKey", awsRegion=HERE, eventID=created["EventId"])
    has(record["userIdentity"], type="IAMUser", arn=someone.arn, accountId=account, userName=someone.name)
    same(
        (record["requestParameters"]["description"], record["responseElements"]["keyMetadata"]["keyId"]),
        ("seen", made["KeyId"]),
    )
    refusal = json.loads(shown["DisableKey"]["CloudTrailEvent"])
    same(refusal["errorCode"], "AccessDenied")
    for one in shown.values():
        assert plaintext not in one["CloudTrailEvent"], f"{one['EventName']} tells the plaintext"
    # By other attributes, in a range of time, in pages.
    by_name = events(trail, "EventName", "CreateKey")
    assert made["Arn"] in [one["ResourceName"] for event in by_name for one in event["Resources"]]
    same({one["EventName"] for one in by_name}, {"CreateKey"})
    assert {one["Username"] for one in events(trail, "Username", someone.name)} == {someone.name}
    (same_one,) = events(trail, "EventId", created["EventId"])
    same(same_one["EventName"], "CreateKey")
    times = [one["EventTime"] for one in of(made["Arn"])]
    same(times, sorted(times, reverse=True), "the newest first")
    ids = [one["EventId"] for one in of(made["Arn"])]
    resource = {"LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": made["Arn"]}]}
    same([one["EventId"] for one in events(trail, MaxResults=1, **resource)], ids, "page by page")
    same(events(trail, StartTime=aws.now() + timedelta(hours=1)), [])
    between = {"StartTime": aws.now(), "EndTime": aws.now() - timedelta(hours=1)}
    refused("InvalidTimeRangeException", trail.lookup_events, **between)
    refused("InvalidMaxResultsException", trail.lookup_events, wrong=True, MaxResults=51)
    # Elsewhere nothing of it is seen.
    same(events(aws.client("cloudtrail", THERE), "EventId", created["EventId"]), [])
    denied(someone.client("cloudtrail").lookup_events)
    if not aws.server.access_key_id:
        stranger = Place(aws.server, aws.record).client("cloudtrail")
        same(events(stranger, "EventId", created["EventId"]), [])


@check("O05", "CloudWatch Logs DescribeLogGroups, FilterLogEvents")
def logs(aws):
    logs, word = aws.client("logs"), unique("group")
    for number in range(3):
        logs.create_log_group(logGroupName=f"/{word}/{number}", tags={"n": f"{number}"})
    name = f"/{word}/0"
    refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName=name)
    found, more = [], {}
    while True:
        page = logs.describe_log_groups(logGroupNamePrefix=f"/{word}/", limit=2, **more)
        assert len(page["logGroups"]) <= 2
        found += page["logGroups"]
        if not page.get("nextToken"):
            break
        more = {"nextToken": page["nextToken"]}
        assert len(found) <= 3, found
    same([one["logGroupName"] for one in found], [f"/{word}/{number}" for number in range(3)])
    same(found[0]["logGroupArn"], f"arn:aws:logs:{HERE}:{aws.account()}:log-group:{name}")
    logs.put_retention_policy(logGroupName=name, retentionInDays=30)
    (shown,) = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    same(shown["retentionInDays"], 30)
    for stream in ("one", "two"):
        logs.create_log_stream(logGroupName=name, logStreamName=stream)
    now = int(aws.now().timestamp() * 1000)
    messages = {
        "one": [
            "ERROR disk full on host a",
            "WARN disk nearly full",
            json.dumps({"eventName": "Decrypt", "errorCode": "AccessDenied", "bytes": 5, "user": {"name": "ada"}}),
            json.dumps({"eventName": "CreateKey", "bytes": 50, "user": {"name": "bob"}}),
        ],
        "two": ["INFO all is well", "ERROR exit code 7"],
    }
    for stream, lines in messages.items():
        entries = [{"timestamp": now - 5000 + number * 1000, "message": line} for number, line in enumerate(lines)]
        logs.put_log_events(logGroupName=name, logStreamName=stream, logEvents=entries)

    def filtered(pattern=None, **said):
        asked = {"logGroupName": name, **({"filterPattern": pattern} if pattern is not None else {}), **said}
        lines, more = [], {}
        while True:
            page = logs.filter_log_events(**asked, **more)
            lines += [one["message"] for one in page["events"]]
            if not page.get("nextToken"):
                return sorted(lines)
            more = {"nextToken": page["nextToken"]}
            assert len(lines) < 50, "the list does not end"

    everything = sorted(messages["one"] + messages["two"])
    until(lambda: filtered() == everything, "all events are found", SOON_S)
    error, warning, refusal, creation = messages["one"]
    well, code = messages["two"]
    # https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
    for pattern, wanted in (
        ("ERROR", [error, code]),
        ("warn", []),
        ("ERROR disk", [error]),
        ('"disk full"', [error]),
        ("?ERROR ?WARN", [error, warning, code]),
        ("ERROR -disk", [code]),
        ("%[0-9]$%", [code]),
        ('{ $.errorCode = "AccessDenied" }', [refusal]),
        ('{ $.eventName = "Create*" }', [creation]),
        ("{ $.bytes > 5 }", [creation]),
        ('{ ($.bytes >= 5) && ($.user.name != "bob") }', [refusal]),
        ('{ ($.errorCode = "None") || ($.user.name = "bob") }', [creation]),
        ("{ $.errorCode NOT EXISTS }", [creation]),
        ("", everything),
    ):
        same(filtered(pattern), sorted(wanted), pattern)
    same(filtered("ERROR", logStreamNames=["two"]), [code])
    same(filtered("ERROR", logStreamNamePrefix="tw"), [code])
    same(filtered(limit=2), everything, "page by page")
    same(filtered(startTime=now - 5000, endTime=now - 4500), sorted([error, well]))
    refused("InvalidParameterException", logs.filter_log_events, logGroupName=name, filterPattern="{ $.a = ")
    refused("ResourceNotFoundException", logs.filter_log_events, logGroupName=f"/{word}/none")
    read = logs.get_log_events(logGroupName=name, logStreamName="two", startFromHead=True)["events"]
    same([one["message"] for one in read], messages["two"])
    denied(user(aws).client("logs").describe_log_groups)
    if not aws.server.access_key_id:
        stranger = Place(aws.server, aws.record).client("logs")
        same(stranger.describe_log_groups(logGroupNamePrefix=f"/{word}/")["logGroups"], [])
    logs.delete_log_group(logGroupName=name)
    refused("ResourceNotFoundException", logs.describe_log_streams, logGroupName=name)


@check("E49", "A trail delivers what is done to a log group, where it can be filtered")
def delivered(aws):
    logs, trail, account = aws.client("logs"), aws.client("cloudtrail"), aws.account()
    group_name, name, store = unique("/trail"), unique("trail"), bucket(aws)
    logs.create_log_group(logGroupName=group_name)
    group_arn = f"arn:aws:logs:{HERE}:{account}:log-group:{group_name}:*"
    by = role(aws, {"Service": "cloudtrail.amazonaws.com"}, "logs:CreateLogStream", "logs:PutLogEvents")
    asked = {
        "Name": name,
        "S3BucketName": store,
        "CloudWatchLogsLogGroupArn": group_arn,
        "CloudWatchLogsRoleArn": by,
    }
    service = {"Service": "cloudtrail.amazonaws.com"}
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    source = {"aws:SourceArn": f"arn:aws:cloudtrail:{HERE}:{account}:trail/{name}"}
    put_policy(
        aws.client("s3"),
        store,
        statement(
            "Allow",
            "s3:GetBucketAcl",
            principal=service,
            resource=f"arn:aws:s3:::{store}",
            conditions={"StringEquals": source},
        ),
        statement(
            "Allow",
            "s3:PutObject",
            principal=service,
            resource=f"arn:aws:s3:::{store}/AWSLogs/{account}/*",
            conditions={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **source}},
        ),
    )
    made = trail.create_trail(**asked)
    has(made, Name=name, S3BucketName=store, CloudWatchLogsLogGroupArn=group_arn)
    same([one["Name"] for one in trail.describe_trails()["trailList"]], [name])
    key = create(aws.kms)
    same(trail.get_trail_status(Name=name)["IsLogging"], False)
    trail.start_logging(Name=name)
    same(trail.get_trail_status(Name=name)["IsLogging"], True)
    someone = user(aws)
    aws.kms.disable_key(KeyId=key)
    denied(someone.kms.enable_key, KeyId=key)

    def written(pattern):
        found = logs.filter_log_events(logGroupName=group_name, filterPattern=pattern)["events"]
        return [json.loads(one["message"]) for one in found]

    until(lambda: written('{ $.eventName = "EnableKey" }'), "the refusal is written down", SOON_S)
    (record,) = written('{ ($.eventSource = "kms.amazonaws.com") && ($.errorCode = "AccessDenied*") }')
    same((record["eventName"], record["userIdentity"]["arn"]), ("EnableKey", someone.arn))
    (record,) = written('{ $.eventName = "DisableKey" }')
    assert key in record["requestParameters"]["keyId"], record["requestParameters"]
    same(written('{ $.eventName = "CreateKey" }'), [], "what was done before is written down")
    trail.stop_logging(Name=name)
    aws.kms.enable_key(KeyId=key)
    aws.client("cloudtrail").delete_trail(Name=name)
    refused("TrailNotFoundException", trail.get_trail_status, Name=name)
    same([one for one in written('{ $.eventName = "EnableKey" }') if "errorCode" not in one], [])


@check("O09", "CloudWatch alarm on AWS/KMS SecondsUntilKeyMaterialExpiration", moves_clock=True, limit_s=60)
def alarm(aws):
    watch, key = aws.client("cloudwatch"), waiting_key(aws.kms)
    ends = aws.now() + timedelta(days=10)
    material = secret()
    import_into(aws.kms, key, material, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=ends)
    metric = {
        "Namespace": "AWS/KMS",
        "MetricName": "SecondsUntilKeyMaterialExpiration",
        "Dimensions": [{"Name": "KeyId", "Value": key}],
    }
    listed = watch.list_metrics(Namespace="AWS/KMS", Dimensions=metric["Dimensions"])["Metrics"]
    same([one["MetricName"] for one in listed], [metric["MetricName"]])
    name = unique("expires")
    # https://docs.aws.amazon.com/kms/latest/developerguide/imported-key-material-expiration-alarm.html
    watch.put_metric_alarm(
        AlarmName=name,
        **metric,
        Statistic="Minimum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=3 * 86400,
        ComparisonOperator="LessThanOrEqualToThreshold",
        TreatMissingData="notBreaching",
    )

    def told():
        (found,) = watch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
        return found

    aws.advance(minutes=5)
    until(lambda: told()["StateValue"] == "OK", "the alarm is OK")
    shown = told()
    has(shown, **metric, Threshold=3.0 * 86400, AlarmName=name)
    same(shown["AlarmArn"], f"arn:aws:cloudwatch:{HERE}:{aws.account()}:alarm:{name}")
    same(watch.describe_alarms(StateValue="ALARM", AlarmNames=[name])["MetricAlarms"], [])

    def left():
        points = watch.get_metric_statistics(
            **metric,
            StartTime=aws.now() - timedelta(minutes=10),
            EndTime=aws.now(),
            Period=60,
            Statistics=["Minimum"],
        )["Datapoints"]
        return min((point["Minimum"] for point in points), default=None)

    before = left()
    assert before is not None and abs(before - (ends - aws.now()).total_seconds()) < 900, before
    aws.advance(days=6)
    aws.advance(minutes=5)
    until(lambda: told()["StateValue"] == "OK", "four days are left")
    aws.advance(days=1, minutes=5)
    until(lambda: told()["StateValue"] == "ALARM", "less than three days are left")
    assert told()["StateReason"] and told()["StateUpdatedTimestamp"] <= aws.now(), told()
    assert left() < 3 * 86400, left()
    history = watch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert any("to ALARM" in one["HistorySummary"] for one in history), history
    # Imported again for longer: no alarm any more.
    later = aws.now() + timedelta(days=100)
    import_into(aws.kms, key, material, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=later)
    aws.advance(minutes=5)
    until(lambda: told()["StateValue"] == "OK", "the material lasts longer again")
    denied(user(aws).client("cloudwatch").describe_alarms)
    watch.delete_alarms(AlarmNames=[name])
    same(watch.describe_alarms(AlarmNames=[name])["MetricAlarms"], [])
