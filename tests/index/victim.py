"""A run to be killed: ``python -m tests.index.victim FOLDER [STEP]``.

Prints ``ready`` and waits for a line; then indexes the folder, killing itself at the given step: a call made by, or to,
a function of the modules that write the index. Without one it prints how many steps a whole run takes.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from types import FrameType

from index.builder import update_index
from tests.index.samples import BagEncoder

_NAMES = ("builder", "changes", "generations", "publishing", "reading", "store", "writing")
_MODULES = tuple(str(Path("index") / f"{name}.py") for name in _NAMES)


def main(folder: Path, last: int) -> None:
    steps = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal steps
        if frame.f_code.co_filename.endswith(_MODULES):
            steps += 1
            if steps == last:
                os.kill(os.getpid(), signal.SIGKILL)

    print("ready", flush=True)
    sys.stdin.readline()
    if last >= 0:
        sys.setprofile(count)
    update_index(folder, encoder=BagEncoder())
    sys.setprofile(None)
    print(steps, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else -1)
