"""Every route answers as contracts/openapi.yaml says, in success and in refusal."""

from uuid import uuid4

import httpx
import pytest
from chassis.ids import uuid7
from chassis.testing.contract import promised_operations
from fastapi import FastAPI
from schemathesis.specs.openapi.schemas import OpenApiSchema
from support import events
from support.scene import ALICE, PLAN, Scene, right_answers

from quiz_service.domain.quiz import QuestionPlan


def test_the_service_has_the_operations_of_the_contract_and_no_others(app: FastAPI, contract: OpenApiSchema) -> None:
    served = promised_operations(app.openapi(), "/api/")
    assert served == promised_operations(contract.raw_schema, "/api/quiz")


async def test_a_made_quiz_is_answered_as_promised_on_every_route(alice: httpx.AsyncClient, scene: Scene) -> None:
    quiz = await scene.completed(plan=QuestionPlan(50, PLAN.types, "mixed", 1))
    assert quiz.shortfall is not None
    path = f"/api/quiz/{quiz.quiz_id}"
    replies = [
        await alice.get(path),
        await alice.get(f"{path}/results"),
        await alice.post(f"{path}/submit", json={"answers": []}),
        await alice.post(f"{path}/submit", json={"answers": right_answers(quiz)}),
        await alice.get(f"{path}/results"),
        await alice.get(f"{path}/events"),
        await alice.get("/api/quiz/history?limit=1"),
        *[
            await alice.get(f"{path}/export", params={"format": form})
            for form in ("gift", "moodle-xml", "qti", "anki", "tsv")
        ],
        await alice.delete(path),
    ]
    assert [reply.status_code for reply in replies] == [200] * 12 + [204]


async def test_a_quiz_that_waits_and_one_that_failed_are_answered_as_promised(
    alice: httpx.AsyncClient, scene: Scene
) -> None:
    order = await alice.post("/api/quiz/generate", json={"document_id": str(uuid7())}, headers={"Prefer": "wait=0"})
    assert order.status_code == 202
    failing = uuid7()
    await scene.hear(events.processing_failed(failing, ALICE))
    for quiz_id in (order.json()["quiz_id"], await scene.order(failing)):
        path = f"/api/quiz/{quiz_id}"
        assert (await alice.get(path)).status_code == 200
        assert (await alice.get(f"{path}/results")).json()["best_percentage"] is None
        assert (await alice.post(f"{path}/submit", json={"answers": []})).status_code == 409
        assert (await alice.get(f"{path}/export?format=gift")).status_code == 409
    assert len((await alice.get("/api/quiz/history")).json()["items"]) == 2


@pytest.mark.parametrize("tail", ["", "/events", "/results", "/export?format=qti"])
async def test_refusals_are_answered_as_promised(alice: httpx.AsyncClient, tail: str) -> None:
    assert (await alice.get(f"/api/quiz/{uuid4()}{tail}")).status_code == 404
    assert (await alice.get(f"/api/quiz/nonsense{tail}")).status_code == 404
    del alice.headers["authorization"]
    assert (await alice.get(f"/api/quiz/{uuid4()}{tail}")).status_code == 401
