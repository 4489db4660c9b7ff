"""A trace goes on across HTTP, events and jobs; without an endpoint nothing is made or sent."""

from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import tracing
from chassis.http.middleware import RequestScope

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def exporter() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.configure("things", "dev", None, exporter)
    yield exporter
    tracing.shutdown()


def finished(exporter: InMemorySpanExporter) -> dict[str, tuple[str, str | None]]:
    """Each span's trace and parent by name, after everything was sent."""
    tracing.shutdown()
    return {
        span.name: (
            format(span.context.trace_id, "032x"),
            format(span.parent.span_id, "016x") if span.parent else None,
        )
        for span in exporter.get_finished_spans()
    }


def test_off_there_is_no_traceparent_and_a_block_runs_all_the_same() -> None:
    tracing.configure("things", "dev", None)
    with tracing.continue_trace(None, "message"):
        assert tracing.inject_traceparent() is None


def test_off_a_traceparent_received_is_still_passed_on() -> None:
    with tracing.continue_trace(PARENT, "message"):
        assert TRACE in (tracing.inject_traceparent() or "")


def test_a_trace_goes_on_over_a_stored_traceparent(exporter) -> None:
    with tracing.continue_trace(PARENT, "first"):
        stored = tracing.inject_traceparent()
    with tracing.continue_trace(stored, "second"), tracing.span("inner"):
        pass
    spans = finished(exporter)
    assert {trace for trace, _ in spans.values()} == {TRACE}
    assert spans["first"][1] == "b7ad6b7169203331"
    assert stored is not None
    assert spans["second"][1] == stored.split("-")[2]


@pytest.mark.parametrize("unusable", [None, "", "nonsense", "00-0-0-00", "ff" + PARENT[2:]])
def test_an_unusable_traceparent_starts_a_new_trace(exporter, unusable) -> None:
    with tracing.continue_trace(unusable, "message"):
        pass
    trace, parent = finished(exporter)["message"]
    assert trace != TRACE
    assert parent is None


def test_a_message_is_not_a_child_of_what_happened_to_run_around_it(exporter) -> None:
    with tracing.span("poll loop"), tracing.continue_trace(None, "message"):
        pass
    spans = finished(exporter)
    assert spans["message"][0] != spans["poll loop"][0]


def test_an_exception_marks_the_span_and_passes(exporter) -> None:
    with pytest.raises(ValueError, match="x"), tracing.continue_trace(None, "message"):
        raise ValueError("x")
    tracing.shutdown()
    [span] = exporter.get_finished_spans()
    assert not span.status.is_ok


async def test_a_request_is_a_span_named_by_its_route_and_goes_on_from_the_client(exporter) -> None:
    app = FastAPI()
    app.add_middleware(RequestScope)

    @app.get("/things/{thing_id}")
    async def one(thing_id: str) -> str | None:
        return tracing.inject_traceparent()

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://things.test") as client:
        reply = await client.get("/things/1", headers={"traceparent": PARENT})
    assert TRACE in reply.json()
    assert finished(exporter)["GET /things/{thing_id}"] == (TRACE, "b7ad6b7169203331")
