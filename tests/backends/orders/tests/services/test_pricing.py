from decimal import Decimal

import pytest

from app.models import CustomerTier
from app.services.pricing import PricedLine, discount_rate, quote


@pytest.mark.parametrize(
    ("tier", "subtotal", "expected"),
    [
        (CustomerTier.STANDARD, "999.99", "0"),
        (CustomerTier.SILVER, "10.00", "0.03"),
        (CustomerTier.GOLD, "1000.00", "0.09"),
    ],
)
def test_discount_rate(tier, subtotal, expected):
    assert discount_rate(tier, Decimal(subtotal)) == Decimal(expected)


def test_tax_is_due_on_the_discounted_price():
    lines = [
        PricedLine(quantity=2, unit_price=Decimal("49.95"), tax_rate=Decimal("0.21")),
        PricedLine(quantity=1, unit_price=Decimal("10.00"), tax_rate=Decimal("0.06")),
    ]

    result = quote(lines, CustomerTier.SILVER)

    assert result.subtotal == Decimal("109.90")
    assert result.discount == Decimal("3.30")
    assert result.tax == Decimal("20.93")
    assert result.total == Decimal("127.53")
