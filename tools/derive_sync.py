"""Derive the synchronous variant of asynchronous Python files.

    python tools/derive_sync.py            rewrite the derived files
    python tools/derive_sync.py --check    exit 1, naming what differs, when one is out of date

What is asynchronous is written once, by hand; its synchronous twin only lacks the words that
make it so. A twin is replaced token by token, never line by line: what stands in a string or a
comment stays, unless PHRASES names it. Needs ruff, which tidies imports and line breaks.
"""

import argparse
import io
import re
import subprocess
import sys
import tokenize
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

ENGINE = "src/test_harness"
CHECKS = "template/{{ tests_dir }}/checks"

# (source, destination), relative to the repository: two folders or two files.
PAIRS = [
    ("samples/async", "samples/sync"),
    ("samples/fastapi_async", "samples/fastapi_sync"),
    ("samples/asgi_async", "samples/asgi_sync"),
    *(
        (f"{ENGINE}/{file}_async.py", f"{ENGINE}/{file}_sync.py")
        for file in (
            "auth/credential",
            "auth/flows/invitations",
            "auth/flows/steps",
            "auth/learning",
            "auth/login",
            "findings/look_login",
            "findings/look_sessions",
            "fixtures/login",
            "fixtures/walk",
            "observation/look_accounts",
            "observation/look_engine",
            "observation/look_health",
            "observation/look_invitations",
            "observation/look_login",
            "observation/look_refusals",
            "observation/look_routes",
            "observation/look_sessions",
            "observation/look_signup",
            "observation/look_sockets",
            "observation/tries",
            "watch/race_rows",
            "walk/driving",
            "walk/patterns/playing",
        )
    ),
    *(
        (f"tests/race_use/{file}_async.py", f"tests/race_use/{file}_sync.py")
        for file in ("shop", "use")
    ),
    *(
        (f"{CHECKS}/test_{subject}_async.py", f"{CHECKS}/test_{subject}_sync.py")
        for subject in (
            "auth_credentials",
            "auth_jwt_bearer",
            "factories",
            "flow_invitations",
            "flow_login",
            "flow_races",
            "flow_reset",
            "flow_session",
            "flow_signup",
            "fuzz",
            "health",
            "isolation",
            "pragmas",
            "races",
            "real_commits",
            "routes",
            "socket",
            "socketio",
            "token_attacks",
            "unit_database",
        )
    ),
]

# Destinations with more than words to change: both variants are written by hand.
BY_HAND = {
    "samples/fastapi_sync/base/app/main.py",  # a lifespan is asynchronous in every application
    "samples/sync/base/migrations/env.py",  # as `alembic init` writes it for each
    "samples/asgi_sync/login/app/sockets.py",  # asks the database in a thread
}

# Sources whose twin is the same: a socket waits for its client, which a synchronous route cannot.
ALWAYS_ASYNC = {"samples/fastapi_async/login/app/routers/socket.py"}

# Sources without a twin, because a synchronous test cannot call what is always asynchronous.
ONLY_ASYNC = {"samples/asgi_async/login/tests/integration/test_rooms.py"}

# Tokens that are removed, together with the blank after them.
REMOVED = {"async", "await"}

# Names, replaced wherever they stand as a whole token.
NAMES = {
    "AsyncClient": "Client",
    "AsyncConnection": "Connection",
    "AsyncEngine": "Engine",
    "AsyncExitStack": "ExitStack",
    "AsyncIterable": "Iterable",
    "AsyncIterator": "Iterator",
    "AsyncSession": "Session",
    "StopAsyncIteration": "StopIteration",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
    "aclose": "close",
    "bound_async_session": "bound_session",
    "aclosing": "closing",
    "async_sessionmaker": "sessionmaker",
    "asynccontextmanager": "contextmanager",
    "create_async": "create",
    "create_batch_async": "create_batch",
    "create_async_engine": "create_engine",
    "race_async": "race_sync",
    "race_rows_async": "race_rows_sync",
    "credential_async": "credential_sync",
    "driving_async": "driving_sync",
    "hands_async": "hands_sync",
    "invitations_async": "invitations_sync",
    "walk_async": "walk_sync",
    "learning_async": "learning_sync",
    "login_async": "login_sync",
    "socket_async": "socket_sync",
    "steps_async": "steps_sync",
    "tries_async": "tries_sync",
}

# Exact text, replaced before anything else.
PHRASES = {
    "await db.run_sync(assert_read_back, ": "assert_read_back(db, ",
    "engine.sync_engine": "engine",
    "await greenlet_spawn(impatient_engines, ": "impatient_engines(",
    "from asyncio import Lock, sleep": "from threading import Lock\nfrom time import sleep",
    "session.sync_session.close()": "session.close()",
    "db.sync_session": "db",
    "from collections.abc import Awaitable, Callable": "from collections.abc import Callable",
    "Awaitable[Any]": "Any",
    "Awaitable[Credential]": "Credential",
    "Awaitable[httpx2.AsyncClient]": "httpx2.Client",
    "`await c": "`c",
    "`await r": "`r",
    "`client = await c": "`client = c",
}

