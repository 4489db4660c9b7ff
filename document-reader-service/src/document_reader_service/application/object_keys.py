"""Where objects of a document lie in the bucket. Keys are made of ids alone: no file name ever gets into one."""

from uuid import UUID

ORIGINALS = "originals/"
NOTES = "notes/"


def original(owner_id: str, document_id: UUID) -> str:
    return f"{ORIGINALS}{owner_id}/{document_id}"


def notes_of(owner_id: str, document_id: UUID) -> str:
    """The prefix of all versions."""
    return f"{NOTES}{owner_id}/{document_id}/"


def notes(owner_id: str, document_id: UUID, version: int) -> str:
    return f"{notes_of(owner_id, document_id)}{version}.json"


def document_of(key: str) -> UUID | None:
    """Whose object it is; None for a key that none of the functions above makes."""
    parts = key.split("/")
    try:
        return UUID(parts[2]) if len(parts) > 2 else None
    except ValueError:
        return None
