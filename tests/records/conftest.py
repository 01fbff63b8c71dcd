from collections.abc import Callable
from pathlib import Path

import pytest

from tui_runner.errors.site import Site
from tui_runner.model.command import Command
from tui_runner.planning.plan import Plan, PlannedTask

SITE = Site(file="/shop/pipeline.py", line=3)


@pytest.fixture
def make_plan(tmp_path: Path) -> Callable[..., Plan]:
    """Makes a plan of independent tasks of these names."""

    def make(*names: str) -> Plan:
        tasks = {
            name: PlannedTask(
                id=name,
                name=name,
                parent=None,
                composite=False,
                mode="dev",
                command=Command(run=f"run {name}", env={"TOKEN": "s3cr3t-inner"}, site=SITE),
                cwd=str(tmp_path),
                env={"PASSWORD": "s3cr3t-value"},
                target=True,
                site=SITE,
            )
            for name in names
        }
        return Plan(
            name="shop",
            mode="dev",
            root=str(tmp_path),
            tasks=tasks,
            after=dict.fromkeys(names, ()),
            targets=names,
            top_level=names,
        )

    return make
