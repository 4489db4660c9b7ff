"""What can go wrong with a document, by name, apart from reading it (see `processing_errors`)."""

from chassis.errors import Conflict, NotFound, Problem


class DocumentNotFound(NotFound):
    """Also what somebody else's document is."""

    type = "document-not-found"
    title = "There is no such document"


class ConcurrentChange(Conflict):
    """Two writers took the same version of a stream; the later one lost and may try again."""

    type = "concurrent-change"
    title = "The document was changed at the same moment"


class TextNotReady(Conflict):
    type = "text-not-ready"
    title = "The document is still being read"


class DocumentFailed(Conflict):
    type = "document-failed"
    title = "The document could not be read"


class NotesNotReady(NotFound):
    type = "notes-not-ready"
    title = "The notes are not ready yet"


class NotesVersionNotFound(NotFound):
    type = "notes-version-not-found"
    title = "There is no such version of the notes"


class NotesFailed(Conflict):
    type = "notes-failed"
    title = "The notes could not be made"


class Superseded(Exception):
    """The work in hand is no longer wanted: the document is gone, or newer work took its place."""


class ProcessingTimeout(Problem):
    """Only ever a reason that a failed document or its notes carry."""

    status = 422
    type = "processing-timeout"
    title = "The document takes longer to work through than the limit allows"
