"""This service's own settings, on top of the groups every service has."""

from chassis.settings import ServiceSettings, SettingsGroup
from pydantic import Field
from pydantic_settings import SettingsConfigDict

MIB = 1024 * 1024


class DocumentsSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="DOCUMENTS_")

    max_upload_bytes: int = Field(100 * MIB, ge=1, description="Largest file taken in")
    max_pages: int = Field(2_000, ge=1, description="Longest document read, in pages")
    max_characters: int = Field(10_000_000, ge=1, description="Longest document read, in characters")
    read_timeout_seconds: float = Field(120.0, gt=0, description="Time to read one document")
    notes_timeout_seconds: float = Field(120.0, gt=0, description="Time to make the notes of one document")
    engine_workers: int = Field(2, ge=1, description="Processes that read documents and make notes")
    engine_memory_bytes: int = Field(1024 * MIB, ge=256 * MIB, description="Most memory of one such process")
    orphan_age_seconds: float = Field(3600.0, gt=0, description="Age at which an object without a document is removed")
    sweep_interval_seconds: float = Field(300.0, gt=0, description="Time between two sweeps")


class Settings(ServiceSettings):
    documents: DocumentsSettings
