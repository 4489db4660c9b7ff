"""Kafka itself reads the configuration of the places where no test can start it."""

import subprocess
from pathlib import Path

import pytest

from learning_kafka.broker_config import config_folder, render_place
from learning_kafka.cluster.jvm import TOOL_MEMORY, Jvm

ANY_ID = "AAAAAAAAAAAAAAAAAAAAAQ"
SETTINGS = {
    "compose": {},
    "kubernetes": {"rack": "eu-central-1a"},
    "ec2": {"rack": "eu-central-1a", "domain": "kafka.internal"},
}


@pytest.fixture(scope="module")
def jvm() -> Jvm:
    return Jvm.ready()


@pytest.mark.parametrize("place", sorted(SETTINGS))
def test_kafka_formats_its_disk_by_the_configuration(place: str, tmp_path: Path, jvm: Jvm) -> None:
    data = tmp_path / "data"
    text = render_place(place, node=2, nodes=3, secured=True, settings={**SETTINGS[place], "data": str(data)})
    properties = tmp_path / "server.properties"
    properties.write_text(text)
    logging = f"-Dlog4j2.configurationFile={config_folder() / 'log4j2.xml'}"
    arguments = ("format", "--cluster-id", ANY_ID, "--config", str(properties))
    command = jvm.command(TOOL_MEMORY, logging, "kafka.tools.StorageTool", *arguments)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "node.id=2" in (data / "meta.properties").read_text()
