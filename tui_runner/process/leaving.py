"""In which order tasks leave: a task goes when everything that depends on it has gone.

Pure, standard library only: the guardian uses it when it has to take over.
"""


class LeaveOrder:
    """The order for tasks that are up, from the ids each of them needs; ids that are not up do not count."""

    def __init__(self, needs: dict[str, tuple[str, ...]]) -> None:
        self._needs = {
            task: {need for need in wanted if need in needs and need != task} for task, wanted in needs.items()
        }
        self._waits_for = dict.fromkeys(needs, 0)
        for wanted in self._needs.values():
            for need in wanted:
                self._waits_for[need] += 1

    def frontier(self) -> list[str]:
        """Return what may leave now and has not gone, in the order given."""
        return [task for task, count in self._waits_for.items() if count == 0]

    def gone(self, task: str) -> list[str]:
        """Note that a task has gone, teardown included; return what may leave now because of it."""
        del self._waits_for[task]
        free: list[str] = []
        for need in sorted(self._needs.pop(task)):
            if need in self._waits_for:
                self._waits_for[need] -= 1
                if self._waits_for[need] == 0:
                    free.append(need)
        return free

    def remaining(self) -> list[str]:
        """Return everything that has not gone yet."""
        return list(self._waits_for)
