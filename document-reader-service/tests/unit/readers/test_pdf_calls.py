from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
import pytest

from document_reader_service.adapters.readers.pdf_calls import Scratch, angle, count_runs


def test_unchecked_calls_answer_as_the_checked_ones_do(examples: Path) -> None:
    scratch = Scratch()
    with pypdfium2.PdfDocument(examples / "sample_lecture.pdf") as document:
        page = document[4]
        text_page = page.get_textpage()
        count = text_page.count_chars()
        assert scratch.text(text_page.raw, count) == text_page.get_text_range()
        for index in range(0, count, 50):
            left, top, right, bottom = scratch.letter(text_page.raw, index)
            assert (left, bottom, right, top) == text_page.get_charbox(index, loose=True)
            assert angle(text_page.raw, index) == pdfium.FPDFText_GetCharAngle(text_page, index)
        runs = count_runs(text_page.raw, 0, -1)
        assert runs == text_page.count_rects() > 0
        for index in range(runs):
            left, top, right, bottom = scratch.run(text_page.raw, index)
            assert (left, bottom, right, top) == text_page.get_rect(index)
        drawn = [scratch.drawn_path(page.raw, index) for index in range(pdfium.FPDFPage_CountObjects(page))]
        paths = [path.get_bounds() for path in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_PATH])]
        assert [box for box in drawn if box is not None] == [pytest.approx(box) for box in paths]
        text_page.close()
        page.close()
