"""Files as people upload them, also those that cannot be read."""

import io
import zipfile

from docx import Document as WordDocument
from fpdf import FPDF
from fpdf.enums import AccessPermission, EncryptionMethod

SENTENCES = (
    "A mitochondrion is an organelle that makes energy available to the cell. "
    "It was described by Albert von Koelliker in 1857. "
    "Ribosomes, known as the protein factories, translate messenger RNA into chains of amino acids. "
)


def _pdf(pages: int = 0) -> FPDF:
    pdf = FPDF()
    for number in range(1, pages + 1):
        pdf.add_page()
        pdf.set_font("helvetica", "B", 18)
        pdf.cell(0, 12, f"Chapter {number}", new_x="LMARGIN", new_y="NEXT")
        pdf.set_font("helvetica", "", 11)
        pdf.multi_cell(0, 6, f"{SENTENCES} This is page {number}.")
    return pdf


def pdf_lecture(pages: int = 3) -> bytes:
    return bytes(_pdf(pages).output())


def encrypted_pdf() -> bytes:
    pdf = _pdf(1)
    pdf.set_encryption(
        owner_password="owner",
        user_password="secret",
        permissions=AccessPermission.none(),
        encryption_method=EncryptionMethod.AES_128,
    )
    return bytes(pdf.output())


def damaged_pdf() -> bytes:
    return pdf_lecture()[:300]


def scanned_pdf() -> bytes:
    """A page with a drawing and not one letter."""
    pdf = FPDF()
    pdf.add_page()
    pdf.rect(20, 20, 100, 150, style="F")
    return bytes(pdf.output())


def long_pdf(pages: int = 3_000) -> bytes:
    pdf = FPDF()
    pdf.set_font("helvetica", "", 11)
    for number in range(pages):
        pdf.add_page()
        pdf.cell(0, 10, f"Page {number}")
    return bytes(pdf.output())


def docx_lecture() -> bytes:
    document = WordDocument()
    document.add_heading("The cell", 1)
    document.add_paragraph(SENTENCES)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def utf16_text() -> bytes:
    return f"Größe und Maß. {SENTENCES}".encode("utf-16")


def png() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(64)


def zip_archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("notes.txt", "not a document")
    return buffer.getvalue()
