"""One suite for the Lua plugin that Kong runs and the Python twin that the stand-in runs."""

import itertools
import json

import pytest
from cases import (
    ALICE_OF_A,
    ALICE_OF_B,
    GENERATED_ID,
    ISSUER,
    NOW,
    OTHER_ISSUER,
    ZOE_OF_A,
    GatewayPlugin,
    Request,
    bearer,
    token,
)
from lua_plugin import LuaPlugin
from python_plugin import PythonPlugin


@pytest.fixture(params=[LuaPlugin, PythonPlugin], ids=["lua", "python"])
def plugin(request: pytest.FixtureRequest) -> GatewayPlugin:
    made: GatewayPlugin = request.param()
    return made


def test_the_service_is_told_the_owner_id_of_issuer_and_subject(plugin: GatewayPlugin) -> None:
    assert plugin.handle(Request([token()])).upstream["x-user-id"] == ALICE_OF_A


def test_equal_subjects_of_two_issuers_are_two_users(plugin: GatewayPlugin) -> None:
    outcome = plugin.handle(Request([token(iss=OTHER_ISSUER)], custom_id=OTHER_ISSUER))

    assert outcome.upstream["x-user-id"] == ALICE_OF_B


def test_a_subject_beyond_ascii_counts_in_utf_8(plugin: GatewayPlugin) -> None:
    assert plugin.handle(Request([token(sub="Zoë Ωmega")])).upstream["x-user-id"] == ZOE_OF_A


def test_a_token_without_nbf_or_with_one_in_the_past_is_taken(plugin: GatewayPlugin) -> None:
    assert plugin.handle(Request([token()])).refused is None
    assert plugin.handle(Request([token(nbf=NOW)])).refused is None


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": OTHER_ISSUER},
        {"iss": None},
        {"iss": 7},
        {"iss": [ISSUER]},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": True},
        {"sub": ["alice"]},
        {"sub": "ali\nce"},
        {"sub": "ali\x00ce"},
        {"sub": "alice\x7f"},
        {"sub": "\ud800"},
        {"nbf": NOW + 1},
        {"nbf": "tomorrow"},
        {"nbf": True},
        {"kid": "key-2"},
        {"kid": "key-1"},
    ],
    ids=str,
)
def test_claims_that_do_not_say_who_it_is_are_refused(plugin: GatewayPlugin, claims: dict[str, object]) -> None:
    assert plugin.handle(Request([token(**claims)])).refused == 401


@pytest.mark.parametrize("kid", [7, True, ["key-1"], {"a": 1}, None], ids=str)
def test_a_key_id_that_is_no_text_is_refused_before_the_jwt_plugin_stumbles_on_it(
    plugin: GatewayPlugin, kid: object
) -> None:
    claims = {"iss": ISSUER, "sub": "alice", "exp": NOW + 60}

    assert plugin.handle(Request([bearer({"alg": "RS256", "kid": kid}, claims)])).refused == 401


@pytest.mark.parametrize("part", [7, True, [1]], ids=str)
def test_a_header_or_claims_that_are_no_object_are_refused(plugin: GatewayPlugin, part: object) -> None:
    header = {"alg": "RS256", "kid": "key-1"}

    assert plugin.handle(Request([bearer(header, part)])).refused == 401


@pytest.mark.parametrize("header", [7, True], ids=str)
def test_a_token_header_that_is_no_object_is_refused(plugin: GatewayPlugin, header: object) -> None:
    assert plugin.handle(Request([bearer(header, {"iss": ISSUER, "sub": "alice"})])).refused == 401


@pytest.mark.parametrize(
    "name",
    [
        "X-User-Id",
        "x-user-id",
        "X_User_Id",
        "X-User-Roles",
        "X_USER-Email",
        "X-Consumer-Custom-ID",
        "X_Consumer_Username",
        "X-Credential-Identifier",
        "X-Anonymous-Consumer",
    ],
)
def test_what_a_client_says_about_itself_never_reaches_the_service(plugin: GatewayPlugin, name: str) -> None:
    outcome = plugin.handle(Request([(name, "mallory"), ("Accept", "text/html")]))

    assert "mallory" not in outcome.upstream.values()
    assert outcome.upstream["accept"] == "text/html"


