"""Readers of files: what kind a file is, and its text as ordered blocks. Pure functions, fit for a process pool."""

from document_reader_service.adapters.readers import detection
from document_reader_service.adapters.readers.detection import SUPPORTED, detect_media_type
from document_reader_service.domain.text import DocumentText

__all__ = ["SUPPORTED", "detect_media_type", "read_document"]


def read_document(path: str, media_type: str, max_pages: int, max_characters: int) -> DocumentText:
    """The text of the file. `max_pages` holds where the format has pages (PDF).

    Raises EncryptedDocument, DamagedDocument, NoText, DocumentTooLarge; ValueError for a type not in SUPPORTED.
    """
    # Each reader is imported when it is needed: a pool's worker holds the libraries of what it reads only.
    match media_type:
        case detection.PDF:
            from document_reader_service.adapters.readers.pdf import read_pdf

            return read_pdf(path, max_pages, max_characters)
        case detection.DOCX:
            from document_reader_service.adapters.readers.docx import read_docx

            return read_docx(path, max_characters)
        case detection.MARKDOWN:
            from document_reader_service.adapters.readers.markdown import read_markdown

            return read_markdown(path, max_characters)
        case detection.HTML:
            from document_reader_service.adapters.readers.html import read_html

            return read_html(path, max_characters)
        case detection.PLAIN:
            from document_reader_service.adapters.readers.plain_text import read_plain_text

            return read_plain_text(path, max_characters)
    raise ValueError(f"no reader for {media_type}")
