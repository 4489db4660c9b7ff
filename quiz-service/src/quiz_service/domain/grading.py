"""How a written answer is judged: deterministic, in five steps, each with its threshold named below.

1. Both sides are normalised: case, accents, punctuation, articles, number words ("twelve" is "12").
2. Equal texts are right.
3. Numbers are never nearly right: every number expected must be there, and no other.
4. A slip of the pen is right: edit similarity of the whole text or of each word (`SAME_TEXT`, `SAME_WORD`).
5. Otherwise the share of expected words that were given decides: `PARTIAL_FROM` of them earns `PARTIAL_CREDIT`.
A denial ("not osmosis") and a list of guesses (`MAX_WORDS_PER_EXPECTED`) earn nothing.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from quiz_service.domain.vocabulary import NUMBER_WORDS, TENS, listed

SAME_TEXT = 0.9
SAME_WORD = 0.8
SHORTEST_WORD_WITH_SLIPS = 5
PARTIAL_FROM = 0.5
PARTIAL_CREDIT = 0.5
MAX_WORDS_PER_EXPECTED = 4

Similarity = Callable[[str, str], float]
"""Edit similarity of two texts: 1.0 for equal, 0.0 for nothing in common."""

_ARTICLES = frozenset(listed("a an the der die das ein eine le la les un une el los las il lo o os as um uma"))
_JOINING_WORDS = frozenset(listed("of and or in on at to for with by from und et y de"))
_DENIALS = frozenset(listed("not no never nicht kein keine pas non"))
_NUMBER_WORDS = {word: str(value) for value, word in enumerate(NUMBER_WORDS)} | {
    word: str(value) for word, value in TENS.items()
}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d)[,\u00a0\u202f'](?=\d{3}(?!\d))")
_WORD = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Grade:
    """`fraction` of the points earned, 0.0 to 1.0, and what to tell the learner."""

    fraction: float
    feedback: str

    @property
    def is_correct(self) -> bool:
        return self.fraction == 1.0


def normalise(text: str) -> tuple[str, ...]:
    """The words of a text that count when answers are compared."""
    decomposed = unicodedata.normalize("NFKD", _THOUSANDS.sub("", text)).casefold()
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    words = [_NUMBER_WORDS.get(word, word) for word in _WORD.findall(plain)]
    return tuple(word for word in words if word not in _ARTICLES) or tuple(words)


def grade_text(given: str, accepted: Sequence[str], similarity: Similarity) -> Grade:
    """The best grade `given` earns against any accepted answer; `accepted[0]` is the one shown to the learner."""
    words = normalise(given)
    if not words:
        return Grade(0.0, f"No answer was given. The answer is “{accepted[0]}”.")
    return max(
        (_grade(words, answer, accepted[0], similarity) for answer in accepted), key=lambda grade: grade.fraction
    )


def _grade(words: tuple[str, ...], answer: str, shown: str, similarity: Similarity) -> Grade:
    expected = normalise(answer)
    wrong = Grade(0.0, f"Not right. The answer is “{shown}”.")
    if words == expected:
        return Grade(1.0, "Right.")
    if _DENIALS & set(words) - set(expected):
        return wrong
    if numbers(words) != numbers(expected):
        return Grade(0.0, f"The number is not right. The answer is “{shown}”.") if numbers(expected) else wrong
    if _is_slip(" ".join(words), " ".join(expected), SAME_TEXT, similarity):
        return Grade(1.0, f"Right. It is spelt “{shown}”.")
    if len(words) > MAX_WORDS_PER_EXPECTED * len(expected):
        return Grade(0.0, f"Too many words to tell which is the answer. The answer is “{shown}”.")
    needed = [word for word in expected if word not in _JOINING_WORDS] or list(expected)
    missing = [word for word in needed if not _is_among(word, words, similarity)]
    if not missing:
        return Grade(1.0, "Right.")
    if 1 - len(missing) / len(needed) >= PARTIAL_FROM:
        return Grade(PARTIAL_CREDIT, f"Partly right: {_quoted(missing)} is missing. The answer is “{shown}”.")
    return wrong


def numbers(words: Sequence[str]) -> frozenset[str]:
    return frozenset(word for word in words if _NUMBER.fullmatch(word))


def _is_among(expected: str, words: Sequence[str], similarity: Similarity) -> bool:
    return any(word == expected or _is_slip(word, expected, SAME_WORD, similarity) for word in words)


def _is_slip(given: str, expected: str, threshold: float, similarity: Similarity) -> bool:
    return len(expected) >= SHORTEST_WORD_WITH_SLIPS and similarity(given, expected) >= threshold


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f"“{word}”" for word in words)
