"""The chassis' unit of work with this service's repositories."""

from chassis.postgres import Connection, UnitOfWork

from quiz_service.adapters.postgres.documents import PostgresDocuments
from quiz_service.adapters.postgres.quizzes import PostgresQuizzes
from quiz_service.adapters.postgres.views import PostgresViews


class PostgresUnitOfWork(UnitOfWork):
    quizzes: PostgresQuizzes
    views: PostgresViews
    documents: PostgresDocuments

    def bind(self, connection: Connection) -> None:
        super().bind(connection)
        self.quizzes = PostgresQuizzes(connection)
        self.views = PostgresViews(connection)
        self.documents = PostgresDocuments(connection)
