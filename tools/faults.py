"""Faults that a generated suite must catch: each breaks one promise, and names the test for it."""

from __future__ import annotations

from tools.dump_faults import DUMP_FAULTS
from tools.factory_faults import FACTORY_FAULTS
from tools.fault import ENGINE, Fault
from tools.login_faults import LOGIN_FAULTS
from tools.migration_faults import MIGRATION_FAULTS
from tools.route_faults import ROUTE_FAULTS
from tools.socket_faults import SOCKET_FAULTS

SQLITE = "fastapi-async-sqlite"
SYNC = "fastapi-sync-sqlite"
POSTGRESQL = "fastapi-sync-postgresql"
ASYNCPG = "fastapi-async-postgresql"
MYSQL = "fastapi-sync-mysql"
CHECKS = "tests/checks"


def _isolation(cell: str, what: str, file: str, old: str, new: str, test: str) -> Fault:  # noqa: PLR0917
    mode = cell.split("-")[1]
    caught_by = f"{CHECKS}/test_isolation_{mode}.py::{test}"
    return Fault(
        "isolation", what, cell, f"{ENGINE}/isolation/{file}", old, new, caught_by, "assert"
    )


def _application(  # noqa: PLR0917
    promise: str, what: str, file: str, old: str, new: str, test: str, because: str
) -> Fault:
    return Fault(promise, what, SQLITE, file, old, new, test, because)


