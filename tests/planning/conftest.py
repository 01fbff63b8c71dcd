"""Planning as a test calls it: a plan, or the problems."""

from collections.abc import Callable
from typing import Any

import pytest

from tui_runner.errors.problem import Problem
from tui_runner.model.pipeline import Pipeline
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline


def _outcome(pipeline: Pipeline, request: dict[str, Any]) -> Plan | tuple[Problem, ...]:
    return plan_pipeline(pipeline, PlanRequest(**({"mode": "dev", "root": "/work"} | request)))


@pytest.fixture(scope="session")
def planned() -> Callable[..., Plan]:
    """Plan a pipeline that must be sound; options are those of PlanRequest."""

    def plan(pipeline: Pipeline, **request: Any) -> Plan:
        outcome = _outcome(pipeline, request)
        assert isinstance(outcome, Plan), outcome
        return outcome

    return plan


@pytest.fixture(scope="session")
def refused() -> Callable[..., tuple[Problem, ...]]:
    """Plan a pipeline that must be refused, and return the problems."""

    def refuse(pipeline: Pipeline, **request: Any) -> tuple[Problem, ...]:
        outcome = _outcome(pipeline, request)
        assert not isinstance(outcome, Plan)
        return outcome

    return refuse
