"""The command line: the roles every service has, and what an operator may order of this one."""

import argparse

from chassis.cli import Command, main

from document_reader_service import operations
from document_reader_service.bootstrap import NAME, build, open_resources
from document_reader_service.settings import Settings


async def rebuild(settings: Settings, _: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        streams = await operations.rebuild(resources.uow_factory, resources.reads)
    print(f"{streams} streams replayed")


async def republish(settings: Settings, options: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        if options.document:
            documents = operations.only(options.document)
        else:
            documents = resources.reads.document_ids(options.owner)
        events = await operations.republish(resources.uow_factory, documents)
    print(f"{events} events queued for the relay")


async def erase(settings: Settings, options: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        documents = await operations.erase_owner(resources.uow_factory, resources.reads, options.owner)
    print(f"{documents} documents deleted; a worker removes their objects")


def republish_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--document", type=operations.document_id, metavar="ID", help="one document")
    which.add_argument("--owner", type=operations.owner_id, metavar="ID", help="all documents of one owner")
    which.add_argument("--all", action="store_true", help="every document")


def erase_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--owner", type=operations.owner_id, metavar="ID", required=True, help="32 hex digits")


COMMANDS = {
    "rebuild": Command("replay the streams into the read model", rebuild),
    "republish": Command("send texts and notes again", republish, republish_arguments),
    "erase": Command("delete everything of one owner", erase, erase_arguments),
}


def run() -> int:
    return main(NAME, Settings, build, COMMANDS)
