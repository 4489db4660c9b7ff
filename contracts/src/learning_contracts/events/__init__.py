# Generated from topics/ and schemas/ by `python -m learning_contracts.generate`; do not edit.

"""Every event of the platform, typed."""

from collections.abc import Mapping
from types import MappingProxyType

from learning_contracts.event import Event
from learning_contracts.events.audio_generation_completed import (
    AudioGenerationCompleted,
    AudioGenerationDeleted,
    AudioGenerationFailed,
)
from learning_contracts.events.audio_generation_requested import AudioGenerationRequested
from learning_contracts.events.audio_transcription_completed import (
    AudioTranscriptionCompleted,
    AudioTranscriptionDeleted,
    AudioTranscriptionFailed,
)
from learning_contracts.events.audio_transcription_requested import AudioTranscriptionRequested
from learning_contracts.events.chat_message import ChatConversationDeleted, ChatMessage
from learning_contracts.events.document_processed import DocumentDeleted, DocumentProcessed, DocumentProcessingFailed
from learning_contracts.events.document_uploaded import DocumentUploaded
from learning_contracts.events.notes_generated import NotesGenerated, NotesGenerationFailed
from learning_contracts.events.parts import (
    AudioFormat,
    Citation,
    Difficulty,
    MessageRole,
    NotesItem,
    NotesItemKind,
    QuestionType,
    Reason,
    Shortfall,
    SourceReference,
    TextBlock,
    TextBlockKind,
    TranscriptSegment,
)
from learning_contracts.events.quiz_generated import QuizDeleted, QuizGenerated, QuizGenerationFailed, QuizSubmitted
from learning_contracts.events.quiz_requested import QuizRequested

EVENT_CLASSES: Mapping[str, type[Event]] = MappingProxyType(
    {
        "audio.generation.completed.v1": AudioGenerationCompleted,
        "audio.generation.deleted.v1": AudioGenerationDeleted,
        "audio.generation.failed.v1": AudioGenerationFailed,
        "audio.generation.requested.v1": AudioGenerationRequested,
        "audio.transcription.completed.v1": AudioTranscriptionCompleted,
        "audio.transcription.deleted.v1": AudioTranscriptionDeleted,
        "audio.transcription.failed.v1": AudioTranscriptionFailed,
        "audio.transcription.requested.v1": AudioTranscriptionRequested,
        "chat.conversation_deleted.v1": ChatConversationDeleted,
        "chat.message.v1": ChatMessage,
        "document.deleted.v1": DocumentDeleted,
        "document.processed.v1": DocumentProcessed,
        "document.processing_failed.v1": DocumentProcessingFailed,
        "document.uploaded.v1": DocumentUploaded,
        "notes.generated.v1": NotesGenerated,
        "notes.generation_failed.v1": NotesGenerationFailed,
        "quiz.deleted.v1": QuizDeleted,
        "quiz.generated.v1": QuizGenerated,
        "quiz.generation_failed.v1": QuizGenerationFailed,
        "quiz.requested.v1": QuizRequested,
        "quiz.submitted.v1": QuizSubmitted,
    }
)

__all__ = [
    "EVENT_CLASSES",
    "AudioFormat",
    "AudioGenerationCompleted",
    "AudioGenerationDeleted",
    "AudioGenerationFailed",
    "AudioGenerationRequested",
    "AudioTranscriptionCompleted",
    "AudioTranscriptionDeleted",
    "AudioTranscriptionFailed",
    "AudioTranscriptionRequested",
    "ChatConversationDeleted",
    "ChatMessage",
    "Citation",
    "Difficulty",
    "DocumentDeleted",
    "DocumentProcessed",
    "DocumentProcessingFailed",
    "DocumentUploaded",
    "Event",
    "MessageRole",
    "NotesGenerated",
    "NotesGenerationFailed",
    "NotesItem",
    "NotesItemKind",
    "QuestionType",
    "QuizDeleted",
    "QuizGenerated",
    "QuizGenerationFailed",
    "QuizRequested",
    "QuizSubmitted",
    "Reason",
    "Shortfall",
    "SourceReference",
    "TextBlock",
    "TextBlockKind",
    "TranscriptSegment",
]
