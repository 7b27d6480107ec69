"""
Why the local stack cannot start, each as one sentence for the person at the keyboard.

* CannotStart          something needed did not answer: exit code 3
  + WrongInput         what was asked for cannot be given: exit code 2
"""

EXIT_WRONG_INPUT = 2
EXIT_NO_ANSWER = 3


class CannotStart(Exception):
    """Something that the stack needs is missing, full or does not answer."""

    exit_code = EXIT_NO_ANSWER


class WrongInput(CannotStart):
    """The folder or port named cannot be used."""

    exit_code = EXIT_WRONG_INPUT


class Interrupted(BaseException):
    """Ctrl-C or SIGTERM came while we waited; not an error, so outside `Exception`."""
