"""The command line: the roles every service has, and what an operator may order of this one."""

import argparse

from chassis.cli import Command, main
from chassis.operations import chosen, forget_replies, one_or_many, one_owner

from document_reader_service import operations
from document_reader_service.bootstrap import NAME, build, open_resources
from document_reader_service.settings import Settings


async def rebuild(settings: Settings, _: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        streams = await operations.rebuild(resources.uow_factory, resources.reads)
    print(f"{streams} streams replayed")


async def republish(settings: Settings, options: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        documents = chosen(options, resources.reads.document_ids)
        events = await operations.republish(resources.uow_factory, documents)
    print(f"{events} events queued for the relay")


async def erase(settings: Settings, options: argparse.Namespace) -> None:
    async with open_resources(settings) as resources:
        documents = await operations.erase_owner(resources.uow_factory, resources.reads, options.owner)
        await forget_replies(resources.pool, options.owner)
    print(f"{documents} documents deleted; a worker removes their objects")


COMMANDS = {
    "rebuild": Command("replay the streams into the read model", rebuild),
    "republish": Command("send texts and notes again", republish, one_or_many("document")),
    "erase": Command("delete everything of one owner", erase, one_owner),
}


def run() -> int:
    return main(NAME, Settings, build, COMMANDS)
