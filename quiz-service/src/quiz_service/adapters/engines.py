"""Question making in the process pool; what the pool complains of becomes a reason a person understands."""

from chassis.process_pool import EngineMemoryExceeded, EnginePool, EngineTimeout

from quiz_service.adapters.extractive import generate_questions
from quiz_service.domain.errors import GenerationFailed
from quiz_service.domain.material import Material
from quiz_service.domain.quiz import GeneratedQuiz, QuestionPlan
from quiz_service.settings import QuizSettings


class PooledQuestionGenerator:
    """The port `QuestionGenerator` on the embedded engine; a crash passes through, so that the job tries again."""

    def __init__(self, pool: EnginePool, settings: QuizSettings) -> None:
        self._pool = pool
        self._settings = settings

    async def generate(self, material: Material, plan: QuestionPlan) -> GeneratedQuiz:
        timeout_seconds = self._settings.generation_timeout_seconds
        try:
            return await self._pool.run(generate_questions, material, plan, timeout_seconds=timeout_seconds)
        except EngineTimeout as error:
            raise GenerationFailed(f"It took longer than {timeout_seconds:g} seconds.") from error
        except EngineMemoryExceeded as error:
            mebibytes = self._settings.engine_memory_bytes // 2**20
            raise GenerationFailed(f"It needs more than {mebibytes} MiB of memory.") from error
