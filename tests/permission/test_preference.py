"""Which channel first."""

from retention.permission import Medium, prefer
from tests.permission.scene import capabilities, person

CHANNELS = {
    "mail": capabilities(Medium.EMAIL),
    "text": capabilities(Medium.SMS),
    "notice": capabilities(Medium.ALIMTALK),
    "brand": capabilities(Medium.BRAND_MESSAGE),
    "app": capabilities(Medium.PUSH),
}


def test_without_a_preference_as_they_were_given() -> None:
    assert prefer(CHANNELS, person()) == tuple(CHANNELS)


def test_preferred_media_first_in_their_order_and_kakao_is_one() -> None:
    assert prefer(CHANNELS, person(preferred=(Medium.PUSH, Medium.BRAND_MESSAGE, Medium.WHATSAPP, Medium.PUSH))) == (
        *("app", "notice", "brand"),
        *("mail", "text"),
    )
