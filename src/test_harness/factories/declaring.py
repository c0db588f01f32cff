"""What is decided about the factory of a class: its lines, and what could not be decided."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from test_harness.factories.expressions import evaluate
from test_harness.factories.mapped import factory_name


@dataclass(frozen=True)
class Declaration:
    """One line of a factory: `name = text`.

    `names` are the objects the text names, `factories` the classes whose factories it names.
    `is_parameter` says that the model does not get it, only other declarations do.
    """

    name: str
    text: str
    names: Mapping[str, Any] = field(default_factory=dict)
    factories: Mapping[str, type[Any]] = field(default_factory=dict)
    is_parameter: bool = False

    def value(self, factory_for: Callable[[type[Any]], Any]) -> Any:
        """Return what factory_boy is given.

        Args:
            factory_for: Returns the factory of a mapped class.
        """
        made = {name: factory_for(model) for name, model in self.factories.items()}
        return evaluate(self.text, {**self.names, **made})


@dataclass(frozen=True)
class Undecided:
    """A column without a sure value, or all of a class: why, and the line that settles it."""

    model: type[Any]
    attribute: str
    why: str
    line: str

    def __str__(self) -> str:
        name = factory_name(self.model)
        if not self.attribute:
            return f"{self.model.__name__} {self.why}. Write {name} with {self.line}"
        return f"{self.model.__name__}.{self.attribute} {self.why}. Write in {name}: {self.line}"


@dataclass
class Plan:
    """What the factory of `model` declares.

    `parents` are the relationships a row cannot be without. `shared` are paths of them that lead to
    one and the same object: a longer one, and the one that it is taken from. `capacity` is how many
    rows there can be, None for as many as you like, because of the attributes in `limited`.
    `unread` says why the class has no factory, and is empty where it has one.
    """

    model: type[Any]
    declarations: dict[str, Declaration] = field(default_factory=dict)
    parents: dict[str, type[Any]] = field(default_factory=dict)
    shared: list[tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=list)
    undecided: list[Undecided] = field(default_factory=list)
    capacity: int | None = None
    limited: str = ""
    unread: str = ""

    @property
    def renamed(self) -> dict[str, str]:
        """Attributes that no factory can declare as they are, by the names it has for them.

        Two underscores lead factory_boy into another factory, and at the beginning of a name Python
        puts the name of the class in front.
        """
        found: dict[str, str] = {}
        for key in self.declarations:
            if "__" not in key:
                continue
            name = re.sub(r"^_[A-Za-z0-9]+__|^_+", "", key).strip("_").replace("__", "_") or "value"
            while name in {*self.declarations, *found} or not name.isidentifier():
                name = f"{name}_" if name.isidentifier() else f"value_{name}"
            found[name] = key
        return found

    def declared(self) -> list[Declaration]:
        """Return its lines under the names that a factory has for them."""
        names = {key: name for name, key in self.renamed.items()}
        if not names:
            return [*self.declarations.values()]
        own = re.compile(rf'(?<=")({"|".join(map(re.escape, names))})(?=")')
        return [
            replace(
                one,
                name=names.get(key, key),
                text=own.sub(lambda found: names[found[0]], one.text),
            )
            for key, one in self.declarations.items()
        ]

    def miss(self, attribute: str, why: str, line: str = "") -> None:
        """Note a column that nothing could be decided about."""
        line = line or f"{attribute} = ..."
        self.undecided.append(Undecided(self.model, attribute, why, line))
