import io
from collections.abc import Callable

import pypdfium2
import pytest
from fpdf import FPDF
from fpdf.encryption import EncryptionMethod
from PIL import Image

from document_reader_service.adapters.readers import read_document
from document_reader_service.domain.processing_errors import (
    DamagedDocument,
    DocumentTooLarge,
    EncryptedDocument,
    NoText,
)
from document_reader_service.domain.text import DocumentText

Read = Callable[[bytes, str], DocumentText]
Write = Callable[..., None]


def kinds(text: DocumentText, kind: str) -> list[str]:
    return [block.text for block in text.blocks if block.kind == kind]


def test_headings_are_told_by_size_and_weight_and_take_their_level_from_their_rank(
    read: Read, write: Write, prose: str
) -> None:
    pdf = FPDF()
    pdf.add_page()
    for text, size, style in (
        ("The Life of Rivers", 24, "B"),
        ("Sources", 16, "B"),
        ("Springs", 11, "B"),
        (prose, 11, ""),
        ("Mouths", 16, "B"),
        (prose, 11, ""),
    ):
        write(pdf, text, size, style)
    read_text = read(bytes(pdf.output()), "rivers.pdf")
    assert [(entry.heading, entry.level, entry.page) for entry in read_text.outline] == [
        ("The Life of Rivers", 1, 1),
        ("Sources", 1, 1),
        ("Springs", 2, 1),
        ("Mouths", 1, 1),
    ]
    assert read_text.title == "The Life of Rivers"


def test_numbered_headings_take_their_level_from_the_number(read: Read, write: Write, prose: str) -> None:
    pdf = FPDF()
    pdf.add_page()
    for heading in ("1 Water", "1.1 Rain", "1.1.1 Drizzle", "2 Stone"):
        write(pdf, heading, 13, "B")
        write(pdf, prose)
    outline = read(bytes(pdf.output()), "numbers.pdf").outline
    assert [entry.level for entry in outline] == [1, 2, 3, 1]


def test_a_bold_word_inside_a_paragraph_is_no_heading(read: Read, prose: str) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Times", size=11)
    pdf.multi_cell(0, 5.5, f"**Rivers** are long. {prose}", markdown=True)
    read_text = read(bytes(pdf.output()), "bold.pdf")
    assert [block.kind for block in read_text.blocks] == ["paragraph"]


def test_running_headers_footers_and_page_numbers_are_left_out(read: Read, write: Write, prose: str) -> None:
    class Book(FPDF):
        def header(self) -> None:
            self.set_font("Helvetica", size=9)
            self.cell(0, 5, "Geography of the Rhine", new_x="LMARGIN", new_y="NEXT")

        def footer(self) -> None:
            self.set_y(-15)
            self.cell(0, 5, f"- {self.page_no()} -", align="C")

    pdf = Book()
    for number in range(4):
        pdf.add_page()
        write(pdf, f"Day {number} of the journey. {prose}")
    read_text = read(bytes(pdf.output()), "book.pdf")
    whole = "\n".join(block.text for block in read_text.blocks)
    assert "Geography" not in whole
    assert not any(block.text.strip(" -").isdigit() for block in read_text.blocks)
    assert [block.page for block in read_text.blocks] == [1, 2, 3, 4]


def test_words_divided_at_line_ends_are_whole_again_and_known_compounds_keep_their_hyphen(
    read: Read, pdf: FPDF, write: Write
) -> None:
    write(pdf, "The well-known valley has many springs.")
    write(pdf, "Sedi-\nment fills the well-\nknown valley.")
    assert kinds(read(bytes(pdf.output()), "hyphens.pdf"), "paragraph")[-1] == "Sediment fills the well-known valley."


def test_a_paragraph_that_runs_over_a_page_break_stays_one_block_with_its_first_page(read: Read, write: Write) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_y(-40)
    write(pdf, "The upper course of the river, which is narrow, steep and full of stones, is followed by a")
    pdf.add_page()
    write(pdf, "middle course in a wide valley.")
    (block,) = read(bytes(pdf.output()), "break.pdf").blocks
    assert block.page == 1
    assert block.text.endswith("is followed by a middle course in a wide valley.")


def test_columns_drawn_line_by_line_are_read_one_after_the_other(read: Read) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Times", size=11)
    for line in range(6):
        for column, name in enumerate(("left", "right")):
            pdf.set_xy(20 + 90 * column, 30 + 6 * line)
            pdf.cell(75, 6, f"the {name} column has this line number {line}")
    text = " ".join(block.text for block in read(bytes(pdf.output()), "columns.pdf").blocks)
    assert text.rindex("left column") < text.index("right column")


def test_a_ruled_table_keeps_its_cells_even_when_their_text_is_wrapped(read: Read, pdf: FPDF) -> None:
    rows = [
        ("River", "Note", "Length"),
        ("Rhine", "It rises in the Alps and flows through six countries before it ends in the North Sea.", "1230"),
        ("Elbe", "Short note", "1094"),
    ]
    with pdf.table(rows, width=120):
        pass
    (table,) = kinds(read(bytes(pdf.output()), "table.pdf"), "table")
    assert [tuple(row.split("\t")) for row in table.split("\n")] == rows


