"""The HTTP application over a scene, and clients that speak to it in this process."""

from functools import partial

from chassis.postgres import Wakeups
from chassis.service import build_app
from chassis.settings import AuthSettings
from chassis.testing import services
from fastapi import FastAPI

from document_reader_service.adapters.readers import SUPPORTED, detect_media_type
from document_reader_service.api.dependencies import Service
from document_reader_service.bootstrap import NAME, api_of
from document_reader_service.settings import DocumentsSettings, Settings
from support.scene import Scene

READ_AND_WRITE = ("documents:read", "documents:write")

client_for = partial(services.client_for, scopes=READ_AND_WRITE)


def app_over(scene: Scene, auth: AuthSettings, documents: DocumentsSettings | None = None) -> FastAPI:
    documents = documents or DocumentsSettings()
    service = Service(
        uow_factory=scene.unit_of_work,
        reads=scene.reads,
        storage=scene.storage,
        wakeups=Wakeups.silent(),
        settings=documents,
        media_type_of=detect_media_type,
        supported=SUPPORTED,
    )
    settings = services.settings_of(Settings, auth, documents=documents)
    return build_app(NAME, settings, api_of(service), {"storage": scene.storage.check})
