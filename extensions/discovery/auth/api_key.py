"""Where an API key is sent, and which column of which model holds it."""

from __future__ import annotations

import re

from ..code.evaluation import Evaluator
from ..code.nodes import keyword, terminal
from ..code.source import Source
from ..database.models import Models
from ..findings import Finding

_KEY_COLUMN = re.compile(r"(?i)^(api_?key|api_?token|access_?key|key)$")
_KEY_MODEL = re.compile(r"(?i)^(user_?)?(api_?keys?|api_?tokens?|access_?keys?)(model)?$")


class ApiKey:
    """Finds what an API key is called.

    Attributes:
        found: `in`, `name` and `attribute`.
    """

    def __init__(
        self, source: Source, evaluator: Evaluator, models: Models, user_model: str
    ) -> None:
        self.source = source
        self.evaluator = evaluator
        self.models = models
        self.found = self._find(user_model)

    def _find(self, user_model: str) -> Finding:
        for module, call in self.source.live_calls("APIKeyHeader", "APIKeyQuery"):
            name = self.evaluator.text(module, keyword(call, "name"))
            if name:
                value = {
                    "in": "header" if terminal(call.func) == "APIKeyHeader" else "query",
                    "name": name,
                    "attribute": self._key_attribute(user_model),
                }
                return Finding(value, module.where(call), "high")
        return Finding()

    def _key_attribute(self, user_model: str) -> str:
        for model in self.models.mapped.values():
            is_user = model.address == user_model
            if not is_user and not _KEY_MODEL.match(model.symbol.name):
                continue
            for name, _ in self.models.attributes(model.symbol):
                if _KEY_COLUMN.match(name):
                    return name if is_user else f"{model.address}.{name}"
        return ""
