"""IAM users and roles that checks make, and clients that ask as them."""

import json
import secrets
from dataclasses import dataclass

from place import HERE


@dataclass
class Person:
    """An IAM user with an access key."""

    aws: object
    name: str
    arn: str
    credentials: dict

    def client(self, service, region=HERE):
        return self.aws.client(service, region, self.credentials)

    @property
    def kms(self):
        return self.client("kms")

    def may(self, *actions, resource="*", **more):
        """Gives the user this inline policy, in place of the one before."""
        put_user_policy(self.aws.iam, self.name, allow(*actions, resource=resource, **more))


def unique(word):
    """A name that nobody else has, also where all checks share one account."""
    return f"{word}-{secrets.token_hex(5)}"


def user(aws, *actions):
    """A new user who may do these actions (on everything), and nothing else."""
    name = unique("user")
    arn = aws.iam.create_user(UserName=name)["User"]["Arn"]
    key = aws.iam.create_access_key(UserName=name)["AccessKey"]
    person = Person(aws, name, arn, key)
    if actions:
        person.may(*actions)
    return person


def put_user_policy(iam, name, document, policy="only"):
    iam.put_user_policy(UserName=name, PolicyName=policy, PolicyDocument=json.dumps(document))


def role(aws, trusted, *actions, conditions=None, **said):
    """A new role that this principal may assume; its ARN."""
    name = unique("role")
    trust = statement("Allow", "sts:AssumeRole", principal=trusted, resource=None, conditions=conditions)
    arn = aws.iam.create_role(RoleName=name, AssumeRolePolicyDocument=text(trust), **said)["Role"]["Arn"]
    if actions:
        aws.iam.put_role_policy(RoleName=name, PolicyName="only", PolicyDocument=json.dumps(allow(*actions)))
    return arn


def session(sts, role_arn, name="session", **said):
    """The credentials of a session in a role."""
    return sts.assume_role(RoleArn=role_arn, RoleSessionName=name, **said)["Credentials"]


def statement(effect, *actions, principal=None, resource="*", conditions=None):
    made = {"Effect": effect, "Action": list(actions)}
    if principal:
        made["Principal"] = principal if isinstance(principal, dict) else {"AWS": principal}
    if resource:
        made["Resource"] = resource
    if conditions:
        made["Condition"] = conditions
    return made


def document(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


def text(*statements):
    return json.dumps(document(*statements))


def allow(*actions, resource="*", conditions=None):
    """An identity policy."""
    return document(statement("Allow", *actions, resource=resource, conditions=conditions))


def root(account):
    return f"arn:aws:iam::{account}:root"


def admin(account):
    """The statement of the default key policy: the account, and whom its identity policies allow."""
    return statement("Allow", "kms:*", principal=root(account))
