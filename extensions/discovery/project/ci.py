"""The workflows of continuous integration."""

from __future__ import annotations

from ..code.files import Tree
from ..findings import Finding


def workflows(tree: Tree) -> Finding:
    """Return their files."""
    names = tree.named(
        r"\.github/workflows/[^/]+\.ya?ml|\.gitlab-ci\.ya?ml|\.circleci/config\.yml|azure-pipelines\.yml|Jenkinsfile|bitbucket-pipelines\.yml|\.travis\.yml"
    )
    return Finding(names, f"{names[0]}:1", "high") if names else Finding()
