import pytest
from pydantic import ValidationError

from app.routers.jars import JarIn


@pytest.mark.parametrize("label", ["", "x" * 61])
def test_a_label_has_a_length(label):
    with pytest.raises(ValidationError):
        JarIn(label=label, grams=1)