def test_a_client_sent_user_id_gives_way_to_the_verified_one(plugin: GatewayPlugin) -> None:
    outcome = plugin.handle(Request([("X-User-Id", ALICE_OF_B), ("x_user_id", ALICE_OF_B), token()]))

    assert outcome.upstream["x-user-id"] == ALICE_OF_A
    assert ALICE_OF_B not in outcome.upstream.values()


def test_so_many_headers_that_some_might_go_unseen_are_refused(plugin: GatewayPlugin) -> None:
    assert plugin.handle(Request([(f"a{number}", "") for number in range(1000)])).refused == 431
    assert plugin.handle(Request([("a", "")] * 1000)).refused == 431
    assert plugin.handle(Request([(f"a{number}", "") for number in range(900)])).refused is None


@pytest.mark.parametrize("given", ["a", "req-1.x_Y", "0" * 128])
def test_a_decent_request_id_of_the_client_is_kept(plugin: GatewayPlugin, given: str) -> None:
    assert plugin.handle(Request([("X-Request-Id", given)])).upstream["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "0" * 129, "a b", "a\tb", "<script>", "a,b", "é"])
def test_any_other_request_id_is_replaced(plugin: GatewayPlugin, given: str) -> None:
    assert plugin.handle(Request([("X-Request-Id", given)])).upstream["x-request-id"] == GENERATED_ID


def test_two_request_ids_or_one_in_another_spelling_are_replaced(plugin: GatewayPlugin) -> None:
    doubled = plugin.handle(Request([("X-Request-Id", "a"), ("X-Request-Id", "b")]))
    misspelt = plugin.handle(Request([("X_Request_Id", "a")]))

    assert doubled.upstream == {"x-request-id": GENERATED_ID}
    assert misspelt.upstream == {"x-request-id": GENERATED_ID}


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (400, "bad-request"),
        (401, "unauthenticated"),
        (403, "forbidden"),
        (404, "not-found"),
        (405, "method-not-allowed"),
        (408, "request-timeout"),
        (411, "length-required"),
        (413, "payload-too-large"),
        (414, "uri-too-long"),
        (417, "payload-too-large"),
        (426, "upgrade-required"),
        (429, "too-many-requests"),
        (431, "request-header-fields-too-large"),
        (500, "internal-error"),
        (502, "bad-gateway"),
        (503, "service-unavailable"),
        (504, "gateway-timeout"),
        (418, "bad-request"),
        (599, "internal-error"),
    ],
)
def test_an_error_of_the_gateway_is_a_problem_document(plugin: GatewayPlugin, status: int, name: str) -> None:
    answer = plugin.answer(status, path="/v1/api/quiz/%2e%2e", given_id="req-7")

    assert answer.body is not None
    problem = json.loads(answer.body)
    assert problem["type"] == f"urn:learning-platform:problem:{name}"
    assert (problem["status"], problem["instance"], problem["request_id"]) == (status, "/v1/api/quiz/%2e%2e", "req-7")
    assert problem.keys() == {"type", "title", "status", "detail", "instance", "request_id"}
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["x-request-id"] == "req-7"


def test_a_401_names_the_scheme_and_a_503_the_time_to_wait(plugin: GatewayPlugin) -> None:
    assert plugin.answer(401).headers["www-authenticate"] == 'Bearer realm="learning-platform"'
    assert plugin.answer(503).headers["retry-after"] == "5"
    assert not {"www-authenticate", "retry-after"} & plugin.answer(500).headers.keys()


def test_both_say_the_same_in_every_error() -> None:
    lua, python = LuaPlugin(), PythonPlugin()
    for status in range(400, 600):
        ours, theirs = python.answer(status).body, lua.answer(status).body
        assert ours is not None
        assert theirs is not None
        assert json.loads(ours) == json.loads(theirs)


def test_both_judge_every_odd_token_alike() -> None:
    """Every mixture of good, absent and odd values in the fields that either of them reads."""
    odd: list[object] = [None, "", 0, True, [], {}]
    lua, python = LuaPlugin(), PythonPlugin()
    for kid, issuer, subject, not_before in itertools.product(
        ["key-1", *odd], [ISSUER, *odd], ["alice", *odd], ["absent", NOW, *odd]
    ):
        claims = {"iss": issuer, "sub": subject} | ({} if not_before == "absent" else {"nbf": not_before})
        request = Request([bearer({"alg": "RS256", "kid": kid}, claims)])
        assert lua.handle(request) == python.handle(request), (kid, claims)
