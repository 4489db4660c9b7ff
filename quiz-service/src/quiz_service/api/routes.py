"""The routes of quizzes."""

from typing import Annotated
from uuid import UUID

from chassis.clock import utc_now
from chassis.http.idempotency import body_fingerprint, once
from chassis.http.links import location
from chassis.http.pages import PageQuery, encode_cursor, page_body
from chassis.http.prefer import when_final
from chassis.http.snapshots import Fetch, Snapshot
from chassis.http.status_stream import status_stream
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from quiz_service.api import schemas
from quiz_service.api.dependencies import AUTHOR_SCOPE, Reader, Service, TheService, UnitOfWork, Writer
from quiz_service.api.exports import FORMATS, ExportFormat
from quiz_service.application import commands, queries
from quiz_service.application.projections import attempt_view

# Ids are matched as such: `/generate` and `/history` are then no quizzes, for any method.
router = APIRouter(prefix="/api/quiz", tags=["quiz"])


@router.post("/generate", status_code=202)
async def generate_quiz(request: Request, user: Writer, service: TheService, body: schemas.GenerateQuiz) -> Response:
    async def order(uow: UnitOfWork) -> Response:
        quiz = await commands.generate_quiz(uow, user.owner_id, body.to_order(), utc_now())
        headers = {"Location": location(request, f"/api/quiz/{quiz.quiz_id}")}
        return JSONResponse(schemas.requested_quiz(quiz), 202, headers)

    reply = await once(request, user, service.uow_factory, body_fingerprint(request, body), order)
    quiz_id = UUID(reply.headers["Location"].rpartition("/")[2])
    return await when_final(request, reply, _follow(service, quiz_id, user.owner_id), service.changes(quiz_id))


@router.get("/history")
async def list_quiz_history(request: Request, user: Reader, service: TheService, page: PageQuery) -> Response:
    cursor = page.after(UUID)
    entries = await service.reads.history(user.owner_id, page.limit + 1, cursor[0] if cursor else None)
    shown = entries[: page.limit]
    more = encode_cursor(shown[-1].quiz_id) if len(entries) > page.limit else None
    return JSONResponse(page_body([schemas.history_item(entry) for entry in shown], more, request))


@router.get("/{quiz_id:uuid}")
async def get_quiz(quiz_id: UUID, user: Reader, service: TheService) -> Response:
    view = await queries.find_quiz(service.reads, quiz_id, user.owner_id)
    return JSONResponse(dict(view.body))


@router.delete("/{quiz_id:uuid}", status_code=204)
async def delete_quiz(quiz_id: UUID, user: Writer, service: TheService) -> Response:
    async with service.uow_factory() as uow:
        await commands.delete_quiz(uow, quiz_id, user.owner_id, utc_now())
    return Response(status_code=204)


@router.get("/{quiz_id:uuid}/events")
async def watch_quiz(request: Request, quiz_id: UUID, user: Reader, service: TheService) -> Response:
    return await status_stream(request, _follow(service, quiz_id, user.owner_id), service.changes(quiz_id))


@router.post("/{quiz_id:uuid}/submit")
async def submit_quiz(
    request: Request, quiz_id: UUID, user: Writer, service: TheService, body: schemas.SubmitQuiz
) -> Response:
    async def submit(uow: UnitOfWork) -> Response:
        answers = [(given.question_id, given.answer) for given in body.answers]
        attempt = await commands.submit_quiz(uow, quiz_id, user.owner_id, answers, service.similarity, utc_now())
        return JSONResponse(dict(attempt_view(attempt).body))

    return await once(request, user, service.uow_factory, body_fingerprint(request, body), submit)


@router.get("/{quiz_id:uuid}/results")
async def get_quiz_results(quiz_id: UUID, user: Reader, service: TheService) -> Response:
    return JSONResponse(await queries.results(service.reads, quiz_id, user.owner_id))


@router.get("/{quiz_id:uuid}/export")
async def export_quiz(
    quiz_id: UUID,
    user: Reader,
    service: TheService,
    export_format: Annotated[ExportFormat, Query(alias="format", description="The form of the file")],
) -> Response:
    is_author = AUTHOR_SCOPE in user.scopes
    quiz = await queries.quiz_with_answers(service.reads, quiz_id, user.owner_id, is_author=is_author)
    form = FORMATS[export_format]
    headers = {"Content-Disposition": f'attachment; filename="quiz-{quiz_id}.{form.extension}"'}
    return Response(form.render(quiz), media_type=form.media_type, headers=headers)


def _follow(service: Service, quiz_id: UUID, owner_id: str) -> Fetch:
    async def fetch() -> Snapshot | None:
        return schemas.snapshot(await service.reads.quiz(quiz_id, owner_id))

    return fetch
