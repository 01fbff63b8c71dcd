"""Names of projects and containers: the same for every run of a checkout, different for every other checkout."""

import os
import re
from hashlib import sha256

from tui_runner.containers.order import ComposeOrder

_HASH_LENGTH = 8
_NAME_LENGTH = 40


def project_name(order: ComposeOrder, cwd: str) -> str:
    """Return the name the user gave, or one made of the directory of the first file and the hash of its real path."""
    if order.project is not None:
        return order.project
    file = os.path.realpath(os.path.join(cwd, order.files[0]))  # noqa: PTH118 - plain strings
    return _unique(os.path.basename(os.path.dirname(file)), file)  # noqa: PTH119, PTH120 - the same


def container_name(task: str, cwd: str) -> str:
    """Return the name of a task's container: its id and the hash of where it runs."""
    return _unique(task, f"{os.path.realpath(cwd)}\0{task}")


def short_hash(text: str) -> str:
    """Return a few hexadecimal digits that stand for the text."""
    return sha256(text.encode(errors="surrogateescape")).hexdigest()[:_HASH_LENGTH]


def _unique(title: str, key: str) -> str:
    """Return a name that every engine takes: lower case letters, digits and hyphens, a letter or digit first."""
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:_NAME_LENGTH].rstrip("-")
    return f"{slug or 'tui-runner'}-{short_hash(key)}"
