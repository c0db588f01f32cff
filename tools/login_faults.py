"""Faults around the login of the sample, each with the generated test that catches it."""

from __future__ import annotations

from tools.fault import ENGINE, Fault

CELL, SYNC = "fastapi-async-sqlite", "fastapi-sync-sqlite"
SESSION_COOKIE = "fastapi-async-sqlite-session-cookie"
API_KEY, HTTP_BASIC = "litestar-async-sqlite-api-key", "flask-sync-sqlite-http-basic"
CHECKS = "tests/checks"
TOKENS, SESSIONS = "app/tokens.py", "app/repositories/sessions.py"
ACCOUNTS, ONE_TIME = "app/services/accounts.py", "app/repositories/one_time_tokens.py"
OPTIONS = 'options={"require": ["aud", "sub", "ver", "sid", "jti", "exp"]},'
CREDENTIALS = "auth_credentials::test_what_has_to_be_refused_opens_nothing"
REFUSED = "answered 200, not 401"

# What is wrong, in which file, what stands there and what instead, who catches it, and why.
_FOUND = [
    (
        "exp is ignored",
        TOKENS,
        OPTIONS,
        OPTIONS.replace("]}", '], "verify_exp": False}'),
        "token_attacks::test_a_token_ends_when_it_says",
        REFUSED,
    ),
    (
        "a token is good for a minute more",
        TOKENS,
        OPTIONS,
        f"leeway=60, {OPTIONS}",
        f"{CREDENTIALS}[expired]",
        REFUSED,
    ),
    (
        "nbf is ignored",
        TOKENS,
        OPTIONS,
        OPTIONS.replace("]}", '], "verify_nbf": False}'),
        "token_attacks::test_a_token_that_begins_later_is_refused",
        REFUSED,
    ),
    (
        "a token need not end",
        TOKENS,
        OPTIONS,
        OPTIONS.replace(', "exp"', ""),
        "token_attacks::test_a_token_that_lacks_a_claim_is_refused[exp]",
        REFUSED,
    ),
    (
        "the algorithm is taken from the token",
        TOKENS,
        "algorithms=[ALGORITHM],",
        'algorithms=[jwt.get_unverified_header(token)["alg"]],',
        "token_attacks::test_a_token_cannot_choose_how_it_is_checked[HS512]",
        REFUSED,
    ),
    (
        "the audience is not checked",
        TOKENS,
        OPTIONS,
        OPTIONS.replace("]}", '], "verify_aud": False}'),
        "token_attacks::test_a_token_for_or_of_somebody_else_is_refused[aud]",
        REFUSED,
    ),
    (
        "claims are read from a token whose signature is another's",
        TOKENS,
        OPTIONS,
        OPTIONS.replace("]}", '], "verify_signature": False}'),
        "token_attacks::test_rights_are_not_written_into_a_token",
        REFUSED,
    ),
    (
        "a refresh token is accepted as access token",
        "app/services/sessions.py",
        "        claims = tokens.read(TokenKind.ACCESS, access_token)\n",
        "        try:\n"
        "            claims = tokens.read(TokenKind.ACCESS, access_token)\n"
        "        except Unauthorized:\n"
        "            claims = tokens.read(TokenKind.REFRESH, access_token)\n",
        "flow_session::test_a_refresh_token_is_no_access_token",
        REFUSED,
    ),
    (
        "an access token is accepted as refresh token",
        "app/services/sessions.py",
        "        claims = tokens.read(TokenKind.REFRESH, refresh_token)\n",
        "        try:\n"
        "            claims = tokens.read(TokenKind.REFRESH, refresh_token)\n"
        "        except Unauthorized:\n"
        "            claims = tokens.read(TokenKind.ACCESS, refresh_token)\n",
        "flow_session::test_an_access_token_is_no_refresh_token",
        REFUSED,
    ),
    (
        "a refresh token can be used again",
        SESSIONS,
        "RefreshSession.id == refresh_session.id, RefreshSession.token_id == used_token",
        "RefreshSession.id == refresh_session.id",
        "flow_session::test_a_refresh_token_that_was_traded_is_worth_nothing",
        REFUSED,
    ),
    (
        "a stolen refresh token ends nothing",
        "app/services/sessions.py",
        "            await self.session.commit()\n",
        "",
        "flow_session::test_a_refresh_token_that_comes_back_ends_the_session",
        REFUSED,
    ),
    (
        "a logout only makes the client forget",
        "app/services/sessions.py",
        "        await self.sessions.revoke(login.session_id)\n",
        "",
        "flow_session::test_a_logout_ends_what_the_client_showed",
        REFUSED,
    ),
    (
        "a logout leaves the refresh token",
        SESSIONS,
        "                RefreshSession.revoked_at.is_(None),\n",
        "",
        "flow_session::test_a_logout_ends_the_refresh_token",
        REFUSED,
    ),
    (
        "a logout ends every session there is",
        SESSIONS,
        "            .where(RefreshSession.id == session_id)\n            .values(revoked_at",
        "            .values(revoked_at",
        "flow_session::test_a_logout_leaves_other_devices_alone",
        "answered 401, not 200",
    ),
    (
        "a malformed token is an error of the server",
        TOKENS,
        "except (jwt.InvalidTokenError, ValueError) as error:",
        "except jwt.ExpiredSignatureError as error:",
        "flow_session::test_a_malformed_refresh_token_is_refused[x]",
        "DecodeError",
    ),
    (
        "an inactive user is accepted",
        ACCOUNTS,
        " or not user.is_active or",
        " or",
        "flow_login::test_an_inactive_user_is_refused",
        REFUSED,
    ),
    (
        "who becomes inactive stays in",
        SESSIONS,
        "                User.is_active,\n                ~revoked,\n",
        "                ~revoked,\n",
        "flow_login::test_a_user_who_becomes_inactive_is_out",
        REFUSED,
    ),
    (
        "an unverified user is accepted",
        ACCOUNTS,
        " or not user.is_verified:",
        ":",
        "flow_login::test_an_unverified_user_is_refused",
        REFUSED,
    ),
    (
        "the hash of the password is in an answer",
        "app/schemas/users.py",
        "    email: str\n",
        "    email: str\n    password_hash: str\n",
        "flow_login::test_what_a_user_reads_of_themselves_has_no_password",
        "shows a password or its hash",
    ),
    (
        "logins are not limited",
        ACCOUNTS,
        "if failures >= settings.login_attempts:",
        "if False:",
        "flow_login::test_logins_are_limited",
        "answered 200, not 429",
    ),
    (
        "failed logins are counted and rolled back",
        ACCOUNTS,
        "            await self.session.commit()\n",
        "",
        "flow_login::test_logins_are_limited",
        "answered 200, not 429",
    ),
    (
        "a login that lacks a field is an error of the server",
        "app/schemas/accounts.py",
        'class Credentials(BaseModel):\n    """Who somebody says they are, and the proof."""\n\n'
        "    email: Email\n    password: Password\n",
        'class Credentials(BaseModel):\n    """Who somebody says they are, and the proof."""\n\n'
        "    email: Email\n    password: Password = None\n",
        "flow_login::test_a_login_that_lacks_a_field_is_malformed[password_field]",
        "Error",
    ),
    (
        "a signup shows the password",
        "app/routers/accounts.py",
        "    await AccountService(session).signup(data.email, data.password.get_secret_value())\n"
        "    return MailSent()\n",
        "    await AccountService(session).signup(data.email, data.password.get_secret_value())\n"
        "    return MailSent(detail=f'Welcome! {data.password.get_secret_value()}')\n",
        "flow_signup::test_a_signup_never_shows_the_password",
        "shows a password or its hash",
    ),
    (
        "a signup tells who has an account",
        ACCOUNTS,
        "            await self.session.rollback()\n",
        "            raise\n",
        "flow_signup::test_signing_up_twice_changes_nothing",
        "answered 409, not 202",
    ),
    (
        "a signup sets the password of an account",
        ACCOUNTS,
        "            await self.session.rollback()\n",
        "            await self.session.rollback()\n"
        "            (await self.users.find_by_email(email)).password_hash = password_hash\n",
        "flow_signup::test_signing_up_twice_changes_nothing",
        REFUSED,
    ),
    (
        "an account is verified from the start",
        ACCOUNTS,
        "User(email=email, password_hash=password_hash)",
        "User(email=email, password_hash=password_hash, is_verified=True)",
        "flow_signup::test_who_did_not_verify_the_address_stays_out",
        REFUSED,
    ),
    (
        "any password will do for an account",
        "app/schemas/accounts.py",
        '        check_strength(password.get_secret_value(), info.data.get("email", ""))\n',
        "",
        "flow_signup::test_a_weak_password_is_refused[password]",
        "answered 202, not 422",
    ),
    (
        "any password will do for a reset",
        "app/schemas/accounts.py",
        '        check_strength(password.get_secret_value(), email="")\n',
        "",
        "flow_reset::test_a_weak_password_is_refused[password]",
        "answered 204, not 422",
    ),
    (
        "a reset can be repeated",
        ONE_TIME,
        "        await self.session.delete(row)\n",
        "",
        "flow_reset::test_a_mail_is_good_for_one_reset",
        "answered 204, not 400",
    ),
    (
        "a reset has no end",
        ONE_TIME,
        "                OneTimeToken.expires_at > utc_now(),\n",
        "",
        "flow_reset::test_a_mail_is_good_for_a_while",
        "answered 204, not 400",
    ),
    (
        "a verification resets a password",
        ONE_TIME,
        "                OneTimeToken.purpose == purpose,\n",
        "",
        "flow_reset::test_a_verification_is_no_reset",
        "answered 204, not 400",
    ),
    (
        "a socket opens to who has logged out",
        "app/socket_user.py",
        "    return (await SessionService(session).login_of(token)).user\n",
        "    from app import tokens\n"
        "    claims = tokens.read(tokens.TokenKind.ACCESS, token)\n"
        "    return await session.get_one(User, claims.user_id)\n",
        "socket::test_who_logged_out_does_not_open_the_socket",
        "The application said nothing",
    ),
    (
        "a reset leaves a thief logged in",
        ACCOUNTS,
        "        user.password_version += 1\n",
        "",
        "flow_reset::test_a_reset_ends_what_clients_showed",
        REFUSED,
    ),
    (
        "a forgotten password tells who has an account",
        ACCOUNTS,
        "            await asyncio.to_thread(mail.send_unknown, email)\n",
        '            raise Unauthorized("Nobody has that address.")\n',
        "flow_reset::test_asking_for_a_mail_does_not_tell_who_has_an_account",
        "tells who has an account: ",
    ),
    (
        "the answer shows what the mail says",
        "app/routers/accounts.py",
        "    await AccountService(session).forgot_password(data.email)\n    return MailSent()\n",
        "    from unittest.mock import patch\n"
        "    from app import mail\n"
        "    with patch.object(mail, 'send_reset', wraps=mail.send_reset) as sent:\n"
        "        await AccountService(session).forgot_password(data.email)\n"
        "    return MailSent(detail=f'A mail was sent: {sent.call_args}')\n",
        "flow_reset::test_what_the_mail_says_is_in_no_answer",
        "not in",
    ),
]

