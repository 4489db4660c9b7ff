"""Readiness asks every dependency, quickly, and tells no secrets."""

import asyncio
from time import monotonic

import httpx
from prometheus_client import REGISTRY

from chassis.errors import ServiceUnavailable
from chassis.http.health import run_checks


async def works() -> None:
    pass


async def hangs() -> None:
    await asyncio.sleep(60)


async def breaks() -> None:
    raise ConnectionError("postgresql://user:hunter2@db")


async def explains() -> None:
    raise ServiceUnavailable("The broker refused our certificate.")


async def test_ready_when_every_dependency_answers(client_for) -> None:
    async with client_for(checks={"postgres": works, "kafka": works}) as client:
        reply = await client.get("/ready")
    assert (reply.status_code, reply.json()["status"]) == (200, "ready")
    assert set(reply.json()["checks"]) == {"postgres", "kafka"}
    assert reply.json()["checks"]["kafka"]["status"] == "ok"


async def test_one_failed_dependency_makes_it_not_ready_and_is_named_without_secrets(client_for) -> None:
    async with client_for(checks={"postgres": breaks, "kafka": explains, "s3": works}) as client:
        reply = await client.get("/ready")
    checks = reply.json()["checks"]
    assert reply.status_code == 503
    assert "retry-after" in reply.headers
    assert checks["postgres"]["status"] == "failed"
    assert checks["postgres"]["detail"] == "ConnectionError"
    assert checks["kafka"]["detail"] == "The broker refused our certificate."
    assert checks["s3"]["status"] == "ok"
    assert "hunter2" not in reply.text
    values = {name: REGISTRY.get_sample_value("learning_check_ok", {"check": name}) for name in checks}
    assert values == {"postgres": 0, "kafka": 0, "s3": 1}


async def test_slow_checks_are_cut_off_together_not_one_after_the_other() -> None:
    started = monotonic()
    results = await run_checks({"a": hangs, "b": hangs, "c": works}, timeout_seconds=0.1)
    assert monotonic() - started < 0.19
    assert [results[name].ok for name in "abc"] == [False, False, True]
    assert results["a"].detail == "no answer within 0.1 s"


async def test_a_draining_process_is_alive_but_not_ready(make_app) -> None:
    app = make_app(checks={"postgres": works})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://things.test") as client:
        assert (await client.get("/ready")).status_code == 200
        app.state.draining.set()
        ready, health = await client.get("/ready"), await client.get("/health")
    assert (ready.status_code, ready.json()["status"]) == (503, "draining")
    assert health.status_code == 200


async def test_metrics_are_prometheus_text(client_for) -> None:
    async with client_for() as client:
        reply = await client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    assert "# TYPE learning_http_requests_total counter" in reply.text
