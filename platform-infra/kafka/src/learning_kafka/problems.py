"""What ends a command: one line that says what is wrong and what to do."""


class CannotContinue(Exception):
    """The cluster, or what was found on it, does not allow this. Exit code 1."""


class WrongUsage(Exception):
    """The command line or the environment is wrong. Exit code 2."""
