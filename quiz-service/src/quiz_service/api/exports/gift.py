"""GIFT, Moodle's plain-text form (https://docs.moodle.org/en/GIFT_format)."""

import re

from quiz_service.domain.questions import MultipleChoice, Question, ShortAnswer, TrueFalse
from quiz_service.domain.quiz import Quiz

_SPECIAL = re.compile(r"([~=#{}:\\])")


def gift(quiz: Quiz) -> bytes:
    """One paragraph per question; the explanation is its general feedback."""
    return "\n".join(_question(question) for question in quiz.questions).encode()


def _question(question: Question) -> str:
    stem = question.stem
    lines = "\n".join(f"  {answer}" for answer in _answers(question))
    return f"::Q{stem.number}::{_escaped(stem.prompt)} {{\n{lines}\n  ####{_escaped(stem.explanation)}\n}}\n"


def _answers(question: Question) -> list[str]:
    match question:
        case MultipleChoice(options=options):
            return [
                f"{'=' if option.is_correct else '~'}{_escaped(option.text)}"
                + (f" #{_escaped(option.note)}" if option.note else "")
                for option in options
            ]
        case TrueFalse(is_true=is_true):
            return ["TRUE" if is_true else "FALSE"]
        case ShortAnswer(accepted=accepted):
            return [f"={_escaped(text)}" for text in accepted]
    raise TypeError(f"no form for {type(question).__name__}")


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