_WITH_A_SOCKET = [
    (
        "a socket opens to everybody",
        "app/routers/socket.py",
        "        await socket.close(status.WS_1008_POLICY_VIOLATION)\n        return\n",
        "        user = None\n",
        "socket::test_what_has_to_be_refused_does_not_open_the_socket[missing]",
        "The application said nothing",
    ),
]

_WITH_A_SESSION_COOKIE = [
    (
        "a login takes over the session that was there",
        "app/routers/auth.py",
        "response: Response) -> User:\n"
        '    """Trade email address and password for a session."""\n'
        "    password = data.password.get_secret_value()\n"
        "    user = await AccountService(session).authenticate(data.email, password)\n"
        "    set_session(response, await SessionService(session).start(user))\n",
        "response: Response, request: __import__('fastapi').Request) -> User:\n"
        "    from sqlalchemy import update\n"
        "    from app.credentials import SESSION_COOKIE\n"
        "    from app.models import Login\n"
        "    from app.repositories.logins import hash_secret\n"
        "    password = data.password.get_secret_value()\n"
        "    user = await AccountService(session).authenticate(data.email, password)\n"
        "    secret = await SessionService(session).start(user)\n"
        "    planted = request.cookies.get(SESSION_COOKIE, secret)\n"
        "    begun = update(Login).where(Login.secret_hash == hash_secret(secret))\n"
        "    await session.execute(begun.values(secret_hash=hash_secret(planted)))\n"
        "    set_session(response, planted)\n",
        "flow_login::test_a_login_does_not_take_over_a_session",
        "the cookie is the one sent beforehand",
    ),
    (
        "scripts can read the cookie",
        "app/cookies.py",
        "        httponly=not readable,\n",
        "        httponly=False,\n",
        "flow_login::test_cookies_are_set_as_they_shall_be",
        "the flags of the cookie",
    ),
    (
        "the cookie is sent without encryption",
        "app/cookies.py",
        "        secure=settings.secure_cookies,\n        httponly=not readable,\n",
        "        secure=False,\n        httponly=not readable,\n",
        "flow_login::test_cookies_are_set_as_they_shall_be",
        "the flags of the cookie",
    ),
    (
        "the cookie is sent along from other sites",
        "app/cookies.py",
        '        httponly=not readable,\n        samesite="lax",\n',
        '        httponly=not readable,\n        samesite="none",\n',
        "flow_login::test_cookies_are_set_as_they_shall_be",
        "the flags of the cookie",
    ),
    (
        "a logout only deletes the cookie",
        "app/services/sessions.py",
        "        await self.logins.remove(login)\n",
        "",
        "flow_session::test_a_logout_ends_what_the_client_showed",
        REFUSED,
    ),
    (
        "a session never ends",
        "app/repositories/logins.py",
        "                Login.expires_at > utc_now(),\n",
        "",
        f"{CREDENTIALS}[expired]",
        REFUSED,
    ),
]

