"""What the run of a job needs of its unit of work, beside what `chassis.ports` has for everybody."""

from typing import Protocol

from chassis import ports
from chassis.postgres.jobs import Job


class RunningJobs(ports.JobQueue, Protocol):
    async def finish(self, job: Job) -> None:
        """Complete the job with the effects of this transaction. Raises LostLease: then nothing may be committed."""
        ...


class FinishesJobs(ports.UnitOfWork, Protocol):
    """A unit of work whose jobs can be finished; a service joins it to its own."""

    @property
    def jobs(self) -> RunningJobs: ...
