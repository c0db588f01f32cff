"""Shows an answer that a question refuses as one sentence, where Copier shows a traceback."""

from __future__ import annotations

import re
import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import NoReturn

from copier import Phase
from copier.errors import UserMessageError

REFUSED = re.compile(
    r"(?:Validation error for question|Invalid choice for) '(?P<question>\w+)': (?P<message>.+)",
    re.DOTALL,
)


def stop(message: str) -> NoReturn:
    """End Copier with a message, for answers that leave nothing to go on with.

    Raises:
        UserMessageError: Always.
    """
    raise UserMessageError(message)


def show_refusals_briefly() -> None:
    """Have a refused answer end in its message alone, when it did not come from a prompt.

    Copier turns whatever a validator raises into a ValueError, and lets that through: how it is
    shown when it ends the process is the one thing left to decide. All else is shown as before.
    """
    show_others = sys.excepthook

    def show(
        kind: type[BaseException], error: BaseException, traceback: TracebackType | None
    ) -> None:
        refused = REFUSED.fullmatch(str(error)) if kind is ValueError else None
        if refused:
            print(f"{refused['question']}: {refused['message']}", file=sys.stderr)
        else:
            show_others(kind, error, traceback)

    sys.excepthook = show


def clean_up_when_interrupted() -> None:
    """Have Ctrl-C during rendering remove the folder that Copier has made for it.

    Copier removes what it made when an error stops it, but an interruption is none to it.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    interrupt = signal.getsignal(signal.SIGINT)

    def stop_or_interrupt(number: int, frame: FrameType | None) -> None:
        if Phase.current() is Phase.RENDER:
            stop(
                "Interrupted while files were written. A folder that was made for them is removed; "
                "from one that was there before remove them with `git clean -d`, and start again."
            )
        if callable(interrupt):
            interrupt(number, frame)

    signal.signal(signal.SIGINT, stop_or_interrupt)