_DECODES = "    return jwt.decode(token, public_key, algorithms=[algorithm])\n"
_WITH_A_PUBLIC_KEY = [
    (
        "what anybody knows is taken for a secret, because the token says so",
        "courier/tokens.py",
        _DECODES,
        # PyJWT itself refuses a public key as the secret of an HMAC.
        "    jwt.algorithms.HMACAlgorithm.prepare_key = lambda self, key: key.encode()\n"
        "    algorithm = jwt.get_unverified_header(token)['alg']\n" + _DECODES,
        "token_attacks::test_a_token_cannot_choose_how_it_is_checked[HS256]",
        REFUSED,
    ),
    (
        "nbf is ignored",
        "courier/tokens.py",
        _DECODES,
        _DECODES.replace("])", "], options={'verify_nbf': False})"),
        "token_attacks::test_a_token_that_begins_later_is_refused",
        REFUSED,
    ),
    (
        "the signature is not checked",
        "courier/tokens.py",
        _DECODES,
        _DECODES.replace("])", "], options={'verify_signature': False, 'verify_exp': True})"),
        f"{CREDENTIALS}[foreign_key]",
        REFUSED,
    ),
]

_WITH_AN_API_KEY = [
    (
        "only the user in a key is looked at",
        "app/services/keys.py",
        "is_right = user is not None and compare_digest(key.encode(), user.api_key.encode())",
        "is_right = user is not None and compare_digest(key[:33], user.api_key[:33])",
        f"{CREDENTIALS}[tampered]",
        REFUSED,
    ),
]

