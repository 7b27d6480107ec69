"""
Becoming a child of the supervisor: sign the record, bind to the parent, then exec.

Run as a program (`python -I -S launch.py PLAN COMMAND…`), never imported, and made of the
standard library alone, so that it costs ten milliseconds. The child writes its own pid record
*before* it turns into the server: a supervisor that is killed between fork and bookkeeping
leaves no process that nobody knows of. The kernel is asked to end the child when its parent
dies; the record serves for whatever survives that.
"""

import ctypes
import json
import os
import signal
import sys

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
NOBODY = 65534

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> None:
    """Raise when a call to the C library failed."""
    if result != 0:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")


def start_ticks(pid: int) -> int:
    """When the process began, in clock ticks since boot: with the pid it names one process."""
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
        return int(stat.read().rpartition(")")[2].split()[19])


def boot_id() -> str:
    """Which run of the kernel the ticks belong to."""
    with open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()


def write_record(path: str, name: str) -> None:
    """Leave pid and start time where the next supervisor looks."""
    record = {"name": name, "pid": os.getpid(), "started": start_ticks(os.getpid())}
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump({**record, "boot": boot_id()}, file)
    os.replace(f"{path}.new", path)


def enter_namespace() -> None:
    """Be user 1000 in a namespace of our own: the same owner on disk, but no longer root."""
    uid, gid = os.getuid(), os.getgid()
    checked(libc.unshare(CLONE_NEWUSER), "unshare")
    for name, line in (
        ("setgroups", "deny"),
        ("uid_map", f"1000 {uid} 1"),
        ("gid_map", f"1000 {gid} 1"),
    ):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(line)


def become_nobody() -> None:
    """
    Be `nobody`, keeping only the right to pass folders that are closed to others.

    Containers often forbid user namespaces, and their data usually lies below /root. The one
    capability makes that work without changing the permissions of a folder that is not ours.
    """
    checked(libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "prctl")
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    mask = 1 << CAP_DAC_OVERRIDE
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    sets = (ctypes.c_uint32 * 6)(mask, mask, mask, 0, 0, 0)
    checked(libc.capset(header, sets), "capset")
    raised = libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0)
    checked(raised, "prctl")


def main() -> None:
    """Carry out the plan in the first argument and exec the rest."""
    plan = json.loads(sys.argv[1])
    if plan["record"]:
        write_record(plan["record"], plan["name"])
    if plan["user"] == "namespace":
        enter_namespace()
    elif plan["user"] == "nobody":
        become_nobody()
    checked(libc.prctl(PR_SET_PDEATHSIG, plan["death_signal"], 0, 0, 0), "prctl")
    if os.getppid() != plan["parent"]:
        sys.exit("the supervisor went away")
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        sys.exit(f"{' '.join(sys.argv[2:3])}: {error}")
