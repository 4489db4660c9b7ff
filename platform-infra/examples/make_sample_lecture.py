"""Makes the sample lecture, `sample_lecture.pdf` and `.docx`, from `sample_lecture.md`: same input, same bytes.

Needs fpdf2 and python-docx: `uv run --with fpdf2 --with python-docx make_sample_lecture.py`.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

HERE = Path(__file__).parent
MADE_AT = datetime(2026, 11, 1, tzinfo=UTC)
RUNNING_TITLE = "Medicine and Society - Lecture 4"
AUTHOR = "Learning Platform"

# Soft hyphens where a typesetter would break: the PDF then holds words divided at line ends, as real lectures do.
BREAKS = (
    "vac-ci-na-tion",
    "im-mu-ni-ty",
    "anti-bod-ies",
    "pro-tec-tion",
    "lab-o-ra-to-ry",
    "re-sponse",
    "pop-u-la-tion",
)
SOFT_HYPHEN = "\u00ad"

Kind = Literal["heading", "paragraph", "bullet", "number", "table", "columns"]


@dataclass
class Item:
    """One piece of the lecture; `columns` holds the items set in two columns."""

    kind: Kind
    text: str = ""
    level: int = 0
    rows: list[list[str]] = field(default_factory=list)
    items: list["Item"] = field(default_factory=list)


def parse(source: str) -> Iterator[Item]:
    """The small part of Markdown that the lecture uses, and `:::columns` … `:::`."""
    chunks = iter(source.strip().split("\n\n"))
    for chunk in chunks:
        if chunk == ":::columns":
            inner: list[str] = []
            for part in chunks:
                if part == ":::":
                    break
                inner.append(part)
            yield Item("columns", items=list(parse("\n\n".join(inner))))
        elif heading := re.match(r"(#+) (.+)", chunk):
            yield Item("heading", heading[2], len(heading[1]) - 1)
        elif chunk.startswith("|"):
            rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in chunk.split("\n")]
            yield Item("table", rows=[rows[0], *rows[2:]])
        elif chunk.startswith("- "):
            yield from (Item("bullet", line[2:]) for line in chunk.split("\n"))
        elif re.match(r"\d+\. ", chunk):
            yield from (Item("number", line) for line in chunk.split("\n"))
        else:
            yield Item("paragraph", chunk)


class Lecture(FPDF):
    """A4 with running header and page numbers; lengths in millimetres."""

    MARGIN, LINE, GUTTER = 29, 6.6, 9

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.set_margins(self.MARGIN, 27, self.MARGIN)
        self.set_auto_page_break(True, 27)
        self.set_title("Vaccination: Its History and Its Science")
        self.set_author(AUTHOR)
        self.set_creation_date(MADE_AT)

    def header(self) -> None:
        self.set_y(12)
        self.set_font("Helvetica", "", 8.5)
        self.cell(0, 5, RUNNING_TITLE, align="L")
        self.set_y(27)

    def footer(self) -> None:
        self.set_y(-17)
        self.set_font("Helvetica", "", 8.5)
        self.cell(0, 5, f"Page {self.page_no()}", align="C")

    def place(self, item: Item) -> None:
        match item.kind:
            case "heading":
                self.heading(item)
            case "table":
                self.ruled_table(item)
            case "columns":
                self.two_columns(item.items)
            case "bullet" | "number":
                marker = "\u2022" if item.kind == "bullet" else item.text.split(" ", 1)[0]
                text = item.text if item.kind == "bullet" else item.text.split(" ", 1)[1]
                self.list_item(marker, text)
            case "paragraph":
                if item.text.startswith("Table "):
                    # A caption stays with its table.
                    if self.will_page_break(80):
                        self.add_page()
                    self.set_font("Times", "I", 11)
                else:
                    self.set_font("Times", "", 12.5)
                self.text_lines(item.text)
                self.ln(2.6)

    def heading(self, item: Item) -> None:
        size = {0: 22, 1: 17, 2: 13.5}[item.level]
        if self.will_page_break(30):
            self.add_page()
        self.ln({0: 4, 1: 6, 2: 3}[item.level])
        self.set_font("Helvetica", "B", size)
        self.multi_cell(0, size * 0.5, item.text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2.5)

    def text_lines(self, text: str) -> None:
        self.multi_cell(0, self.LINE, styled(text), align="J", markdown=True, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def list_item(self, marker: str, text: str) -> None:
        self.set_font("Times", "", 12.5)
        self.set_x(self.MARGIN + 4)
        self.cell(6, self.LINE, marker.replace("\u2022", chr(149)))
        self.set_left_margin(self.MARGIN + 10)
        self.text_lines(text)
        self.set_left_margin(self.MARGIN)
        self.ln(1)

    def ruled_table(self, item: Item) -> None:
        self.set_font("Times", "", 11)
        widths = tuple(max(len(row[index]) for row in item.rows) + 4 for index in range(len(item.rows[0])))
        with self.table(item.rows, line_height=6.2, text_align="LEFT", width=int(self.epw), col_widths=widths):
            pass
        self.ln(5)

    def two_columns(self, items: list[Item]) -> None:
        """All lines first, then half of them in each column; the stream holds the left column before the right."""
        width = (self.epw - self.GUTTER) / 2
        lines: list[tuple[str, str, float]] = []
        for item in items:
            font, size = ("Helvetica", 13.5) if item.kind == "heading" else ("Times", 12.5)
            self.set_font(font, "B" if item.kind == "heading" else "", size)
            text = item.text if item.kind == "heading" else divided(item.text)
            set_lines = self.multi_cell(width, self.LINE, text, align="L", dry_run=True, output=MethodReturnValue.LINES)
            lines += [(font, line, size) for line in set_lines] + [("", "", 0)]
        top, half = self.get_y(), (len(lines) + 1) // 2
        for column, part in enumerate((lines[:half], lines[half:])):
            self.set_y(top)
            for font, line, size in part:
                if font:
                    self.set_font(font, "B" if font == "Helvetica" else "", size)
                    self.set_x(self.MARGIN + column * (width + self.GUTTER))
                    self.cell(width, self.LINE, line)
                self.ln(self.LINE if font else 3.5)
        self.add_page()


def styled(text: str) -> str:
    return divided(re.sub(r"\*(.+?)\*", r"__\1__", text))


def divided(text: str) -> str:
    for word in BREAKS:
        text = re.sub(rf"\b{word.replace('-', '')}\b", word.replace("-", SOFT_HYPHEN), text)
    return text


def make_pdf(items: list[Item]) -> bytes:
    pdf = Lecture()
    pdf.add_page()
    for index, item in enumerate(items):
        if index + 1 < len(items) and items[index + 1].kind == "columns":
            pdf.add_page()
        pdf.place(item)
    return bytes(pdf.output())


def make_docx(items: list[Item]) -> bytes:
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = "Vaccination: Its History and Its Science", AUTHOR
    properties.created = properties.modified = MADE_AT.replace(tzinfo=None)
    document.sections[0].header.paragraphs[0].text = RUNNING_TITLE
    _page_number(document.sections[0].footer.paragraphs[0])
    for item in items:
        for part in item.items or [item]:
            _add(document, part)
    buffer = io.BytesIO()
    document.save(buffer)
    return _without_times(buffer.getvalue())


def _add(document: docx.document.Document, item: Item) -> None:
    match item.kind:
        case "heading":
            document.add_heading(item.text, item.level)
        case "table":
            table = document.add_table(len(item.rows), len(item.rows[0]), style="Table Grid")
            for row, cells in zip(table.rows, item.rows, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        case "bullet":
            document.add_paragraph(item.text, style="List Bullet")
        case "number":
            document.add_paragraph(item.text.split(" ", 1)[1], style="List Number")
        case _:
            paragraph = document.add_paragraph()
            for index, run in enumerate(item.text.split("*")):
                paragraph.add_run(run).italic = index % 2 == 1


def _page_number(paragraph: docx.text.paragraph.Paragraph) -> None:
    paragraph.add_run("Page ")
    run = paragraph.add_run()
    for kind, instruction in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        else:
            element = OxmlElement("w:instrText")
            element.text = instruction
        run._r.append(element)


def _without_times(archive: bytes) -> bytes:
    """The same archive with one fixed time in every entry: else each run would give other bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            fixed = zipfile.ZipInfo(entry.filename, (2026, 11, 1, 0, 0, 0))
            fixed.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(fixed, old.read(entry))
    return buffer.getvalue()


def main() -> None:
    items = list(parse((HERE / "sample_lecture.md").read_text(encoding="utf-8")))
    (HERE / "sample_lecture.pdf").write_bytes(make_pdf(items))
    (HERE / "sample_lecture.docx").write_bytes(make_docx(items))


if __name__ == "__main__":
    main()
