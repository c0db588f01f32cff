"""Runs in each Python that a test starts, for PYTHONPATH leads here: the lock holds there too.

Python runs one module of this name when it starts, so the environment's own is run as well. The
lock is loaded as soon as a database is opened, a program started, or something is imported that is
not Python's own.
Until then nothing is imported that a Python has not imported by itself, because each start pays
for it.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
EVENTS = {"sqlite3.connect", "socket.connect", "os.system", "os.exec", "os.posix_spawn"}
PYTHONS_OWN = {*getattr(sys, "stdlib_module_names", ()), "sitecustomize", "usercustomize"}
PYTHONS_OWN -= {"ctypes", "sqlite3", "subprocess"}


class Inherited:
    """The lock of this process, which a run of tests in it takes over."""

    lock = None
    loading = False

    def watch(self, event: str, arguments: "tuple[object, ...]") -> None:
        """Load the lock when it may be needed."""
        if self.loading:
            return
        if event == "import":
            if str(arguments[0]).partition(".")[0] in PYTHONS_OWN:
                return
        elif event not in EVENTS:
            return
        self.loading = True  # What the lock imports itself comes by here too.
        home = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))  # noqa: PTH120
        sys.path.insert(0, home)
        try:
            from test_harness.lock.connections import INHERITED, SubprocessLock
            from test_harness.lock.network import NetworkOfChildren
        finally:
            sys.path.remove(home)
            # A run of tests in this process may be of another project, with an engine of its own.
            for name in [name for name in sys.modules if name.partition(".")[0] == "test_harness"]:
                del sys.modules[name]
        lock = SubprocessLock()
        lock.install()
        NetworkOfChildren().ask(lock)
        self.lock = lock
        sys.modules[INHERITED] = self  # type: ignore[assignment]
        lock.audit(event, arguments)


def run_the_environments_own() -> None:
    """Run the module that would have been found if PYTHONPATH did not lead here."""
    from importlib.machinery import PathFinder

    elsewhere = [path for path in sys.path if os.path.abspath(path) != HERE]  # noqa: PTH100
    spec = PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None:
        from importlib.util import module_from_spec

        sys.modules["sitecustomize"] = module_from_spec(spec)
        spec.loader.exec_module(sys.modules["sitecustomize"])


if os.environ.get("TEST_HARNESS_LOCK", "off") != "off" and sys.version_info >= (3, 10):
    sys.addaudithook(Inherited().watch)
if __name__ == "sitecustomize":
    run_the_environments_own()
