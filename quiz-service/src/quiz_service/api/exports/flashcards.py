"""Flash cards for Anki (text import: https://docs.ankiweb.net/importing/text-files.html) and a plain table."""

import csv
import io
from html import escape

from quiz_service.domain.questions import MultipleChoice, Question, ShortAnswer, TrueFalse
from quiz_service.domain.quiz import Quiz

_COLUMNS = (
    "number",
    "type",
    "prompt",
    "options",
    "answer",
    "also_accepted",
    "explanation",
    "page",
    "quote",
    "points",
    "difficulty",
)


def anki(quiz: Quiz) -> bytes:
    """Tab-separated notes; the header lines tell Anki the columns, the note type and which column identifies a note."""
    lines = ["#separator:tab", "#html:true", "#notetype:Basic", "#columns:Guid\tFront\tBack\tTags"]
    lines += ["#guid column:1", "#tags column:4"]
    for question in quiz.questions:
        front, back = _front(question), _back(question)
        fields = (str(question.stem.question_id), front, back, f"quiz {question.stem.difficulty.value}")
        lines.append("\t".join(field.replace("\t", " ").replace("\n", " ") for field in fields))
    return ("\n".join(lines) + "\n").encode()


def tsv(quiz: Quiz) -> bytes:
    """A table with one header line and one line per question, quoted where a cell holds a tab, a quote or a newline."""
    table = io.StringIO()
    writer = csv.writer(table, delimiter="\t", lineterminator="\n")
    writer.writerow(_COLUMNS)
    for question in quiz.questions:
        stem = question.stem
        options = [option.text for option in question.options] if isinstance(question, MultipleChoice) else []
        also = question.accepted[1:] if isinstance(question, ShortAnswer) else ()
        writer.writerow(
            (
                stem.number,
                question.type.value,
                stem.prompt,
                " | ".join(options),
                answer_text(question),
                " | ".join(also),
                stem.explanation,
                stem.source.page or "",
                stem.source.quote,
                stem.points,
                stem.difficulty.value,
            )
        )
    return table.getvalue().encode()


def answer_text(question: Question) -> str:
    """The right answer as a person reads it."""
    match question:
        case MultipleChoice():
            return question.correct_option.text
        case TrueFalse(is_true=is_true):
            return "true" if is_true else "false"
    return str(question.correct_answer)


def _front(question: Question) -> str:
    if not isinstance(question, MultipleChoice):
        return escape(question.stem.prompt)
    options = "".join(f"<li>{escape(option.text)}</li>" for option in question.options)
    return f"{escape(question.stem.prompt)}<ol>{options}</ol>"


def _back(question: Question) -> str:
    return f"<b>{escape(answer_text(question))}</b><br>{escape(question.stem.explanation)}"
