"""The teardown of the database: was it shut down cleanly? Exit code 1 and one clear line when it was not."""

import os
import re
import subprocess
import sys

from shop.log import paint
from shop.settings import CLUSTER
from tools.postgres import binary


def cluster_state() -> str:
    """Return what PostgreSQL wrote down about its cluster, such as `shut down` or `in production`."""
    told = subprocess.run(
        [binary("pg_controldata"), CLUSTER],
        env={**os.environ, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"^Database cluster state:\s*(.+)$", told.stdout, re.MULTILINE)
    return found[1] if found else f"unknown: {told.stderr.strip()}"


def main() -> int:
    """Print the verdict and return the exit code."""
    if not CLUSTER.exists():
        print(f"nothing to check: there is no cluster in {CLUSTER}")
        return 0
    state = cluster_state()
    if state == "shut down":
        print(f"{paint('clean', '32')}: the database was shut down, all data is on disk")
        return 0
    print(f"{paint('not clean', '1;31')}: the database is marked `{state}`; it will recover at its next start")
    return 1


if __name__ == "__main__":
    sys.exit(main())
