"""Which route a path takes and what the service is asked for, as Kong 3.9 decides it."""

from dataclasses import dataclass

import pytest

from kong_stand_in.routing import Router, escape, normalise, upstream_path


@dataclass(frozen=True)
class Route:
    name: str
    paths: tuple[str, ...]
    methods: tuple[str, ...] = ("GET",)


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("/", "/"),
        ("//", "/"),
        ("/a//b", "/a/b"),
        ("/a/./b", "/a/b"),
        ("/a/../b", "/b"),
        ("/a/b/..", "/a/"),
        ("/a/b/.", "/a/b/"),
        ("/../../a", "/a"),
        ("/a/", "/a/"),
        ("/%61", "/a"),
        ("/a%2fb", "/a%2Fb"),
        ("/a%2Fb", "/a%2Fb"),
        ("/%2e%2e/a", "/a"),
        ("/a%20b", "/a b"),
        ("/a%25", "/a%25"),
        ("/a%3F", "/a%3F"),
        ("/a%zz", "/a%zz"),
        ("/A", "/A"),
        ("/..%2fa", "/..%2Fa"),
    ],
)
def test_a_path_is_normalised_before_it_is_compared(raw: str, normal: str) -> None:
    assert normalise(raw) == normal


@pytest.mark.parametrize("raw", ["/a%20b", "/%C3%A9", "/%FF%00%0A", "/a%5Cb", "/a%22%3C%3E"])
def test_any_byte_survives_the_way_to_the_service(raw: str) -> None:
    assert escape(normalise(raw)) == raw


def test_a_regex_wins_over_a_prefix_and_a_longer_prefix_over_a_shorter() -> None:
    router = Router([Route("short", ("/a/",)), Route("long", ("/a/b/",)), Route("regex", ("~/a/b/c$",))])

    def taken(path: str) -> str | None:
        match = router.match("GET", path)
        return match.route.name if match else None

    assert [taken(path) for path in ("/a/x", "/a/b/x", "/a/b/c", "/a/b/cc", "/b")] == [
        "short",
        "long",
        "regex",
        "long",
        None,
    ]


def test_a_method_that_is_not_listed_falls_through_to_the_next_route() -> None:
    router = Router([Route("regex", ("~/a/b$",), ("POST",)), Route("prefix", ("/a/",), ("GET",))])

    assert [match.route.name for match in router.matches("GET", "/a/b")] == ["prefix"]
    assert router.match("DELETE", "/a/b") is None


def test_the_end_of_a_regex_is_the_end_of_the_path_and_not_of_a_line() -> None:
    assert Router([Route("r", ("~/a$",))]).match("GET", normalise("/a%0A")) is None


@pytest.mark.parametrize(
    ("base", "postfix", "path", "asked"),
    [
        ("/api/x", "", "/v1/api/x", "/api/x"),
        ("/api/x", "", "/v1/api/x/", "/api/x/"),
        ("/api/x", "7", "/v1/api/x/7", "/api/x/7"),
        ("/api/x", "/7", "/v1/api/x/7", "/api/x/7"),
        ("/api/x/", "7", "/v1/7", "/api/x/7"),
        ("", "7", "/v1/7", "/7"),
        ("", "", "/v1", "/"),
        ("/api", "a b", "/v1/a b", "/api/a%20b"),
    ],
)
def test_what_is_left_after_stripping_is_put_behind_the_services_path(
    base: str, postfix: str, path: str, asked: str
) -> None:
    assert upstream_path(base, postfix, path) == asked
