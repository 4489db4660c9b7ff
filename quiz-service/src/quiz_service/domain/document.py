"""What this service has heard of somebody's document. Events come in parts, in any order, doubled and with gaps."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.errors import Reason

from quiz_service.domain.saga import DocumentProgress


@dataclass(slots=True)
class KnownDocument:
    """Versions are 0 where there is none; those of text and notes count only once they are whole.

    `notes_text_version` is the version of the text that the notes speak of: only with that one do their quotes fit.
    """

    document_id: UUID
    owner_id: str
    title: str | None = None
    language: str | None = None
    uploaded_at: datetime | None = None
    text_version: int = 0
    notes_version: int = 0
    notes_text_version: int = 0
    notes_failed_version: int = 0
    error: Reason | None = None
    failed_at: datetime | None = None

    @property
    def progress(self) -> DocumentProgress:
        return DocumentProgress(
            has_text=self.text_version > 0, notes_settled=self._notes_are_settled(), error=self.error
        )

    @property
    def has_notes_of_its_text(self) -> bool:
        return self.notes_version > 0 and self.notes_text_version == self.text_version

    def uploaded(self, title: str, at: datetime) -> None:
        """Uploaded, maybe again after it had failed; the event of an upload from before the failure changes nothing."""
        self.title = self.title or title
        if self.uploaded_at is None or at > self.uploaded_at:
            self.uploaded_at = at
        if self.failed_at is not None and at > self.failed_at:
            self.error = self.failed_at = None

    def text_is_whole(self, version: int, title: str, language: str | None) -> None:
        self.text_version, self.title, self.language = version, title, language
        self.error = self.failed_at = None

    def processing_failed(self, error: Reason, at: datetime) -> None:
        """The text of an earlier reading stays good."""
        if self.text_version == 0 and (self.failed_at is None or at > self.failed_at):
            self.error, self.failed_at = error, at

    def notes_are_whole(self, version: int, text_version: int) -> None:
        self.notes_version, self.notes_text_version = version, text_version

    def notes_failed(self, version: int) -> None:
        self.notes_failed_version = max(self.notes_failed_version, version)

    def _notes_are_settled(self) -> bool:
        have_come = self.notes_version > 0 and self.notes_text_version >= self.text_version
        return have_come or self.notes_failed_version > self.notes_version
