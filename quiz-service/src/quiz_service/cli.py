"""The command line: the roles every service has, and what an operator may order of this one."""

import argparse

from chassis.cli import Command, main
from chassis.operations import chosen, forget_replies, one_or_many, one_owner

from quiz_service import operations
from quiz_service.bootstrap import NAME, build, open_resources
from quiz_service.settings import Settings


async def rebuild(settings: Settings, _: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        quizzes = await operations.rebuild(resources.uow_factory, resources.reads)
    print(f"{quizzes} quizzes shown anew")


async def republish(settings: Settings, options: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        quizzes = chosen(options, resources.reads.quiz_ids)
        events = await operations.republish(resources.uow_factory, quizzes)
    print(f"{events} events queued for the relay")


async def erase(settings: Settings, options: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        quizzes = await operations.erase_owner(resources.uow_factory, resources.reads, options.owner)
        await forget_replies(resources.pool, options.owner)
    print(f"{quizzes} quizzes deleted; a worker removes their objects")


COMMANDS = {
    "rebuild": Command("write the read tables anew", rebuild),
    "republish": Command("send the outcome of quizzes again", republish, one_or_many("quiz")),
    "erase": Command("delete everything of one owner", erase, one_owner),
}


def run() -> int:
    return main(NAME, Settings, build, COMMANDS)
