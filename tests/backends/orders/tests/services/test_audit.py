from app.services import audit
from tests.fakes import FakeSession, integrity_error


def test_audit_has_a_session_of_its_own(monkeypatch):
    session = FakeSession()
    monkeypatch.setattr(audit, "SessionLocal", lambda: session)

    audit.write_audit("order.paid", entity="order", entity_id=3, details={"amount": "5.00"})

    assert [entry.action for entry in session.added] == ["order.paid"]
    assert session.commits == 1
    assert session.closed


def test_audit_failure_is_only_logged(monkeypatch, caplog):
    session = FakeSession()
    session.fail_on_commit = integrity_error()
    monkeypatch.setattr(audit, "SessionLocal", lambda: session)

    audit.write_audit("order.paid", entity="order", entity_id=3)

    assert session.rollbacks == 1
    assert "order.paid" in caplog.text
