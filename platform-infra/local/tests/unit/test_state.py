import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from learning_local.home import Home
from learning_local.logs import Reader, keep_bounded
from learning_local.problems import CannotContinue
from learning_local.processes import ProcessIdentity
from learning_local.state import PartState, StackState, State, SupervisorLock, find_leftovers, load, this_process
from learning_local.status import as_json, as_table, parts_of


def test_the_state_comes_back_as_it_was_written(home: Home) -> None:
    part = PartState("kafka", "127.0.0.1:9092", State.READY, pid=1, started_at=1.5, ready_after_seconds=2.0)
    state = StackState(this_process(), "http://127.0.0.1:8000", [part])
    state.save(home)
    assert load(home) == state


def test_a_state_nobody_can_read_counts_as_none(home: Home) -> None:
    home.state_file.write_text('{"parts": [{"nme": "kafka"}]}')
    assert load(home) is None
    home.state_file.write_text("{")
    assert load(home) is None


def test_a_number_given_to_another_process_is_not_taken_for_the_first() -> None:
    me = this_process()
    assert me.find() is not None
    assert ProcessIdentity(me.pid, me.started_at - 60).find() is None


def test_a_process_that_outlived_its_supervisor_is_found_and_a_dead_one_is_not() -> None:
    alive = PartState("alive", "", pid=os.getpid(), started_at=this_process().started_at)
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        identity = ProcessIdentity.of(process.pid)
        process.wait()
    dead = PartState("dead", "", pid=process.pid, started_at=identity.started_at if identity else time.time())
    assert find_leftovers([alive, dead, PartState("never started", "")]) == [alive]


def test_one_home_has_one_supervisor(home: Home) -> None:
    lock = SupervisorLock(home)
    assert not lock.is_held()
    assert lock.take()
    assert SupervisorLock(home).is_held()
    assert not SupervisorLock(home).take()
    lock.release()
    assert not lock.is_held()


def test_status_of_a_home_that_never_ran_is_empty_and_says_so(home: Home) -> None:
    assert json.loads(as_json(parts_of(home))) == []
    assert "make -C platform-infra up" in as_table(parts_of(home))


def test_status_has_a_row_per_part_with_exactly_the_promised_fields(home: Home) -> None:
    lock = SupervisorLock(home)
    assert lock.take()
    me = this_process()
    parts = [
        PartState("redis", "127.0.0.1:1", State.READY, pid=me.pid, started_at=me.started_at),
        PartState("kafka", "broker:9092", State.READY, external=True),
    ]
    StackState(me, "http://127.0.0.1:8000", parts).save(home)
    redis, kafka, supervisor = json.loads(as_json(parts_of(home)))
    lock.release()
    assert redis.keys() == {"name", "state", "pid", "address", "rss_bytes"}
    assert (redis["state"], redis["pid"], kafka["state"], kafka["pid"]) == ("ready", me.pid, "external", None)
    assert redis["rss_bytes"] > 1_000_000
    assert supervisor["name"] == "supervisor"


def test_after_a_power_cut_status_says_stopped_and_not_what_was_written_last(home: Home) -> None:
    gone = ProcessIdentity(2**22 + 1, 1.0)
    StackState(gone, "", [PartState("redis", "", State.READY, pid=gone.pid, started_at=1.0)]).save(home)
    assert {row.state for row in parts_of(home)} == {"stopped"}


def test_a_directory_with_other_things_in_it_is_never_taken_for_a_home(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(CannotContinue, match="LEARNING_HOME"):
        Home(tmp_path, tmp_path / "cache").make()
    assert not Home(tmp_path, tmp_path / "cache").is_ours()


def test_a_log_that_has_grown_is_emptied_and_its_writer_goes_on(home: Home) -> None:
    log = home.logs / "redis.log"
    with log.open("ab", buffering=0) as writer:
        writer.write(b"old line\n" * 100)
        keep_bounded(home.logs, largest_bytes=500)
        writer.write(b"new line\n")
    assert log.read_text() == "new line\n"
    assert log.with_suffix(".log.1").read_text().count("old line") == 100


def test_a_reader_of_a_log_sees_what_comes_after_it_was_emptied(home: Home) -> None:
    log = home.logs / "redis.log"
    log.write_text("one\ntwo\nhalf a li")
    reader = Reader(log, "redis | ")
    assert list(reader.tail(1)) == ["redis | two"]
    with log.open("a") as writer:
        writer.write("ne\n")
    assert list(reader.new()) == ["redis | half a line"]
    log.write_text("again\n")
    assert list(reader.new()) == ["redis | again"]
