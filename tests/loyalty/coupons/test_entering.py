"""Codes that customers type at checkout."""

import pytest

from retention.errors import FactError
from retention.loyalty.codes import COUPON_CODE
from retention.loyalty.coupons import Entered, NotApplied, PercentOff, WhyNot, behind, entered, written
from retention.loyalty.errors import PolicyError
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.programme.dates import Expiry
from tests.loyalty.coupons.shop import NOW, a_coupon

TEN = PercentOff("10")
SPRING = a_coupon("spring", TEN, code="SPRING-10")
CARD = a_coupon("card", TEN, codes="CARD", valid=Expiry(days=30))
OTHERS = a_coupon("others", TEN, codes="CAR")
COUPONS = (SPRING, CARD, OTHERS, a_coupon("plain", TEN))
CODE = COUPON_CODE.make(bytes(range(1, 9)))


@pytest.mark.parametrize("typed", ["SPRING-10", "spring10", " spr1ng 1O "])
def test_a_shared_code_is_read_as_people_type_it(typed: str) -> None:
    assert entered(typed, COUPONS) == Entered(SPRING)


def test_a_unique_code_begins_with_its_coupons_letters() -> None:
    assert written(CARD, CODE) == f"CARD-{CODE[:4]}-{CODE[4:8]}-{CODE[8:12]}-{CODE[12]}"
    assert entered(written(CARD, CODE).lower(), COUPONS) == Entered(CARD, CODE)
    assert entered(written(OTHERS, CODE), COUPONS) == Entered(OTHERS, CODE)
    assert CODE not in repr(entered(written(CARD, CODE), COUPONS))


def test_a_forged_code_is_told_without_a_store() -> None:
    forged = written(CARD, CODE)[:-1] + ("0" if CODE[-1] != "0" else "1")
    found = entered(forged, COUPONS)
    assert isinstance(found, NotApplied)
    assert (found.why, found.words) == (
        WhyNot.FORGED_CODE,
        "this is no coupon code: the check character does not fit",
    )


def test_what_is_nobodys_code() -> None:
    found = entered("SUMMER", COUPONS)
    assert isinstance(found, NotApplied)
    assert (found.coupon, found.why, str(found)) == ("", WhyNot.UNKNOWN_CODE, "there is no such code")


def test_behind_a_shared_code_is_nothing_but_its_coupon() -> None:
    with pytest.raises(FactError, match="is no unique code"):
        behind(Ledger(store=None), Entered(SPRING), now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("said", [{"codes": "CARD"}, {"codes": "c-ard"}, {"code": "SPR1NG10"}])
def test_two_coupons_do_not_share_a_code(said: dict[str, str]) -> None:
    (name,) = said
    with pytest.raises(PolicyError, match=rf"Coupon\.{name}: is that of two coupons.*'other'"):
        entered("anything", [*COUPONS, a_coupon("other", TEN, **said)])
    assert entered("SPRING-10", [*COUPONS, SPRING, CARD]) == Entered(SPRING)
