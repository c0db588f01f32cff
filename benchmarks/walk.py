"""W1 and W2: what the checks of routes cost a suite, and how that grows with the application.

Both are processor time, of which nothing is waited for: W1 that of whole runs of pytest over the
sample, with the checks of its routes and without, which take turns; W2 that of the checks alone,
setup to teardown, as `peers/clock.py` sees it.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
from collections.abc import Collection, Sequence
from pathlib import Path

import tomllib

from benchmarks import ROOT, Plot, Row, at_most, medians
from tests.worlds import build_tree, clone_template, render, run
from tools.demo import BUILD, make_room
from tools.environments import suite_environment

ROWS = ["W1", "W2"]
# An application that looks through its routes for each request is no more than linear itself.
GOAL, GROWTH = 1.5, 1.1
RUNS = 5
OPERATIONS = (20, 200)

PEERS = ROOT / "benchmarks" / "peers"
FOLDER = BUILD / "benchmarks" / "walk"
SAMPLE = "fastapi-async-sqlite"
CHECKS = "tests/checks/test_routes_async.py"

# Who asks, which nobody but a running application knows.
PRINCIPALS = """
import json
from pathlib import Path

from test_harness.walk.driving_async import drive
from test_harness.walk.world import build_world


async def test_principals(make_client, db):
    world = await drive(build_world(), make_client, db)
    Path("principals.json").write_text(json.dumps([*world.principals]))
"""
BEGIN = """

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy import ForeignKey


class Named(BaseModel):
    name: str


Current = Annotated[User, Depends(current_user)]
"""
# Five operations each: what one more table of an application brings.
RESOURCE = """

class Thing{n}(Base):
    __tablename__ = "things_{n}"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


async def own_{n}(session: Session, user: Current, thing_id: int) -> Thing{n}:
    found = await session.get(Thing{n}, thing_id)
    if found is None or found.owner_id != user.id:
        raise HTTPException(404, "There is none")
    return found


@app.get("/things_{n}")
async def list_{n}(session: Session, user: Current) -> list[dict[str, str | int]]:
    own = select(Thing{n}).where(Thing{n}.owner_id == user.id).order_by(Thing{n}.id)
    return [dict(id=one.id, name=one.name) for one in await session.scalars(own)]


@app.post("/things_{n}", status_code=201)
async def add_{n}(session: Session, user: Current, named: Named) -> dict[str, str | int]:
    made = Thing{n}(name=named.name, owner_id=user.id)
    session.add(made)
    await session.commit()
    return dict(name=named.name)


@app.get("/things_{n}/{{thing_id}}")
async def show_{n}(thing: Annotated[Thing{n}, Depends(own_{n})]) -> dict[str, str | int]:
    return dict(id=thing.id, name=thing.name)


@app.patch("/things_{n}/{{thing_id}}", status_code=204)
async def rename_{n}(
    session: Session, thing: Annotated[Thing{n}, Depends(own_{n})], named: Named
) -> Response:
    thing.name = named.name
    await session.commit()
    return Response(status_code=204)


@app.delete("/things_{n}/{{thing_id}}", status_code=204)
async def remove_{n}(
    session: Session, thing: Annotated[Thing{n}, Depends(own_{n})]
) -> Response:
    await session.delete(thing)
    await session.commit()
    return Response(status_code=204)
"""


def measure(wanted: Collection[str]) -> list[Row]:
    """Return a row for what the checks cost the sample's suite, and one for their growth."""
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    template = clone_template(FOLDER / "template", "v99.0.0")
    measures = {"W1": cost, "W2": growth}
    return [measures[row](python, template) for row in ROWS if row in wanted]


def cost(python: Path, template: Path) -> Row:
    """Return how much longer the suite of the sample works with the checks of its routes."""
    project = render(template, FOLDER / "sample", answers_file=SAMPLE)
    asked = build_tree(project, {"tests/test_principals.py": PRINCIPALS}) / "tests"
    run(python, "-m", "pytest", "-q", "tests/test_principals.py", cwd=project)
    (asked / "test_principals.py").unlink()
    principals = len(json.loads((project / "principals.json").read_text(encoding="utf-8")))
    operations = operations_of(project)
    ways: list[Sequence[str]] = [(), (f"--ignore={CHECKS}",)]
    for way in ways:
        processor_seconds(python, project, way)
    runs = [[processor_seconds(python, project, way) for way in ways] for _ in range(RUNS)]
    with_it, without = medians(runs)
    each = 1000 * statistics.median(one - other for one, other in runs) / operations / principals
    name = (
        f"suite of the sample with the walk / without ({with_it:.1f}/{without:.1f} s; "
        f"{each:.1f} ms for each of {operations} operations and {principals} principals)"
    )
    return at_most("W1", name, [one / other for one, other in runs], GOAL)


def growth(python: Path, template: Path) -> Row:
    """Return what one operation costs among many, as a share of what it costs among few."""
    projects = [application(python, template, operations) for operations in OPERATIONS]
    for project in projects:
        milliseconds(python, project)
    runs = [[milliseconds(python, project) for project in projects] for _ in range(RUNS)]
    counts = [operations_of(project) for project in projects]
    each = [[taken / count for taken, count in zip(one, counts, strict=True)] for one in runs]
    few, many = medians(each)
    name = (
        f"walk over {counts[1]} operations / over {counts[0]}, for each operation "
        f"({many:.1f}/{few:.1f} ms)"
    )
    lines = {"walk": dict(zip(counts, (taken / 1000 for taken in medians(runs)), strict=True))}
    plot = Plot("The walk over the routes", "operations", "s", lines)
    return at_most("W2", name, [one / other for other, one in each], GROWTH, plot=plot)


def application(python: Path, template: Path, operations: int) -> Path:
    """Write an application of so many operations beside its own few, with a request for each."""
    project = FOLDER / f"operations-{operations}"
    project.mkdir()
    shutil.copy2(PEERS / "members" / "main.py", project)
    with (project / "main.py").open("a", encoding="utf-8") as file:
        file.write(BEGIN)
        file.writelines(RESOURCE.format(n=number) for number in range(operations // 5))
    render(template, project)
    run(python, "-m", "pytest", "-qq", "-s", "--write-factories", cwd=project)
    run(python, "-m", "test_harness", "routes", cwd=project)
    return project


def operations_of(project: Path) -> int:
    """Return how many operations a project has a request for."""
    tables = tomllib.loads((project / "tests" / "requests.toml").read_text(encoding="utf-8"))
    return sum("skip" not in table for table in tables.values())


def processor_seconds(python: Path, project: Path, arguments: Sequence[str]) -> float:
    """Run the suite and return how long it kept the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(python, "-m", "pytest", "-q", *arguments, cwd=project)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def milliseconds(python: Path, project: Path) -> float:
    """Run the checks of routes and return for how long they kept the processor.

    The first is left out: in it the application starts, and no look is taken.
    """
    file = project / "durations.json"
    run(
        python, "-m", "pytest", "-q", "-p", "clock", CHECKS,
        cwd=project,
        CLOCK_FILE=str(file),
        CLOCK_OF="processor",
        PYTHONPATH=str(PEERS),
    )  # fmt: skip
    durations: list[float] = json.loads(file.read_text(encoding="utf-8"))
    return sum(durations[1:]) / 1000