_WITH_HTTP_BASIC = [
    (
        "any password opens what is protected",
        ACCOUNTS,
        "if user is None or not matches or",
        "if user is None or",
        f"{CREDENTIALS}[tampered]",
        REFUSED,
    ),
]

LOGIN_FAULTS = [
    Fault(
        "login",
        what,
        cell,
        file,
        old,
        new,
        f"{CHECKS}/test_{test.replace('::', f'_{mode}.py::', 1)}",
        because,
    )
    for cell, mode, found in (
        (CELL, "async", _FOUND),
        (CELL, "async", _WITH_A_SOCKET),
        (SYNC, "sync", _WITH_A_SOCKET),
        (SESSION_COOKIE, "async", _WITH_A_SESSION_COOKIE),
        ("courier", "async", _WITH_A_PUBLIC_KEY),
        (API_KEY, "async", _WITH_AN_API_KEY),
        (HTTP_BASIC, "sync", _WITH_HTTP_BASIC),
    )
    for what, file, old, new, test, because in found
]

LOGIN_FAULTS += [
    Fault(
        "roles",
        what,
        CELL,
        f"{ENGINE}/auth/roles.py",
        old,
        new,
        f"tests/api/{test}",
        because,
    )
    for what, old, new, test, because in (
        (
            "whoever is asked for in a role has the usual one",
            "given = {place.attribute: value_of(holder, place.attribute, wanted), **values}",
            "given = dict(values)",
            "test_members.py::test_an_admin_adds_a_member",
            "answered 403, not 201",
        ),
        (
            "an administrator is not the user who is logged in",
            "        return user\n\n    return make()",
            "        return user_factory().create()\n\n    return make()",
            "test_organisations.py::test_an_admin_renames_the_organisation",
            "not enough values to unpack",
        ),
    )
]
