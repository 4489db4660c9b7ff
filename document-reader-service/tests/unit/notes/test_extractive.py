from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from document_reader_service.adapters.extractive import make_notes
from document_reader_service.adapters.readers import detect_media_type, read_document
from document_reader_service.domain.notes import Detail, Notes, Source
from document_reader_service.domain.text import Block, BlockKind, DocumentText

LECTURE = Path(__file__).parents[4] / "platform-infra" / "examples" / "sample_lecture.pdf"


@pytest.fixture(scope="module")
def lecture() -> DocumentText:
    media_type = detect_media_type(LECTURE.read_bytes()[:4096], LECTURE.name)
    assert media_type is not None
    return read_document(str(LECTURE), media_type, max_pages=20, max_characters=100_000)


@pytest.fixture(scope="module")
def notes(lecture: DocumentText) -> Notes:
    return make_notes(lecture, "standard")


def document(*blocks: tuple[BlockKind, str], language: str | None = "en") -> DocumentText:
    return DocumentText(
        tuple(
            Block(index, 1, kind, 1 if kind == "heading" else None, text) for index, (kind, text) in enumerate(blocks)
        ),
        1,
        language,
        None,
    )


def sources_of(notes: Notes) -> list[Source]:
    points = [*notes.summary, *notes.key_points, *(point for section in notes.sections for point in section.points)]
    return [source for item in (*points, *notes.glossary) for source in item.sources]


def assert_quotes_are_verbatim(notes: Notes, text: DocumentText) -> None:
    for source in sources_of(notes):
        assert text.blocks[source.block].text[source.start : source.end] == source.quote
        assert text.blocks[source.block].page == source.page


@pytest.mark.parametrize("detail", ["brief", "standard", "detailed"])
def test_every_quote_stands_verbatim_where_it_says(lecture: DocumentText, detail: Detail) -> None:
    notes = make_notes(lecture, detail)
    assert len(sources_of(notes)) > 30
    assert_quotes_are_verbatim(notes, lecture)


TEXT = st.text(st.characters(codec="utf-8"), max_size=200) | st.lists(
    st.sampled_from(
        [
            "A cell is a unit.",
            "Dr. Who",
            "It (DNA) is",
            "x@y",
            "細胞は単位です。",
            "😀!",
            "e.g.",
            "the Deoxyribonucleic Acid (DNA)",
            "\t",
            "?",
            "Why",
        ]
    ),
    max_size=20,
).map(" ".join)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(["heading", "paragraph", "list_item", "table", "code"]), TEXT), max_size=12),
    st.sampled_from(["en", "de", "ja", "xx", None]),
)
def test_quotes_are_verbatim_for_any_text(blocks: list[tuple[BlockKind, str]], language: str | None) -> None:
    text = document(*blocks, language=language)
    assert_quotes_are_verbatim(make_notes(text, "detailed"), text)


def test_the_same_text_gives_the_same_notes(lecture: DocumentText, notes: Notes) -> None:
    assert make_notes(lecture, "standard") == notes


def test_the_summary_reads_in_order_and_covers_every_section(lecture: DocumentText, notes: Notes) -> None:
    places = [(source.block, source.start) for point in notes.summary for source in point.sources]
    assert places == sorted(places)
    starts = [
        block.index
        for block in lecture.blocks
        if block.kind == "heading" and block.level == 1 and block.text not in ("Review questions", "References")
    ]
    ends = [*starts[1:], len(lecture.blocks)]
    for start, end in zip(starts, ends, strict=True):
        assert any(start < block < end for block, _ in places), lecture.blocks[start].text


def test_the_summary_of_a_book_with_very_many_chapters_stays_bounded() -> None:
    chapters: list[tuple[BlockKind, str]] = []
    for number in range(200):
        chapters += [
            ("heading", f"Chapter {number}"),
            ("paragraph", f"The province number {number} exports {number * 7} tons of copper to harbour {number * 3}."),
        ]
    notes = make_notes(document(*chapters), "brief")
    assert 0 < len(notes.summary) <= 24
    assert len(notes.sections) == 200


def test_no_two_key_points_say_nearly_the_same(notes: Notes) -> None:
    assert len(notes.key_points) == 10
    for left, right in combinations([set(point.text.casefold().split()) for point in notes.key_points], 2):
        assert len(left & right) / len(left | right) < 0.5


