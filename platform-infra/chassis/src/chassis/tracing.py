"""OpenTelemetry through HTTP, events and jobs. Without an endpoint every call here is a cheap no-op."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_propagator = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("chassis")
_provider: "TracerProvider | None" = None


def configure(
    service_name: str, environment: str, endpoint: str | None, exporter: "SpanExporter | None" = None
) -> None:
    """Send spans to `endpoint` (OTLP over HTTP, `/v1/traces` is added) or to `exporter`. Neither: tracing stays off."""
    global _provider, _tracer
    if exporter is None and not endpoint:
        return
    # Imported here: a process without traces need not pay for the SDK.
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    if exporter is None and endpoint:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces")
    assert exporter is not None
    _provider = TracerProvider(
        resource=Resource.create({"service.name": service_name, "deployment.environment": environment})
    )
    _provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = _provider.get_tracer("chassis")


def shutdown() -> None:
    """Send what is buffered and switch tracing off."""
    global _provider, _tracer
    if _provider is not None:
        _provider.shutdown()
    _provider, _tracer = None, trace.get_tracer("chassis")


def inject_traceparent() -> str | None:
    """The current span as a W3C `traceparent`, to be stored with an event or a job; None outside a trace."""
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


@contextmanager
def continue_trace(
    traceparent: str | None,
    name: str,
    *,
    kind: SpanKind = SpanKind.CONSUMER,
    attributes: Mapping[str, str | int] | None = None,
) -> Iterator[Span]:
    """A span named `name` (from a closed set) that goes on from `traceparent`; a new trace if that is None or unusable.

    An exception marks the span as failed and passes through.
    """
    parent = _propagator.extract({"traceparent": traceparent}, context=Context()) if traceparent else Context()
    with _tracer.start_as_current_span(name, context=parent, kind=kind, attributes=attributes) as span:
        yield span


@contextmanager
def span(name: str, *, attributes: Mapping[str, str | int] | None = None) -> Iterator[Span]:
    """A span below the current one."""
    with _tracer.start_as_current_span(name, attributes=attributes) as child:
        yield child
