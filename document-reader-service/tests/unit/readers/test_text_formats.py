from collections.abc import Callable

import pytest

from document_reader_service.adapters.readers.cleaning import clean_code, clean_prose
from document_reader_service.domain.processing_errors import NoText
from document_reader_service.domain.text import DocumentText

Read = Callable[[bytes, str], DocumentText]

GERMAN = "Über den Flüssen liegen Brücken, und die Größe der Bögen fällt jedem auf, der daran vorbeifährt."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_plain_text_is_read_in_any_encoding(read: Read, encoding: str) -> None:
    text = read((GERMAN + "\r\n\r\n" + GERMAN).encode(encoding), "notes.txt")
    assert [block.text for block in text.blocks] == [GERMAN, GERMAN]
    assert text.language == "de"


def test_wrapped_lines_of_plain_text_are_joined_and_plain_headings_found(read: Read) -> None:
    source = "Rivers\n======\n\n2.1 Springs\n\nWater comes out of the ground, some-\ntimes warm.\n\n* clear\n* cold\n"
    assert [(block.kind, block.level, block.text) for block in read(source.encode(), "rivers.txt").blocks] == [
        ("heading", 1, "Rivers"),
        ("heading", 2, "2.1 Springs"),
        ("paragraph", None, "Water comes out of the ground, sometimes warm."),
        ("list_item", 1, "clear"),
        ("list_item", 1, "cold"),
    ]


def test_form_feeds_in_plain_text_turn_pages(read: Read) -> None:
    text = read(b"One page here.\n\fAnother page here.\n", "paper.txt")
    assert [(block.page, block.text) for block in text.blocks] == [(1, "One page here."), (2, "Another page here.")]


def test_markdown_gives_headings_nested_lists_tables_and_code(read: Read) -> None:
    source = (
        "---\ntitle: x\n---\n# Tea\n\nGreen *and* [black](http://x).\n\n- leaf\n  - stem\n\n"
        "|a|b|\n|-|-|\n|1|2|\n\n```\nx = 1\n  y\n```\n"
    )
    text = read(source.encode(), "tea.md")
    assert [(block.kind, block.level, block.text) for block in text.blocks] == [
        ("heading", 1, "Tea"),
        ("paragraph", None, "Green and black."),
        ("list_item", 1, "leaf"),
        ("list_item", 2, "stem"),
        ("table", None, "a\tb\n1\t2"),
        ("code", None, "x = 1\n  y"),
    ]


def test_what_is_read_can_be_written_as_markdown_and_read_again(read: Read) -> None:
    source = (
        "# Tea\n\nGreen tea is steamed.\n\n- leaf\n  - stem\n\n| a | b |\n| --- | --- |\n| 1 | 2 |\n\n```\nx\n```\n"
    )
    first = read(source.encode(), "tea.md")
    assert first.to_markdown() == source
    assert read(first.to_markdown().encode(), "again.md").blocks == first.blocks


def test_html_yields_what_a_visitor_reads_of_the_main_content(read: Read) -> None:
    source = """<!doctype html><title>Site</title><style>p{}</style><nav>Menu</nav><header>Logo</header>
    <main><h1>Tea</h1><script>track()</script><p>Green<br>and <b>black</b>.<p hidden>secret</p>
    <div style="display: none">hidden too</div><ul><li>leaf<ul><li>stem</ul></ul>
    <dl><dt>Gaiwan</dt><dd>a bowl with a lid</dd></dl>
    <table><tr><th>a<th>b<tr><td>1<td>2</table><pre>x
  y</pre></main><footer>Imprint</footer>"""
    text = read(source.encode(), "tea.html")
    assert [(block.kind, block.text) for block in text.blocks] == [
        ("heading", "Tea"),
        ("paragraph", "Green and black."),
        ("list_item", "leaf"),
        ("list_item", "stem"),
        ("paragraph", "Gaiwan: a bowl with a lid"),
        ("table", "a\tb\n1\t2"),
        ("code", "x\n  y"),
    ]


def test_html_nested_without_end_does_not_break_the_reader(read: Read) -> None:
    text = read(b"<html><body>" + b"<div>" * 3_000 + b"deep" + b"</div>" * 3_000, "deep.html")
    assert [block.text for block in text.blocks] == ["deep"]


@pytest.mark.parametrize(
    ("content", "name"), [(b" \n\t\n", "blank.txt"), (b"<html><body><script>1</script>", "a.html")]
)
def test_a_file_without_words_is_refused_by_name(read: Read, content: bytes, name: str) -> None:
    with pytest.raises(NoText):
        read(content, name)


def test_cleaning_drops_control_characters_and_spells_out_ligatures() -> None:
    assert clean_prose("\x00e\ufb03cient\u00ad ly\x07 \u200bnow\xa0here\ufeff") == "efficient ly now here"
    assert clean_code("a\x00\r\n    b  \n") == "a\n    b"
