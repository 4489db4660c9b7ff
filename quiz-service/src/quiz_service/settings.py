"""This service's own settings, on top of the groups every service has."""

from chassis.settings import ServiceSettings, SettingsGroup
from pydantic import Field
from pydantic_settings import SettingsConfigDict

MIB = 1024 * 1024


class QuizSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="QUIZ_")

    document_wait_seconds: float = Field(
        120.0, gt=0, description="How long a quiz waits to hear of its document at all"
    )
    reading_wait_seconds: float = Field(
        86_400.0, gt=0, description="How long a quiz waits for a document to be read and its notes to be made"
    )
    generation_timeout_seconds: float = Field(60.0, gt=0, description="Time to make the questions of one quiz")
    engine_workers: int = Field(1, ge=1, description="Processes that make questions")
    engine_memory_bytes: int = Field(512 * MIB, ge=128 * MIB, description="Most memory of one such process")
    orphan_age_seconds: float = Field(3600.0, gt=0, description="Age at which an object without a quiz is removed")
    sweep_interval_seconds: float = Field(300.0, gt=0, description="Time between two sweeps")


class Settings(ServiceSettings):
    quiz: QuizSettings
