"""librdkafka configuration from the settings, and the one place where names get their prefix."""

from typing import Any

from chassis.settings import KafkaSettings


def prefixed(settings: KafkaSettings, name: str) -> str:
    """The name of a topic or a group on this cluster."""
    return settings.topic_prefix + name


def dead_letter_topic(group: str) -> str:
    """Where a consumer group puts what it cannot handle; without the prefix."""
    return f"{group}.dlq"


def client_config(settings: KafkaSettings) -> dict[str, Any]:
    """What every client needs: where the brokers are and how they are spoken to."""
    config: dict[str, Any] = {
        "bootstrap.servers": settings.bootstrap_servers,
        "security.protocol": settings.security_protocol,
        # librdkafka waits up to 10 s between reconnections by default: too long after a short outage.
        "reconnect.backoff.max.ms": 2000,
        "log_level": 3,
    }
    if settings.sasl_mechanism:
        config["sasl.mechanism"] = settings.sasl_mechanism
        config["sasl.username"] = settings.sasl_username or ""
        config["sasl.password"] = settings.sasl_password.get_secret_value() if settings.sasl_password else ""
    if settings.ssl_ca_location:
        config["ssl.ca.location"] = settings.ssl_ca_location
    return config
