"""Consents, suppressions, and what caps count."""

from attrs import evolve

from retention.storage.shop.port import ShopStore
from retention.testing.shop_scenes import (
    COMPLAINT,
    CONSENT,
    DAY,
    NOW,
    TEXTS,
    WITHDRAWAL,
    asked,
    call,
    claim,
    message,
    sent,
    stored,
)
from retention.testing.shop_tests import ShopStoreTests


class Permissions(ShopStoreTests):
    """``consents`` to ``sent``."""

    def test_lines_of_proof_are_in_the_order_they_were_added(self, store: ShopStore) -> None:
        lines = [WITHDRAWAL, CONSENT, evolve(CONSENT, purpose="night")]
        for each in lines:
            with store.work() as work:
                assert work.add_consent("anna", each)
        stored(store, lambda work: work.add_consent("ben", CONSENT))
        found = asked(store, lambda work: work.consents(["anna", "ben", "nobody"]))
        assert {id: [*several] for id, several in found.items()} == {"anna": lines, "ben": [CONSENT]}

    def test_a_line_of_proof_is_there_once(self, store: ShopStore) -> None:
        with store.work() as work:
            assert work.add_consent("anna", CONSENT)
            assert not work.add_consent("anna", CONSENT)
        assert not asked(store, lambda work: work.add_consent("anna", CONSENT))
        assert [*asked(store, lambda work: work.consents(["anna"]))["anna"]] == [CONSENT]

    def test_addresses_are_suppressed_by_their_hash(self, store: ShopStore) -> None:
        opted_out = evolve(COMPLAINT, reason="opt-out")
        for each in (COMPLAINT, opted_out, COMPLAINT):
            with store.work() as work:
                work.suppress("h-1", each)
        stored(store, lambda work: work.suppress(TEXTS[1], COMPLAINT))
        found = asked(store, lambda work: work.suppressions(["h-1", TEXTS[1], "h-2"]))
        assert sorted(found) == sorted(["h-1", TEXTS[1]])
        assert sorted(found["h-1"], key=repr) == sorted([COMPLAINT, opted_out], key=repr)
        assert [*found[TEXTS[1]]] == [COMPLAINT]

    def test_what_went_out_is_counted_from_an_instant_on(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a"), message("b"), message("waits"), message("c", "ben")]))
        claimed = {each.key: each for each in claim(store)}
        ended = [evolve(sent(claimed[key]), sent_at=NOW + days * DAY) for key, days in (("a", 1), ("b", 2), ("c", 3))]
        stored(store, lambda work: work.finish(ended))
        for after, keys in ((DAY, ["a", "b"]), (2 * DAY, ["b"]), (3 * DAY, [])):
            with store.work() as work:
                found = work.sent(["anna", "nobody"], NOW + after)
            expected = [each.as_sent for each in ended if each.key in keys]
            assert [*found.get("anna", [])] == expected
        both = asked(store, lambda work: work.sent(["anna", "ben"], NOW))
        assert {id: len(several) for id, several in both.items()} == {"anna": 2, "ben": 1}

    def test_what_is_under_way_is_counted(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        with store.work() as work:
            (claimed,) = work.claim(NOW, 9, DAY)
            assert not work.sent(["anna"], NOW)
            work.finish([evolve(claimed, sent_at=NOW)])
        found = asked(store, lambda work: work.sent(["anna"], NOW))["anna"]
        assert [each.at for each in found] == [NOW]
        stored(store, lambda work: work.finish([evolve(claimed, status="waiting", sent_at=None)]))
        assert not asked(store, lambda work: work.sent(["anna"], NOW))

    def test_calls_of_hooks_are_not_counted(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([call("a")]))
        stored(store, lambda work: work.finish([sent(each, None) for each in work.claim(NOW, 9, DAY)]))
        assert not asked(store, lambda work: work.sent(["anna"], NOW))
