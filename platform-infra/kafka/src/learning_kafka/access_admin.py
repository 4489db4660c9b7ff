"""Rules of access on the cluster: read, added, removed."""

from collections.abc import Iterable, Sequence
from typing import Any

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from learning_kafka.access import Pattern, ResourceKind, Rule
from learning_kafka.connection import REQUEST_SECONDS, Connection

# librdkafka calls the cluster by the number it has among configurations, where it means a broker.
_KINDS: dict[ResourceKind, ResourceType] = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "cluster": ResourceType.BROKER,
    "transactional_id": ResourceType.TRANSACTIONAL_ID,
}
_KIND_NAMES = {kind: name for name, kind in _KINDS.items()}
_PATTERNS: dict[Pattern, ResourcePatternType] = {
    "literal": ResourcePatternType.LITERAL,
    "prefixed": ResourcePatternType.PREFIXED,
}
_PATTERN_NAMES = {pattern: name for name, pattern in _PATTERNS.items()}
_USER = "User:"
_DENY = "deny "
_FROM = " from "


def read_rules(connection: Connection) -> Sequence[Rule]:
    """Every rule of this installation; with a topic prefix, those on its topics and groups and on the cluster."""
    anything: Any = None  # librdkafka's wildcard, which its types do not know
    everything = AclBindingFilter(
        ResourceType.ANY, anything, ResourcePatternType.ANY, anything, anything, AclOperation.ANY, AclPermissionType.ANY
    )
    bindings = connection.wait(connection.admin.describe_acls(everything, request_timeout=REQUEST_SECONDS))
    rules = [_rule(binding) for binding in bindings if binding.restype in _KIND_NAMES]
    return [rule for rule in rules if rule.resource == "cluster" or connection.is_ours(rule.name)]


def add(connection: Connection, rules: Iterable[Rule]) -> None:
    bindings = [AclBinding(*_parts(rule)) for rule in rules]
    if bindings:
        for future in connection.admin.create_acls(bindings, request_timeout=REQUEST_SECONDS).values():
            connection.wait(future)


def remove(connection: Connection, rules: Iterable[Rule]) -> None:
    filters = [AclBindingFilter(*_parts(rule)) for rule in rules]
    if filters:
        for future in connection.admin.delete_acls(filters, request_timeout=REQUEST_SECONDS).values():
            connection.wait(future)


def _rule(binding: AclBinding) -> Rule:
    """What is no plain permission of a user from anywhere keeps that in its text, so that it never looks declared."""
    operation = AclOperation(binding.operation).name.lower()
    if binding.permission_type is not AclPermissionType.ALLOW:
        operation = _DENY + operation
    if binding.host != "*":
        operation += _FROM + binding.host
    return Rule(
        binding.principal.removeprefix(_USER),
        _KIND_NAMES[ResourceType(binding.restype)],
        _PATTERN_NAMES[ResourcePatternType(binding.resource_pattern_type)],
        binding.name,
        operation,
    )


def _parts(rule: Rule) -> tuple[ResourceType, str, ResourcePatternType, str, str, AclOperation, AclPermissionType]:
    operation, _, host = rule.operation.partition(_FROM)
    permission = AclPermissionType.DENY if operation.startswith(_DENY) else AclPermissionType.ALLOW
    return (
        _KINDS[rule.resource],
        rule.name,
        _PATTERNS[rule.pattern],
        rule.principal if ":" in rule.principal else _USER + rule.principal,
        host or "*",
        AclOperation[operation.removeprefix(_DENY).upper()],
        permission,
    )