FAULTS = [
    *(
        fault
        for cell in (SQLITE, SYNC, POSTGRESQL, ASYNCPG)
        for fault in (
            _isolation(
                cell,
                "nothing is rolled back after a test",
                "rows.py",
                "probe(one) if probes else end(one)",
                "pass",
                "test_a_commit_does_not_outlive_its_test",
            ),
            _isolation(
                cell,
                "a rollback of the application does nothing",
                "transactions.py",
                'self._send(f"ROLLBACK TO SAVEPOINT {savepoint.name}")',
                "pass",
                "test_a_commit_after_a_rollback_does_not_outlive_its_test",
            ),
            _isolation(
                cell,
                "a rollback of the application reaches the rows of the test",
                "transactions.py",
                'if last is not None and last.state == "clean" and not last.holds:',
                "if last is not None:",
                "test_a_rollback_of_the_application_leaves_the_rows_of_the_test",
            ),
        )
    ),
    *(
        _isolation(
            cell,
            "no outer transaction is begun",
            "transactions.py",
            "self._release_committed() if self.begun else opening(self.database)",
            "self._release_committed()",
            "test_a_commit_does_not_outlive_its_test",
        )
        for cell in (SQLITE, SYNC)
    ),
    *(
        Fault(
            "isolation",
            "a test that asks for real commits shares the connection",
            cell,
            f"{ENGINE}/runtime/process.py",
            "self.seam.real_connections(database, beside=self.others.copy),",
            "contextmanager(lambda: (None for _ in [0]))(),",
            f"{CHECKS}/test_real_commits_{cell.split('-')[1]}.py::"
            "test_a_commit_is_seen_by_another_connection",
            "assert",
        )
        for cell in (SQLITE, POSTGRESQL)
    ),
    *(
        Fault(
            "isolation",
            "what a test with real commits wrote is not taken back",
            cell,
            f"{ENGINE}/databases/{file}",
            old,
            new,
            f"{CHECKS}/test_real_commits_{cell.split('-')[1]}.py::"
            "test_a_commit_is_seen_by_another_connection",
            "assert",
        )
        for cell, file, old, new in (
            (
                POSTGRESQL,
                "postgresql_baseline.py",
                'self._connection.execute(sql.SQL(";").join(statements))',
                "pass",
            ),
            (MYSQL, "mysql_baseline.py", "if not others:", "if True:"),
        )
    ),
    _application(
        "PRAGMAs of production",
        "foreign keys are no longer enforced",
        "app/database.py",
        "PRAGMA foreign_keys=ON",
        "PRAGMA foreign_keys=OFF",
        f"{CHECKS}/test_pragmas_async.py::test_a_row_without_its_parent_is_refused",
        "nothing sets PRAGMA foreign_keys = ON",
    ),
    _application(
        "race check",
        "the engine waits for no other writer",
        "app/database.py",
        "create_async_engine(settings.database_url)",
        'create_async_engine(settings.database_url, connect_args={"timeout": 0})',
        f"{CHECKS}/test_races_async.py::test_writers_wait_for_each_other",
        "PRAGMA busy_timeout is 0",
    ),
    _application(
        "race check",
        "a signup looks for the address before it makes the account",
        "app/services/accounts.py",
        "            user = await self.users.add(User(email=email, password_hash=password_hash))\n",
        "            if await self.users.find_by_email(email):\n"
        '                raise Conflict("The address has an account.")\n'
        "            user = User(email=email, password_hash=password_hash)\n"
        "            self.session.add(user)\n",
        f"{CHECKS}/test_flow_races_async.py::test_one_address_signs_up_once_however_many_try",
        "IntegrityError",
    ),
    *(
        Fault(
            "isolation",
            what,
            cell,
            f"{ENGINE}/isolation/{file}",
            old,
            new,
            f"tests/canaries/{test}",
            because,
        )
        for what, cell, file, old, new, test, because in (
            (
                "isolation levels are set on the shared connection",
                POSTGRESQL,
                "dialects.py",
                'replace("set_isolation_level", set_level)',
                "pass",
                "test_seam_sync.py::test_another_isolation_level",
                "Error",
            ),
            (
                "an autocommit is none",
                SYNC,
                "dialects.py",
                "autocommit=_is_autocommit(context.root_connection),",
                "autocommit=False,",
                "test_seam_sync.py::test_an_autocommit_engine",
                "assert",
            ),
            (
                "what is done past SQLAlchemy begins no transaction",
                SYNC,
                "raw.py",
                "        if self.is_apart:\n            self._shared.begin(self._proxy)\n",
                "        pass\n",
                "test_seam_sync.py::test_a_raw_connection",
                "assert",
            ),
            (
                "what is done past SQLAlchemy in its transaction goes unnoticed",
                SYNC,
                "raw.py",
                "            newest.wrote = self._shared.wrote = True\n",
                "            pass\n",
                "test_seam_sync.py::test_a_cursor_within_a_transaction",
                "assert",
            ),
            (
                "a COMMIT in SQL past SQLAlchemy is sent",
                POSTGRESQL,
                "raw.py",
                'return kind in {"begin", "commit", "rollback"}',
                "return False",
                "test_postgresql_sync.py::test_a_commit_in_sql_past_sqlalchemy",
                "assert",
            ),
            (
                "two-phase transactions are let through",
                POSTGRESQL,
                "dialects.py",
                "    dialect.do_begin_twophase = refuse_two_phase  # type: ignore[method-assign]\n",
                "",
                "test_seam_sync.py::test_two_phase_transactions_are_refused_by_name",
                "Error",
            ),
            (
                "deferred constraints are not checked",
                POSTGRESQL,
                "transactions.py",
                "if savepoint.wrote and self.checks_when_ending:",
                "if False:",
                "test_postgresql_sync.py::test_a_deferred_constraint_is_checked_by_a_commit",
                "DID NOT RAISE",
            ),
            (
                "the connection is closed when the application closes it",
                SYNC,
                "drivers/guards.py",
                "        if self.shared is None:\n            super().close()",
                "        if True:\n            super().close()",
                "test_seam_sync.py::test_a_connection_that_a_test_closed",
                "closed database",
            ),
            (
                "a statement that commits is let through",
                MYSQL,
                "drivers/mysql_statements.py",
                "    if COMMITS.match(code_of(prepared[2]) if prepared else code):\n",
                "    if False:\n",
                "test_mysql_sync.py::test_ddl_is_refused_by_name",
                "DID NOT RAISE",
            ),
            (
                "a statement that names another database of the server is let through",
                MYSQL,
                "drivers/mysql_statements.py",
                "    if not own or not _others(text, own):\n",
                "    if True:\n",
                "test_mysql_sync.py::test_other_databases_of_the_server_are_refused",
                "production",
            ),
        )
    ),
    Fault(
        "isolation",
        "every test has an event loop of its own",
        ASYNCPG,
        "pytest.ini",
        "asyncio_default_test_loop_scope = session",
        "asyncio_default_test_loop_scope = function",
        f"{CHECKS}/test_isolation_async.py::test_a_commit_does_not_outlive_its_test",
        "used the asyncpg driver in a second event loop",
    ),
    Fault(
        "lock",
        "files are not watched",
        SQLITE,
        f"{ENGINE}/lock/connections.py",
        "if path is not None and not self._is_scratch(path):",
        "if False:",
        f"{CHECKS}/test_infrastructure.py::"
        "test_a_file_outside_of_the_temporary_folder_is_not_opened_directly",
        "DID NOT RAISE",
    ),
    Fault(
        "lock",
        "another kind of database is let through",
        POSTGRESQL,
        f"{ENGINE}/isolation/places.py",
        "        if found is None:\n            raise self._refusal(dialect, cargs, cparams)\n",
        "        found = found or self._main\n",
        f"{CHECKS}/test_infrastructure.py::test_another_kind_of_database_is_refused",
        "test_another_kind_of_database_is_refused",
    ),
    Fault(
        "lock",
        "subprocesses are not held",
        SQLITE,
        f"{ENGINE}/lock/children.py",
        '    environ.update(_leading_here(environ.get("PYTHONPATH"), str(project)))\n',
        "    environ[HOLDS_SUBPROCESSES] = str(project)\n",
        f"{CHECKS}/test_infrastructure.py::test_a_subprocess_opens_no_file_either",
        "assert",
    ),
    *(
        Fault(
            "lock",
            what,
            cell,
            f"{ENGINE}/lock/connections.py",
            old,
            new,
            f"{CHECKS}/test_infrastructure.py::{test}",
            because,
        )
        for what, cell, old, new, test, because in (
            (
                "the audit hook looks away",
                POSTGRESQL,
                "if event not in EVENTS or not self._sees():",
                "if True:",
                "test_a_file_outside_of_the_temporary_folder_is_not_opened_directly",
                "DID NOT RAISE",
            ),
            (
                "drivers are not guarded",
                POSTGRESQL,
                "            setattr(owner, name, self._guarded(original, module.__name__))\n",
                "",
                "test_a_driver_is_not_called_directly",
                "production.invalid",
            ),
            (
                "SQLite may attach any file",
                SQLITE,
                "if action == SQLITE_ATTACH and self._sees():",
                "if False:",
                "test_a_file_outside_of_the_temporary_folder_is_not_attached",
                "DID NOT RAISE",
            ),
            (
                "the network is open",
                SQLITE,
                "            self.network(event, arguments)\n",
                "            pass\n",
                "test_the_network_is_not_reached[192.0.2.1]",
                "socket.create_connection",
            ),
        )
    ),
    Fault(
        "lock",
        "the password is shown",
        POSTGRESQL,
        f"{ENGINE}/databases/servers.py",
        "return shown_url(server.set(database=self._name))",
        'return server.set(password="s3cret").render_as_string(hide_password=False)',
        f"{CHECKS}/test_infrastructure.py::test_the_shown_address_has_no_password",
        "assert",
    ),
    _application(
        "auth check",
        "the signature of a token is not checked",
        "app/tokens.py",
        '"sid", "jti", "exp"]},',
        '"sid", "jti", "exp"], "verify_signature": False},',
        f"{CHECKS}/test_auth_credentials_async.py::"
        "test_what_has_to_be_refused_opens_nothing[tampered]",
        "answered 200, not 401",
    ),
    _application(
        "auth check",
        "a token may say that it needs no signature",
        "app/tokens.py",
        'options={"require": ["aud", "sub", "ver", "sid", "jti", "exp"]},',
        'options={"verify_signature": jwt.get_unverified_header(token)["alg"] != "none"},',
        f"{CHECKS}/test_token_attacks_async.py::"
        "test_a_token_cannot_say_that_it_needs_no_signature[none]",
        "answered 200, not 401",
    ),
    _application(
        "auth check",
        "any password logs in",
        "app/services/accounts.py",
        "if user is None or not matches or not user.is_active or not user.is_verified:",
        "if user is None or not user.is_active or not user.is_verified:",
        f"{CHECKS}/test_auth_jwt_bearer_async.py::test_a_wrong_password_is_refused",
        "answered 200, not 401",
    ),
    _application(
        "auth check",
        "the answer to a login tells who has an account",
        "app/services/accounts.py",
        "        password_hash = user.password_hash if user else DECOY_HASH\n",
        "        if user is None:\n"
        '            raise Unauthorized("Nobody has that address.")\n'
        "        password_hash = user.password_hash\n",
        f"{CHECKS}/test_auth_jwt_bearer_async.py::"
        "test_an_unknown_user_is_refused_like_a_wrong_password",
        "tells who has an account: ",
    ),
    _application(
        "auth check",
        "a protected route forgets to ask who is there",
        "app/routers/accounts.py",
        "async def me(user: CurrentUser) -> User:\n",
        "async def me(session: SessionDep) -> User:\n"
        "    from sqlalchemy import select\n"
        '    user = await session.scalar(select(User)) or User(email="a@example.com")\n',
        f"{CHECKS}/test_auth_credentials_async.py::"
        "test_what_has_to_be_refused_opens_nothing[missing]",
        "not 401",
    ),
    _application(
        "tenant filter",
        "items are read without their organisation",
        "app/repositories/items.py",
        "            Item.organisation_id == self.organisation_id, Item.deleted_at.is_(None)\n",
        "            Item.deleted_at.is_(None)\n",
        "tests/api/test_access.py::"
        "test_the_item_of_another_tenant_is_not_found_in_the_own_organisation",
        "not 404",
    ),
    _application(
        "tenant filter",
        "strangers pass as members",
        "app/access.py",
        "        membership = await MembershipRepository("
        "self.session, organisation_id).find(self.user.id)\n",
        "        from sqlalchemy.orm import joinedload\n"
        "        membership = await self.session.scalar(\n"
        "            select(Membership).where(Membership.organisation_id == organisation_id)\n"
        "            .options(joinedload(Membership.organisation), joinedload(Membership.user))\n"
        "        )\n",
        "tests/api/test_access.py::test_to_another_tenant_an_organisation_does_not_exist",
        "No such organisation.",
    ),
    _application(
        "query budget",
        "a list reads each row once more",
        "app/routers/items.py",
        "    return await ItemService.of(organisation, session).page(query)\n",
        "    service = ItemService.of(organisation, session)\n"
        "    page = await service.page(query)\n"
        "    for item in page.items:\n"
        "        await service.get(item.id)\n"
        "    return page\n",
        "tests/api/test_statements.py::test_items",
        "assert",
    ),
    *MIGRATION_FAULTS,
    *LOGIN_FAULTS,
    *FACTORY_FAULTS,
    *ROUTE_FAULTS,
    *SOCKET_FAULTS,
    *DUMP_FAULTS,
]

# What every run of the tests plants: some of each promise. `make sabotage` plants all.
_FEW_PROJECTS = {
    f"{SQLITE}-installed", f"{SQLITE}-vendored", f"{POSTGRESQL}-vendored",
    f"{MYSQL}-installed", "lounge-installed", "schema-dump-installed",
}  # fmt: skip
_THERE = [fault for fault in FAULTS if fault.project in _FEW_PROJECTS]
FEW = [
    fault
    for promise in dict.fromkeys(fault.promise for fault in FAULTS)
    for fault in [it for it in _THERE if it.promise == promise][::3]
]
