"""Runs, under the lock, what a Python was to run that does not look at PYTHONPATH.

python -I launcher.py -c CODE ...
python -I launcher.py -m MODULE ...
python -I launcher.py SCRIPT ...
python -I launcher.py -
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120


def hold() -> None:
    """Have the lock watch, as `sitecustomize.py` does where it is found."""
    file = os.path.join(HERE, "sitecustomize.py")  # noqa: PTH118
    with open(file, encoding="utf-8") as source:  # noqa: PTH123
        names = {"__name__": "test_harness_launcher", "__file__": file}
        exec(compile(source.read(), file, "exec"), names)  # noqa: S102


def run() -> None:
    """Run what is named, as Python does."""
    _, what, *rest = sys.argv
    is_isolated = sys.flags.isolated or getattr(sys.flags, "safe_path", False)
    if what == "-m":
        import runpy

        module, *arguments = rest
        sys.argv = [module, *arguments]
        _lead(is_isolated, os.getcwd())  # noqa: PTH109
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    elif what in {"-c", "-"}:
        code, *arguments = rest if what == "-c" else [sys.stdin.read()]
        sys.argv = [what, *arguments]
        _lead(is_isolated, "")
        main = sys.modules["__main__"].__dict__
        for name in set(main) - {"__name__", "__builtins__", "__doc__", "__loader__", "__spec__"}:
            del main[name]
        exec(compile(code, "<string>" if what == "-c" else "<stdin>", "exec"), main)  # noqa: S102
    else:
        import runpy

        sys.argv = [what, *rest]
        _lead(is_isolated, os.path.dirname(os.path.abspath(what)))  # noqa: PTH100, PTH120
        runpy.run_path(what, run_name="__main__")


def _lead(is_isolated: object, folder: str) -> None:
    """Put in the first place of the path what stands there without this file."""
    if not is_isolated:
        sys.path[0] = folder


hold()
run()
