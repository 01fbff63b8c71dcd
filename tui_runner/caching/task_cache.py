"""Looking up and keeping results of tasks: fingerprints, key, store and outputs put together.

All methods block: call them in a worker thread. Whoever uses `look_up` and `keep` holds the task's lock meanwhile.
"""

import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from tui_runner.caching.cancelling import Cancelled, never
from tui_runner.caching.entry import Entry, KeyPart
from tui_runner.caching.fingerprint import (
    FileSet,
    Fingerprint,
    LookAhead,
    Prepared,
    hidden_patterns,
    prepare_fingerprint,
    take_fingerprint,
)
from tui_runner.caching.input_files import InputFiles, decode_input_files
from tui_runner.caching.key import Change, Found, Surroundings, file_changes, key_of, key_parts, part_changes
from tui_runner.caching.output_patterns import MADE_BY_TASKS
from tui_runner.caching.outputs import OutputSet, Restored, restore, take_snapshot
from tui_runner.caching.overlaps import overlaps
from tui_runner.caching.places import CachePlaces
from tui_runner.caching.stat_record import records_below
from tui_runner.caching.store import CacheError, CacheStore
from tui_runner.caching.survey import Ask
from tui_runner.model.cache import CacheSpec, VirtualInput
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import PlannedArtifact, PlannedTask

_MOST_NAMED = 3
"""So many differences are named in a reason; `explain` names all."""


