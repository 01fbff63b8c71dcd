"""The peers that npm offers, installed into a cache of their own the first time. Nothing here is needed to run."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

import msgspec

VERSIONS = {"builderman": "1.7.0", "mprocs": "0.9.6", "turbo": "2.11.11"}
_MACHINES = {"x86_64": ("x86_64", "64"), "aarch64": ("aarch64", "arm64"), "arm64": ("aarch64", "arm64")}


class Peers(msgspec.Struct, frozen=True, kw_only=True):
    """Where the peers are; None for one that is not here."""

    directory: Path
    node: str | None = None
    builderman: Path | None = None
    """Directory of the package."""
    mprocs: Path | None = None
    """The native program, without the start-up time of its npm wrapper."""
    turbo: Path | None = None
    """The same."""
    missing: str = ""
    """Why some or all are missing; empty when none is."""


def install() -> Peers:
    """Return the peers, installing them when they are not there yet."""
    directory = _cache()
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        return Peers(directory=directory, missing="npm or node is not installed")
    directory.mkdir(parents=True, exist_ok=True)
    if not all((directory / "node_modules" / name).is_dir() for name in VERSIONS):
        wanted = [f"{name}@{version}" for name, version in VERSIONS.items()]
        command = [npm, "install", "--prefix", str(directory), "--no-audit", "--no-fund", "--silent", *wanted]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            return Peers(directory=directory, missing=f"npm install failed: {done.stderr.strip()[:200]}")
    return _found(directory, node)


def _found(directory: Path, node: str) -> Peers:
    modules = directory / "node_modules"
    rust, turbo = _MACHINES.get(platform.machine(), ("", ""))
    system = platform.system().lower()
    libc = "-musl" if system == "linux" else ""
    paths = {
        "builderman": modules / "builderman",
        "mprocs": modules / "mprocs" / f"mprocs-{VERSIONS['mprocs']}-{system}-{rust}{libc}" / "mprocs",
        "turbo": modules / "@turbo" / f"{system}-{turbo}" / "bin" / "turbo",
    }
    missing = ", ".join(name for name, path in paths.items() if not path.exists())
    there = {name: path if path.exists() else None for name, path in paths.items()}
    return Peers(
        directory=directory,
        node=node,
        builderman=there["builderman"],
        mprocs=there["mprocs"],
        turbo=there["turbo"],
        missing=f"not found after the installation: {missing}" if missing else "",
    )


def _cache() -> Path:
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "tui-runner-benchmarks"
