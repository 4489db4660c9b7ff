"""Blocks too long for an event are divided."""

from hypothesis import given
from hypothesis import strategies as st
from support.streams import TEXT

from document_reader_service.domain.division import MAX_BLOCK_CHARACTERS, with_short_blocks
from document_reader_service.domain.text import Block, DocumentText


def text_of(*paragraphs: str) -> DocumentText:
    blocks = tuple(Block(index, 1, "paragraph", None, text) for index, text in enumerate(paragraphs))
    return DocumentText(blocks, 1, "en", None)


def test_a_text_of_short_blocks_stays_as_it_is() -> None:
    assert with_short_blocks(TEXT) is TEXT


@given(st.lists(st.text(alphabet="ab .\n", min_size=1, max_size=80).filter(str.strip), min_size=1, max_size=5))
def test_no_block_is_too_long_no_word_is_lost_and_the_numbers_have_no_gap(paragraphs: list[str]) -> None:
    divided = with_short_blocks(text_of(*paragraphs), limit=20)
    assert all(len(block.text) <= 20 for block in divided.blocks)
    assert [block.index for block in divided.blocks] == list(range(len(divided.blocks)))
    letters = "".join("".join(paragraph.split()) for paragraph in paragraphs)
    assert "".join("".join(block.text.split()) for block in divided.blocks) == letters


def test_a_long_block_is_cut_after_a_sentence_and_keeps_its_page_and_kind() -> None:
    sentence = "The cell is the smallest unit of life. "
    block = Block(0, 7, "list_item", 2, sentence * 2_000)
    first, second, *_ = with_short_blocks(DocumentText((block,), 9, "en", None)).blocks
    assert first.text.endswith("unit of life.")
    assert second.text.startswith("The cell is")
    assert len(first.text) > MAX_BLOCK_CHARACTERS // 2
    assert (second.page, second.kind, second.level) == (7, "list_item", 2)
