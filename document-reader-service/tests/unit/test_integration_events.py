"""What the platform hears: parts that fit, and everything that is in them."""

from dataclasses import replace
from itertools import pairwise

import pytest
from chassis.postgres.outbox import envelope_of
from hypothesis import given
from hypothesis import strategies as st
from learning_contracts.codec import encode
from support.notes import NOTES, QUOTE, SOURCE
from support.streams import NOW, TEXT, completed, uploaded

from document_reader_service.application import events
from document_reader_service.application.ports import StoredNotes
from document_reader_service.domain.division import MAX_BLOCK_CHARACTERS
from document_reader_service.domain.notes import Notes, Point
from document_reader_service.domain.text import Block

LIMIT_BYTES = 512 * 1024


def stored(notes: Notes = NOTES) -> StoredNotes:
    return StoredNotes(
        document_id=completed().document_id, version=3, text_version=1, detail="brief", notes=notes, created_at=NOW
    )


@given(st.lists(st.integers(min_value=0, max_value=30), max_size=30))
def test_parts_keep_every_item_in_order_and_are_full_before_the_next_one_begins(sizes: list[int]) -> None:
    parts = list(events.in_parts(sizes, size=lambda size: size, limit=30))
    assert [size for part in parts for size in part] == sizes
    assert all(sum(part) <= 30 for part in parts)
    assert all(sum(part) + following[0] > 30 for part, following in pairwise(parts))


def test_nothing_to_say_is_one_empty_part() -> None:
    assert list(events.in_parts([], size=len)) == [()]


@pytest.mark.parametrize("character", ["a", "é", "\n", "€", "🧬"])
def test_every_part_of_the_longest_blocks_fits_into_an_event_whatever_the_script(character: str) -> None:
    blocks = [Block(index, 1, "paragraph", None, character * MAX_BLOCK_CHARACTERS) for index in range(12)]
    parts = events.document_processed(completed(), blocks)
    for part in parts:
        assert len(encode(envelope_of(part, "urn:learning-platform:test")).value) < LIMIT_BYTES
    assert [part.part_number for part in parts] == list(range(1, len(parts) + 1))
    assert {part.part_count for part in parts} == {len(parts)}
    assert [block.index for part in parts for block in part.blocks] == list(range(12))


def test_a_short_text_is_one_part_with_all_that_others_need() -> None:
    document = completed()
    [part] = events.document_processed(document, TEXT.blocks)
    assert [(block.kind, block.page, block.text) for block in part.blocks] == [
        (block.kind, block.page, block.text) for block in TEXT.blocks
    ]
    assert (part.title, part.language, part.page_count, part.text_version) == ("The cell", "en", 2, 1)
    assert part.owner_id == document.owner_id


def test_every_point_of_the_notes_travels_with_its_place_and_its_quote() -> None:
    [part] = events.notes_generated(completed(), stored())
    assert [item.kind for item in part.items] == ["summary", "key_point", "section_point", "glossary"]
    assert all(item.sources[0].quote == QUOTE for item in part.items)
    section, glossary = part.items[2], part.items[3]
    assert (section.heading, section.level, section.page) == ("The cell", 1, 1)
    assert (glossary.term, glossary.definition, glossary.text) == ("cell", "the smallest unit of life", QUOTE)
    assert (part.notes_version, part.text_version, part.engine) == (3, 1, "extractive")


def test_long_notes_travel_in_parts_that_fit() -> None:
    long_point = Point("é" * 5_000, (replace(SOURCE, quote="é" * 5_000),))
    parts = events.notes_generated(completed(), stored(replace(NOTES, key_points=(long_point,) * 40)))
    assert len(parts) > 1
    assert sum(len(part.items) for part in parts) == 43
    for part in parts:
        assert len(encode(envelope_of(part, "urn:learning-platform:test")).value) < LIMIT_BYTES


def test_there_is_no_event_about_what_has_not_happened() -> None:
    document = uploaded()
    for make in (
        lambda: events.document_processed(document, TEXT.blocks),
        lambda: [events.processing_failed(document)],
        lambda: [events.notes_failed(document)],
    ):
        with pytest.raises(ValueError, match="not"):
            make()
