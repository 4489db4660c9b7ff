"""The supervisor as one background process of a home: run, stopped, and cleared up after when it was killed."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import time

from learning_local.catalogue import all_services
from learning_local.files import write_text
from learning_local.home import Home
from learning_local.problems import CannotContinue
from learning_local.processes import end
from learning_local.stack import Builder
from learning_local.state import StackState, SupervisorLock, find_leftovers, load, this_process
from learning_local.supervisor import Supervisor

STOP_SECONDS = 90.0
LEFTOVER_SECONDS = 15.0


def supervise_home(home: Home) -> int:
    """Run until SIGTERM. Returns 1 at once when another supervisor already keeps this home."""
    lock = SupervisorLock(home)
    if not lock.take():
        print("Another supervisor is running.", file=sys.stderr)
        return 1
    end_leftovers(home)
    stack = Builder(home, os.environ, all_services()).build()

    def publish() -> None:
        StackState(this_process(), stack.gateway_url, supervisor.states).save(home)

    supervisor = Supervisor(stack.parts, home.logs, publish)
    write_text(home.supervisor_pid_file, f"{os.getpid()}\n")
    publish()
    asyncio.run(run_until_signal(supervisor))
    publish()
    home.supervisor_pid_file.unlink(missing_ok=True)
    return 0


async def run_until_signal(supervisor: Supervisor) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await supervisor.run(stop)


def end_leftovers(home: Home) -> None:
    """Processes of a supervisor that was killed: they hold ports and data directories."""
    state = load(home)
    leftovers = find_leftovers(state.parts) if state else []
    found = [(part.identity.find(), signal.Signals(part.stop_signal)) for part in leftovers if part.identity]
    end(((process, number) for process, number in found if process), LEFTOVER_SECONDS)


def take_down(home: Home) -> None:
    """Stop everything and wait for it. Says so when there was nothing to stop."""
    lock, state = SupervisorLock(home), load(home)
    process = state.supervisor.find() if state else None
    if not lock.is_held() or process is None:
        end_leftovers(home)
        print("Nothing is running.", file=sys.stderr)
        return
    print("Stopping …", file=sys.stderr)
    process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while lock.is_held():
        if time.monotonic() > deadline:
            process.kill()
            end_leftovers(home)
            break
        time.sleep(0.1)
    print("Everything is stopped; the data is kept.", file=sys.stderr)


def wipe(home: Home) -> None:
    """Stop everything and delete the home, and what lies outside it because PostgreSQL's user could not enter."""
    if not home.root.exists():
        print("There is nothing to delete.", file=sys.stderr)
        return
    if not home.is_ours():
        raise CannotContinue(f"{home.root} was not made by this command: delete it yourself if you mean it.")
    take_down(home)
    outside = home.root / "postgres"
    if outside.is_symlink():
        shutil.rmtree(outside.resolve(), ignore_errors=True)
    shutil.rmtree(home.root)
    print(f"{home.root} is deleted.", file=sys.stderr)
