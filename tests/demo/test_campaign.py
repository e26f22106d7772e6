"""The demo's campaign on a study of thirty households: who stayed away is written to, unless they want no mails."""

from datetime import timedelta
from io import StringIO

import pytest

from demo import campaign, campaign_page
from demo.campaign import LAUNCH, Outcome
from demo.complete_journey import SCHEMA
from retention.cli.screen import Screen
from retention.customer import Customer
from retention.money import usd
from retention.order import Order
from retention.profile import Profile

DAY = timedelta(days=1)


def _household(number: int) -> Profile:
    """Even ones come every week; odd ones stayed away for forty days, and the third of them comes back on the fifth."""
    id = str(number)
    last = LAUNCH - (2 if number % 2 == 0 else 40) * DAY
    baskets = [Order(f"{id}-1", last, total=usd(20))]
    if number % 6 == 5:
        baskets.append(Order(f"{id}-2", LAUNCH + 5 * DAY, total=usd(30)))
    return Profile.build(Customer(id, joined_at=last), baskets, schema=SCHEMA)


@pytest.fixture(scope="module")
def found() -> Outcome:
    return campaign.run([_household(number) for number in range(30)], lambda done, total: None)


def test_everybody_who_stayed_away_came_in_and_no_other(found: Outcome) -> None:
    assert (found.households, found.audience) == (30, 15)
    assert found.lift.heads + found.lift.held_out == 15
    assert found.held_out == found.lift.held_out > 0


def test_the_server_was_handed_every_mail_once_and_none_to_who_refused_or_was_held_out(found: Outcome) -> None:
    people = {each["To"] for each in found.mails}
    assert found.statuses == {"sent": len(found.mails)}
    assert len({each["Message-ID"] for each in found.mails}) == len(found.mails)
    assert len(people) == found.lift.heads - found.refused.total() // 2
    assert all(each["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" for each in found.mails)


def test_who_came_back_got_no_last_word(found: Outcome) -> None:
    last = {each["To"] for each in found.mails if each["Subject"] == "A last word"}
    back = {f"household-{number}@example.com" for number in range(30) if number % 6 == 5}
    assert last
    assert not last & back


def test_the_report_says_what_arrived_and_shows_one(found: Outcome) -> None:
    out = StringIO()
    assert campaign_page.show(Screen(out), found)
    said = out.getvalue()
    assert f"{len(found.mails)}  mails the server was handed" in said
    assert "Subject: We miss you" in said
    assert "too small to" in said
