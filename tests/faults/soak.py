"""Works with a system for as long as you like and sees whether anything grows: `soak.py --minutes 30`.

A real `dev` at a terminal with a dozen services that crash, flood, print garbage and watch files, while somebody presses
keys, restarts and stops tasks, saves files, leaves, comes back, and looks from other terminals. Memory, descriptors and
threads of screen, supervisor and guardian are sampled; after a warm-up they must not grow any more. How long the screen
takes to answer a key is told, and never judged: it depends on the machine.
"""

import argparse
import contextlib
import os
import random
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import quantiles
from time import monotonic, perf_counter

from growth import LIMITS, Sample, first_and_last, growths, sample
from rig import guardians_of
from stage import Stage, wait_task
from terminal import NotShownError, Terminal

from tui_runner.control.blocking_client import BlockingClient
from tui_runner.control.places import places_for
from tui_runner.errors.runner_error import DefinitionError

WARM_UP = 0.4
"""Share of the time after which the screen's logs are full and nothing may grow any more."""
SAMPLE_S = 5.0
_TOLD_EVERY = 12
"""So many samples make a line of progress."""
COME_BACK = 0.2
"""Share of the time after which the screen is left with `d`; the one that comes back is measured from then on."""
HELP = "Restart the selected task; what"
TRIES = 6

SYSTEM = r"""
import textwrap
from tui_runner import watch

def says(program):
    return python(textwrap.dedent(program))

BIG = r'''
import os, time
block = b"".join(b"%07d " % n + b"x" * 91 + b"\n" for n in range(10000))
print("is up", flush=True)
for _ in range(320):
    os.write(1, block)
time.sleep(100000)
'''
FLOODS = r'''
import os, time
print("is up", flush=True)
while True:
    time.sleep(10)
    os.write(1, b"".join(b"%07d flood \x1b[31mERROR\x1b[0m " % n + b"y" * 60 + b"\n" for n in range(20000)))
'''
TICKS = '''
import itertools, time
print("is up", flush=True)
for number in itertools.count():
    print("tick", number, flush=True)
    time.sleep(0.1)
'''
CRASHES = '''
import random, sys, time
print("is up", flush=True)
time.sleep(random.uniform(4, 12))
sys.exit(7)
'''
HOSTILE = r'''
import os, time
print("is up", flush=True)
while True:
    os.write(1, os.urandom(20000))
    os.write(1, b"\x1b]0;stolen\x07\x1b[2J\x1b[H\x1b[?1049l\x1b[?25h\x00\xff" + "\u202e\u200b".encode() + b"\n")
    time.sleep(2)
'''
policy = restart("always", delay=0.1, max_delay=1, limit=100000)
db = service("db", run=python(LISTEN, {port}), ready_when=tcp({port}))
ticks = service("ticks", db, run=says(TICKS))
main = pipeline([
    db,
    ticks,
    service("big", run=says(BIG)),
    service("floods", run=says(FLOODS), restart=policy),
    service("crashes", ticks, run=says(CRASHES), restart=policy),
    service("crashes-too", db, run=says(CRASHES), restart=policy),
    service("hostile", run=says(HOSTILE)),
    service("watches", db, watch=watch(["src/*.txt"])),
    service("reloads", ticks, run=says(TICKS), watch=watch(["src/*.txt"], restart_dependents=True)),
    service("after", "reloads"),
    service("terminal", tty=True),
    service("escapes", run="setsid sleep 600 & echo escapes is up; exec sleep 600"),
    service("stubborn", run=python(STUBBORN), says="nothing stops me", stop_timeout=0.3),
], name="soak")
"""
TASKS = ("ticks", "floods", "crashes", "crashes-too", "hostile", "watches", "reloads", "after", "terminal", "escapes")
PLAY = (
    *(
        "jjj",
        "kk",
        "v",
        "x",
        "a",
        "t",
        "p",
        "w",
        "b",
        "z",
        "+",
        "e",
        ")",
        "^",
        "g",
        "F",
        "L",
        "O",
        "D",
        "T",
        "M",
        "W",
        "H",
    ),
    *("/flood", "ftick", "-x", "nN", "m", "]", "V", "<", ">", "=", "C", "C", "r"),
)
"""What somebody types now and then; Enter and Escape follow."""