def test_a_sentence_that_is_repeated_is_chosen_once() -> None:
    sentence = "The heart pumps blood through the arteries of the whole body."
    notes = make_notes(
        document(("paragraph", f"{sentence} Veins lead the blood back to it."), ("paragraph", sentence)), "standard"
    )
    assert [point.text for point in notes.key_points].count(sentence) == 1


def test_sections_follow_the_outline_and_leave_out_questions_and_references(
    lecture: DocumentText, notes: Notes
) -> None:
    headings = [entry.heading for entry in lecture.outline]
    assert [section.heading for section in notes.sections] == headings[:-2]
    assert headings[-2:] == ["Review questions", "References"]
    leaves = [section for section in notes.sections if section.level == 2]
    assert all(section.points for section in leaves)
    assert [(section.level, section.page) for section in notes.sections[:3]] == [(1, 1), (1, 1), (2, 1)]


def test_the_glossary_holds_what_the_text_defines(notes: Notes) -> None:
    glossary = {entry.term.casefold(): entry.definition for entry in notes.glossary}
    assert glossary["toxoid"].startswith("a bacterial toxin that has been made harmless")
    assert glossary["variolation"] == "the inoculation of a healthy person with matter from a smallpox sore"
    assert glossary["helper t cells"].startswith("lymphocytes that recognise the fragments")
    assert glossary["bcg"] == "Bacille Calmette-Guérin"
    assert glossary["who"] == "World Health Organization"
    assert {"antigen", "adjuvant", "herd immunity", "placebo", "ring vaccination", "mrna", "vaccine efficacy"} <= set(
        glossary
    )
    assert "tetanus" not in glossary  # "is the exception" tells no kind


@pytest.mark.parametrize(
    "unfit",
    [
        "This makes the membrane of the nerve cell ready for the next signal.",
        "However, the membrane of the nerve cell is ready for the next signal.",
        "Why is the membrane of the nerve cell ready for the next signal?",
        "Figure 3 The membrane of the nerve cell is ready for the next signal.",
        "The membrane of the nerve cell is ready for the following signals:",
        "See https://example.org for the membrane of the nerve cell and its signal.",
    ],
)
def test_what_cannot_stand_alone_is_not_a_key_point(unfit: str) -> None:
    good = "The membrane of a nerve cell carries the signal from one end to the other."
    notes = make_notes(document(("paragraph", good), ("paragraph", unfit)), "standard")
    assert [point.text for point in notes.key_points] == [good]


@pytest.mark.parametrize(
    ("language", "sentence", "term"),
    [
        ("en", "The nephron is a tiny filter of the kidney that cleans the blood.", "nephron"),
        ("en", "Mitosis refers to the division of one nucleus into two equal ones.", "Mitosis"),
        ("en", "The loss of heat by a fluid in motion is called convection.", "convection"),
        ("de", "Die Osmose ist eine Wanderung von Wasser durch eine feine Haut.", "Osmose"),
        ("de", "Unter Osmose versteht man die Wanderung von Wasser durch eine Haut.", "Osmose"),
        ("fr", "La mitose est une division du noyau en deux noyaux égaux.", "mitose"),
        ("es", "La mitosis es una división del núcleo en dos núcleos iguales.", "mitosis"),
    ],
)
def test_definitions_are_found_in_several_languages(language: str, sentence: str, term: str) -> None:
    notes = make_notes(document(("paragraph", sentence), language=language), "standard")
    assert [entry.term for entry in notes.glossary] == [term]


def test_text_without_spaces_between_words_gets_notes_too() -> None:
    text = (
        "細胞は生物の基本的な単位であり、すべての生物は細胞からできている。"
        "植物の細胞には細胞壁と葉緑体があり、動物の細胞にはない。"
    )
    notes = make_notes(document(("heading", "細胞"), ("paragraph", text), language="ja"), "standard")
    assert len(notes.sections[0].points) == 2


def test_a_text_without_a_sentence_gives_empty_notes_and_invents_none() -> None:
    notes = make_notes(document(("heading", "Stock"), ("table", "a\t1\nb\t2"), ("code", "x = 1")), "detailed")
    assert (notes.summary, notes.key_points, notes.sections, notes.glossary) == ((), (), (), ())


def test_notes_as_markdown_name_the_page_of_every_point(notes: Notes) -> None:
    markdown = notes.to_markdown()
    assert markdown.startswith("# Vaccination: Its History and Its Science\n\n## Summary\n\n")
    assert "- **toxoid**: a bacterial toxin" in markdown
    points = [line for line in markdown.split("\n") if line.startswith("- ")]
    assert points
    assert all(line.endswith(")") and "(p. " in line for line in points)
