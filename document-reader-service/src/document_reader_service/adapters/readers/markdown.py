"""Markdown to blocks by way of its HTML, which gives lists, tables and code their meaning once."""

import re

from markdown_it import MarkdownIt

from document_reader_service.adapters.readers.html import html_text
from document_reader_service.adapters.readers.plain_text import decode, read_bytes
from document_reader_service.domain.text import DocumentText

_FRONT_MATTER = re.compile(r"\A---\s*\n(?:[\w-]+\s*:.*\n|\s+.*\n|#.*\n)*?---\s*\n")


def read_markdown(path: str, max_characters: int) -> DocumentText:
    source = decode(read_bytes(path, max_characters)).replace("\r\n", "\n")
    rendered = MarkdownIt("commonmark").enable("table").render(_FRONT_MATTER.sub("", source, count=1))
    return html_text(f"<main>{rendered}</main>", max_characters)
