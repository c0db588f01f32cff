import pytest
from pydantic import ValidationError

from harbour.config import Settings


def test_settings_have_to_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValidationError, match="database_url"):
        Settings(_env_file=None)


def test_secret_is_not_shown(settings: Settings) -> None:
    assert settings.secret_key not in repr(settings)
