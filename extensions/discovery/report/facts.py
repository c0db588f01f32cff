"""Every fact about a backend, found in one reading."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from ..auth.api_key import ApiKey
from ..auth.authentication import Authentication
from ..auth.cookies import Cookies
from ..auth.current_user import CurrentUser
from ..auth.lifecycle import Lifecycle
from ..auth.protection import Protection
from ..auth.roles import Roles
from ..auth.signing_key import SigningKey
from ..auth.users import Users
from ..code.call_graph import CallGraph
from ..code.evaluation import Evaluator
from ..code.files import Tree
from ..code.import_graph import imported_from
from ..code.left_out import LeftOut
from ..code.modules import Module
from ..code.source import Source
from ..database.choice import Databases
from ..database.engines import Engines
from ..database.evidence import Evidence
from ..database.further import Further
from ..database.migrations import Migrations
from ..database.models import Models
from ..database.sessions import Sessions
from ..findings import Finding
from ..project.ci import workflows
from ..project.configurations import Configurations
from ..project.coverage import coverage
from ..project.env_examples import Examples
from ..project.layers import layers
from ..project.packages import Packages
from ..project.services import services
from ..project.settings import Settings
from ..project.suites import Suites
from ..project.supported import data_layer, too_old
from ..web.applications import Applications
from ..web.middleware import obstacles
from ..web.routes import Routes
from .environment import for_tests

Made = TypeVar("Made")


class Facts:
    """What a folder says about the backend in it.

    A subject that cannot be read, for whatever reason, is not found, and a note says so: discovery
    never stops a person from answering the questions.

    Attributes:
        findings: Each fact by its name.
        notes: What went wrong, for a person.
        python_files: How many Python files there are.
        too_old: What is too old for the harness, in a sentence; empty when nothing is.
        left_out: The folders that were not read.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notes: list[str] = []
        self.findings: dict[str, Finding] = {}
        self.models: list[str] = []
        self.unregistered: list[str] = []
        self.import_roots: list[str] = []
        self.environment: list[dict[str, str]] = []
        self.layers: dict[str, str] = {}
        self.python_files = 0
        self.too_old = ""
        self.left_out: list[LeftOut] = []
        collecting = gc.isenabled()
        # Syntax trees are many small objects that all live until the end: nothing to collect.
        gc.disable()
        try:
            self._read_all()
        finally:
            if collecting:
                gc.enable()

    def _read_all(self) -> None:
        tree = self._made("the files", lambda: Tree(self.root))
        if tree is None:
            return
        self.python_files = len(tree.python)
        self.left_out = tree.left_out
        self._read(tree)
        self.notes += [f"{name} is too large to be read." for name in sorted(set(tree.too_large))]

    def _made(self, subject: str, make: Callable[[], Made]) -> Made | None:
        try:
            return make()
        except Exception as error:  # noqa: BLE001 - no code of a user's may stop the questions
            self.notes.append(f"Could not read {subject}: {type(error).__name__}: {error}")
            return None

    def _put(self, **findings: Finding) -> None:
        self.findings.update(findings)

    def _read(self, tree: Tree) -> None:
        if suites := self._made("the tests", lambda: Suites(tree)):
            self._put(existing_tests=suites.tests, one_loop=suites.one_loop)
        self._put(coverage=self._made("the coverage", lambda: coverage(tree)) or Finding())
        self._put(ci=self._made("the workflows", lambda: workflows(tree)) or Finding())
        packages = self._made("the packages", lambda: Packages(tree))
        if packages is None:
            return
        self._put(dependencies=packages.dependencies, python_requires=packages.python)
        self.too_old = self._made("the versions", lambda: too_old(tree, packages)) or ""
        source = self._made("the modules", lambda: Source(tree, frozenset(packages.names)))
        examples = self._made("the examples of settings", lambda: Examples(tree))
        if source is None or examples is None or not tree.python:
            return
        configurations = self._made("the configurations", lambda: Configurations(source, examples))
        named = configurations.named if configurations else {}
        self._read_application(source, packages, [module for module, _ in named.values()])
        layer = self._made("what keeps the data", lambda: data_layer(source, packages))
        self._put(data_layer=layer or Finding())
        self.layers = layers(source)
        self._put(**self._made("the obstacles", lambda: obstacles(source)) or {})
        reached = self._made("the services", lambda: services(source)) or {}
        self._put(**{f"service_{name}": found for name, found in reached.items()})
        models = self._made("the models", lambda: Models(source))
        migrations = self._made(
            "the migrations", lambda: Migrations(tree, source, packages, models)
        )
        if migrations:
            self._put(alembic=migrations.found, create_all=migrations.create_all)
        evaluator = Evaluator(source, examples.values)
        settings = self._made("the settings", lambda: Settings(source, evaluator))
        if models is None or settings is None:
            return
        self._put(metadata=models.metadata)
        self.models = sorted(model.address for model in models.mapped.values())
        self.unregistered = models.unregistered()
        evidence = Evidence(
            source, evaluator, packages=packages, examples=examples, settings=settings
        )
        self._read_database(models, evidence, named)
        self._read_authentication(source, evaluator, models)

    def _read_application(
        self, source: Source, packages: Packages, configurations: list[Module]
    ) -> None:
        if applications := self._made(
            "the application", lambda: Applications(source, packages.asked)
        ):
            self._put(framework=applications.framework, app=applications.app)
            self._put(app_path=_address(applications))
            if applications.chosen is not None and applications.chosen.symbol.module is not None:
                start = [applications.chosen.symbol.module, *configurations]
                found = self._made("the imports", lambda: imported_from(source, start))
                source.reach(found or set())
        self.import_roots = source.roots.needed(
            sorted(source.reachable) or [m.path for m in source.modules if not m.aside]
        )

    def _read_database(
        self, models: Models, evidence: Evidence, named: Mapping[str, tuple[Module, str]]
    ) -> None:
        source, settings = evidence.source, evidence.settings
        engines = self._made("the engines", lambda: Engines(source, evidence.evaluator, settings))
        if engines is None:
            return
        sessions = self._made("the sessions", lambda: Sessions(source, models, engines))
        databases = self._made("the databases", lambda: Databases(engines, evidence))
        if sessions is None or databases is None:
            return
        mode = sessions.mode
        if not mode.value or mode.confidence == "low":
            mode = databases.mode() or mode
        database = databases.choose(mode.value in ("async", "both"))
        self._put(session=sessions.session, sync_async=mode, db=database)
        if mode.value == "both":
            driver = databases.driver(database.value["engines"][0], is_async=False)
            self._put(sync_driver=Finding(driver, database.where, "medium"))
        made = self._made(
            "the environment",
            lambda: for_tests(
                settings, evidence.examples, database, engines.variables,
                source=source, configurations={name: value for name, (_, value) in named.items()},
            ),
        )  # fmt: skip
        self.environment = made or []
        further = self._made("the further databases", lambda: Further(source, models, engines))
        self._put(further=further.found if further else Finding())

    def _read_authentication(self, source: Source, evaluator: Evaluator, models: Models) -> None:
        routes = self._made("the routes", lambda: Routes(source, evaluator))
        if routes is None:
            return
        call_graph = CallGraph(source, evaluator)
        authentication = self._made(
            "the authentication", lambda: Authentication(source, evaluator, routes, call_graph)
        )
        if authentication is None:
            return
        style = authentication.style
        self._put(
            auth=style, login=authentication.login,
            token_field=authentication.token_field, header_prefix=authentication.header_prefix,
            accepts=Finding(authentication.accepts, style.where, style.confidence),
            cookies=Finding(authentication.flow.cookies, style.where, "medium"),
        )  # fmt: skip
        self._read_access(source, evaluator, models, authentication)
        self._read_credentials(source, evaluator, authentication)

    def _read_access(
        self, source: Source, evaluator: Evaluator, models: Models, authentication: Authentication
    ) -> None:
        routes, call_graph = authentication.routes, authentication.call_graph
        current = self._made("the current user", lambda: CurrentUser(source, routes, models))
        if current is None:
            return
        self._put(current_user=current.found)
        protection = self._made(
            "the protected routes",
            lambda: Protection(source, routes, authentication, call_graph, current.found),
        )
        if protection is None:
            return
        self._put(
            protected_path=protection.protected, health_path=protection.health,
            logout_path=protection.logout, refresh_path=protection.refresh,
        )  # fmt: skip
        lifecycle = self._made(
            "what is around the login",
            lambda: Lifecycle(source, routes, authentication, call_graph, protection),
        )
        if lifecycle is not None:
            self._put(**{f"flow_{name}": found for name, found in lifecycle.found.items()})
        users = self._made(
            "the users",
            lambda: Users(
                source, models, authentication, current_user=current.returned,
                for_admins=protection.for_admins, way=protection.way,
            ),
        )  # fmt: skip
        if users is not None:
            self._read_user(source, evaluator, models, users)
            if protection.for_admins and not (users.admin_flags or self["role_attribute"]):
                # Whoever the application takes for one, no row can be made that is.
                self._put(protected_path=Finding(note="only an administrator may read it"))

    def _read_credentials(
        self, source: Source, evaluator: Evaluator, authentication: Authentication
    ) -> None:
        style = authentication.style.value
        if signing := self._made("the key", lambda: SigningKey(source, style)):
            self._put(token_key=signing.found)
        if cookies := self._made("the cookies", lambda: Cookies(source, evaluator, authentication)):
            self._put(
                access_cookie=cookies.access, refresh_cookie=cookies.refresh,
                session_cookie=cookies.session, csrf_cookie=cookies.csrf,
                csrf_header=cookies.csrf_header, csrf_field=cookies.csrf_field,
                flow_cookie_flags=cookies.flags, flow_refresh_cookie_flags=cookies.refresh_flags,
            )  # fmt: skip

    def _read_user(
        self, source: Source, evaluator: Evaluator, models: Models, users: Users
    ) -> None:
        self._put(
            user_model=users.model, user_login_attribute=users.login,
            user_password_attribute=users.password, password_hasher=users.hasher,
            user_flags=Finding(users.flags, users.model.where, "medium"),
            asked_flags=Finding(users.asked, users.model.where, "medium"),
        )  # fmt: skip
        if roles := self._made("the roles", lambda: Roles(source, models, users.chosen)):
            self._put(role_attribute=roles.attribute, admin_role=roles.admin)
        model = users.model.value
        if key := self._made("the API key", lambda: ApiKey(source, evaluator, models, model)):
            self._put(api_key=key.found)

    def __getitem__(self, name: str) -> Finding:
        return self.findings.get(name, Finding())


def _address(applications: Applications) -> Finding:
    found = applications.app
    if not applications.address:
        return Finding(note=found.note)
    others = tuple((value, where) for value, where in found.others)
    return Finding(applications.address, found.where, found.confidence, others, found.note)
