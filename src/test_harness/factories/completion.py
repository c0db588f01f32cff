"""What a factory does not declare, taken from its model when it makes its first row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from factory.builder import parse_declarations
from factory.declarations import SKIP, SelfAttribute, SubFactory
from sqlalchemy.orm.attributes import manager_of_class, set_committed_value

from test_harness.application.loading import import_object
from test_harness.factories.constructors import has_own_constructor, takes
from test_harness.factories.plan import attributes_of, logs_in, plan_of, renamed_by
from test_harness.factories.reading import read
from test_harness.settings import settings

FactoryFor = Callable[[type[Any]], Any]


class Completion:
    """What a factory leaves to the models; declarations that it lacks are added to its own.

    Args:
        factory: The factory.
        factory_for: Returns the factory of a mapped class.

    `factories` are those of the parents that it makes. `keys_beside` are keys of those
    without a relationship, which a flush might write after the row. `renamed` are attributes that
    are declared under other names.
    """

    def __init__(self, factory: Any, factory_for: FactoryFor) -> None:
        model = factory._meta.model
        plan = plan_of(model)
        # What a trait gives is not there when nobody asks for the trait.
        meta = factory._meta
        meta.rename = renamed_by(factory)
        declared = attributes_of(factory)
        reading = read(model)
        self._keys = {
            key: name
            for name, relationship in reading.parents.items()
            for key in reading.local_keys(relationship)
            if name in {*plan.declarations, *declared}
        }
        # Nor is a parent made beside a foreign key that the user declares.
        own_keys = {self._keys[key] for key in declared & self._keys.keys()}
        missing = {
            one.name: one.value(factory_for)
            for name, one in zip(plan.declarations, plan.declared(), strict=True)
            if name not in declared and name not in own_keys
        }
        self._hidden = {
            name for name, one in plan.declarations.items() if one.is_parameter
        } - declared
        self._shared = [(path, source) for path, source in plan.shared if len(source) == 1]
        self._model = model
        self._factory = factory
        self._has_own_constructor = has_own_constructor(model)
        self._bypasses: bool | None = None
        self._password = settings().auth.user_password_attribute if logs_in(model) else ""
        self._takes, _ = takes(model)
        self.keys_beside: list[str] = []
        self.renamed = {key: name for name, key in meta.rename.items() if "__" in key}
        meta.base_declarations.update(missing)
        for key, declaration in meta.base_declarations.items():
            if isinstance(declaration, SelfAttribute) and not declaration.depth:
                parent, _, attribute = declaration.attribute_name.partition(".")
                if attribute and parent in {*self._hidden, *meta.parameters}:
                    self._keys[key] = parent
                    self.keys_beside.append(key)
        meta.pre_declarations, meta.post_declarations = parse_declarations(meta.declarations)
        found = [one.get_factory() for one in _declared(meta) if isinstance(one, SubFactory)]
        self.factories = [one for one in found if hasattr(one._meta.model, "__mapper__")]

    def of(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return declarations to add to those of the factory for one row."""
        found: dict[str, Any] = {}
        for key in given.keys() & self._keys.keys():
            if self._keys[key] not in given:
                found[self._keys[key]] = SKIP
        for path, (source,) in self._shared:
            if path[0] in given and not _speaks_of(given, source):
                parent = _follow(given[path[0]], path[1:])
                if parent is not None:
                    found[source] = parent
        return found

    def construct(self, args: Any, values: dict[str, Any]) -> Any:
        """Return a new object; what its constructor does not take is set afterwards.

        A constructor of the application that fails even with what the factory alone gives, because
        it asks for a session, say, is left out, as when rows are loaded.
        """
        for name in self._hidden:
            values.pop(name, None)
        if not self._has_own_constructor:
            return self._constructed(args, values)
        if not self._bypasses:
            try:
                return self._constructed(args, values)
            except Exception:
                if not self._has_to_bypass():
                    raise
        made = manager_of_class(self._model).new_instance()
        for name, value in values.items():
            if hasattr(self._model, name):
                setattr(made, name, value)
        return made

    def _constructed(self, args: Any, values: dict[str, Any]) -> Any:
        if self._takes is None:
            made = self._model(*args, **values)
            later = {}
        else:
            later = {name: value for name, value in values.items() if name not in self._takes}
            taken = {name: value for name, value in values.items() if name in self._takes}
            made = self._model(*args, **taken)
        if self._has_own_constructor:
            later |= self._swallowed(made, values)
        for name, value in later.items():
            setattr(made, name, value)
        self._keep_password(made, values)
        return made

    def _keep_password(self, made: Any, values: dict[str, Any]) -> None:
        """Undo what a listener or a validator made of a password that is hashed already."""
        name, path = self._password, "test_harness.application.passwords:hashed_password"
        kept = made.__dict__.get(name)
        if kept is None or values.get(name) in {None, kept}:
            return
        if values[name] == import_object(path)():
            set_committed_value(made, name, values[name])

    def _swallowed(self, made: Any, values: dict[str, Any]) -> dict[str, Any]:
        """Return what a constructor has not kept; a hashed password it may have hashed again."""
        return {
            name: value
            for name, value in values.items()
            if name in self._model.__mapper__.attrs
            and (made.__dict__.get(name) is None or name == self._password)
        }

    def _has_to_bypass(self) -> bool:
        if self._bypasses is None:
            self._bypasses = False
            try:
                self._factory.build()
            except Exception:  # noqa: BLE001 - whatever the application raises
                self._bypasses = True
        return self._bypasses


_completed: dict[Any, Completion] = {}


def _declared(meta: Any) -> list[Any]:
    parameters = [getattr(one, "value", None) for one in meta.parameters.values()]
    return [*meta.base_declarations.values(), *parameters]


def completion_of(factory: Any, factory_for: FactoryFor) -> Completion:
    """Complete a factory and those of the parents that it makes, once."""
    found = _completed.get(factory)
    if found is None:
        found = _completed[factory] = Completion(factory, factory_for)
        for parent in found.factories:
            completion_of(parent, factory_for)
    return found


def _speaks_of(given: dict[str, Any], name: str) -> bool:
    return any(key == name or key.startswith((f"{name}__", f"{name}_id")) for key in given)


def _follow(start: Any, path: tuple[str, ...]) -> Any:
    """Return what attributes lead to, None where one is empty or start is no object yet."""
    if not hasattr(type(start), "__mapper__"):
        return None
    for name in path:
        start = getattr(start, name, None)
    return start
