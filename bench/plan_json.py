"""A plan's JSON as `terraform show -json` writes it, of any size: the same bytes every time.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable

from mrbot.ids import Json

_AWS = "registry.terraform.io/hashicorp/aws"


def plan_json(size_bytes: int) -> Json:
    """A plan whose text is within a hundredth of `size_bytes`; one resource in twenty has something
    that `plan_rules.rego` objects to."""
    one = (_size(_plan(1_000)) - _size(_plan(0))) / 1_000
    return _plan(math.ceil(size_bytes / one))


def _size(plan: Json) -> int:
    return len(json.dumps(plan, separators=(",", ":")))


def _plan(count: int) -> Json:
    made = [_resource(number) for number in range(count)]
    return {
        "format_version": "1.2",
        "terraform_version": "1.15.5",
        "variables": {"environment": {"value": "production"}},
        "planned_values": {"root_module": {"resources": [_planned(*one) for one in made]}},
        "resource_changes": [_change(*one) for one in made],
        "output_changes": {},
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": _AWS}},
            "root_module": {
                "resources": [_configured(*one) for one in made],
                "module_calls": {"network": {"source": "git::https://example.com/net?ref=v1"}},
            },
        },
        "relevant_attributes": [],
        "timestamp": "2026-11-25T08:00:00Z",
        "applyable": True,
        "complete": True,
        "errored": False,
    }


def _resource(number: int) -> tuple[str, str, dict[str, Json]]:
    """A resource's type, name and values."""
    kinds: tuple[tuple[str, Callable[[int, bool], dict[str, Json]]], ...] = (
        ("aws_s3_bucket", _bucket),
        ("aws_security_group", _group),
        ("aws_db_instance", _database),
        ("aws_iam_policy", _policy),
        ("aws_instance", _instance),
    )
    kind, values = kinds[number % len(kinds)]
    tags: Json = {"owner": "payments", "cost-centre": "4711", "environment": "production"}
    return kind, f"orders_{number}", {**values(number, number % 20 < 1), "tags": tags}


def _bucket(number: int, bad: bool) -> dict[str, Json]:
    return {
        "bucket": f"example-orders-{number}",
        "acl": "public-read" if bad else "private",
        "force_destroy": False,
        "versioning": [{"enabled": True, "mfa_delete": False}],
        "logging": [{"target_bucket": "example-logs", "target_prefix": f"orders/{number}/"}],
        "lifecycle_rule": [
            {"enabled": True, "id": "old", "prefix": "", "expiration": [{"days": 90}]}
        ],
    }


def _group(number: int, bad: bool) -> dict[str, Json]:
    return {
        "name": f"orders-{number}",
        "description": "Managed by Terraform",
        "vpc_id": "vpc-0a1b2c3d4e5f",
        "ingress": [
            {
                "description": "from the inside", "protocol": "tcp", "from_port": port,
                "to_port": port, "cidr_blocks": ["0.0.0.0/0" if bad else "10.0.0.0/8"],
                "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": False,
            }
            for port in (22, 443, 8443)
        ],
        "egress": [],
        "revoke_rules_on_delete": False,
    }  # fmt: skip


def _database(number: int, bad: bool) -> dict[str, Json]:
    return {
        "identifier": f"orders-{number}",
        "engine": "postgres",
        "engine_version": "16.3",
        "instance_class": "db.t4g.medium",
        "allocated_storage": 20 + number % 7,
        "backup_retention_period": 1 if bad else 14,
        "storage_encrypted": not bad,
        "publicly_accessible": bad,
        "deletion_protection": True,
        "enabled_cloudwatch_logs_exports": ["postgresql", "upgrade"],
        "vpc_security_group_ids": ["sg-0123456789abcdef0"],
        "timeouts": None,
    }


def _policy(number: int, bad: bool) -> dict[str, Json]:
    action = "*" if bad else ["s3:GetObject", "s3:ListBucket"]
    statement = {"Sid": "Read", "Effect": "Allow", "Action": action, "Resource": "*"}
    return {
        "name": f"orders-{number}",
        "description": "what the service \u201corders\u201d may do",
        "path": "/service/",
        "policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    }


def _instance(number: int, bad: bool) -> dict[str, Json]:
    return {
        "ami": "ami-0123456789abcdef0",
        "instance_type": "x1e.32xlarge" if bad else "t3.medium",
        "associate_public_ip_address": False,
        "availability_zone": f"eu-central-1{'abc'[number % 3]}",
        "metadata_options": [{"http_endpoint": "enabled", "http_tokens": "required"}],
        "root_block_device": [
            {"encrypted": not bad, "volume_size": 30, "volume_type": "gp3", "iops": 3000}
        ],
        "user_data": None,
    }


def _planned(kind: str, name: str, values: dict[str, Json]) -> Json:
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": _AWS,
        "schema_version": 1,
        "values": values,
        "sensitive_values": {"tags": {}},
    }


def _change(kind: str, name: str, values: dict[str, Json]) -> Json:
    update = name.endswith("7")
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_name": _AWS,
        "change": {
            "actions": ["update"] if update else ["create"],
            "before": {**values, "tags": {}} if update else None,
            "after": values,
            "after_unknown": {"arn": True, "id": True, "tags_all": True},
            "before_sensitive": {"tags": {}} if update else False,
            "after_sensitive": {"tags": {}},
        },
    }


def _configured(kind: str, name: str, values: dict[str, Json]) -> Json:
    return {
        "address": f"{kind}.{name}",
        "mode": "managed",
        "type": kind,
        "name": name,
        "provider_config_key": "aws",
        "expressions": {
            key: {"constant_value": value} for key, value in values.items() if value is not None
        },
        "schema_version": 1,
    }
