"""Fixed windows per user, and the origins a browser may call from."""

import pytest

from kong_stand_in.exchange import Exit
from kong_stand_in.plugins import cors, rate_limiting

NOON = 1_800_000_000.0  # a full minute, hour


def limiter(*, second: int | None = None, minute: int) -> rate_limiting.RateLimiter:
    return rate_limiting.RateLimiter(rate_limiting.Settings(second=second, minute=minute))


def test_a_user_has_so_many_requests_a_minute_and_all_of_them_again_in_the_next() -> None:
    limits = limiter(minute=2)

    assert [limits.take("alice", NOON + second)["RateLimit-Remaining"] for second in (0, 30)] == ["1", "0"]
    with pytest.raises(Exit) as refused:
        limits.take("alice", NOON + 45)
    assert refused.value.status == 429
    assert refused.value.headers["Retry-After"] == refused.value.headers["RateLimit-Reset"] == "15"
    assert limits.take("alice", NOON + 60)["RateLimit-Remaining"] == "1"


def test_one_user_takes_nothing_from_another() -> None:
    limits = limiter(minute=1)
    limits.take("alice", NOON)

    assert limits.take("bob", NOON)["RateLimit-Remaining"] == "0"


def test_a_refused_request_is_not_counted() -> None:
    limits = limiter(second=1, minute=3)
    limits.take("alice", NOON)
    for _ in range(5):
        with pytest.raises(Exit):
            limits.take("alice", NOON)

    assert limits.take("alice", NOON + 1)["X-RateLimit-Remaining-Minute"] == "1"


def test_of_several_windows_the_headers_tell_the_tightest() -> None:
    headers = limiter(second=10, minute=3).take("alice", NOON + 20)

    assert (headers["RateLimit-Limit"], headers["RateLimit-Remaining"], headers["RateLimit-Reset"]) == ("3", "2", "40")
    assert headers["X-RateLimit-Limit-Second"] == "10"


def test_users_of_minutes_gone_by_are_forgotten() -> None:
    limits = limiter(minute=5)
    for number in range(100):
        limits.take(f"user-{number}", NOON)
    limits.take("alice", NOON + 120)

    assert limits.tracked_windows == 1


@pytest.mark.parametrize(
    ("entry", "origin", "is_allowed"),
    [
        ("https://app.example", "https://app.example", True),
        ("https://app.example", "https://app.example:443", True),
        ("https://app.example", "http://app.example", False),
        ("https://app.example", "https://app.example.evil.example", False),
        ("http://localhost:3000", "http://localhost:3000", True),
        ("http://localhost:3000", "http://localhost:3001", False),
        (r"https://.*\.app\.example", "https://a.app.example", True),
        (r"https://.*\.app\.example", "https://a.app.example.evil.example", False),
        (r"^https://.*\.app\.example$", "https://a.app.example", True),
        (r".*\.app\.example", "https://a.app.example:8443", True),
        ("https://app.example", "null", False),
        ("https://app.example", "https://[broken", False),
    ],
)
def test_an_origin_is_allowed_by_its_name_or_by_a_pattern(entry: str, origin: str, is_allowed: bool) -> None:
    headers = cors.Cors(cors.Settings(origins=(entry, "https://nobody.invalid"))).on_response(origin)

    assert ("Access-Control-Allow-Origin" in headers) is is_allowed
    assert headers["Vary"] == "Origin"


def test_a_request_that_names_no_origin_gets_no_cors_headers() -> None:
    assert cors.Cors(cors.Settings(origins=("https://app.example",))).on_response(None) == {}