class Resolved(msgspec.Struct, frozen=True, kw_only=True):
    """What the input resolvers of a task found."""

    files: tuple[str, ...] = ()
    """Relative to the task's cwd, or absolute."""
    virtual: tuple[tuple[str, VirtualInput], ...] = ()
    """Name of the resolver and what it found."""


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What a task depends on, as it is now."""

    key: str
    parts: tuple[KeyPart, ...]
    fingerprints: tuple[Fingerprint, ...]
    missing: tuple[str, ...]
    """Declared inputs that do not exist."""

    def files(self) -> dict[bytes, bytes]:
        """Return the fingerprint of every file, by name."""
        merged: dict[bytes, bytes] = {}
        for fingerprint in self.fingerprints:
            merged.update(fingerprint.files())
        return merged


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """The result is there, its outputs are in place."""

    entry: Entry
    state: State
    restored: Restored
    log: bytes | None
    """What the task printed then, as far as it was kept."""


class Miss(msgspec.Struct, frozen=True, kw_only=True):
    """The task has to run. Handed to `keep` when it has succeeded."""

    state: State
    reason: str


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """The result was stored."""

    entry: Entry


class NotKept(msgspec.Struct, frozen=True, kw_only=True):
    """The result was not stored, for this reason."""

    reason: str


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """Why a task would run or not."""

    state: State
    entry: Entry | None
    """The result that would be used; None when it would run."""
    latest: Entry | None
    """The result stored last, which the changes are relative to."""
    expired: bool
    """There is a result, but it is too old."""
    changes: tuple[Change, ...]
    """Parts of the key that differ, but for files that are named in `files`."""
    files: tuple[Change, ...]


class TaskCache:
    """The cache of one workspace. Holds no state of its own and may be used by several threads."""

    def __init__(
        self,
        places: CachePlaces,
        store: CacheStore,
        around: Surroundings,
        refused: Mapping[TaskId, str] | None = None,
        ask: Ask = records_below,
        look_ahead: LookAhead | None = None,
    ) -> None:
        """`refused` are tasks that cannot have a cache beside others, and why; None when there are none.

        `ask` tells what `stat` says of input files, `look_ahead` begins to find it out.
        """
        self.places = places
        self.store = store
        self._around = around
        self._refused = refused or {}
        self._ask = ask
        self._look_ahead = look_ahead

    @classmethod
    def of_workspace(
        cls,
        root: str,
        environment: Mapping[str, str],
        tasks: Iterable[PlannedTask] = (),
        ask: Ask = records_below,
        look_ahead: LookAhead | None = None,
    ) -> "TaskCache":
        """Return the cache below a workspace root; `environment` is that of the process, `tasks` all that may run."""
        from tui_runner.caching.local_store import LocalStore  # noqa: PLC0415 - one of the stores there may be

        places = CachePlaces.below(root)
        platform = f"{sys.platform}-{os.uname().machine}"
        around = Surroundings(root=root, environment=environment, platform=platform)
        return cls(places, LocalStore(places), around, overlaps(tasks, root), ask, look_ahead)

    def with_tasks(self, tasks: Iterable[PlannedTask]) -> "TaskCache":
        """Return the same cache for other tasks."""
        refused = overlaps(tasks, self._around.root)
        return TaskCache(self.places, self.store, self._around, refused, self._ask, self._look_ahead)

    def prepare(self, task: PlannedTask) -> Prepared | None:
        """Begin what `look_up` will do in a moment; None where there is nothing to be gained.

        Raises:
            CacheError: `look_up` would raise it, too.
        """
        if self._look_ahead is None or not spec_of(task).inputs:
            return None
        return prepare_fingerprint(
            self._inputs(task), self.places.table(task.id, task.mode, "inputs"), self._look_ahead
        )

    def look_up(
        self,
        task: PlannedTask,
        resolved: Resolved,
        *,
        must_run: bool,
        cancelled: Cancelled,
        prepared: Prepared | None = None,
    ) -> Hit | Miss:
        """Return the result of a task with its outputs in place, or why it has to run.

        `prepared` is what `prepare` has returned a moment ago.

        Raises:
            CacheError: it cannot be found out, or `cancelled`.
        """
        spec = spec_of(task)
        state = self.state(task, resolved, cancelled, prepared)
        if must_run:
            return Miss(state=state, reason="it was asked to run")
        with self.store.using(cancelled):
            entry = self.store.load(task.id, task.mode, state.key)
            if entry is None:
                return Miss(state=state, reason=self._reason(task, state))
            if _expired(entry, spec):
                return Miss(state=state, reason=f"its last result is older than {spec.ttl_s:g} s")
            table = self.places.table(task.id, task.mode, "outputs")
            restored = restore(_output_set(task, self._around.root), entry.outputs, self.store, table, cancelled)
            if restored is None:
                return Miss(state=state, reason="its last result is damaged")
            log = None if entry.log is None else self.store.read_blob(entry.log)
            self.store.used(task.id, task.mode, state.key)
        return Hit(entry=entry, state=state, restored=restored, log=log)

    def keep(
        self, task: PlannedTask, miss: Miss, *, log: bytes, duration_s: float, cancelled: Cancelled
    ) -> Kept | NotKept:
        """Store the result of a task that has just succeeded.

        Raises:
            CacheError: it cannot be stored, or `cancelled`.
        """
        changed = [name for fingerprint in miss.state.fingerprints for name in fingerprint.changed(cancelled)]
        if changed:
            return NotKept(reason=f"inputs changed while it ran: {_listed(changed)}")
        outputs = _output_set(task, self._around.root)
        with self.store.using(cancelled):
            snapshot = take_snapshot(outputs, self.store, self.places.table(task.id, task.mode, "outputs"), cancelled)
            if snapshot.missing:
                return NotKept(reason=f"outputs do not exist after it has run: {_listed(snapshot.missing)}")
            files = miss.state.files()
            entry = Entry(
                key=miss.state.key,
                task=task.id,
                mode=task.mode,
                created_at=time.time(),
                duration_s=duration_s,
                parts=miss.state.parts,
                outputs=snapshot.outputs,
                output_patterns=spec_of(task).outputs,
                inputs=self.store.add_bytes(InputFiles.of(files).encode()) if files else None,
                log=self.store.add_bytes(log) if log else None,
            )
            self.store.save(entry)
        return Kept(entry=entry)

    def keep_house(self) -> None:
        """Remove what has been of no use for long, at most once a day."""
        from tui_runner.caching.housekeeping import keep_house  # noqa: PLC0415 - most runs store nothing
        from tui_runner.caching.local_store import LocalStore  # noqa: PLC0415 - one of the stores there may be

        if isinstance(self.store, LocalStore):
            keep_house(self.store)

    def explain(self, task: PlannedTask, resolved: Resolved) -> Explanation:
        """Return why a task would run or not; touches no outputs.

        Raises:
            CacheError: it cannot be found out.
        """
        spec = spec_of(task)
        state = self.state(task, resolved)
        # Not as a user of the store: that would make its directories.
        entry = self.store.load(task.id, task.mode, state.key)
        latest = entry or self.store.latest(task.id, task.mode)
        expired = entry is not None and _expired(entry, spec)
        files = [] if latest is None else self._file_changes(latest, state)
        changes = [] if latest is None else part_changes(latest.parts, state.parts)
        return Explanation(
            state=state,
            entry=None if expired else entry,
            latest=latest,
            expired=expired,
            changes=tuple(_beside_files(changes, files)),
            files=tuple(files),
        )

    def state(
        self,
        task: PlannedTask,
        resolved: Resolved,
        cancelled: Cancelled = never,
        prepared: Prepared | None = None,
    ) -> State:
        """Return what a task depends on, as it is now.

        Raises:
            CacheError: a file cannot be read, or the task cannot have a cache; or `cancelled`.
        """
        if task.id in self._refused:
            raise CacheError(self._refused[task.id])
        spec = spec_of(task)
        inputs = self._files(task, spec.inputs, "inputs", cancelled, prepared)
        extra = self._files(task, resolved.files, "resolved", cancelled)
        artifacts = [(artifact.name, self._artifact(artifact, cancelled)) for artifact in task.artifacts]
        parts = key_parts(
            task,
            self._around,
            Found(
                input_files=None if inputs is None else inputs.digest,
                resolved_files=None if extra is None else extra.digest,
                virtual=resolved.virtual,
                artifacts=tuple((name, fingerprint.digest) for name, fingerprint in artifacts),
            ),
        )
        own = [fingerprint for fingerprint in (inputs, extra) if fingerprint is not None]
        return State(
            key=key_of(parts),
            parts=parts,
            fingerprints=(*own, *(fingerprint for _, fingerprint in artifacts)),
            missing=tuple(name for fingerprint in own for name in fingerprint.missing),
        )

    def _inputs(self, task: PlannedTask) -> FileSet:
        spec = spec_of(task)
        return FileSet(root=self._around.root, base=task.cwd, patterns=spec.inputs, without=spec.outputs)

    def _files(
        self,
        task: PlannedTask,
        patterns: tuple[str, ...],
        what: str,
        cancelled: Cancelled,
        prepared: Prepared | None = None,
    ) -> Fingerprint | None:
        spec = spec_of(task)
        if not patterns:
            return None
        files = FileSet(root=self._around.root, base=task.cwd, patterns=patterns, without=spec.outputs)
        table = self.places.table(task.id, task.mode, what)
        fingerprint = take_fingerprint(files, table, cancelled, self._ask, prepared)
        if patterns is spec.inputs:
            # A hit would take back whatever was edited in there.
            for pattern in hidden_patterns(files, fingerprint.missing):
                raise CacheError(
                    f"all that the input `{pattern}` means is output of the task as well; "
                    "name what it reads as inputs, and only what it makes as outputs"
                )
        return fingerprint

    def _artifact(self, artifact: PlannedArtifact, cancelled: Cancelled) -> Fingerprint:
        files = FileSet(root=self._around.root, base=artifact.cwd, patterns=artifact.outputs, entered=MADE_BY_TASKS)
        mode = artifact.name.removeprefix(f"{artifact.task}:")
        return take_fingerprint(files, self.places.table(artifact.task, mode, "artifact"), cancelled, self._ask)

    def _reason(self, task: PlannedTask, state: State) -> str:
        latest = self.store.latest(task.id, task.mode)
        if latest is None:
            return "it has no stored result yet"
        files = self._file_changes(latest, state)
        parts = _beside_files(part_changes(latest.parts, state.parts), files)
        return _listed([change.describe() for change in (*parts, *files)]) or "its last result is of another version"

    def _file_changes(self, latest: Entry, state: State) -> list[Change]:
        """Return which input files differ; none when it is not known any more what they were."""
        data = None if latest.inputs is None else self.store.read_blob(latest.inputs)
        before = {} if latest.inputs is None else decode_input_files(data or b"")
        return [] if before is None else file_changes(before, state.files())


def spec_of(task: PlannedTask) -> CacheSpec:
    """Return the cache of a task.

    Raises:
        ValueError: it has none.
    """
    if task.command is None or task.command.cache is None:
        raise ValueError(f"{task.id} has no cache")
    return task.command.cache


def _beside_files(changes: Sequence[Change], files: Sequence[Change]) -> list[Change]:
    """Leave out the parts that stand for files when the files themselves are named."""
    return [
        change
        for change in changes
        if not (files and (change.what.endswith(" files") or change.what.startswith("artifact ")))
    ]


def _output_set(task: PlannedTask, root: str) -> OutputSet:
    return OutputSet(root=root, base=task.cwd, patterns=spec_of(task).outputs)


def _expired(entry: Entry, spec: CacheSpec) -> bool:
    """Tell whether an entry is too old; one from the future, after a clock was set back, is."""
    return spec.ttl_s is not None and not 0 <= time.time() - entry.created_at <= spec.ttl_s


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return ", ".join(names[:_MOST_NAMED]) + more
