"""
The program `vernissage`: finds the command and hands over.

Nothing heavy is imported before the command is known, so that `vernissage cid` starts at once.
Each command is a module here with `main(arguments) -> exit code`: 0 done, 1 what was asked is
false, 2 bad input, 3 something needed did not answer.
"""

import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS: dict[str, str] = {
    "up": "run the whole exchange on this machine",
    "doctor": "check everything and say what to do",
    "mint": "mint a file from the command line",
    "import": "take a sheet and its folder, and mint what it names",
    "certificates": "issue, audit, revoke, rotate the issuer's key, anchor",
    "countersign": "sign a certificate as a gallery, with a key of its domain",
    "standing": "mark works and decide claims, as the issuer",
    "verify": "check a certificate, an extract or a bundle",
    "cid": "print the root CID of a file or directory",
    "car": "write a file or directory as a CAR",
    "web": "serve pages and API",
    "index": "mirror the chain: run, rebuild, audit, digest, bench",
    "media": "work on pins and variants: worker, audit",
    "db": "upgrade the database",
    "contracts": "place our contracts on a chain, or compare what stands there",
    "demo": "hang the demo exhibition",
}

MODULES = {"import": "importing"}
"""Where a command's name cannot be its module's."""

WRONG_INPUT = 2
NO_ANSWER = 3


def usage() -> str:
    """What `vernissage --help` prints."""
    lines = [f"  {name:<12} {what}" for name, what in COMMANDS.items()]
    return "\n".join(
        [
            "usage: vernissage COMMAND …",
            "",
            "An exchange for art whose papers anyone can check.",
            "",
            *lines,
            "",
            "`vernissage COMMAND --help` says more about one. Every command takes --json.",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] in ("-h", "--help", "help"):
        sys.stdout.write(usage() + "\n")
        return 0 if given else WRONG_INPUT
    if given[0] == "--version":
        from importlib.metadata import version

        sys.stdout.write(f"vernissage {version('vernissage')}\n")
        return 0
    name, *rest = given
    if name not in COMMANDS:
        sys.stderr.write(f"vernissage: there is no command {name!r}\n\n{usage()}\n")
        return WRONG_INPUT
    try:
        return int(import_module(f"api.cli.{MODULES.get(name, name)}").main(rest))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()  # Whoever read our output has gone, as `head` does.
        return 0
    except Exception as error:
        return explain(name, error)


def explain(command: str, error: Exception) -> int:
    """Say a known error in one sentence; our own bugs keep their traceback."""
    from api.local.errors import CannotStart
    from nft.errors import ExchangeError, Unreachable

    if isinstance(error, CannotStart):
        code = error.exit_code
    elif isinstance(error, ExchangeError):
        code = NO_ANSWER if isinstance(error, Unreachable) else WRONG_INPUT
    elif "api.settings" in sys.modules and isinstance(
        error, sys.modules["api.settings"].SettingsRefused
    ):
        code = WRONG_INPUT
    else:
        raise error
    sys.stderr.write(f"vernissage {command}: {error}\n")
    return code
