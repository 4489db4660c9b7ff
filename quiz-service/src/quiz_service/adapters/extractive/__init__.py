"""The embedded question engine: no model, only what the text states."""

from quiz_service.adapters.extractive.engine import generate_questions

__all__ = ["generate_questions"]
