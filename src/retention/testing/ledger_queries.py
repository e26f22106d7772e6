"""Lists of entries and accounts: their order, their ends, page after page."""

from datetime import timedelta

from retention.loyalty.ledger.commands import Merge, Place
from retention.loyalty.ledger.entries import Bucket
from retention.loyalty.ledger.head import Account
from retention.loyalty.ledger.ledger import Ledger
from retention.loyalty.ledger.store import LedgerStore
from retention.testing.ledger_scenes import (
    ANNA,
    BEN,
    NOW,
    earning,
    giving,
    redeeming,
    run,
    validity,
)
from retention.testing.ledger_tests import StoreTests


class Queries(StoreTests):
    """``entries``, ``due``, ``accounts`` and ``totals``."""

    def test_entries_are_in_order_and_page_by_page(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100), *(redeeming(1, f"spend-{number}") for number in range(10)))
        run(store, BEN, earning(7, "other"))
        seqs = list(range(1, 13))
        assert [each.seq for each in store.entries(ANNA)] == seqs
        assert [each.seq for each in store.entries(ANNA, limit=5)] == seqs[:5]
        assert [each.seq for each in store.entries(ANNA, after=5, limit=5)] == seqs[5:10]
        assert [each.seq for each in store.entries(ANNA, after=10, limit=5)] == seqs[10:]
        assert list(store.entries(ANNA, after=12)) == []
        assert [each.seq for each in Ledger(store=store).entries(ANNA, page=4)] == seqs

    def test_entries_are_of_one_account(self, store: LedgerStore) -> None:
        elsewhere = Account("other mileage", "anna")
        for account in (ANNA, BEN, elsewhere):
            run(store, account, giving(len(account.programme), account.id))
        assert [each.key for each in store.entries(BEN)] == ["ben", "ben"]
        assert {each.amount for each in store.entries(elsewhere)} == {len("other mileage")}

    def test_accounts_are_due_from_the_instant_on_earliest_first(self, store: LedgerStore) -> None:
        ends = {"c": 3, "a": 2, "b": 1, "d": 2}
        for name, days in ends.items():
            run(store, Account("mileage", name), earning(10, name, lot=validity(days)))
        run(store, Account("mileage", "never"), giving(10, "give"))
        run(store, Account("other mileage", "a"), earning(10, "a", lot=validity(1)))

        def due(after: timedelta, limit: int = 1000) -> list[str]:
            return [each.id for each in store.due("mileage", NOW + after, limit)]

        assert due(timedelta(days=1, microseconds=-1)) == []
        assert due(timedelta(days=1)) == ["b"]
        assert due(timedelta(days=2)) == ["b", "a", "d"]
        assert due(timedelta(days=9)) == ["b", "a", "d", "c"]
        assert due(timedelta(days=9), limit=2) == ["b", "a"]

    def test_what_is_due_changes_with_the_account(self, store: LedgerStore) -> None:
        soon, later = NOW + timedelta(hours=1), NOW + timedelta(days=365)
        run(store, ANNA, earning(10), Place(key="hold", hold="h", amount=3, until=soon))
        assert list(store.due("mileage", soon)) == [ANNA]
        assert Ledger(store=store).settle_due("mileage", now=soon) == 1
        assert list(store.due("mileage", soon)) == []
        assert Ledger(store=store).settle_due("mileage", now=later) == 1
        assert list(store.due("mileage", later + timedelta(days=9999))) == []

    def test_accounts_are_in_the_order_of_their_ids(self, store: LedgerStore) -> None:
        names = ["Z", "a", "a b", "a-b", "aB", "ab", "b", "é", "가", "나", "😀"]  # by code points, as Python sorts
        assert names == sorted(names)
        for name in reversed(names):
            run(store, Account("mileage", name), giving(1, "give"))
        run(store, Account("other mileage", "c"), giving(1, "give"))
        assert [each.id for each in store.accounts("mileage")] == names
        assert [each.id for each in store.accounts("mileage", limit=3)] == names[:3]
        assert [each.id for each in store.accounts("mileage", after="aB", limit=4)] == names[5:9]
        assert list(store.accounts("mileage", after=names[-1])) == []
        assert list(store.accounts("no programme")) == []

    def test_accounts_are_told_with_their_units(self, store: LedgerStore) -> None:
        krw = Account("mileage", "credit", "KRW")
        run(store, krw, earning(1, lot=validity(1)))
        assert list(store.accounts("mileage")) == [krw]
        assert list(store.due("mileage", NOW + timedelta(days=1))) == [krw]

    def test_totals_are_sums_of_all_buckets_by_unit(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100), redeeming(30, "spend"))
        run(store, BEN, earning(5, "other"))
        run(store, Account("mileage", "credit", "KRW"), giving(1_000, "give"))
        run(store, Account("other mileage", "anna"), giving(7, "give"))
        totals = store.totals("mileage")
        assert totals.keys() == {"points", "KRW"}
        assert totals["points"] == {
            **dict.fromkeys(Bucket, 0),
            Bucket.ISSUED: -105,
            Bucket.AVAILABLE: 75,
            Bucket.SPENT: 30,
        }
        assert totals["KRW"] == {**dict.fromkeys(Bucket, 0), Bucket.ISSUED: -1_000, Bucket.AVAILABLE: 1_000}
        assert store.totals("no programme") == {}

    def test_totals_sum_to_0_over_a_merge(self, store: LedgerStore) -> None:
        run(store, ANNA, earning(100), redeeming(30, "spend"))
        Ledger(store=store).move(ANNA, Merge(key="merge", to=BEN), now=NOW)
        totals = store.totals("mileage")["points"]
        assert sum(totals.values()) == 0
        assert (totals[Bucket.AVAILABLE], totals[Bucket.MERGED]) == (70, 0)
