"""Make the pictures of pages anew, docs/inventory.png and docs/performance.png, in a browser.

    python -m tools.pages

Needs Chromium, which `apt-get install chromium` brings. The suite runs three times, so that there
is something to tell of earlier runs.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.worlds import clone_template, render, run
from tools.demo import BUILD, ROOT, make_room, say
from tools.environments import suite_environment

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FOLDER = BUILD / "pages"
# The project is called in the pages what its folder is called.
PROJECT = "shop"
RUNS = 3
# Each page with its size in pixels and what is asked of it.
PICTURES = {
    "inventory": ((1280, 1500), "theme=light"),
    "performance": ((1280, 1250), "theme=dark"),
}
CRITICAL = "app/passwords.py app/tokens.py app/auth*.py"
PLANNED = """\
test_items::test_items_are_exported
  kind: api
  route: GET /organisations/{organisation_id}/items/export
  what: All items of an organisation come as one file

test_members::test_an_invitation_ends
  kind: api
  model: Membership
  what: An invitation that nobody took is worth nothing after a week
"""


def main() -> int:
    """Make the pictures and return the exit status."""
    browser = find_browser()
    if browser is None:
        print("There is no Chromium here: `apt-get install chromium`.", file=sys.stderr)
        return 1
    make_room(FOLDER)
    python = suite_environment(FOLDER / "environment")
    template = clone_template(FOLDER / "template", "v99.0.0")
    project = render(template, FOLDER / PROJECT, answers_file="fastapi-async-sqlite")
    (project / "tests" / "planned.txt").write_text(PLANNED, encoding="utf-8")
    coverage = ("--cov", "--cov-config=tests/coverage.ini", "--cov-report=xml")
    for _ in range(RUNS):
        run(python, "-m", "pytest", "-q", *coverage, cwd=project)
    for name, (size, fragment) in PICTURES.items():
        page = FOLDER / f"{name}.html"
        run(
            python, "-m", "test_harness", name, f"--html={page}",
            cwd=project, TEST_HARNESS_TARGETS_CRITICAL_PATHS=CRITICAL,
        )  # fmt: skip
        picture = ROOT / "docs" / f"{name}.png"
        take_picture(browser, f"{page.as_uri()}#{fragment}", picture, size)
        say(f"Written to {picture.relative_to(ROOT)}.")
    return 0


def find_browser() -> str | None:
    """Return the path of a Chromium; None where there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def take_picture(browser: str, address: str, picture: Path, size: tuple[int, int]) -> None:
    """Have a browser show a page and take a picture of it.

    Args:
        browser: Its path.
        address: Of the page.
        picture: The file.
        size: Of the window, in pixels.
    """
    run(
        browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
        f"--window-size={size[0]},{size[1]}", f"--screenshot={picture}", address,
        cwd=picture.parent,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
