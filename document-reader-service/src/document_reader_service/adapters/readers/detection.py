"""What kind of file this is, told from its first bytes; the name decides only between kinds of text."""

import re
from pathlib import PurePath

from document_reader_service.adapters.readers.plain_text import decode, utf16_without_mark

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PLAIN = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
SUPPORTED: dict[str, str] = {PDF: "PDF", DOCX: "Word (DOCX)", PLAIN: "plain text", MARKDOWN: "Markdown", HTML: "HTML"}
"""Media type → how a person calls it."""

_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"BM", "image/bmp"),
    (b"{\\rtf", "application/rtf"),
    (b"%!PS", "application/postscript"),
    (b"Rar!", "application/vnd.rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"\x1f\x8b", "application/gzip"),
    (b"ID3", "audio/mpeg"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"\x7fELF", "application/x-executable"),
)
_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")
_PDF_HEADER_WITHIN = 1024  # readers accept junk before the header up to here (ISO 32000-1, annex H)
_TEXT_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_CONTROLS = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_HTML_START = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_HTML_TAGS = re.compile(r"<(?:p|div|h[1-6]|table|ul|ol|a|br|span|body)\b[^>]*>", re.IGNORECASE)
_ATX_HEADING = re.compile(r"^#{1,6} \S.*\n\s*$", re.MULTILINE)
_OTHER_MARKDOWN = re.compile(r"^```|\]\(\S+\)|^\|(?:\s*:?-+:?\s*\|)+\s*$|\*\*\S[^*\n]*\*\*", re.MULTILINE)


def detect_media_type(first_bytes: bytes, filename: str) -> str | None:
    """Media type of a file by its first 4 KiB or more, also of kinds we do not read; None for unknown bytes."""
    suffix = PurePath(filename).suffix.lower()
    if b"%PDF-" in first_bytes[:_PDF_HEADER_WITHIN]:
        return PDF
    if first_bytes.startswith(_ZIP):
        return _zip_type(first_bytes, suffix)
    if first_bytes.startswith(_OLE):
        # Office wraps an encrypted DOCX so: the reader says that it is encrypted.
        return DOCX if suffix == ".docx" else "application/msword"
    if first_bytes[:4] == b"RIFF":
        return "image/webp" if first_bytes[8:12] == b"WEBP" else "audio/wav"
    if first_bytes[4:8] == b"ftyp":
        return "video/mp4"
    for signature, media_type in _SIGNATURES:
        if first_bytes.startswith(signature):
            return media_type
    if not _looks_like_text(first_bytes):
        return None
    return _text_type(decode(first_bytes[:65_536]), suffix)


def _zip_type(first_bytes: bytes, suffix: str) -> str:
    if b"word/" in first_bytes:
        return DOCX
    if b"ppt/" in first_bytes:
        return "application/vnd.openxmlformats-officedocument.presentationml.presentation"
    if b"xl/" in first_bytes:
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    if b"mimetypeapplication/epub+zip" in first_bytes:
        return "application/epub+zip"
    # The parts' names may come after the bytes at hand.
    return DOCX if suffix == ".docx" and b"[Content_Types].xml" in first_bytes else "application/zip"


def _looks_like_text(first_bytes: bytes) -> bool:
    if first_bytes.startswith(_TEXT_BOMS) or utf16_without_mark(first_bytes) is not None:
        return True
    return bool(first_bytes) and len(_CONTROLS.findall(first_bytes)) <= len(first_bytes) // 100


def _text_type(text: str, suffix: str) -> str:
    if _HTML_START.match(text) or (suffix in (".html", ".htm", ".xhtml") and _HTML_TAGS.search(text)):
        return HTML
    start = text.lstrip()[:500].lower()
    if start.startswith("<svg") or (start.startswith("<?xml") and "<svg" in start):
        return "image/svg+xml"
    if start.startswith("<?xml"):
        return "application/xml"
    if suffix in (".md", ".markdown", ".mdown"):
        return MARKDOWN
    headings = len(_ATX_HEADING.findall(text))
    return MARKDOWN if headings >= 2 or (headings and _OTHER_MARKDOWN.search(text)) else PLAIN
