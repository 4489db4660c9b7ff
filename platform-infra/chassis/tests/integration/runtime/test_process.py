"""A process starts, drains and dies in the way its supervisor counts on."""

import signal
import socket
import threading
import time
from typing import Any

import httpx
import pytest


def test_sigterm_finishes_what_is_under_way_and_exits_cleanly(start, events_of) -> None:
    process = start("all")
    replies: list[httpx.Response] = []
    asking = threading.Thread(
        target=lambda: replies.append(httpx.get(f"{process.url}/api/things/slow", headers=process.headers))
    )
    asking.start()
    time.sleep(0.3)
    process.stop()
    code, out, err = process.wait()
    asking.join(5)
    assert (code, err) == (0, "")
    assert replies[0].json() == {"whole": True}
    assert events_of(out)[0] == "process.started"
    assert events_of(out)[-1] == "process.stopped"
    assert out.index("worker drained") < out.index("closed")


def test_open_streams_end_cleanly_when_the_process_drains(start) -> None:
    process = start("api")
    with httpx.stream("GET", f"{process.url}/api/things/events", headers=process.headers, timeout=10) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "id: 1"
        process.stop()
        assert [line for line in lines if line.startswith("id:")] == []
    assert process.wait()[0] == 0


@pytest.mark.parametrize("behaviour", ["dies", "returns"])
def test_a_component_that_ends_by_itself_brings_the_process_down_and_is_named(start, behaviour) -> None:
    process = start("worker", ready=False, WORKER=behaviour)
    code, out, _ = process.wait()
    assert code == 1
    assert '"process.component_died"' in out
    assert '"component": "worker"' in out
    assert ("lost its mind" in out) == (behaviour == "dies")
    assert "closed" in out


def test_what_does_not_finish_in_the_grace_period_is_cut_off_and_said(start, events_of) -> None:
    process = start("worker", WORKER="hangs", DRAIN_SECONDS="0.5")
    began = time.monotonic()
    process.stop()
    code, out, _ = process.wait()
    assert code == 1
    assert time.monotonic() - began < 5
    assert "process.component_cancelled" in events_of(out)


def test_a_second_signal_ends_the_process_at_once(start) -> None:
    process = start("worker", WORKER="hangs", DRAIN_SECONDS="60")
    process.stop()
    time.sleep(0.3)
    process.popen.send_signal(signal.SIGINT)
    assert process.wait()[0] == 128 + signal.SIGINT


def test_a_worker_serves_health_and_no_routes(start) -> None:
    process = start("worker")
    assert httpx.get(f"{process.url}/health").status_code == 200
    assert "learning_http_requests" in httpx.get(f"{process.url}/metrics").text
    assert httpx.get(f"{process.url}/api/things/slow", headers=process.headers).status_code == 404


def test_a_taken_port_is_one_clear_line(start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        code, _, err = start("api", ready=False, HTTP_PORT=str(port)).wait()
    assert code == 1
    assert err == f"things-service cannot start: HTTP_PORT {port} on 127.0.0.1 cannot be used: Address already in use\n"


def test_wrong_settings_are_told_without_a_traceback(start) -> None:
    code, out, err = start("api", ready=False, POSTGRES_DB="", POSTGRES_PORT="x").wait()
    assert (code, out) == (2, "")
    assert "POSTGRES_DB: required, but not set\n" in err
    assert "POSTGRES_PORT: " in err
    assert "Traceback" not in err


def test_a_command_of_the_service_gets_its_arguments_and_settings(start) -> None:
    assert start("greet", "hello", ready=False).wait() == (3, "hello from things\n", "")


def test_an_unknown_command_is_refused_with_the_list(start) -> None:
    code, _, err = start("dance", ready=False).wait()
    assert code == 2
    assert all(name in err for name in ("api", "worker", "all", "migrate", "greet"))


def metric(process: Any, name: str) -> float:
    text = httpx.get(f"{process.url}/metrics").text
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(f"{name} "))


def test_a_reader_that_hangs_up_is_noticed(start) -> None:
    process = start("api")
    with httpx.stream("GET", f"{process.url}/api/things/events", headers=process.headers) as stream:
        lines = stream.iter_lines()
        assert next(lines) == "id: 1"
        assert metric(process, "learning_http_streams_open") == 1
    deadline = time.monotonic() + 5
    while metric(process, "learning_http_streams_open") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert metric(process, "learning_http_streams_open") == 0


def test_an_upload_that_breaks_off_is_cleaned_up_after(start, events_of) -> None:
    process = start("api")
    host, port = process.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as client:
        head = "\r\n".join(
            [
                "POST /api/things/upload HTTP/1.1",
                "Host: x",
                f"Authorization: {process.headers['Authorization']}",
                "Content-Type: multipart/form-data; boundary=b",
                "Content-Length: 1000000",
                "",
                '--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
            ]
        )
        client.sendall(head.encode())
        time.sleep(0.3)
    time.sleep(0.3)
    process.stop()
    code, out, _ = process.wait()
    assert code == 0
    assert "upload cleaned up" in out
    assert '"status": 499' in out
    assert "http.failed" not in events_of(out)
