"""Faults in what stands on the ledger: coupons, checkout, programme, tiers, credit, gift cards, reports, storage."""

from tests.mutation.fault import Fault

_INVARIANT_15 = "tests/loyalty/tiers/test_invariant_15.py"
_COUPONS = "tests/loyalty/coupons"
_CHECKOUT = "tests/loyalty/test_checkout.py"
_PROGRAMME = "tests/loyalty/programme"
_LIABILITY = "tests/loyalty/reports/test_liability.py"
_STATEMENT = "tests/loyalty/reports/test_statement.py"
_MEMORY = "tests/storage/test_contract.py::TestMemory"


def _fault(name: str, file: str, before: str, after: str, test: str) -> Fault:
    return Fault(name, file, before, after, (test,))


def _loyalty(name: str, file: str, before: str, after: str, test: str) -> Fault:
    return _fault(name, f"loyalty/{file}", before, after, test)


COUPONS = (
    _loyalty(
        "a refund at the instant is not known yet",
        "coupons/occasions.py",
        "if each.at <= due)",
        "if each.at < due)",
        f"{_COUPONS}/test_offers.py",
    ),
    _loyalty(
        "a coupon begins a moment late",
        "coupons/applying.py",
        "if at < window.available_at",
        "if at <= window.available_at",
        f"{_COUPONS}/test_coupon.py",
    ),
    _loyalty(
        "more is taken off than is left",
        "coupons/pricing.py",
        "off = min(before, _off(coupon.gives, before))",
        "off = _off(coupon.gives, before)",
        f"{_COUPONS}/test_pricing.py",
    ),
    _loyalty(
        "the limit of a customer is that of all",
        "coupons/held.py",
        "coupon.id if customer is None else",
        "coupon.id if True else",
        f"{_COUPONS}/test_uses.py",
    ),
)

PAID = (
    _loyalty(
        "the last of it pays for nothing",
        "checkout.py",
        "if free >= self.part.amount",
        "if free > self.part.amount",
        _CHECKOUT,
    ),
    _loyalty(
        "a reservation stands in the way of its order",
        "checkout.py",
        "free = self.head.available + self.reserved",
        "free = self.head.available",
        _CHECKOUT,
    ),
    _loyalty(
        "what came back comes back again",
        "checkout.py",
        "left = 1 - standing.record.share",
        "left = Fraction(1)",
        _CHECKOUT,
    ),
    _loyalty(
        "credit pays more than there is", "credit.py", "min(head.available, total.minor)", "total.minor", _CHECKOUT
    ),
    _loyalty(
        "every code is a card", "gift_cards.py", "            if head.seq:\n", "            if True:\n", _CHECKOUT
    ),
)

GIVEN = (
    _loyalty(
        "a campaign ends a day early",
        "programme/dates.py",
        "day <= self.last)",
        "day < self.last)",
        f"{_PROGRAMME}/test_earning.py",
    ),
    _loyalty(
        "an order of the least amount is too small",
        "programme/rewards.py",
        "if happened.total >= on.minimum:",
        "if happened.total > on.minimum:",
        f"{_PROGRAMME}/test_rewards.py",
    ),
    _loyalty(
        "what was earned before leaves as much room",
        "programme/asking.py",
        "quota.most - used.get(quota.key, 0)",
        "quota.most",
        f"{_PROGRAMME}/test_earning.py",
    ),
)

RANKED = (
    _loyalty(
        "claw-backs are no loss",
        "tiers/metrics.py",
        'row.kind == "earned" or _is_claw_back(row)',
        'row.kind == "earned"',
        _INVARIANT_15,
    ),
    _loyalty("a refund counts at once", "tiers/metrics.py", "refund.at < at)", "refund.at <= at)", _INVARIANT_15),
    _loyalty("shipping always counts", "tiers/metrics.py", "if counting.shipping else", "if True else", _INVARIANT_15),
    _loyalty(
        "shipping given back is goods given back",
        "tiers/metrics.py",
        "max(0, back - shipping)",
        "back",
        _INVARIANT_15,
    ),
    _loyalty(
        "the next step has no grace",
        "tiers/evaluation.py",
        "None if lower == earned else at)",
        "None if lower == earned else previous.failing_since or at)",
        _INVARIANT_15,
    ),
)

REPORTED = (
    _loyalty(
        "more will expire than there is",
        "reports/breakage.py",
        "max(0, min(more, month.outstanding))",
        "max(0, more)",
        _LIABILITY,
    ),
    _loyalty("uses of coupons are owed", "reports/liability.py", "if account.unit == _USES:", "if False:", _LIABILITY),
    _loyalty("the first instant after is in", "reports/statement.py", "known < end", "known <= end", _STATEMENT),
)

STORED = (
    _fault("what is due now is not", "storage/memory.py", "head.next_due <= before", "head.next_due < before", _MEMORY),
    _fault(
        "a claim is taken twice",
        "storage/memory.py",
        "if not self._claims.isdisjoint(claims) or len",
        "if len",
        _MEMORY,
    ),
    _fault(
        "who comes late wins",
        "storage/memory.py",
        "if there != (change.account, change.expected_version):",
        "if there[0] != change.account:",
        _MEMORY,
    ),
    _fault(
        "SQL: what is due now is not",
        "storage/sql/statements.py",
        'accounts.c.next_due <= bindparam("before")',
        'accounts.c.next_due < bindparam("before")',
        "tests/storage/test_contract.py::TestSqlite",
    ),
    _fault(
        "SQL: who comes late is not told",
        "storage/sql/store.py",
        "if changed != 1:",
        "if changed > 1:",
        "tests/storage/test_contract.py::TestSqlite",
    ),
)

POLICIES = (*COUPONS, *PAID, *GIVEN, *RANKED, *REPORTED, *STORED)