def test_aligned_cells_without_lines_are_a_table_too(read: Read, pdf: FPDF) -> None:
    rows = [("River", "Length", "Sea"), ("Rhine", "1230", "North Sea"), ("Danube", "2850", "Black Sea")]
    pdf.set_font("Times", size=11)
    for row in rows:
        for cell in row:
            pdf.cell(50, 6, cell)
        pdf.ln()
    (table,) = kinds(read(bytes(pdf.output()), "aligned.pdf"), "table")
    assert [tuple(row.split("\t")) for row in table.split("\n")] == rows


def test_list_items_lose_their_marker_and_know_their_depth(read: Read, pdf: FPDF) -> None:
    pdf.set_font("Times", size=11)
    for indent, text in ((10, "- first"), (18, "- inner"), (10, "- second"), (10, "2. numbered")):
        pdf.set_x(10 + indent)
        pdf.cell(0, 6, text, new_x="LMARGIN", new_y="NEXT")
    items = [block for block in read(bytes(pdf.output()), "list.pdf").blocks if block.kind == "list_item"]
    assert [(block.text, block.level) for block in items] == [
        ("first", 1),
        ("inner", 2),
        ("second", 1),
        ("numbered", 1),
    ]


def test_lines_in_typewriter_letters_are_code_with_their_indentation(read: Read, pdf: FPDF) -> None:
    pdf.set_font("Courier", size=10)
    for line in ("def flow(rain):", "    return rain * 2"):
        pdf.cell(0, 5, line, new_x="LMARGIN", new_y="NEXT")
    assert kinds(read(bytes(pdf.output()), "code.pdf"), "code") == ["def flow(rain):\n    return rain * 2"]


def test_a_turned_page_is_read_as_it_is_seen(read: Read, prose: str) -> None:
    pdf = FPDF(unit="pt", format=(595, 842))
    pdf.add_page()
    with pdf.rotation(90, 0, 842):  # a landscape page stored upright, as scanners and slides do
        for line, (text, size) in enumerate(
            (("Deltas", 18), *((prose[part : part + 60], 11) for part in (0, 60, 120)))
        ):
            pdf.set_font("Times", "B" if size == 18 else "", size)
            pdf.text(60, 842 + 80 + 20 * line, text)
    with pypdfium2.PdfDocument(bytes(pdf.output())) as document:
        page = document[0]
        page.set_rotation(90)
        turned = io.BytesIO()
        document.save(turned)
        page.close()
    heading, paragraph = read(turned.getvalue(), "turned.pdf").blocks
    assert (heading.kind, heading.text) == ("heading", "Deltas")
    assert paragraph.text.startswith("Rivers carry sand")
    assert heading.box is not None
    assert paragraph.box is not None
    assert heading.box[3] < paragraph.box[3]
    assert heading.box[0] == pytest.approx(paragraph.box[0], abs=2)


def test_boxes_enclose_their_text_from_the_top_left(read: Read, pdf: FPDF, write: Write) -> None:
    write(pdf, "Below the first paragraph.")
    first, second = read(bytes(pdf.output()), "boxes.pdf").blocks
    assert first.box is not None
    assert second.box is not None
    assert 0 < first.box[1] < first.box[3] <= second.box[1] < second.box[3] < 842
    assert 0 < first.box[0] < first.box[2] < 595


def test_a_pdf_with_a_password_is_refused_by_name(read: Read, pdf: FPDF) -> None:
    pdf.set_encryption("owner", "secret", EncryptionMethod.AES_256)
    with pytest.raises(EncryptedDocument):
        read(bytes(pdf.output()), "locked.pdf")


@pytest.mark.parametrize("content", [b"%PDF-1.7\nnothing of the kind", b"%PDF-1.4\n" + b"\x00\xff" * 500])
def test_a_damaged_pdf_is_refused_by_name(read: Read, content: bytes) -> None:
    with pytest.raises(DamagedDocument):
        read(content, "damaged.pdf")


def test_a_scan_is_refused_with_the_way_out(read: Read) -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.image(Image.new("L", (60, 80), 200), x=10, y=10, w=100)
    with pytest.raises(NoText) as refused:
        read(bytes(pdf.output()), "scan.pdf")
    assert "OCR" in refused.value.detail


def test_more_pages_or_characters_than_allowed_are_refused_by_name(
    pdf: FPDF, tmp_path: pytest.TempPathFactory, prose: str
) -> None:
    pdf.add_page()
    path = f"{tmp_path}/long.pdf"
    pdf.output(path)
    with pytest.raises(DocumentTooLarge, match="2 pages"):
        read_document(path, "application/pdf", max_pages=1, max_characters=10_000)
    with pytest.raises(DocumentTooLarge, match="characters"):
        read_document(path, "application/pdf", max_pages=5, max_characters=len(prose) - 50)
