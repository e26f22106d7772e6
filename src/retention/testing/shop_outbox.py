"""The outbox: put once, claimed under a lease, finished by whoever has it; receipts, channels, bookmarks."""

from datetime import timedelta

import pytest
from attrs import evolve

from retention.campaigns.effects import SendMessage
from retention.loyalty.ledger.ledger import Ledger
from retention.permission.verdicts import Reason
from retention.spans import TICK
from retention.storage.shop.port import ShopStore
from retention.storage.shop.records import ChannelState, Parcel, ParcelStatus
from retention.testing.ledger_scenes import ANNA, giving
from retention.testing.shop_scenes import (
    CHANNEL,
    DAY,
    LEASE,
    NOW,
    TEXTS,
    asked,
    call,
    claim,
    message,
    receipt,
    sent,
    stored,
)
from retention.testing.shop_tests import ShopStoreTests


def _found(store: ShopStore, key: str) -> Parcel:
    return asked(store, lambda work: work.parcels([key]))[key]


def _of_priority(parcel: Parcel, priority: int) -> Parcel:
    assert isinstance(parcel.effect, SendMessage), "hooks have none"
    return evolve(parcel, effect=evolve(parcel.effect, priority=priority))


class Outbox(ShopStoreTests):
    """``put`` to ``ledger``."""

    def test_parcels_are_read_as_put(self, store: ShopStore) -> None:
        several = [message("a"), call("b"), evolve(message("c"), status="refused", channel="", medium=None, draft=None)]
        assert [*asked(store, lambda work: work.put(several))] == several
        assert dict(asked(store, lambda work: work.parcels(["a", "b", "c", "d"]))) == {
            each.key: each for each in several
        }

    def test_a_parcel_is_put_once(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        other, new = evolve(message("a", "ben"), due_at=NOW + DAY), message("b")
        assert [*asked(store, lambda work: work.put([other, new, new]))] == [new]
        assert _found(store, "a") == message("a")
        assert [*asked(store, lambda work: work.put([]))] == []

    def test_what_is_due_is_claimed_earliest_first(self, store: ShopStore) -> None:
        delays = {"c": 3, "b": 1, "a": 1, "d": 4}
        several = [evolve(message(key), due_at=NOW + after * TICK) for key, after in delays.items()]
        stored(store, lambda work: work.put(several))
        assert [each.key for each in claim(store, now=NOW)] == []
        assert [each.key for each in claim(store, 1, NOW + TICK)] == ["a"]
        assert [each.key for each in claim(store, 9, NOW + 3 * TICK)] == ["b", "c"]
        assert [each.key for each in claim(store, 9, NOW + 3 * TICK)] == []

    def test_of_what_is_due_together_the_more_important_is_claimed_first(self, store: ShopStore) -> None:
        several = [_of_priority(message(key), number) for key, number in (("a", 0), ("b", 9), ("c", -1), ("d", 9))]
        later = _of_priority(evolve(message("e"), due_at=NOW + TICK), 10)
        stored(store, lambda work: work.put([*several, later, call("f")]))
        order = [each.key for _ in range(6) for each in claim(store, 1, NOW + TICK)]
        assert order == ["b", "d", "a", "f", "c", "e"]

    def test_what_is_claimed_is_under_a_lease(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        (claimed,) = claim(store)
        assert claimed == evolve(message("a"), status="sending", attempt=1, due_at=NOW + LEASE)
        assert _found(store, "a") == claimed

    def test_what_was_left_behind_is_claimed_again_in_doubt(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        claim(store)
        assert [*claim(store, now=NOW + LEASE - TICK)] == []
        (again,) = claim(store, now=NOW + LEASE)
        assert again == evolve(message("a"), status="sending", attempt=2, due_at=NOW + 2 * LEASE, doubtful=True)
        assert _found(store, "a") == again

    def test_what_is_put_off_is_claimed_later_and_is_otherwise_as_it_was(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message(key) for key in "abc"]))
        claim(store, 1)
        claimed = _found(store, "a")
        stored(store, lambda work: work.put_off_parcels(["a", "b", "nobody"], NOW + DAY))
        assert _found(store, "a") == evolve(claimed, due_at=NOW + DAY)
        assert _found(store, "b") == evolve(message("b"), due_at=NOW + DAY)
        assert [each.key for each in claim(store, now=NOW + DAY - TICK)] == ["c"]
        assert [each.key for each in claim(store, now=NOW + DAY)] == ["a", "b"]

    def test_what_has_ended_or_is_due_later_is_not_put_off(self, store: ShopStore) -> None:
        several = [evolve(message("a"), status="sent"), evolve(message("b"), due_at=NOW + 2 * DAY)]
        stored(store, lambda work: work.put(several))
        stored(store, lambda work: work.put_off_parcels(["a", "b"], NOW + DAY))
        assert [_found(store, each.key) for each in several] == several

    def test_doubt_stays_until_somebody_ends_it(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([evolve(message("a"), doubtful=True)]))
        (claimed,) = claim(store)
        assert claimed.doubtful
        stored(store, lambda work: work.finish([evolve(claimed, status="waiting", due_at=NOW, doubtful=False)]))
        (again,) = claim(store)
        assert (again.attempt, again.doubtful) == (2, False)

    @pytest.mark.parametrize("status", ["sent", "refused", "expired", "cancelled", "dead", "held"])
    def test_what_has_ended_is_not_claimed(self, store: ShopStore, status: ParcelStatus) -> None:
        stored(store, lambda work: work.put([evolve(message("a"), status=status)]))
        assert [*claim(store, now=NOW + 9 * DAY)] == []

    def test_whoever_has_it_finishes_it(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a"), message("b"), message("c")]))
        first, second, third = claim(store)
        ended = [
            sent(first),
            evolve(
                second, status="waiting", due_at=NOW + DAY, tries=1, doubtful=True, reasons=(Reason("busy", "바쁨"),)
            ),
        ]
        assert [*asked(store, lambda work: work.finish(ended))] == ended
        found = asked(store, lambda work: work.parcels(["a", "b", "c"]))
        assert dict(found) == {"a": ended[0], "b": ended[1], "c": third}

    def test_a_message_that_goes_another_way_is_stored_anew(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        (claimed,) = claim(store)
        assert claimed.draft is not None
        draft = evolve(claimed.draft, key="a/sms", channel="sms", content=evolve(claimed.draft.content, text="짧게"))
        ended = evolve(claimed, status="waiting", channel="sms", draft=draft, tried=("mail", "webhook"))
        stored(store, lambda work: work.finish([ended]))
        assert _found(store, "a") == ended
        (again,) = claim(store, now=NOW + LEASE)
        stored(store, lambda work: work.finish([evolve(again, status="dead", draft=None)]))
        assert _found(store, "a").draft is None

    def test_whoever_lost_it_finishes_nothing(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a"), message("b")]))
        late, mine = claim(store)
        (second,) = claim(store, 1, NOW + LEASE)
        ended = asked(store, lambda work: work.finish([sent(late), sent(mine), sent(message("unknown"))]))
        assert [*ended] == [sent(mine)]
        assert _found(store, "a") == second
        assert [*asked(store, lambda work: work.finish([evolve(sent(mine), provider_id="p-2")]))] == []
        assert _found(store, "b").provider_id == "p-1"

    def test_what_was_never_claimed_is_not_finished(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        assert [*asked(store, lambda work: work.finish([sent(message("a"))]))] == []
        assert _found(store, "a") == message("a")

    def test_parcels_of_a_customer_are_in_the_order_of_planning(self, store: ShopStore) -> None:
        several = [evolve(message(key), planned_at=NOW + after * DAY) for key, after in (("b", 1), ("c", 0), ("a", 1))]
        stored(store, lambda work: work.put([*several, message("d", "ben")]))
        assert [each.key for each in asked(store, lambda work: work.parcels_of("anna"))] == ["c", "a", "b"]

    def test_parcels_are_found_by_the_names_of_their_providers(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a"), message("b"), message("c")]))
        first, second, _ = claim(store)
        stored(store, lambda work: work.finish([sent(first, "p-1"), sent(evolve(second, channel="sms"), "p-1")]))
        found = asked(store, lambda work: work.parcels_by_receipt("mail", ["p-1", "p-2"]))
        assert {id: each.key for id, each in found.items()} == {"p-1": "a"}
        found = asked(store, lambda work: work.parcels_by_receipt("sms", ["p-1"]))
        assert {id: each.key for id, each in found.items()} == {"p-1": "b"}

    def test_receipts_are_there_once_in_order(self, store: ShopStore) -> None:
        late, early = receipt(after=timedelta(1)), receipt()
        for each in (late, early):
            with store.work() as work:
                assert work.add_receipt("mail", each)
                assert not work.add_receipt("mail", evolve(each, code="251"))
        assert asked(store, lambda work: work.add_receipt("sms", early))
        found = asked(store, lambda work: work.receipts("mail", ["p-1", "p-2"]))
        assert {id: [*several] for id, several in found.items()} == {"p-1": [early, late]}

    def test_what_a_receipt_says_is_stored_whatever_the_attempt(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        (claimed,) = claim(store)
        stored(store, lambda work: work.set_receipt(evolve(message("a"), receipt="delivered", status="dead")))
        assert _found(store, "a") == evolve(claimed, receipt="delivered")

    def test_finishing_leaves_what_a_receipt_said(self, store: ShopStore) -> None:
        stored(store, lambda work: work.put([message("a")]))
        (claimed,) = claim(store)
        stored(store, lambda work: work.set_receipt(evolve(claimed, receipt="delivered")))
        done = asked(store, lambda work: work.finish([sent(claimed)]))
        assert [*done] == [_found(store, "a")] == [evolve(sent(claimed), receipt="delivered")]

    def test_a_channel_is_remembered(self, store: ShopStore) -> None:
        with store.work() as work:
            assert work.channel("mail") == work.channel("mail", lock=True) == ChannelState()
            work.keep_channel("mail", CHANNEL)
            assert work.channel("mail", lock=True) == CHANNEL
        stored(store, lambda work: work.keep_channel("sms", ChannelState(failures=1)))
        assert asked(store, lambda work: work.channel("mail")) == CHANNEL
        stored(store, lambda work: work.keep_channel("mail", ChannelState(tokens=1e-300)))
        assert asked(store, lambda work: work.channel("mail")) == ChannelState(tokens=1e-300)

    @pytest.mark.parametrize("text", TEXTS)
    def test_a_bookmark_is_remembered(self, store: ShopStore, text: str) -> None:
        with store.work() as work:
            assert work.bookmark(text) is None
            assert work.bookmark(text, lock=True) is None
        assert asked(store, lambda work: work.bookmark(text)) is None
        for said in ("", text):
            with store.work() as work:
                work.keep_bookmark(text, said)
            assert asked(store, lambda work: work.bookmark(text, lock=True)) == said
        assert asked(store, lambda work: work.bookmark("another")) is None

    @pytest.mark.parametrize("text", TEXTS)
    def test_parcels_say_any_text(self, store: ShopStore, text: str) -> None:
        parcel = message(text, text)
        assert parcel.draft is not None
        content = evolve(parcel.draft.content, text=text, variables={text: text})
        parcel = evolve(parcel, draft=evolve(parcel.draft, content=content), channel=text)
        stored(store, lambda work: work.put([parcel]))
        (claimed,) = claim(store)
        ended = sent(claimed, text)
        assert [*asked(store, lambda work: work.finish([ended]))] == [ended]
        with store.work() as work:
            assert [*work.parcels_of(text)] == [ended]
            assert dict(work.parcels_by_receipt(text, [text])) == {text: ended}
            assert [*work.sent([text], NOW)] == [text]
            assert work.add_receipt(text, receipt(text))
            assert [*work.receipts(text, [text])[text]] == [receipt(text)]

    def test_the_ledger_is_of_the_same_transaction(self, store: ShopStore) -> None:
        with store.work() as work:
            Ledger(store=work.ledger).run(ANNA, giving(30, "give"), now=NOW)
            assert work.ledger.load(ANNA).head.available == 30
        assert asked(store, lambda work: work.ledger.load(ANNA)).head.available == 30
