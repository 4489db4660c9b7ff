"""Events for tests, as real as the contracts make them."""

from uuid import UUID, uuid4

from chassis.clock import utc_now
from learning_contracts.events import DocumentDeleted, DocumentUploaded

OWNER = "0123456789abcdef" * 2


def uploaded(document_id: UUID | None = None, title: str = "a title") -> DocumentUploaded:
    return DocumentUploaded(
        document_id=document_id or uuid4(),
        owner_id=OWNER,
        filename="a.pdf",
        media_type="application/pdf",
        size_bytes=1,
        sha256="0" * 64,
        title=title,
        uploaded_at=utc_now(),
    )


def deleted(document_id: UUID | None = None) -> DocumentDeleted:
    return DocumentDeleted(document_id=document_id or uuid4(), owner_id=OWNER, deleted_at=utc_now())
