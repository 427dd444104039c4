"""A process that has imported the product once and forks workers and schedulers on request.

Hundreds of kills would else cost hundreds of imports, a second of processor time each. What is forked has no thread
and no connection yet; from there on it is the process that production runs.
"""

import ctypes
import gc
import io
import os
import selectors
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

import orjson

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
CRASHED = 99

Run = Callable[[str, Sequence[str]], int]
Leave = Callable[[int], NoReturn]


@dataclass(frozen=True, slots=True)
class Birth:
    """A process to be forked; `log` gets its outputs, `key` names it in the nursery's reports."""

    key: str
    role: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    log: str


@dataclass(frozen=True, slots=True)
class News:
    """A process was forked, or it ended with a code (negative: the signal) having needed so many KB at most."""

    key: str
    pid: int
    code: int | None = None
    peak_kb: int = 0


class Nursery:
    """The parent of processes that are alike: `python -m` this module, which serves; they end with it.

    `listeners` get forks and ends, each those whose keys begin with its name and a slash. What it imports is first
    looked for in `folder`, where an earlier release may lie.
    """

    def __init__(self, module: str, *arguments: str, folder: Path = Path(), **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # a terminal's Ctrl-C is for the harness
        )
        self.listeners: dict[str, Callable[[News], None]] = {}
        self._lock = threading.Lock()
        self._listener = threading.Thread(target=self._listen, name="nursery", daemon=True)
        self._listener.start()

    @property
    def is_alive(self) -> bool:
        """Whether it still forks; what killed it is on our stderr."""
        return self._process.poll() is None

    def fork(self, birth: Birth) -> None:
        """Ask for a process; its fork and its end are reported."""
        stream = self._process.stdin
        assert stream
        with self._lock:
            stream.write(orjson.dumps(asdict(birth)) + b"\n")
            stream.flush()

    def close(self) -> None:
        """End it, and by force whatever it has forked."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin
        assert stdout
        stdin.close()
        self._process.wait()
        self._listener.join()
        stdout.close()

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream
        for line in stream:
            news = News(**orjson.loads(line))
            if listener := self.listeners.get(news.key.partition("/")[0]):
                listener(news)


def serve(run: Run, *, leave: Leave = os._exit) -> int:
    """The nursery itself: fork at every line of stdin until its end, and report forks and ends on stdout.

    What is forked leaves at once, or by `sys.exit` as any Python does, which first waits for its threads.
    """
    import schedules.process  # noqa: PLC0415 (imported here once, for all)
    import worker.process  # noqa: PLC0415 (likewise)
    import worker.web.process  # noqa: PLC0415 (likewise)
    from worker.turbosms.transport import ssl_context  # noqa: PLC0415 (likewise)

    _ = schedules.process, worker.process, worker.web.process
    ssl_context()  # reads the machine's certificates, 35 ms of each process
    gc.freeze()
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, unheeded)
    living: dict[int, str] = {}
    # Unbuffered: what lies in a buffer is nothing that the selector sees.
    stdin = io.FileIO(sys.stdin.fileno(), closefd=False)
    with selectors.DefaultSelector() as selector:
        selector.register(stdin, selectors.EVENT_READ)
        selector.register(reading, selectors.EVENT_READ)
        while listen(selector, stdin, reading, living, partial(live, run, leave)):
            pass
    for pid in living:
        os.kill(pid, signal.SIGKILL)
    return 0


def unheeded(_number: int, _frame: FrameType | None) -> None:
    """The signal has woken the selector; that is all."""


def listen(
    selector: selectors.BaseSelector,
    stdin: io.RawIOBase,
    reading: int,
    living: dict[int, str],
    live: Callable[[Birth], NoReturn],
) -> bool:
    """One turn; False at the end of stdin."""
    for key, _ in selector.select():
        if key.fd == reading:
            os.read(reading, 4096)
            bury(living)
            continue
        line = stdin.readline()
        if not line:
            return False
        birth = Birth(**orjson.loads(line))
        pid = os.fork()
        if pid == 0:
            live(birth)
        living[pid] = birth.key
        send_news(sys.stdout.buffer, News(birth.key, pid))
    return True


def bury(living: dict[int, str]) -> None:
    """Tell of everyone who has ended."""
    while living:
        pid, status, usage = os.wait4(-1, os.WNOHANG)
        if pid == 0:
            return
        code = os.waitstatus_to_exitcode(status)
        send_news(sys.stdout.buffer, News(living.pop(pid), pid, code, usage.ru_maxrss))


def send_news(stream: IO[bytes], news: News) -> None:
    """One line."""
    stream.write(orjson.dumps(asdict(news)) + b"\n")
    stream.flush()


def live(run: Run, leave: Leave, birth: Birth) -> NoReturn:
    """Be the forked process, to its end."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGKILL)
    with Path(birth.log).open("ab") as log:
        for output in (1, 2):
            os.dup2(log.fileno(), output)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(birth.environment)
    if "SSL_CERT_FILE" in birth.environment:
        from worker.turbosms.transport import ssl_context  # noqa: PLC0415 (as in serve)

        ssl_context.cache_clear()
    code = CRASHED
    try:
        code = run(birth.role, birth.arguments)
    except BaseException:  # noqa: BLE001 (nothing of the nursery may go on in it)
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        leave(code)
