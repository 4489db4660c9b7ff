"""Text with structure against raw PDFium text, on the same 108 pages (the sample lecture nine times), in one run.

Both work on one core without waiting, so processor time is measured: what else the machine does falls out.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium
from document_reader_service.adapters.extractive import make_notes
from document_reader_service.adapters.readers import read_document
from report import Figure, publish

LECTURE = Path(__file__).resolve().parents[1] / "examples" / "sample_lecture.pdf"
COPIES = 9
RUNS = 7


def book(folder: str) -> str:
    path = f"{folder}/book.pdf"
    with (
        pypdfium2.PdfDocument.new() as whole,
        pypdfium2.PdfDocument(LECTURE) as lecture,
    ):
        for _ in range(COPIES):
            whole.import_pages(lecture)
        whole.save(path)
    return path


def raw_text(path: str) -> int:
    """What any program gets from PDFium without asking further: the pages' characters, no structure."""
    characters = 0
    with pypdfium2.PdfDocument(path) as document:
        for page in document:
            text_page = page.get_textpage()
            characters += len(text_page.get_text_range())
            text_page.close()
            page.close()
    return characters


def loaded_only(path: str) -> None:
    """PDFium's own work, of which no program that reads its text can spare any."""
    with pypdfium2.PdfDocument(path) as document:
        for index in range(len(document)):
            page = pdfium.FPDF_LoadPage(document.raw, index)
            text_page = pdfium.FPDFText_LoadPage(page)
            pdfium.FPDFText_ClosePage(text_page)
            pdfium.FPDF_ClosePage(page)


def seconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return time.process_time() - start


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="learning-bench-") as folder:
        path = book(folder)
        text = read_document(
            path, "application/pdf", 5_000, 50_000_000
        )  # also loads what is loaded once
        make_notes(text, "standard")
        # In turns, and the best of each: changes of clock and cache then fall on both alike.
        rounds = [
            (
                seconds(lambda: raw_text(path)),
                seconds(
                    lambda: read_document(path, "application/pdf", 5_000, 50_000_000)
                ),
                seconds(lambda: make_notes(text, "standard")),
                seconds(lambda: loaded_only(path)),
            )
            for _ in range(RUNS)
        ]
    raw, structured, notes, loaded = (
        min(column) for column in zip(*rounds, strict=True)
    )
    pages = text.page_count
    publish(
        "reading",
        [
            Figure(
                f"text and structure of a {pages}-page PDF (best of {RUNS})",
                pages / structured,
                "pages/CPU-s",
                ">= 0.8",
                baseline="raw pypdfium2 text",
                baseline_value=pages / raw,
                ratio=raw / structured,
            ),
            Figure(
                "of that time, PDFium's own (loading pages and their characters)",
                100 * loaded / structured,
                "%",
                "none, the floor",
            ),
            Figure(
                f"notes of the same text, {text.word_count:,} words", notes, "CPU-s", "< 1"
            ),
        ],
    )


if __name__ == "__main__":
    main()
