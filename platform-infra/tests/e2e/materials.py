"""Files a learner might upload, good and bad, each made on the spot."""

from __future__ import annotations

import io
import struct
import zlib

from fpdf import FPDF

SENTENCES = (
    "The cell is the smallest unit of life. Robert Hooke described cells in 1665. "
    "A chloroplast is an organelle that captures light. Photosynthesis is the process by which plants make sugar. "
    "The nucleus is the organelle that holds the genome. Rudolf Virchow published his doctrine in 1855. "
)


def _document() -> FPDF:
    document = FPDF()
    document.set_font("Helvetica", size=11)
    return document


def pdf(pages: int = 2, *, password: str | None = None) -> bytes:
    document = _document()
    if password:
        document.set_encryption(owner_password=password + "-owner", user_password=password)
    for number in range(1, pages + 1):
        document.add_page()
        document.multi_cell(0, 6, f"Page {number} of the course. {SENTENCES}")
    return bytes(document.output())


def long_pdf(pages: int) -> bytes:
    """A page tree of one line a page; written by hand, because a library takes minutes for 3,000 pages."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for number in range(1, pages + 1):
        line = f"Lesson {number} tells how the cell of kind {number} was described in the year {1000 + number % 900}."
        stream = f"BT /F1 11 Tf 50 {600 - number % 300} Td ({line}) Tj ET".encode()
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (pages, b" ".join(kids))
    out, offsets = io.BytesIO(), []
    out.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        offsets.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    out.write(b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
    return out.getvalue()


def png(width: int = 64, height: int = 64) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\x00" + bytes((x * 4) % 256 for x in range(width)) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def scanned_pdf() -> bytes:
    """Pages that are pictures only."""
    document = _document()
    for _ in range(2):
        document.add_page()
        document.image(io.BytesIO(png()), x=10, y=10, w=180)
    return bytes(document.output())


def damaged_pdf() -> bytes:
    whole = pdf(4)
    return whole[:200] + b"\x00" * 400
