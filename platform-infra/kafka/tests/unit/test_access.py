"""Rules of access say what the contracts say, and nothing more."""

from collections.abc import Callable

import pytest

from learning_contracts import registry
from learning_kafka import access, declared
from learning_kafka.access import Rule, difference

SERVICES = declared.services()


def names(service: str, resource: str, operation: str, prefix: str = "") -> set[str]:
    return {
        rule.name
        for rule in access.rules(prefix)
        if (rule.principal, rule.resource, rule.operation) == (service, resource, operation)
    }


def own_dead_letters(service: str) -> set[str]:
    return {f"{service}.dlq"} if service in declared.consuming_services() else set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_writes_exactly_what_it_produces_and_its_dead_letters(service: str) -> None:
    produced = {topic.name for topic in registry.topics() if service in topic.producers}
    assert names(service, "topic", "write") == produced | own_dead_letters(service)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_reads_exactly_what_it_consumes_and_its_dead_letters(service: str) -> None:
    consumed = {topic.name for topic in registry.topics() if service in topic.consumers}
    assert names(service, "topic", "read") == consumed | own_dead_letters(service)


@pytest.mark.parametrize("service", declared.consuming_services())
def test_a_consuming_service_uses_its_own_group_and_its_helpers_alone(service: str) -> None:
    groups = {
        (rule.pattern, rule.name) for rule in access.rules() if rule.principal == service and rule.resource == "group"
    }
    assert groups == {("literal", service), ("prefixed", f"{service}.")}


def test_the_prefix_of_a_group_covers_no_service_whose_name_begins_alike() -> None:
    prefixed = [rule.name for rule in access.rules() if rule.pattern == "prefixed"]
    assert prefixed
    assert not any(service.startswith(prefix) for service in SERVICES for prefix in prefixed)


def test_a_service_that_only_produces_has_no_group_and_reads_nothing() -> None:
    assert names("document-reader-service", "topic", "write")
    assert not names("document-reader-service", "topic", "read")
    assert not names("document-reader-service", "group", "read")


def test_nobody_but_the_monitor_has_a_rule_for_everything_and_it_changes_nothing() -> None:
    assert {rule.principal for rule in access.rules() if rule.name == "*"} == {access.MONITOR}
    monitor = {rule.operation for rule in access.rules() if rule.principal == access.MONITOR}
    assert monitor == {"describe", "describe_configs"}


def test_nobody_may_change_topics_groups_or_rules() -> None:
    assert {rule.operation for rule in access.rules()} <= {
        "read", "write", "describe", "describe_configs", "idempotent_write",
    }  # fmt: skip


def test_a_prefix_stands_before_every_topic_and_group() -> None:
    rules = [rule for rule in access.rules("test-1.") if rule.resource != "cluster"]
    assert all(rule.name.startswith("test-1.") for rule in rules)
    assert len(rules) == len([rule for rule in access.rules() if rule.resource != "cluster"])


@pytest.fixture
def rule() -> Callable[[str], Rule]:
    return lambda name: Rule("quiz-service", "topic", "literal", name, "read")


def test_rules_that_nobody_declares_are_found_as_well_as_missing_ones(rule: Callable[[str], Rule]) -> None:
    found = difference([rule("a"), rule("b")], [rule("b"), rule("c")])
    assert (found.missing, found.unexpected) == ([rule("a")], [rule("c")])
    assert found


def test_the_same_rules_in_another_order_are_no_difference(rule: Callable[[str], Rule]) -> None:
    assert not difference([rule("a"), rule("b")], [rule("b"), rule("a")])
