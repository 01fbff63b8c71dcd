from tui_runner.control.dependents import restarted_dependents, running_dependents
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Backoff, Completed, Failed, Failure, Pending, Ready
from tui_runner.model.view import TaskView

UP = Ready(attempt=1, pid=1)


def test_dependents_are_found_through_any_chain() -> None:
    views = [
        TaskView(id="web", name="web", state=UP, depends_on=("api",)),
        TaskView(id="api", name="api", state=Completed(), depends_on=("db",)),
        TaskView(id="db", name="db", state=UP),
        TaskView(id="job", name="job", state=UP),
    ]
    assert running_dependents(views, "db") == ("web",)
    assert running_dependents(views, "job") == ()


def test_dependents_are_found_across_nested_pipelines() -> None:
    views = [
        TaskView(id="web", name="web", state=UP, depends_on=("shop",)),
        TaskView(id="shop", name="shop", state=UP, composite=True, depends_on=("db",)),
        TaskView(id="shop:api", name="api", state=UP, parent="shop", depends_on=("shop:auth",)),
        TaskView(id="shop:auth", name="auth", state=UP, parent="shop"),
        TaskView(id="shop:mail", name="mail", state=UP, parent="shop"),
        TaskView(id="db", name="db", state=UP),
    ]
    assert running_dependents(views, "db") == ("web", "shop:api", "shop:auth", "shop:mail")
    assert running_dependents(views, "shop:auth") == ("web", "shop:api")
    assert running_dependents(views, "shop") == ("web",)


def test_what_needs_a_part_of_a_nested_pipeline_needs_it_and_its_other_parts_do_not() -> None:
    views = [
        TaskView(id="web", name="web", state=UP, depends_on=("shop:api",)),
        TaskView(id="shop", name="shop", state=UP, composite=True),
        TaskView(id="shop:api", name="api", state=UP, parent="shop", depends_on=("shop:auth",)),
        TaskView(id="shop:auth", name="auth", state=UP, parent="shop"),
    ]
    assert running_dependents(views, "shop") == ("web",)


def test_a_restart_takes_along_what_is_up_or_failed_and_leaves_what_is_done_or_has_not_begun() -> None:
    failed = Failed(failure=Failure(code=ErrorCode.TASK_FAILED, message="[bad] broke"))
    views = [
        TaskView(id="db", name="db", state=UP),
        TaskView(id="up", name="up", state=UP, depends_on=("db",)),
        TaskView(id="bad", name="bad", state=failed, depends_on=("db",)),
        TaskView(id="soon", name="soon", state=Backoff(delay_s=1, attempt=2), depends_on=("up",)),
        TaskView(id="done", name="done", state=Completed(), depends_on=("db",)),
        TaskView(id="later", name="later", state=Pending(), depends_on=("bad",)),
    ]
    assert restarted_dependents(views, "db") == ("up", "bad", "soon")
    assert running_dependents(views, "db") == ("up",)
