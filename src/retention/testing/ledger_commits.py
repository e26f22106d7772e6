"""All of a batch is stored or nothing, and only on what was expected."""

from collections.abc import Callable

import pytest
from attrs import evolve

from retention.errors import CurrencyMismatch
from retention.loyalty.errors import AmountTooLarge, Conflict
from retention.loyalty.ledger.commands import Needs
from retention.loyalty.ledger.decide import Decision
from retention.loyalty.ledger.entries import Bucket, Entry, EntryKind
from retention.loyalty.ledger.head import Account, Head
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.records import Claim
from retention.loyalty.ledger.store import Batch, Change, LedgerStore
from retention.testing.ledger_scenes import (
    ANNA,
    BEN,
    NOW,
    changing,
    commit,
    earning,
    giving,
    redeeming,
    run,
)
from retention.testing.ledger_tests import StoreTests, Unchanged

_ASKED = Needs(
    orders=frozenset({"earn", "spend", "new"}),
    keys=frozenset({"earn", "spend", "give", "new"}),
    claims=frozenset({Claim("base", "earn"), Claim("base", "new")}),
)


def _stale(store: LedgerStore) -> Change:
    change = changing(store, BEN, giving(5, "new"))
    run(store, BEN, giving(1, "in between"))
    return change


def _second_new_account(store: LedgerStore) -> Change:
    return evolve(changing(store, BEN, giving(5, "new")), expected_version=0)


def _known_key(store: LedgerStore) -> Change:
    change = changing(store, BEN, giving(5, "new"))
    done = {"give": change.decision.done["new"]}
    return evolve(change, decision=evolve(change.decision, done=done))


def _taken_claim(store: LedgerStore) -> Change:
    change = changing(store, BEN, earning(5, "new"))
    return evolve(change, decision=evolve(change.decision, claims=(Claim("base", "earn"),)))


