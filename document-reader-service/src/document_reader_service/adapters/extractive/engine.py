"""Notes out of the document's own sentences: deterministic, no model, every point a verbatim quote."""

from collections.abc import Sequence
from dataclasses import dataclass

from document_reader_service.adapters.extractive.glossary import glossary_of
from document_reader_service.adapters.extractive.ranking import text_rank
from document_reader_service.adapters.extractive.selection import Scores, choose, quotable, score
from document_reader_service.adapters.extractive.sentences import Part, Sentence, parts_of
from document_reader_service.domain.notes import Detail, Notes, Section
from document_reader_service.domain.text import DocumentText

ENGINE = "extractive"
_MANY = 3  # times the usual length: what a summary of a book with very many chapters may grow to


@dataclass(frozen=True, slots=True)
class _Amount:
    """How much of each: the summary covers every section down to the depth at which it stays within `summary`."""

    summary: int
    least_summary: int
    key_points: int
    section_points: int
    glossary: int


_AMOUNTS: dict[Detail, _Amount] = {
    "brief": _Amount(summary=8, least_summary=3, key_points=5, section_points=1, glossary=10),
    "standard": _Amount(summary=16, least_summary=5, key_points=10, section_points=3, glossary=50),
    "detailed": _Amount(summary=32, least_summary=8, key_points=20, section_points=6, glossary=100),
}


def make_notes(text: DocumentText, detail: Detail) -> Notes:
    """Empty lists where the text carries no sentence that can stand alone; it never invents one."""
    amount = _AMOUNTS[detail]
    parts = parts_of(text)
    scores = _scores(parts)
    summary = _summary(parts, scores, amount)
    everything = [sentence for part in parts for sentence in quotable(part)]
    wanted = min(amount.key_points, max(3, len(everything) // 4))
    return Notes(
        engine=ENGINE,
        language=text.language,
        title=text.title,
        summary=tuple(sentence.point() for sentence in summary),
        key_points=tuple(sentence.point() for sentence in choose(everything, scores, wanted)),
        sections=tuple(_sections(parts, scores, amount)),
        glossary=tuple(glossary_of(text, parts, amount.glossary)),
    )


def _scores(parts: Sequence[Part]) -> dict[int, float]:
    sentences = [sentence for part in parts for sentence in part.sentences if sentence.terms]
    ranks = text_rank([sentence.terms for sentence in sentences])
    return score(parts, {sentence.order: float(rank) for sentence, rank in zip(sentences, ranks, strict=True)})


def _summary(parts: Sequence[Part], scores: Scores, amount: _Amount) -> list[Sentence]:
    """The best sentence of every section, then the best of the rest up to the least length."""
    chosen: list[Sentence] = []
    for group in _most_telling(_sections_to_cover(parts, amount.summary), scores, _MANY * amount.summary):
        candidates = [sentence for part in group for sentence in quotable(part)]
        chosen += choose(candidates, scores, 1, chosen) or choose(candidates, scores, 1)
    missing = amount.least_summary - len(chosen)
    if missing > 0:
        rest = [sentence for part in parts for sentence in quotable(part)]
        chosen += choose(rest, scores, missing, chosen)
    return sorted(chosen, key=lambda sentence: sentence.order)


def _sections_to_cover(parts: Sequence[Part], most: int) -> list[list[Part]]:
    """Parts joined to sections of the deepest level at which there are at most `most`, at least the top ones."""
    sections: list[list[Part]] = []
    for level in sorted({part.level or 1 for part in parts}, reverse=True):
        groups: list[list[Part]] = []
        for part in parts:
            if groups and (part.level or 1) > level:
                groups[-1].append(part)
            else:
                groups.append([part])
        sections = [group for group in groups if any(_has_text(part) for part in group)]
        if len(sections) <= most:
            break
    return sections


def _most_telling(sections: list[list[Part]], scores: Scores, most: int) -> list[list[Part]]:
    """All sections in order, or those with the best sentences where even the top level has too many for a summary."""
    if len(sections) <= most:
        return sections

    def best(section: list[Part]) -> float:
        return max(scores.get(sentence.order, 0.0) for part in section for sentence in part.sentences)

    limit = sorted(map(best, sections), reverse=True)[most - 1]
    return [section for section in sections if best(section) >= limit][:most]


def _has_text(part: Part) -> bool:
    return any(sentence.fitness > 0 for sentence in part.sentences)


def _sections(parts: Sequence[Part], scores: Scores, amount: _Amount) -> list[Section]:
    """One for each heading in order. A heading without text stays only while something below it has some."""
    sections: list[Section] = []
    for index, part in enumerate(parts):
        points = tuple(sentence.point() for sentence in choose(quotable(part), scores, amount.section_points))
        if points or _has_text_below(parts, index):
            sections.append(Section(part.heading, part.level, part.page, points))
    return sections


def _has_text_below(parts: Sequence[Part], index: int) -> bool:
    for part in parts[index + 1 :]:
        if (part.level or 1) <= (parts[index].level or 1):
            return False
        if _has_text(part):
            return True
    return False
