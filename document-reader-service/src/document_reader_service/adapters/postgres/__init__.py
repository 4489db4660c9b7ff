"""The service's tables: streams of documents, their read model, texts and notes."""

from document_reader_service.adapters.postgres.read_model import PostgresReadModel
from document_reader_service.adapters.postgres.unit_of_work import PostgresUnitOfWork

__all__ = ["PostgresReadModel", "PostgresUnitOfWork"]
