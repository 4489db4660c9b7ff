"""The command line: the roles every service has, and what an operator may order of this one."""

import argparse

from chassis.cli import Command, main

from quiz_service import operations
from quiz_service.bootstrap import NAME, build, open_resources
from quiz_service.settings import Settings


async def rebuild(settings: Settings, _: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        quizzes = await operations.rebuild(resources.uow_factory, resources.reads)
    print(f"{quizzes} quizzes shown anew")


async def republish(settings: Settings, options: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        quizzes = operations.only(options.quiz) if options.quiz else resources.reads.quiz_ids(options.owner)
        events = await operations.republish(resources.uow_factory, quizzes)
    print(f"{events} events queued for the relay")


async def erase(settings: Settings, options: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        quizzes = await operations.erase_owner(resources.uow_factory, resources.reads, options.owner)
    print(f"{quizzes} quizzes deleted; a worker removes their objects")


def republish_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--quiz", type=operations.quiz_id, metavar="ID", help="one quiz")
    which.add_argument("--owner", type=operations.owner_id, metavar="ID", help="all quizzes of one owner")
    which.add_argument("--all", action="store_true", help="every quiz")


def erase_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--owner", type=operations.owner_id, metavar="ID", required=True, help="32 hex digits")


COMMANDS = {
    "rebuild": Command("write the read tables anew", rebuild),
    "republish": Command("send the outcome of quizzes again", republish, republish_arguments),
    "erase": Command("delete everything of one owner", erase, erase_arguments),
}


def run() -> int:
    return main(NAME, Settings, build, COMMANDS)