class Commits(StoreTests):
    """Compare and set; keys and claims that are there once; no part of a batch."""

    def test_an_account_that_was_never_stored_is_version_0(self, store: LedgerStore) -> None:
        loaded = store.load(ANNA, _ASKED)
        assert loaded.head == Head(account=ANNA)
        assert (loaded.records.orders, loaded.records.done, loaded.records.claims) == ({}, {}, frozenset())
        assert list(store.entries(ANNA)) == []

    def test_what_is_committed_is_loaded_one_version_on(self, store: LedgerStore) -> None:
        change = changing(store, ANNA, earning(100))
        commit(store, change)
        loaded = store.load(ANNA, _ASKED)
        assert loaded.head == evolve(change.decision.head, version=1)
        assert loaded.records.orders == change.decision.orders
        assert loaded.records.done == change.decision.done
        assert loaded.records.claims == {Claim("base", "earn")}
        assert list(store.entries(ANNA)) == list(change.decision.entries)

    def test_a_version_that_is_not_the_expected_one_is_a_conflict(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100))
        first, second = (changing(store, ANNA, redeeming(30, key)) for key in ("spend", "new"))
        commit(store, first)
        unchanged = Unchanged.of(store, _ASKED)
        with pytest.raises(Conflict):
            commit(store, second)
        unchanged.check()

    def test_a_new_account_can_be_raced_for(self, store: LedgerStore) -> None:
        first, second = (changing(store, ANNA, giving(30, key)) for key in ("give", "new"))
        commit(store, first)
        unchanged = Unchanged.of(store, _ASKED)
        with pytest.raises(Conflict):
            commit(store, second)
        unchanged.check()

    def test_an_account_that_is_not_there_has_no_version(self, store: LedgerStore) -> None:
        change = evolve(changing(store, ANNA, giving(30, "give")), expected_version=1)
        unchanged = Unchanged.of(store, _ASKED)
        with pytest.raises(Conflict):
            commit(store, change)
        unchanged.check()

    def test_a_key_may_be_used_in_every_account(self, store: LedgerStore) -> None:
        run(store, ANNA, giving(30, "give"))
        run(store, BEN, giving(40, "give"))
        results = [store.load(each, _ASKED).records.done["give"].result.amount for each in (ANNA, BEN)]
        assert results == [30, 40]

    def test_a_claim_may_be_taken_in_every_programme(self, store: LedgerStore) -> None:
        elsewhere = Account("other mileage", "anna")
        run(store, ANNA, earning(30))
        run(store, elsewhere, earning(40))
        assert store.load(elsewhere).head.available == 40

    def test_what_was_earned_elsewhere_is_seen_by_everybody(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(30))
        result = Ledger(store=store).run(BEN, earning(30, "new", order="earn"), now=NOW)
        assert result.already
        assert store.load(BEN).head.available == 0

    @pytest.mark.parametrize("second", [_stale, _second_new_account, _known_key, _taken_claim])
    def test_of_two_changes_the_second_of_which_conflicts_nothing_is_stored(
        self, store: LedgerStore, second: Callable[[LedgerStore], Change]
    ) -> None:
        run(store, ANNA, earning(100))
        run(store, BEN, giving(10, "give"))
        refused = second(store)
        fine = changing(store, ANNA, redeeming(30, "spend"))
        unchanged = Unchanged.of(store, _ASKED)
        with pytest.raises(Conflict):
            commit(store, fine, refused)
        unchanged.check()
        commit(store, fine)
        assert store.load(ANNA).head.available == 70

    def test_of_two_changes_the_first_of_which_conflicts_nothing_is_stored(self, store: LedgerStore) -> None:
        run(store, BEN, giving(10, "give"))
        refused = evolve(changing(store, ANNA, earning(100)), expected_version=7)
        fine = changing(store, BEN, redeeming(3, "spend"))
        unchanged = Unchanged.of(store, _ASKED)
        with pytest.raises(Conflict):
            commit(store, refused, fine)
        unchanged.check()

    def test_a_claim_is_not_taken_twice_in_one_batch(self, store: LedgerStore) -> None:
        several = [changing(store, each, earning(10, "new")) for each in (ANNA, BEN)]
        unchanged = Unchanged.of(store, _ASKED)
        with pytest.raises(Conflict):
            commit(store, *several)
        unchanged.check()

    def test_two_accounts_change_together(self, store: LedgerStore) -> None:
        commit(store, changing(store, ANNA, giving(1, "give")), changing(store, BEN, giving(2, "give")))
        assert [store.load(each).head.available for each in (ANNA, BEN)] == [1, 2]

    def test_an_account_in_another_unit_is_refused(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100))
        with pytest.raises(CurrencyMismatch) as caught:
            store.load(Account("mileage", "anna", "KRW"))
        assert (caught.value.expected, caught.value.found) == ("points", "KRW")

    def test_an_account_in_another_unit_is_not_changed(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100))
        change = changing(store, Account("elsewhere", "anna", "KRW"), giving(5, "new"))
        head = evolve(change.decision.head, account=Account("mileage", "anna", "KRW"))
        unchanged = Unchanged.of(store, _ASKED)
        with pytest.raises(Conflict):
            commit(store, Change(expected_version=1, decision=evolve(change.decision, head=head)))
        unchanged.check()

    @pytest.mark.parametrize(
        "decision",
        [
            Decision(head=Head(account=ANNA, totals={Bucket.ISSUED: -(2**63), Bucket.AVAILABLE: 2**63})),
            Decision(
                head=Head(account=ANNA),
                entries=(
                    Entry(
                        seq=1,
                        recorded_at=NOW,
                        effective_at=NOW,
                        kind=EntryKind.ADJUST,
                        source=Bucket.ISSUED,
                        target=Bucket.PENDING,
                        amount=2**63,
                    ),
                ),
            ),
        ],
        ids=["total", "entry"],
    )
    def test_a_number_that_takes_more_than_64_bits_is_refused(self, store: LedgerStore, decision: Decision) -> None:
        unchanged = Unchanged.of(store, _ASKED)
        fine = changing(store, BEN, giving(1, "give"))
        with pytest.raises(AmountTooLarge):
            store.commit(Batch(changes=(Change(expected_version=0, decision=decision), fine)))
        unchanged.check()

    def test_the_largest_number_is_kept(self, store: LedgerStore) -> None:
        run(store, ANNA, giving(2**63 - 1, "give"))
        run(store, BEN, giving(2**63 - 1, "give"))
        assert store.load(ANNA).head.available == 2**63 - 1
        assert store.totals("mileage")["points"][Bucket.AVAILABLE] == 2 * (2**63 - 1)
