"""The folders of routers, services and repositories, for coverage by layer."""

from __future__ import annotations

from ..code.source import Source

_LAYERS = {
    "router": {"routers", "routes", "endpoints", "controllers", "views", "api", "blueprints",
               "handlers"},
    "service": {"services", "service", "usecases", "use_cases"},
    "repository": {"repositories", "repository", "crud", "dao", "daos"},
}  # fmt: skip


def layers(source: Source) -> dict[str, str]:
    """Return the folders that hold routers, services and repositories, for coverage by layer."""
    found: dict[str, str] = {}
    for module in source.modules:
        if module.aside:
            continue
        folders = module.path.split("/")[:-1]
        for layer, known in _LAYERS.items():
            for index, folder in enumerate(folders):
                path = "/".join(folders[: index + 1])
                if folder in known and (layer not in found or len(path) < len(found[layer])):
                    found[layer] = path
    return found
