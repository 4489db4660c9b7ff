"""What Kong would refuse, a trap, or what the stand-in cannot honour is refused with a line that says so."""

from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from rendered import ISSUER, TEXT, plan, plugin, problems, route

from kong_stand_in.config import parse
from kong_stand_in.errors import ConfigError

Change = Callable[[dict[str, Any]], object]


def public_pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def secret(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["consumers"][0]["jwt_secrets"][0]
    return found


def without(name: str) -> Change:
    return lambda document: document["plugins"].remove(plugin(document, name))


def configured(name: str, **settings: object) -> Change:
    return lambda document: plugin(document, name)["config"].update(settings)


def routed(**fields: object) -> Change:
    return lambda document: route(document, "documents").update(fields)


def test_the_repositorys_own_file_is_taken() -> None:
    assert problems(lambda _: None) == ""
    assert {item.name for item in plan().routes} >= {"documents", "documents-upload", "quiz", "quiz-generate"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.update(_format_version="2.1"), "_format_version"),
        (lambda d: d.update(upstreams=[]), "file: the field 'upstreams' is not implemented"),
        (lambda d: d.pop("services"), "file: the field 'services' is required"),
        (lambda d: d["services"][0].update(tls_verify=True), "'tls_verify' is not implemented"),
        (lambda d: d["services"][0].update(retries="0"), "retries: expected int, found str"),
        (lambda d: d["services"][0].update(retries=True), "retries: expected int, found bool"),
        (lambda d: d["services"][0].update(retries=5), "retries must be 0"),
        (lambda d: d["services"][0].pop("retries"), "retries must be 0"),
        (lambda d: d["services"][0].update(url="documents:8004"), "the url must be http://"),
        (lambda d: d["services"][0].update(url="http://h:port/api"), "the url must be http://"),
        (lambda d: d["services"][0].update(read_timeout=0), "time-outs are milliseconds"),
        (lambda d: d["services"].append(d["services"][0]), "'documents-upload' stands in the file twice"),
        (lambda d: d["consumers"].append(d["consumers"][0]), "stands in the file twice"),
        (lambda d: d["consumers"].clear(), "nobody's token"),
        (routed(hosts=["a"]), "'hosts' is not implemented"),
        (routed(methods=["GET", "get"]), "methods must be listed"),
        (routed(methods=[]), "methods must be listed"),
        (routed(strip_path=False), "strip_path must be true"),
        (routed(response_buffering=True), "response_buffering must be false"),
        (
            lambda d: route(d, "documents").pop("request_buffering"),
            "request_buffering and response_buffering must be false",
        ),
        (routed(paths=["/v1/api/documents"]), "must begin and end with a slash"),
        (routed(paths=["~/v1/api/documents"]), "end with $"),
        (routed(paths=["~/v1/(?=api/).*$"]), "lookaround"),
        (routed(paths=["~/v1/api/(documents$"]), "no valid regex"),
        (routed(paths=[]), "has no path"),
        (routed(methods=["GET", "POST"]), "belongs to the route documents already"),
        (routed(methods=["GET"]), "no route takes OPTIONS"),
        (without("jwt"), "jwt is missing"),
        (without("rate-limiting"), "rate-limiting is missing"),
        (without("request-size-limiting"), "request-size-limiting is missing"),
        (without("learning-platform"), "learning-platform is missing"),
        (lambda d: d["plugins"].append(plugin(d, "jwt")), "the global plugin 'jwt' stands in the file twice"),
        (lambda d: d["plugins"].append({"name": "oauth2"}), "oauth2 is not implemented"),
        (routed(plugins=[{"name": "jwt", "config": {}}]), "jwt must be global alone"),
        (routed(plugins=[{"name": "learning-platform"}]), "learning-platform must be global alone"),
        (
            routed(
                plugins=[
                    {"name": "rate-limiting", "config": {"minute": 1, "limit_by": "header", "header_name": "X-User-Id"}}
                ]
                * 2
            ),
            "a plugin stands here twice",
        ),
        (routed(plugins=[{"name": "rate-limiting", "config": {}}]), "at least one of second"),
        (configured("jwt", anonymous="learners"), "'anonymous' is not implemented"),
        (configured("jwt", key_claim_name="iss"), "key_claim_name must be kid"),
        (configured("jwt", uri_param_names=["jwt"]), "uri_param_names must be []"),
        (lambda d: plugin(d, "jwt")["config"].pop("uri_param_names"), "uri_param_names must be []"),
        (configured("jwt", cookie_names=["jwt"]), "cookie_names must be []"),
        (configured("jwt", header_names=["x-token"]), "header_names must be"),
        (lambda d: plugin(d, "jwt")["config"].pop("claims_to_verify"), "an expired token passes"),
        (configured("jwt", claims_to_verify=["exp", "nbf"]), "one without nbf fails"),
        (configured("jwt", maximum_expiration=0), "maximum_expiration must be above 0"),
        (configured("jwt", run_on_preflight=False), "run_on_preflight must be true"),
        (configured("cors", origins=["https://one.example"]), "exactly one plain entry"),
        (configured("cors", origins=["*"]), "origins must name who may call"),
        (configured("cors", origins=[]), "origins must name who may call"),
        (configured("cors", origins=["(", "b"]), "no valid pattern"),
        (configured("cors", headers=[]), "methods and headers must be listed"),
        (configured("rate-limiting", minute=0), "above 0"),
        (configured("rate-limiting", minute="600"), "minute: expected int"),
        (configured("rate-limiting", second=5, minute=3), "must grow with their periods"),
        (configured("rate-limiting", limit_by="ip"), "per user, not per address"),
        (configured("rate-limiting", policy="redis"), "'redis' is not implemented"),
        (configured("request-size-limiting", size_unit="gigabytes"), "size_unit must be one of"),
        (configured("request-size-limiting", allowed_payload_size=0), "allowed_payload_size must be above 0"),
        (configured("correlation-id", header_name="X-Other"), "must be header_name X-Request-Id"),
        (configured("file-log", path="/var/log/kong.log"), "path must be /dev/stdout"),
        (configured("prometheus", latency_metrics=False), "must be true"),
        (configured("learning-platform", retry_after_seconds=0), "from 1 to 3600"),
        (configured("learning-platform", reelm="x"), "'reelm' is not implemented"),
        (lambda d: secret(d).update(rsa_public_key=ISSUER.private_pem.decode()), "holds a private key"),
        (lambda d: secret(d).update(rsa_public_key="-----BEGIN PUBLIC KEY-----\nAAAA\n"), "no PEM public key"),
        (lambda d: secret(d).update(rsa_public_key=public_pem(ec.generate_private_key(ec.SECP256R1()))), "no RSA key"),
        (lambda d: secret(d).update(rsa_public_key=public_pem(rsa.generate_private_key(65537, 1024))), "1024 bits"),
        (lambda d: secret(d).update(algorithm="HS256"), "must be RS256"),
        (lambda d: d["consumers"][0]["jwt_secrets"].append(secret(d)), "stands in the file twice"),
    ],
)
def test_it_is_refused_with_its_reason(change: Change, said: str) -> None:
    assert said in problems(change)


def test_every_problem_is_said_at_once() -> None:
    def spoil(document: dict[str, Any]) -> None:
        plugin(document, "jwt")["config"]["cookie_names"] = ["a"]
        route(document, "quiz")["strip_path"] = False
        document["services"][0]["retries"] = 1

    assert problems(spoil).count("\n") == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TEXT.replace("minute: 30", "minute: 30\n      minute: 31"), "the key 'minute' stands here twice"),
        (TEXT.replace("minute: 30", "minute: ${LIMIT}"), "the placeholder in '${LIMIT}' was not rendered"),
        (TEXT + "\n  - [", "not YAML"),
        ("just a text", "file: expected a mapping"),
        ("", "file: expected a mapping"),
    ],
)
def test_a_text_that_is_no_such_file_is_refused(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert said in "\n".join(caught.value.problems)


def test_during_a_rotation_both_keys_of_an_issuer_are_taken() -> None:
    new = public_pem(rsa.generate_private_key(65537, 2048))

    def rotate(document: dict[str, Any]) -> None:
        document["consumers"][0]["jwt_secrets"].append({**secret(document), "key": "new", "rsa_public_key": new})

    assert plan(rotate).credentials.keys() == {"conformance-1", "new"}
