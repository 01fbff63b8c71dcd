from tui_runner.control.dependents import running_dependents
from tui_runner.model.state import Completed, Ready
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
