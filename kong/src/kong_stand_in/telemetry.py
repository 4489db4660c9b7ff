"""One access-log line and the Prometheus series of each request, in Kong's names; never a query, header or token."""

import json
import time
from typing import TextIO

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from kong_stand_in.exchange import Exchange

_LATENCY_BUCKETS_MILLISECONDS = (1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000)


class Telemetry:
    def __init__(self, log: TextIO) -> None:
        self._log = log
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "kong_http_requests", "Requests answered.", ("service", "route", "code", "source"), registry=self._registry
        )
        self._request_latency = Histogram(
            "kong_request_latency_ms",
            "From the first byte of the request to the last of the reply.",
            ("service", "route"),
            buckets=_LATENCY_BUCKETS_MILLISECONDS,
            registry=self._registry,
        )
        self._upstream_latency = Histogram(
            "kong_upstream_latency_ms",
            "From the connection to the service to its first byte.",
            ("service", "route"),
            buckets=_LATENCY_BUCKETS_MILLISECONDS,
            registry=self._registry,
        )
        self._bandwidth = Counter(
            "kong_bandwidth_bytes", "Body bytes.", ("service", "route", "direction"), registry=self._registry
        )

    def record(self, exchange: Exchange, seconds: float) -> None:
        service, route = exchange.service or "", exchange.route or ""
        self._requests.labels(service, route, str(exchange.status), exchange.source).inc()
        self._request_latency.labels(service, route).observe(seconds * 1000)
        self._bandwidth.labels(service, route, "ingress").inc(exchange.bytes_in)
        self._bandwidth.labels(service, route, "egress").inc(exchange.bytes_out)
        if exchange.source == "service":
            self._upstream_latency.labels(service, route).observe(exchange.upstream_seconds * 1000)
        self._write(exchange, seconds)

    def _write(self, exchange: Exchange, seconds: float) -> None:
        line = {
            "started_at": round((time.time() - seconds) * 1000),
            "client_ip": exchange.client_ip,
            "request": {"method": exchange.method, "uri": exchange.raw_path, "size": exchange.bytes_in},
            "response": {"status": exchange.status, "size": exchange.bytes_out},
            "latencies": {"request": round(seconds * 1000), "proxy": round(exchange.upstream_seconds * 1000)},
            "service": {"name": exchange.service},
            "route": {"name": exchange.route},
            "source": exchange.source,
            "user_id": exchange.user_id,
            "request_id": exchange.request_id,
        }
        self._log.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._log.flush()

    def exposition(self) -> bytes:
        return generate_latest(self._registry)
