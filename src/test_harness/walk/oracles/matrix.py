"""Who is answered what: as `access.toml` says, and never what looks wrong on first sight."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from test_harness.project import suite_dir
from test_harness.settings import settings
from test_harness.walk.access import (
    FILE,
    Access,
    ends_a_session,
    looks_open,
    read_access,
    status_for,
)
from test_harness.walk.finding import Finding
from test_harness.walk.operation import Operation
from test_harness.walk.privacy import open_beside
from test_harness.walk.scene import Scene
from test_harness.walk.steps import Steps
from test_harness.walk.visit import Request, Visit

FAMILY = "access"


def applies(operation: Operation) -> bool:
    """Tell whether somebody may ask for it: everybody may, for everything."""
    return True


def look(scene: Scene) -> Steps[list[Finding]]:
    """Ask as each principal, and compare."""
    name = str(scene.operation)
    written = _written(suite_dir() / FILE).get(name)
    if written is None:
        return [
            scene.finding(
                "access",
                f"Nothing is written in {FILE} of {name}, so nobody has said who may.",
                fix="Run `test-harness routes`, and review the line that it adds.",
            )
        ]
    place = f"{suite_dir().name}/{FILE}:{written.line}"
    visits = yield from scene.asked_by_all()
    found: list[Finding] = []
    suspicious = yield from looks_wrong(scene, visits)
    for who, visit in visits.items():
        before = status_for(written, who)
        if before is not None:
            if visit.status != before:
                found.append(_changed(scene, visit, before, place))
        elif wrong := suspicious.get(who):
            found.append(
                scene.finding(
                    "access",
                    wrong,
                    evidence=_evidence(visit),
                    fix=f"Mend the route, or write `{who} = {visit.status}` in {place} if it is "
                    "meant.",
                )
            )
    return found


def looks_wrong(scene: Scene, visits: Mapping[str, Visit]) -> Steps[dict[str, str]]:
    """Return what looks wrong on first sight, by the principal that is granted it.

    Args:
        scene: The operation.
        visits: The answer to each principal.
    """
    anonymous, inactive = visits.get("anonymous"), visits.get("inactive")
    if anonymous is not None and anonymous.opens and scene.operation.method == "GET":
        why = yield from open_beside(scene, anonymous)
        return {"anonymous": f"{anonymous}, and {why}."} if why else {}
    if anonymous is not None and anonymous.opens:
        if not anonymous.changes or len(visits) == 1 or looks_open(str(scene.operation)):
            return {}
        return {"anonymous": f"{anonymous}, and wrote: nobody has to log in for it."}
    if inactive is None or not inactive.opens or ends_a_session(str(scene.operation)):
        return {}
    elsewhere = yield from scene.send(Request("GET", settings().auth.protected_path), "inactive")
    if not elsewhere.refuses:
        return {}
    why = f"although the account had been switched off, which {elsewhere.request} refuses"
    return {"inactive": f"{inactive}, {why}."}


def _changed(scene: Scene, visit: Visit, before: int, place: str) -> Finding:
    return scene.finding(
        "access",
        f"{visit}, and {place} says {before}.",
        evidence=_evidence(visit),
        fix=f"Mend the route, or write `{visit.principal} = {visit.status}` there if it is meant.",
    )


def _evidence(visit: Visit) -> str:
    said = visit.error or " ".join(visit.text.split())[:200]
    return "; ".join(map(str, visit.changes[:3])) or said


@cache
def _written(path: Path) -> Mapping[str, Access]:
    """Read the file once for all routes of a run."""
    return read_access(path)
