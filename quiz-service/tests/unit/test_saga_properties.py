"""However the events of a quiz interleave, come twice or come again after a crash, it ends as the rules say."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from chassis.ids import uuid7
from hypothesis import given, settings
from hypothesis import strategies as st
from learning_contracts.event import Event
from support import events
from support.scene import ALICE, LECTURE, PATIENCE, PLAN, Scene

from quiz_service.application import commands
from quiz_service.application.commands import Order
from quiz_service.domain.quiz import Quiz

REQUESTED, UPLOADED, TEXT_1, TEXT_2, UNREADABLE = "requested", "uploaded", "text 1", "text 2", "unreadable"
NOTES, NOTES_FAILED, DELETED = "notes", "notes failed", "document deleted"
WORK, CRASH = "work", "crash"
LONG = PATIENCE.reading.total_seconds() + 1

Step = tuple[str, str]  # what happens (heard, crash, work) and with which event


@st.composite
def histories(draw: Any) -> list[Step]:
    """Each event at least once, in any order; doubled ones, deliveries that crash before their commit, and work."""
    happened = [REQUESTED]
    happened += draw(st.sampled_from([[], [UPLOADED], [UPLOADED, UNREADABLE]]))
    happened += draw(st.sampled_from([[], [TEXT_1, TEXT_2]]))
    happened += draw(st.sampled_from([[], [NOTES], [NOTES_FAILED], [NOTES, NOTES_FAILED]]))
    happened += draw(st.sampled_from([[], [], [DELETED]]))
    again = draw(st.lists(st.tuples(st.sampled_from(["heard", CRASH]), st.sampled_from(happened)), max_size=8))
    work = [(WORK, "")] * draw(st.integers(0, 3))
    return list(draw(st.permutations([*(("heard", name) for name in happened), *again, *work])))


@dataclass
class Rules:
    """What the API promises of a quiz, told event by event. `outcome` None: it still waits."""

    heard: set[str] = field(default_factory=set)
    is_generating: bool = False
    outcome: str | None = None

    def hear(self, name: str) -> None:
        if name != REQUESTED and DELETED not in self.heard:
            self.heard.add(name)
        has_text = {TEXT_1, TEXT_2} <= self.heard
        if self.outcome:
            return
        if DELETED in self.heard:
            self.outcome = "document-not-found"
        elif has_text and self.heard & {NOTES, NOTES_FAILED}:
            self.is_generating = True
        elif not has_text and UNREADABLE in self.heard:
            self.outcome = "document-failed"

    def work(self) -> None:
        if self.is_generating and not self.outcome:
            self.outcome = "completed"

    def wait_for_ever(self) -> None:
        if self.outcome is None:
            if {TEXT_1, TEXT_2} <= self.heard:
                self.outcome = "completed"
            else:
                self.outcome = "document-failed" if self.heard else "document-not-found"


class Crash(Exception):
    """The worker dies before it commits."""


class Story:
    """One quiz, ordered by its owner's request; then the worker does what the history says."""

    def __init__(self) -> None:
        self.scene = Scene()
        self.document_id = uuid7()

    async def order(self) -> None:
        async with self.scene.unit_of_work() as uow:
            at = events.AT - timedelta(days=1)
            self.quiz_id = (await commands.generate_quiz(uow, ALICE, Order(self.document_id, PLAN, None), at)).quiz_id
        of_document = (self.document_id, ALICE)
        text_1, text_2 = events.processed(*of_document, LECTURE, parts=2)
        self.events: dict[str, Event] = {
            REQUESTED: self.scene.database.events[0],
            UPLOADED: events.uploaded(*of_document),
            TEXT_1: text_1,
            TEXT_2: text_2,
            UNREADABLE: events.processing_failed(*of_document),
            NOTES: events.notes_generated(*of_document, LECTURE)[0],
            NOTES_FAILED: events.notes_failed(*of_document),
            DELETED: events.document_deleted(*of_document),
        }

    async def crash_on(self, name: str) -> None:
        event = self.events[name]
        try:
            async with self.scene.unit_of_work() as uow:
                await self.scene.handlers[type(event)](uow, event)
                raise Crash
        except Crash:
            pass

    async def wait_for_ever(self) -> None:
        """Its patience ends, as often as it takes."""
        while self.quiz.is_waiting:
            self.scene.make_wait(self.quiz_id, LONG)
            assert "deadline" in self.scene.waiting(due_only=False), "a waiting quiz has a job that ends its patience"
            await self.scene.work("deadline")
        await self.scene.work()

    @property
    def quiz(self) -> Quiz:
        return self.scene.quiz(self.quiz_id)

    @property
    def outcome(self) -> str | None:
        if self.quiz.error:
            return self.quiz.error.type.rpartition(":")[2]
        return "completed" if self.quiz.status == "completed" else None


@settings(deadline=None, max_examples=60)
@given(histories())
def test_a_quiz_ends_once_and_as_the_rules_say_however_its_events_interleave(history: Sequence[Step]) -> None:
    async def check() -> None:
        story, rules = Story(), Rules()
        await story.order()
        for what, name in history:
            if what == WORK:
                await story.scene.work()
                rules.work()
            elif what == CRASH:
                await story.crash_on(name)
            else:
                await story.scene.hear(story.events[name])
                rules.hear(name)
            assert story.outcome == rules.outcome
        await story.scene.work()
        rules.work()
        assert story.outcome == rules.outcome
        await story.wait_for_ever()
        rules.wait_for_ever()
        assert story.outcome == rules.outcome
        ends = [name for name in story.scene.event_types() if name in ("quiz.generated", "quiz.generation_failed")]
        assert ends == ["quiz.generated" if rules.outcome == "completed" else "quiz.generation_failed"]
        assert story.scene.waiting() == [], "nothing is left to be done"
        if DELETED in rules.heard:
            database = story.scene.database
            assert (database.documents, database.parts) == ({}, {}), "a deleted document stays deleted"

    asyncio.run(check())
