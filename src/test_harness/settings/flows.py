"""Typed settings of what is around a login: its routes, what they answer, and how they refuse."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FlowSettings:
    """What happens around a login. An empty path is of a route that the application does not have.

    A payload is a JSON object in text, in which `$login`, `$email`, `$password` and `$token` stand
    for what a test sends. The token of a refresh without a payload is in the client's credential,
    and `$access` is the access token that one with a payload wants besides. Of a logout, `$token`
    is the refresh token.

    `unreadable_status` is for what is no JSON, where that is not `malformed_status` too.
    `inactive_status` is of a login, and `deactivated_status` of who has become inactive since.
    `refresh_reuse` says what a refresh token that was traded already does: it is `refused`, `ends`
    the session, or is `accepted`; `refresh_reused_status` is for where it is refused in another way
    than one that never was. `logout_reuse` says what a credential does that was shown before a
    logout: it is `refused`, or `accepted` where the client alone forgets it. `required_claims` and
    `weak_passwords` have blanks between them.
    `cookie_flags` are those of the cookies that log in, exactly, and of the refresh cookie unless
    that has its own. `login_limit` is the number of refused logins after which the next is
    answered with `limited_status`. `socket_token` says where the token of a WebSocket is:
    `query:token`, `header`, `cookie`, `subprotocol` or `message:{"token": "$token"}`;
    `socket_refused_code` is what a socket is closed with, or the status that its handshake gets.
    `socketio_token` may be `auth:{"token": "$token"}` too; `socketio_app` is what serves Socket.IO,
    as `module:name`: around the application, or the extension of Flask.
    `invite_role` is the role of who may invite, empty where every user may. In the paths of an
    invitation, `{user.attribute}` stands for what whoever invites has there, and `$invitation` for
    what its answer has in `invite_id_field`. Whoever accepts is nobody yet where the payload has a
    `$password`, and the user of the address otherwise.
    """

    encoding: str = "json"
    malformed_status: int = 422
    unreadable_status: int = 0
    inactive_status: int = 401
    unverified_status: int = 401
    ended_status: int = 401
    deactivated_status: int = 401
    required_claims: str = ""
    login_limit: int = 0
    limited_status: int = 429
    signup_path: str = ""
    signup_payload: str = ""
    signup_status: int = 201
    signup_again_status: int = 409
    weak_passwords: str = "a 12345678 password"
    weak_password_status: int = 422
    verify_path: str = ""
    verify_payload: str = ""
    verify_status: int = 200
    verify_refused_status: int = 400
    refresh_path: str = ""
    refresh_payload: str = ""
    refresh_token_field: str = "refresh_token"  # noqa: S105 - a name
    refresh_status: int = 200
    refresh_refused_status: int = 401
    refresh_reuse: str = "refused"
    refresh_reused_status: int = 0
    logout_path: str = ""
    logout_payload: str = ""
    logout_status: int = 204
    logout_reuse: str = "refused"
    reset_request_path: str = ""
    reset_request_payload: str = ""
    reset_request_status: int = 202
    reset_confirm_path: str = ""
    reset_confirm_payload: str = ""
    reset_confirm_status: int = 204
    reset_refused_status: int = 400
    reset_minutes: int = 60
    invite_path: str = ""
    invite_payload: str = '{"email": "$email"}'
    invite_status: int = 201
    invite_role: str = ""
    invite_forbidden_status: int = 403
    invite_id_field: str = "id"
    invite_accept_path: str = ""
    invite_accept_payload: str = '{"token": "$token"}'
    invite_accept_status: int = 200
    invite_refused_status: int = 400
    invite_minutes: int = 10_080
    invite_resend_path: str = ""
    invite_resend_payload: str = ""
    invite_resend_status: int = 200
    invite_cancel_path: str = ""
    invite_cancel_status: int = 204
    mail_token_pattern: str = r"(?:token|code|key)[=/]([\w.~%+=-]+)"  # noqa: S105
    cookie_flags: str = "HttpOnly SameSite=lax Path=/"
    refresh_cookie_flags: str = ""
    socket_path: str = ""
    socket_token: str = "query:token"  # noqa: S105 - a place
    socket_refused_code: int = 1008
    socketio_path: str = ""
    socketio_app: str = ""
    socketio_namespace: str = "/"
    socketio_token: str = 'auth:{"token": "$token"}'  # noqa: S105 - a place


@dataclass(frozen=True)
class RefusalSettings:
    """Statuses of single refusals, where one is answered otherwise than those like it; else 0.

    `like` of `auth.refusals` says which status of `[auth]` or `[flows]` each of them has then.
    """

    tampered: int = 0
    foreign_key: int = 0
    foreign_user: int = 0
    expired: int = 0
    malformed: int = 0
    unsigned: int = 0
    other_algorithm: int = 0
    early: int = 0
    foreign_claim: int = 0
    lacking_claim: int = 0
    refresh_as_access: int = 0
    ended_by_reset: int = 0
    ended_by_reuse: int = 0
    login_without_name: int = 0
    login_without_password: int = 0
    password_null: int = 0
    password_object: int = 0
    password_list: int = 0
    body_nothing: int = 0
    body_list: int = 0
    body_null: int = 0
    refresh_malformed: int = 0
    refresh_with_access: int = 0
    refresh_ended: int = 0
    verify_again: int = 0
    verify_guessed: int = 0
    reset_again: int = 0
    reset_late: int = 0
    reset_guessed: int = 0
    reset_by_verification: int = 0
    weak_at_reset: int = 0
    invite_again: int = 0
    invite_late: int = 0
    invite_guessed: int = 0
    invite_cancelled: int = 0
