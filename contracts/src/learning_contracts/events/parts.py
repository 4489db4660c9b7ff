# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""The types that events are built from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self
from uuid import UUID

AudioFormat = Literal["mp3", "wav", "ogg", "opus", "flac"]
"""Encoding of the audio."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why something failed, in words a person understands."""

    type: str
    title: str
    detail: str

    def to_data(self) -> dict[str, Any]:
        return {
            "type": self.type,
            "title": self.title,
            "detail": self.detail,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            type=data["type"],
            title=data["title"],
            detail=data["detail"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TranscriptSegment:
    """One stretch of speech."""

    index: int
    start_seconds: float
    end_seconds: float
    text: str
    confidence: float | None = None

    def to_data(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "start_seconds": self.start_seconds,
            "end_seconds": self.end_seconds,
            "text": self.text,
            "confidence": self.confidence,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            index=data["index"],
            start_seconds=data["start_seconds"],
            end_seconds=data["end_seconds"],
            text=data["text"],
            confidence=data.get("confidence"),
        )


MessageRole = Literal["user", "assistant"]
"""Who wrote the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A passage the reply rests on; the text refers to it as [number]."""

    number: int
    document_id: UUID | None = None
    transcription_id: UUID | None = None
    title: str
    page: int | None = None
    start_seconds: float | None = None
    quote: str

    def to_data(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "document_id": None if self.document_id is None else str(self.document_id),
            "transcription_id": None if self.transcription_id is None else str(self.transcription_id),
            "title": self.title,
            "page": self.page,
            "start_seconds": self.start_seconds,
            "quote": self.quote,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            number=data["number"],
            document_id=None if data.get("document_id") is None else UUID(data["document_id"]),
            transcription_id=None if data.get("transcription_id") is None else UUID(data["transcription_id"]),
            title=data["title"],
            page=data.get("page"),
            start_seconds=data.get("start_seconds"),
            quote=data["quote"],
        )


TextBlockKind = Literal["heading", "paragraph", "list_item", "table", "code"]
"""What a block of text is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock:
    """One piece of a document's text, in reading order."""

    index: int
    page: int | None = None
    kind: TextBlockKind
    level: int | None = None
    text: str

    def to_data(self) -> dict[str, Any]:
        return {
            "index": self.index,
            "page": self.page,
            "kind": self.kind,
            "level": self.level,
            "text": self.text,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            index=data["index"],
            page=data.get("page"),
            kind=data["kind"],
            level=data.get("level"),
            text=data["text"],
        )


NotesItemKind = Literal["summary", "key_point", "section_point", "glossary"]
"""Which part of the notes a point belongs to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReference:
    """Where a statement stands in the document: text of the block[start:end] is the quote."""

    page: int | None = None
    block: int
    start: int
    end: int
    quote: str

    def to_data(self) -> dict[str, Any]:
        return {
            "page": self.page,
            "block": self.block,
            "start": self.start,
            "end": self.end,
            "quote": self.quote,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            page=data.get("page"),
            block=data["block"],
            start=data["start"],
            end=data["end"],
            quote=data["quote"],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotesItem:
    """One point of the notes, in reading order."""

    kind: NotesItemKind
    heading: str | None = None
    level: int | None = None
    page: int | None = None
    text: str
    term: str | None = None
    definition: str | None = None
    sources: tuple[SourceReference, ...]

    def to_data(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "heading": self.heading,
            "level": self.level,
            "page": self.page,
            "text": self.text,
            "term": self.term,
            "definition": self.definition,
            "sources": [item.to_data() for item in self.sources],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            kind=data["kind"],
            heading=data.get("heading"),
            level=data.get("level"),
            page=data.get("page"),
            text=data["text"],
            term=data.get("term"),
            definition=data.get("definition"),
            sources=tuple(SourceReference.from_data(item) for item in data["sources"]),
        )


QuestionType = Literal["multiple_choice", "true_false", "short_answer"]
"""How a question is answered."""


Difficulty = Literal["easy", "medium", "hard", "mixed"]
"""How hard the questions are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Fewer questions were made than were asked for."""

    asked: int
    made: int
    reason: str

    def to_data(self) -> dict[str, Any]:
        return {
            "asked": self.asked,
            "made": self.made,
            "reason": self.reason,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            asked=data["asked"],
            made=data["made"],
            reason=data["reason"],
        )
