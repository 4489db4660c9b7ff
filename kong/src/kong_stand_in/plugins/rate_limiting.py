"""The rate-limiting plugin with policy `local`: fixed windows of the clock, counted in this process."""

from collections.abc import Mapping
from dataclasses import dataclass

from kong_stand_in.exchange import Exit

_PERIOD_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_SWEEP_EVERY_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Settings:
    second: int | None = None
    minute: int | None = None
    hour: int | None = None
    day: int | None = None
    limit_by: str = "consumer"
    header_name: str | None = None
    policy: str = "local"

    def limits(self) -> dict[str, int]:
        """Period → requests, from the shortest period to the longest."""
        given = {"second": self.second, "minute": self.minute, "hour": self.hour, "day": self.day}
        return {period: limit for period, limit in given.items() if limit is not None}

    def problems(self) -> list[str]:
        limits = list(self.limits().values())
        found = []
        if not limits or min(limits) < 1:
            found.append("at least one of second, minute, hour, day must be set, and above 0")
        if limits != sorted(limits):
            found.append("the limits must grow with their periods")
        if (self.limit_by, self.header_name) != ("header", "X-User-Id"):
            found.append("limit_by must be header with header_name X-User-Id: the limit is per user, not per address")
        if self.policy != "local":
            found.append(f"the policy {self.policy!r} is not implemented by the stand-in")
        return found


class RateLimiter:
    """The counters of one plugin instance; a global instance counts all its routes together."""

    def __init__(self, settings: Settings) -> None:
        self._limits = settings.limits()
        self._counts: dict[tuple[str, str, int], int] = {}
        self._swept_at = 0.0

    @property
    def tracked_windows(self) -> int:
        return len(self._counts)

    def take(self, identifier: str, now: float) -> dict[str, str]:
        """Counts one request at `now` (Unix seconds) and returns the headers that tell what is left.

        Raises Exit(429) with the same headers and Retry-After; a refused request is not counted.
        """
        self._sweep(now)
        windows = {period: (identifier, period, int(now // _PERIOD_SECONDS[period])) for period in self._limits}
        left = {period: limit - self._counts.get(windows[period], 0) for period, limit in self._limits.items()}
        used_up = [period for period in self._limits if left[period] <= 0]
        if used_up:
            headers = self._headers(left, used_up[-1], now)
            raise Exit(429, {**headers, "Retry-After": headers["RateLimit-Reset"]})
        for window in windows.values():
            self._counts[window] = self._counts.get(window, 0) + 1
        left = {period: count - 1 for period, count in left.items()}
        return self._headers(left, min(left, key=lambda period: left[period]), now)

    def _headers(self, left: Mapping[str, int], tightest: str, now: float) -> dict[str, str]:
        seconds = _PERIOD_SECONDS[tightest]
        headers = {
            "RateLimit-Limit": str(self._limits[tightest]),
            "RateLimit-Remaining": str(max(0, left[tightest])),
            "RateLimit-Reset": str(max(1, seconds - int(now % seconds))),
        }
        for period, limit in self._limits.items():
            headers[f"X-RateLimit-Limit-{period.title()}"] = str(limit)
            headers[f"X-RateLimit-Remaining-{period.title()}"] = str(max(0, left[period]))
        return headers

    def _sweep(self, now: float) -> None:
        """Forgets windows that are over, so that memory follows the users of now."""
        if now - self._swept_at < _SWEEP_EVERY_SECONDS:
            return
        self._swept_at = now
        self._counts = {
            window: count
            for window, count in self._counts.items()
            if window[2] == int(now // _PERIOD_SECONDS[window[1]])
        }
