"""Rows in PostgreSQL: plain SQL, one module per port."""

from quiz_service.adapters.postgres.read_model import PostgresReadModel
from quiz_service.adapters.postgres.unit_of_work import PostgresUnitOfWork

__all__ = ["PostgresReadModel", "PostgresUnitOfWork"]
