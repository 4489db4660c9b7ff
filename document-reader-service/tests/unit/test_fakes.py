"""The fakes pass the suite that PostgreSQL passes, so a test on fakes means something."""

import pytest
from support.fakes import DocumentsDatabase, DocumentsUnitOfWork, FakeReadModel
from support.suites import Factory, StorageSuite


class TestFakes(StorageSuite):
    @pytest.fixture
    def database(self) -> DocumentsDatabase:
        return DocumentsDatabase()

    @pytest.fixture
    def uow_factory(self, database: DocumentsDatabase) -> Factory:
        return lambda: DocumentsUnitOfWork(database)

    @pytest.fixture
    def reads(self, database: DocumentsDatabase) -> FakeReadModel:
        return FakeReadModel(database)