# A call in a thread, which is a plain call where nothing waits for it.
IN_A_THREAD = re.compile(r"await asyncio\.to_thread\((?P<function>[\w.]+), ")

# Where the synchronous names of sqlalchemy.ext.asyncio are imported from.
SQLALCHEMY_HOMES = {
    "Connection": "sqlalchemy",
    "Engine": "sqlalchemy",
    "Session": "sqlalchemy.orm",
    "create_engine": "sqlalchemy",
    "sessionmaker": "sqlalchemy.orm",
}
SQLALCHEMY_IMPORT = re.compile(r"^from sqlalchemy\.ext\.asyncio import (\([^)]*\)|.*)$", re.M)


def main(arguments: list[str] | None = None) -> int:
    """Write or check every derived file, and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if outdated")
    options = parser.parse_args(arguments)

    derived = {target: derive(source, target) for source, target in file_pairs()}
    outdated = [
        path
        for path, text in derived.items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    orphans = [path for path in derived_before() if path not in derived]

    if options.check:
        for path in [*outdated, *orphans]:
            print(
                f"{path.relative_to(ROOT)} is not what its asynchronous source says: "
                "edit that one, then run python tools/derive_sync.py",
                file=sys.stderr,
            )
        return 1 if outdated or orphans else 0

    for path in orphans:
        path.unlink()
    for path in outdated:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(derived[path], encoding="utf-8", newline="\n")
    print(f"{len(derived)} derived files: {len(outdated)} written, {len(orphans)} removed")
    return 0


def file_pairs() -> list[tuple[Path, Path]]:
    """Return every source file with the path of its synchronous twin."""
    pairs = []
    for source, target in PAIRS:
        if (ROOT / source).is_dir():
            pairs += [
                (path, ROOT / target / path.relative_to(ROOT / source))
                for path in files_in(ROOT / source)
            ]
        else:
            pairs.append((ROOT / source, ROOT / target))
    return [
        (source, target)
        for source, target in pairs
        if not is_by_hand(target) and source.relative_to(ROOT).as_posix() not in ONLY_ASYNC
    ]


def derived_before() -> list[Path]:
    """Return the files in the destination folders, except those written by hand."""
    folders = [ROOT / target for _, target in PAIRS if (ROOT / target).is_dir()]
    paths = [path for folder in folders for path in files_in(folder)]
    return [path for path in paths if not is_by_hand(path)]


def files_in(folder: Path) -> list[Path]:
    """Return the files below a folder, without the caches of Python and its tools."""
    return sorted(
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not any(
            part.startswith(".") or part == "__pycache__" for part in path.relative_to(folder).parts
        )
    )


def is_by_hand(target: Path) -> bool:
    """Tell whether a destination is written by hand."""
    return target.relative_to(ROOT).as_posix() in BY_HAND


def derive(source: Path, target: Path) -> str:
    """Return the synchronous twin of a file, formatted as files are where it lies."""
    text = source.read_text("utf-8")
    if source.suffix != ".py" or source in [ROOT / name for name in ALWAYS_ASYNC]:
        return text
    for phrase, replacement in PHRASES.items():
        text = text.replace(phrase, replacement)
    text = IN_A_THREAD.sub(r"\g<function>(", text)
    return tidy(SQLALCHEMY_IMPORT.sub(split_import, replace_tokens(text)), target)


def replace_tokens(text: str) -> str:
    """Return `text` without its asynchronous words, all else untouched."""
    lines = text.splitlines(keepends=True)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    # From the end, so that the positions of the tokens before stay right.
    for token, following in reversed(list(pairwise(tokens))):
        row, start = token.start
        if token.string in REMOVED:
            end = following.start[1] if following.start[0] == row else token.end[1]
            replacement = ""
        elif token.type == tokenize.NAME and token.string in NAMES:
            end = token.end[1]
            replacement = NAMES[token.string]
        else:
            continue
        line = lines[row - 1]
        lines[row - 1] = line[:start] + replacement + line[end:]
    return "".join(lines)


def split_import(match: re.Match[str]) -> str:
    """Return one import for each name of an import from sqlalchemy.ext.asyncio."""
    names = [name.strip() for name in match[1].strip("()").split(",") if name.strip()]
    return "\n".join(f"from {SQLALCHEMY_HOMES[name]} import {name}" for name in names)


def tidy(text: str, path: Path) -> str:
    """Return `text` with its imports sorted and its lines broken as ruff does for a path."""
    for command in (["check", "--select", "I,F401", "--fix", "--quiet"], ["format"]):
        text = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", path, "-"],
            input=text,
            stdout=subprocess.PIPE,
            check=True,
            encoding="utf-8",
        ).stdout
    return text


if __name__ == "__main__":
    sys.exit(main())
