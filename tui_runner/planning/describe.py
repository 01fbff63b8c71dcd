"""A plan as a text tree, Mermaid, DOT or data for JSON. Pure.

Arrows point from a task to what it needs, as in the message about circles. Names are escaped for each language: they
come from files that may be hostile.
"""

from collections import deque
from collections.abc import Iterator

from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan, PlannedTask

MAX_DEPTH = 16
"""What lies deeper in the text tree becomes a tree of its own below."""

_MERMAID = str.maketrans({c: f"#{ord(c)};" for c in "\"#&<>`'\\"})
_DOT = str.maketrans({"\\": "\\\\", '"': '\\"'})


def text_tree(plan: Plan) -> str:
    """Return a tree that begins with the tasks nobody needs; below each task what it needs, then what it contains.

    A task is unfolded where it comes first. Ends with a newline unless the plan is empty.
    """
    lines: list[str] = []
    unfolded: set[TaskId] = set()
    roots = deque(task_id for task_id in plan.top_level if not plan.tasks[task_id].dependents)
    while roots:
        root = roots.popleft()
        stack = [] if root in unfolded else [(root, "", "", 0)]
        while stack:
            task_id, lead, indent, depth = stack.pop()
            task = plan.tasks[task_id]
            children = tuple(dict.fromkeys((*task.depends_on, *task.subtasks)))
            note = _note(task)
            if children and task_id in unfolded:
                note, children = " (above)", ()
            elif children and depth == MAX_DEPTH:
                note, children = " (below)", ()
                roots.append(task_id)
            else:
                unfolded.add(task_id)
            lines.append(f"{lead}{task_id}{note}\n")
            for child in reversed(children):
                last = child == children[-1]
                branch, deeper = ("└── ", "    ") if last else ("├── ", "│   ")
                stack.append((child, indent + branch, indent + deeper, depth + 1))
    return "".join(lines)


def _note(task: PlannedTask) -> str:
    if task.composite:
        return " (pipeline)"
    if task.command is None:
        return f" (no command for {task.mode})"
    return ""


def mermaid(plan: Plan) -> str:
    """Return a Mermaid flowchart; nested pipelines are subgraphs."""
    names = {task_id: f"t{index}" for index, task_id in enumerate(plan.tasks)}
    lines = ["flowchart LR", "  %% an arrow points to what a task needs"]
    for task, depth, opening in _nesting(plan):
        pad = "  " * (depth + 1)
        label = f'{names[task.id]}["{task.name.translate(_MERMAID)}"]'
        if not task.composite:
            lines.append(f"{pad}{label}")
        elif opening:
            lines.append(f"{pad}subgraph {label}")
        else:
            lines.append(f"{pad}end")
    lines += [f"  {names[one]} --> {names[other]}" for one, other in _arrows(plan)]
    return "\n".join(lines) + "\n"


def dot(plan: Plan) -> str:
    """Return a Graphviz digraph; a nested pipeline is a cluster that holds a node for the whole of it."""
    lines = [
        f"digraph {_quoted(plan.name)} {{",
        "  // an arrow points to what a task needs",
        "  rankdir=LR;",
        "  node [shape=box];",
    ]
    clusters = 0
    for task, depth, opening in _nesting(plan):
        pad = "  " * (depth + 1)
        node = f"{_quoted(task.id)} [label={_quoted(task.name)}"
        if not task.composite:
            lines.append(f"{pad}{node}];")
        elif opening:
            lines += [f"{pad}subgraph cluster_{clusters} {{", f"{pad}  {node}, shape=folder];"]
            clusters += 1
        else:
            lines.append(f"{pad}}}")
    lines += [f"  {_quoted(one)} -> {_quoted(other)};" for one, other in _arrows(plan)]
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return f'"{text.translate(_DOT)}"'


def _arrows(plan: Plan) -> Iterator[tuple[TaskId, TaskId]]:
    for task in plan.tasks.values():
        for other in task.depends_on:
            yield task.id, other


def _nesting(plan: Plan) -> Iterator[tuple[PlannedTask, int, bool]]:
    """Yield every task with its depth, what a pipeline contains between two mentions of it: opening, then closing."""
    stack = [(plan.tasks[task_id], 0, True) for task_id in reversed(plan.top_level)]
    while stack:
        task, depth, opening = stack.pop()
        yield task, depth, opening
        if task.composite and opening:
            stack.append((task, depth, False))
            stack += [(plan.tasks[inner], depth + 1, True) for inner in reversed(task.subtasks)]


def graph_data(plan: Plan) -> dict[str, object]:
    """Return the plan as plain values for one JSON document; tasks are in scheduling order."""
    return {
        "name": plan.name,
        "mode": plan.mode,
        "root": plan.root,
        "targets": list(plan.targets),
        "tasks": [
            {
                "id": task.id,
                "name": task.name,
                "parent": task.parent,
                "composite": task.composite,
                "target": task.target,
                "depends_on": list(task.depends_on),
                "dependents": list(task.dependents),
                "subtasks": list(task.subtasks),
                "command": None if task.command is None else _plain(task.command.run),
                "skip": None if task.skip is None else task.skip.value,
                "refusal": task.refusal,
                "cwd": task.cwd,
                "description": task.description,
                "file": task.site.file,
                "line": task.site.line,
            }
            for task in plan.tasks.values()
        ],
    }


def _plain(run: str | tuple[str, ...]) -> str | list[str]:
    return run if isinstance(run, str) else list(run)
