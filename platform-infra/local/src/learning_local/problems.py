"""What stops a command: each is one line that says what is wrong and what to do."""


class CannotContinue(Exception):
    """Ends the command with this one line on standard error and exit code 1."""


class NotReady(Exception):
    """A part does not answer yet; the message says what was tried."""
