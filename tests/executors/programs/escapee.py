"""escapee.py KIND TOKEN: processes that try to get away. TOKEN is in argv, so survivors are found whatever they do."""

import os
import signal
import subprocess
import sys
import time

KIND, TOKEN = sys.argv[1], sys.argv[2]
AGAIN = [sys.executable, "-I", "-S", __file__]


def forever() -> None:
    while True:
        time.sleep(60)


def ignore(*numbers: signal.Signals) -> None:
    for number in numbers:
        signal.signal(number, signal.SIG_IGN)


def daemonize() -> bool:
    """Fork twice into a new session; True in the daemon."""
    if os.fork():
        return False
    os.setsid()
    if os.fork():
        os._exit(0)
    null = os.open("/dev/null", os.O_RDWR)
    for target in range(3):
        os.dup2(null, target)
    return True


def main() -> None:
    match KIND:
        case "stubborn":
            ignore(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        case "daemon":  # the launcher stays
            if daemonize():
                ignore(signal.SIGTERM)
        case "daemon-exits":  # the launcher exits at once, as pg_ctl does
            if not daemonize():
                return
        case "daemon-clean":  # and forgets its environment
            if not daemonize():
                return
            os.execve(AGAIN[0], [*AGAIN, "plain", TOKEN], {})
        case "forker":  # keeps making grandchildren in new sessions
            while True:
                subprocess.Popen([*AGAIN, "brief", TOKEN], start_new_session=True)
                time.sleep(0.05)
        case "brief":
            time.sleep(1)
            return
        case "group":  # the leader dies of TERM, a member of the group does not
            subprocess.Popen(["/bin/sh", "-c", f'trap "" TERM; while :; do sleep 1; done # {TOKEN}'])
        case "leader-exits":
            subprocess.Popen([*AGAIN, "stubborn", TOKEN])
            time.sleep(0.2)
            return
        case _:
            pass
    forever()


main()
