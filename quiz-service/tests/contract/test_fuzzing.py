"""Whatever is sent, valid or not, is answered as the contract says; bounded, so that it takes seconds."""

import asyncio
from uuid import UUID

import schemathesis
from chassis.testing.contract import is_id
from chassis.testing.services import behind_the_gateway
from chassis.testing.tokens import JwtIssuer
from fastapi import FastAPI
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import ignored_auth, negative_data_rejection, positive_data_acceptance
from support.app import READ_AND_WRITE
from support.contract import OPENAPI
from support.scene import Scene

contract = schemathesis.openapi.from_path(OPENAPI).include(path_regex="^/api/quiz").exclude(path_regex="events$")


async def a_made_quiz(scene: Scene) -> UUID:
    """The one the requests are about; made again when one of them deleted it."""
    return next(iter(scene.database.quizzes), None) or (await scene.completed()).quiz_id


@contract.parametrize()
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_request_is_answered_as_promised(
    case: schemathesis.Case, app: FastAPI, scene: Scene, jwt_issuer: JwtIssuer, event_loop_of_its_own: asyncio.Runner
) -> None:
    if is_id((case.path_parameters or {}).get("quiz_id")):  # a wrong one is to be sent as it is
        case.path_parameters["quiz_id"] = str(event_loop_of_its_own.run(a_made_quiz(scene)))
    case.headers.pop("Prefer", None)  # nobody works here: waiting would only take time
    # No schema can say which cursors, answers and Idempotency-Keys are good; tokens have tests of their own.
    excluded = [positive_data_acceptance, ignored_auth]
    if case.query:
        excluded.append(negative_data_rejection)  # an unknown query parameter is ignored, as is the custom
    case.call_and_validate(
        app=behind_the_gateway(app),
        headers=jwt_issuer.headers("alice", READ_AND_WRITE),
        excluded_checks=excluded,
    )
