"""Prices, discounts and taxes. No database here."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from app.models.customer import CustomerTier

CENT = Decimal("0.01")

TIER_DISCOUNT = {
    CustomerTier.STANDARD: Decimal("0"),
    CustomerTier.SILVER: Decimal("0.03"),
    CustomerTier.GOLD: Decimal("0.07"),
}

VOLUME_THRESHOLD = Decimal("1000.00")
VOLUME_DISCOUNT = Decimal("0.02")


@dataclass(frozen=True)
class PricedLine:
    quantity: int
    unit_price: Decimal
    tax_rate: Decimal

    @property
    def total(self) -> Decimal:
        return money(self.unit_price * self.quantity)


@dataclass(frozen=True)
class Quote:
    subtotal: Decimal
    discount: Decimal
    tax: Decimal

    @property
    def total(self) -> Decimal:
        return self.subtotal - self.discount + self.tax


def money(value: Decimal) -> Decimal:
    return value.quantize(CENT, rounding=ROUND_HALF_UP)


def discount_rate(tier: CustomerTier, subtotal: Decimal) -> Decimal:
    rate = TIER_DISCOUNT[tier]
    if subtotal >= VOLUME_THRESHOLD:
        rate += VOLUME_DISCOUNT
    return rate


def quote(lines: Iterable[PricedLine], tier: CustomerTier) -> Quote:
    lines = list(lines)
    subtotal = sum((line.total for line in lines), Decimal("0.00"))
    rate = discount_rate(tier, subtotal)
    # tax is due on what is left after the discount
    tax = sum((line.total * (1 - rate) * line.tax_rate for line in lines), Decimal("0"))
    return Quote(subtotal=subtotal, discount=money(subtotal * rate), tax=money(tax))
