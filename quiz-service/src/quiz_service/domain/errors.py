"""Every reason for which a quiz, or a request about one, is refused; the edge renders them unchanged."""

from chassis.errors import Conflict, NotFound, Problem, ValidationFailed


class QuizNotFound(NotFound):
    title = "There is no such quiz"


class QuizNotReady(Conflict):
    """The quiz has no questions yet, or will never have any."""

    type = "quiz-not-ready"
    title = "The quiz is not ready"


class NotYetSubmitted(Conflict):
    """An export carries the answers, so it waits for the first attempt."""

    type = "not-yet-submitted"
    title = "The quiz was not submitted yet"


class InvalidAnswers(ValidationFailed):
    """The answers name a question that is not in the quiz, name one twice, or have the wrong form."""


class DocumentNotFound(Problem):
    """Ends a quiz whose document was never heard of, belongs to somebody else, or was deleted."""

    status = 404
    type = "document-not-found"
    title = "The document was not found"


class DocumentFailed(Problem):
    """Ends a quiz whose document could not be read."""

    status = 409
    type = "document-failed"
    title = "The document could not be read"


class NotEnoughContent(Problem):
    """Ends a quiz for which the material carries not one sound question."""

    status = 422
    type = "not-enough-content"
    title = "The document does not carry any question"


class GenerationFailed(Problem):
    """Ends a quiz whose questions could not be made for a reason that lies with us."""

    status = 500
    type = "generation-failed"
    title = "The questions could not be made"
