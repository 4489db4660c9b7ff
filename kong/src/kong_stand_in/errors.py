"""What can be wrong with a configuration file, said in lines a person can act on."""

from collections.abc import Sequence


class ConfigError(Exception):
    """The file cannot be run. `problems` has one line for each thing to repair."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)
