"""The service on fakes: committed rows in memory, the real engines in this process."""

import pytest
from chassis.testing.storage import FakeObjectStorage
from support.fakes import DocumentsDatabase, FakeReadModel, InlineEngines
from support.scene import Scene


@pytest.fixture
def scene() -> Scene:
    database = DocumentsDatabase()
    return Scene(database, FakeReadModel(database), FakeObjectStorage(), InlineEngines())
