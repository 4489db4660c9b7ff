"""correlation-id, prometheus and file-log: the settings with which the stand-in can keep what they promise."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CorrelationId:
    header_name: str = "Kong-Request-ID"
    generator: str = "uuid#counter"
    echo_downstream: bool = False

    def problems(self) -> list[str]:
        if (self.header_name, self.generator, self.echo_downstream) != ("X-Request-Id", "uuid", True):
            return ["must be header_name X-Request-Id, generator uuid, echo_downstream true: the services' own header"]
        return []


@dataclass(frozen=True, slots=True)
class Prometheus:
    status_code_metrics: bool = False
    latency_metrics: bool = False
    bandwidth_metrics: bool = False

    def problems(self) -> list[str]:
        if not (self.status_code_metrics and self.latency_metrics and self.bandwidth_metrics):
            return ["status_code_metrics, latency_metrics and bandwidth_metrics must be true: the dashboards read them"]
        return []


@dataclass(frozen=True, slots=True)
class FileLog:
    path: str

    def problems(self) -> list[str]:
        return (
            [] if self.path == "/dev/stdout" else ["path must be /dev/stdout: the log belongs to who runs the gateway"]
        )