class Soak:
    """One soak."""

    def __init__(self, stage: Stage, minutes: float, chance: random.Random) -> None:
        self._stage = stage
        self._chance = chance
        self._duration_s = minutes * 60
        self._samples: dict[str, list[Sample]] = {}
        self.answers_s: list[float] = []
        """From `?` to the help, after the warm-up."""
        self.done: dict[str, int] = {}
        """How often each thing was done."""
        (stage.root / "src").mkdir()
        stage.write(SYSTEM.replace("{port}", str(stage.port)))
        self._screen = stage.open("dev")
        self._screen.keep_output = False
        wait_task(self._screen, "terminal", "ready")
        wait_task(self._screen, "db", "ready")
        self._supervisor = stage.supervisor().pid
        (self._guardian,) = guardians_of(self._supervisor)
        self._began = monotonic()

    @property
    def _share(self) -> float:
        return (monotonic() - self._began) / self._duration_s

    def run(self) -> None:
        """Do this and that until the time is over, then quit and prove that nothing is left."""
        deeds: Sequence[tuple[int, Callable[[], None]]] = (
            (6, self._play),
            (3, self._restart),
            (2, self._stop_and_start),
            (3, self._save),
            (1, self._resize),
            (1, self._visit),
            (1, self._ask_around),
        )
        names, weights = [deed for _, deed in deeds], [weight for weight, _ in deeds]
        next_sample, came_back = 0.0, False
        while self._share < 1:
            deed = self._chance.choices(names, weights)[0]
            deed()
            name = deed.__name__.strip("_").replace("_", " ")
            self.done[name] = self.done.get(name, 0) + 1
            _read_for(self._screen, self._chance.uniform(0.05, 1.0))
            self._answer()
            if not came_back and self._share > COME_BACK:
                came_back = True
                self._leave_and_come_back()
            if monotonic() >= next_sample and self._share > WARM_UP:
                next_sample = monotonic() + SAMPLE_S
                self._look()
        self._quit()

    def _look(self) -> None:
        pids = {"screen": self._screen.pid, "supervisor": self._supervisor, "guardian": self._guardian}
        for name, pid in pids.items():
            self._samples.setdefault(name, []).append(sample(pid))
        if len(self._samples["screen"]) % _TOLD_EVERY == 1:
            told = [
                f"{name} {of[-1].memory_mib:.0f} MiB {of[-1].descriptors} fds" for name, of in self._samples.items()
            ]
            print(f"{(monotonic() - self._began) / 60:.1f} min: {', '.join(told)}", file=sys.stderr, flush=True)

    def _answer(self) -> None:
        """Ask for help from wherever the keys have led, and note how long that takes."""
        for _ in range(TRIES):
            self._home()
            asked = perf_counter()
            self._screen.press("?")
            # On a busy machine an Esc and the key after it may be read together, which makes Alt and that key of them.
            with contextlib.suppress(NotShownError):
                self._screen.wait_for(HELP, deadline_s=10)
                break
        else:
            raise NotShownError(f"no key is answered any more\n{self._screen.picture()}")
        if self._share > WARM_UP:
            self.answers_s.append(perf_counter() - asked)
        self._screen.press("escape")
        self._screen.wait_gone(HELP, deadline_s=60)

    def _home(self) -> None:
        for _ in range(4):
            self._screen.press("escape")
            _read_for(self._screen, 0.05)
        _read_for(self._screen, 0.2)

    # -- deeds --------------------------------------------------------------------------------------------------------

    def _play(self) -> None:
        self._screen.type(self._chance.choice(PLAY))
        _read_for(self._screen, self._chance.uniform(0, 0.3))
        self._screen.press(*self._chance.choice((("enter",), ("escape",), ("down", "page_up"), ("end",))))

    def _restart(self) -> None:
        self._request("restart", self._chance.choice(TASKS))

    def _stop_and_start(self) -> None:
        task = self._chance.choice(TASKS)
        self._request("stop", task)
        _read_for(self._screen, self._chance.uniform(0, 1))
        self._request("start", task)

    def _request(self, verb: str, task: str) -> None:
        with BlockingClient.connect(places_for(self._stage.root).socket) as client:
            try:
                client.request(verb, task, wait=False)  # type: ignore[arg-type]  # one of the verbs
            except DefinitionError as error:
                raise AssertionError(f"{verb} {task}: {error}") from error

    def _save(self) -> None:
        file = self._stage.root / "src" / f"{self._chance.randrange(5)}.txt"
        file.write_text(str(self._chance.random()))

    def _resize(self) -> None:
        self._screen.resize(self._chance.randrange(90, 160), self._chance.randrange(30, 50))

    def _visit(self) -> None:
        guest = self._stage.open("attach")
        guest.keep_output = False
        guest.wait_for("? help", deadline_s=60)
        guest.press("j", "j", "v", "a")
        _read_for(guest, 0.5)
        if self._chance.random() < 0.5:
            guest.hang_up()
        else:
            guest.press("escape")
            _read_for(guest, 0.5)  # else it is Alt-q
            guest.press("q")
            guest.wait_for("etach", deadline_s=60)
            guest.press("d")
        guest.wait_exit(deadline_s=60)
        guest.close()

    def _ask_around(self) -> None:
        for words in (("ps",), ("logs", "ticks")):
            done = self._stage.run(*words)
            assert done.returncode == 0, done.stderr

    def _leave_and_come_back(self) -> None:
        self._home()
        self._screen.press("d")
        assert self._screen.wait_exit(deadline_s=60) == 0
        self._screen.assert_sane()
        self._screen.close()
        self._screen = self._stage.open("attach")
        self._screen.keep_output = False
        # Not the tree: the screen is come back to as it was left, and keys may have hidden it.
        self._screen.wait_for("? help", deadline_s=60)
        self._screen.type("a")

    def _quit(self) -> None:
        self._home()
        down = self._stage.start("down")
        while down.poll() is None:  # nobody can give a terminal back that is not read
            _read_for(self._screen, 0.1)
        down.communicate(timeout=120)
        assert down.returncode == 0
        self._screen.wait_exit(deadline_s=60)
        self._screen.assert_sane()
        self._stage.wait_all_gone()
        self._stage.assert_all_gone()

    # -- telling ------------------------------------------------------------------------------------------------------

    def growths(self) -> list[str]:
        """Return what has grown, in words."""
        return [f"{name}: {told}" for name, samples in self._samples.items() for told in growths(samples)]

    def report(self) -> str:
        """Return the figures as a table."""
        rows = [f"| process | {' | '.join(limit.what for limit in LIMITS)} |", "| --- " * (len(LIMITS) + 1) + "|"]
        for name, samples in self._samples.items():
            figures = [first_and_last(samples, limit.of) for limit in LIMITS]
            rows.append(f"| {name} | {' | '.join(f'{first:.1f} → {last:.1f}' for first, last in figures)} |")
        count = len(self._samples["screen"])
        answers = quantiles(self.answers_s, n=100, method="inclusive")
        deeds = ", ".join(f"{name} {times}" for name, times in sorted(self.done.items()))
        rows += [
            f"{self._duration_s / 60:g} minutes, {count} samples after the warm-up: medians of first and last third",
            (
                f"answers to a key, {len(self.answers_s)} of them: median {answers[49] * 1000:.0f} ms, "
                f"99 % {answers[98] * 1000:.0f} ms, longest {max(self.answers_s) * 1000:.0f} ms"
            ),
            f"done: {deeds}",
        ]
        return "\n".join(rows)


def _read_for(terminal: Terminal, seconds: float) -> None:
    """Read what the program writes for a while, as a terminal does all the time."""
    until = monotonic() + seconds
    while (left := until - monotonic()) > 0:
        terminal.pump(left)


def main() -> int:
    """Soak; 1 when something has grown."""
    parser = argparse.ArgumentParser(description="Work with a system for a while and see whether anything grows.")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="soak-", ignore_cleanup_errors=True) as directory:
        for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            os.environ[name] = str(Path(directory, name))
            Path(os.environ[name]).mkdir(mode=0o700)
        os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LANG="C.UTF-8")
        root = Path(directory, "soak")
        root.mkdir()
        stage = Stage(root)
        soak = Soak(stage, asked.minutes, random.Random(asked.seed))
        try:
            soak.run()
        finally:
            stage.close()
            for process in stage.processes():
                process.kill()
    print(soak.report())
    grown = soak.growths()
    print("\n".join(grown) or "nothing has grown")
    return int(bool(grown))


if __name__ == "__main__":
    sys.exit(main())
