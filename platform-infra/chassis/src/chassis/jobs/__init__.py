"""Slow work outside any transaction: kinds of jobs and the runner that claims them with leases."""

from chassis.jobs.kind import JobKind
from chassis.jobs.runner import JobRunner
from chassis.postgres.jobs import Job, JobQueue, LostLease

__all__ = ["Job", "JobKind", "JobQueue", "JobRunner", "LostLease"]
