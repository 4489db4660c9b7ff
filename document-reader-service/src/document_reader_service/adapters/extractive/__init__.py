"""Notes without a model: the document's own sentences, ranked, chosen and cited."""

from document_reader_service.adapters.extractive.engine import ENGINE, make_notes

__all__ = ["ENGINE", "make_notes"]
