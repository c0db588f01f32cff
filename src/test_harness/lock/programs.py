"""Which programs that a test starts would open a database or a service: clients of the shell.

Read off the words of a command line, since nothing is seen of what a program does. A script that
calls such a client is not looked into.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any
from urllib.parse import urlsplit

CLIENTS = {
    "a PostgreSQL database": (
        "psql pgcli pg_dump pg_dumpall pg_restore pg_basebackup pg_receivewal pgbench createdb "
        "dropdb createuser dropuser vacuumdb reindexdb clusterdb"
    ),
    "a MySQL database": (
        "mysql mysqldump mysqladmin mysqlimport mysqlsh mysqlslap mycli mariadb mariadb-dump "
        "mariadb-admin mariadb-import mariadb-slap mydumper myloader"
    ),
    "a SQLite file": "sqlite3 litecli sqlcipher",
    "a database server": "sqlcmd bcp sqlplus usql",
    "Redis": "redis-cli valkey-cli redis-benchmark",
    "RabbitMQ": "rabbitmqctl rabbitmqadmin",
    "MongoDB": "mongosh mongo mongodump mongorestore mongoexport mongoimport",
}
OPENS = {name: what for what, names in CLIENTS.items() for name in names.split()}
SQLITE = "a SQLite file"
SERVICES = ("Redis", "RabbitMQ", "MongoDB")

# What only says something of the program itself.
HARMLESS = {"--version", "--help", "-V", "-?", "-version", "-help"}
SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "ash", "busybox"}
# What starts the program that is named behind it, and of their options those that have a value.
WRAPPERS = {
    "env", "sudo", "doas", "timeout", "nice", "nohup", "xargs", "time", "exec", "command", "setsid",
    "stdbuf", "ionice", "chronic", "flock",
}  # fmt: skip
WITH_VALUE = {"-u", "-g", "-n", "-k", "-s", "-I", "-P", "-L", "-p", "-C"}
CONTAINERS = {"docker", "podman", "kubectl", "docker-compose", "nerdctl"}
KEYWORDS = {"if", "then", "else", "elif", "while", "until", "do", "!", "{"}
NO_COMMAND = re.compile(r"\w+=.*|\d+(?:\.\d+)?[smhd]?", re.DOTALL)
OF_SQLITE_WITH_VALUE = {
    "-cmd", "-init", "-separator", "-newline", "-nullvalue", "-maxsize", "-mmap", "-vfs",
}  # fmt: skip


@dataclass(frozen=True)
class Client:
    """A client that is about to be started.

    Args:
        what: What it opens.
        program: What it is called.
        where: The file that it opens, or the host; empty where none is named.
        words: Its arguments.
    """

    what: str
    program: str
    where: str
    words: tuple[str, ...]


def clients(command: Any, *, shell: bool = False) -> Iterator[Client]:
    """Return the clients of databases and services that a command would start.

    Args:
        command: A program with its arguments, or what a shell is to read.
        shell: Whether a shell is to read it.
    """
    if isinstance(command, (str, bytes, os.PathLike)):
        text = os.fsdecode(command)
        for words in _of_a_shell(text) if shell else [[text]]:
            yield from _started(words)
    else:
        yield from _started([os.fsdecode(word) for word in command])


def _started(words: Sequence[str]) -> Iterator[Client]:
    words = _without_what_comes_first(words)
    if not words:
        return
    program = PurePath(words[0]).name.removesuffix(".exe")
    if program in SHELLS:
        options = [place for place, word in enumerate(words) if re.fullmatch(r"-\w*c", word)]
        if options and options[0] + 1 < len(words):
            yield from clients(words[options[0] + 1], shell=True)  # noqa: S604 - nothing is run
    elif program in WRAPPERS:
        yield from _started(_behind(words[1:]))
    elif program in CONTAINERS and "exec" in words:
        inside = [
            word
            for word in words[words.index("exec") + 1 :]
            if not word.startswith("-") and not NO_COMMAND.fullmatch(word)
        ][1:]
        found = (place for place, word in enumerate(inside) if PurePath(word).name in OPENS)
        place = next(found, None)
        if place is not None:
            yield from _started(inside[place:])
    elif program in OPENS and not HARMLESS.intersection(words):
        what, given = OPENS[program], tuple(words[1:])
        where = _file(given) if what == SQLITE else _host(given)
        yield Client(what, program, where, given)


def _without_what_comes_first(words: Sequence[str]) -> Sequence[str]:
    for place, word in enumerate(words):
        if word not in KEYWORDS and not re.fullmatch(r"\w+=.*", word, re.DOTALL):
            return words[place:]
    return []


def _behind(words: Sequence[str]) -> Sequence[str]:
    place = 0
    while place < len(words):
        word = words[place]
        if not word.startswith("-") and not NO_COMMAND.fullmatch(word):
            return words[place:]
        place += 2 if word in WITH_VALUE else 1
    return []


def _of_a_shell(text: str) -> Iterator[list[str]]:
    """Return the words of each command in a text, as far as it can be read."""
    lexer = shlex.shlex(text.replace("`", "\n"), posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    words: list[str] = []
    is_redirected = False
    try:
        for token in lexer:
            if token.strip("();<>|&\n"):
                if not is_redirected:
                    words.append(token)
                is_redirected = False
            elif set(token) & set("<>"):
                is_redirected = True
            else:
                yield words
                words, is_redirected = [], False
    except ValueError:
        pass  # A quotation that never ends.
    yield words


def _file(words: Sequence[str]) -> str:
    is_value = False
    for word in words:
        if not is_value and not word.startswith("-"):
            return word
        is_value = not is_value and word.replace("--", "-", 1) in OF_SQLITE_WITH_VALUE
    return ""


def _host(words: Sequence[str]) -> str:
    for place, word in enumerate(words):
        if "://" in word:
            return urlsplit(word.partition("=")[2] if word.startswith("-") else word).hostname or ""
        if word in {"-h", "--host"} and place + 1 < len(words):
            return words[place + 1]
        if word.startswith("--host="):
            return word.partition("=")[2]
    return ""


def names(client: Client, environment: Mapping[Any, Any], own: str) -> bool:
    """Tell whether a client is given a database of this run by its name.

    Args:
        client: What is to be started.
        environment: What it is started with.
        own: What the names of databases of this run begin with; empty for none.
    """
    given = [*client.words, *(str(environment.get(name, "")) for name in ("PGDATABASE", "PGURI"))]
    return bool(own) and any(own in word for word in given)
