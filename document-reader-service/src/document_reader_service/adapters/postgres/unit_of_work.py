"""The chassis' unit of work with this service's repositories."""

from chassis.postgres import Connection, UnitOfWork

from document_reader_service.adapters.postgres.documents import PostgresDocuments
from document_reader_service.adapters.postgres.material import PostgresNotes, PostgresTexts


class PostgresUnitOfWork(UnitOfWork):
    documents: PostgresDocuments
    texts: PostgresTexts
    notes: PostgresNotes

    def bind(self, connection: Connection) -> None:
        super().bind(connection)
        self.documents = PostgresDocuments(connection)
        self.texts = PostgresTexts(connection)
        self.notes = PostgresNotes(connection)
