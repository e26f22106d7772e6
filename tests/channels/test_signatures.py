"""Standard Webhooks 1.0, both ends. The first vector was made with the standard's own Python library."""

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import new

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.channels.errors import ForgedWebhook
from retention.channels.signatures import TOLERANCE, sign, verify
from retention.errors import ConfigurationError, NaiveInstant

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
AT = datetime.fromtimestamp(1_614_265_330, UTC)
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'


def signed(*secrets: str) -> dict[str, str]:
    return sign(secrets, id=ID, at=AT, body=BODY)


def test_the_signature_is_that_of_the_standard_s_own_library() -> None:
    assert signed(OLD) == {
        "webhook-id": ID,
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_what_is_signed_is_verified() -> None:
    assert verify([OLD], signed(OLD), BODY, now=AT) == ID


def test_names_of_headers_are_read_in_any_case() -> None:
    assert verify([OLD], {name.title(): value for name, value in signed(OLD).items()}, BODY, now=AT) == ID


@pytest.mark.parametrize("sender", [(OLD,), (OLD, NEW), (NEW,)], ids=["before", "during", "after"])
def test_a_receiver_with_both_secrets_sees_no_gap_while_one_replaces_the_other(sender: tuple[str, ...]) -> None:
    assert verify([OLD, NEW], signed(*sender), BODY, now=AT) == ID


@pytest.mark.parametrize("receiver", [OLD, NEW])
def test_a_sender_with_both_secrets_is_believed_by_a_receiver_with_either(receiver: str) -> None:
    assert verify([receiver], signed(OLD, NEW), BODY, now=AT) == ID


def test_another_secret_is_not_believed() -> None:
    with pytest.raises(ForgedWebhook, match="signature"):
        verify([NEW], signed(OLD), BODY, now=AT)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(ForgedWebhook):
        verify([], signed(OLD), BODY, now=AT)


@pytest.mark.parametrize("away", [TOLERANCE, -TOLERANCE])
def test_the_window_includes_both_ends(away: timedelta) -> None:
    assert verify([OLD], signed(OLD), BODY, now=AT + away) == ID
    with pytest.raises(ForgedWebhook, match="ago"):
        verify([OLD], signed(OLD), BODY, now=AT + away + away / 300)


def test_the_window_is_the_receiver_s_choice() -> None:
    late = AT + timedelta(hours=1)
    assert verify([OLD], signed(OLD), BODY, now=late, tolerance=timedelta(hours=1)) == ID


def test_a_receiver_s_clock_has_a_zone() -> None:
    with pytest.raises(NaiveInstant):
        verify([OLD], signed(OLD), BODY, now=AT.replace(tzinfo=None))


@given(st.binary(max_size=64).filter(lambda body: body != BODY))
def test_no_other_body_is_believed(body: bytes) -> None:
    with pytest.raises(ForgedWebhook):
        verify([OLD], signed(OLD), body, now=AT)


@given(st.sampled_from(sorted(signed(OLD))), st.text(max_size=80))
def test_no_other_header_is_believed(name: str, value: str) -> None:
    headers = signed(OLD)
    if value != headers[name] and headers[name] not in value.split(" "):
        with pytest.raises(ForgedWebhook):
            verify([OLD], {**headers, name: value}, BODY, now=AT)


@pytest.mark.parametrize("name", sorted(signed(OLD)))
def test_no_header_may_be_missing(name: str) -> None:
    headers = signed(OLD)
    del headers[name]
    with pytest.raises(ForgedWebhook):
        verify([OLD], headers, BODY, now=AT)


@pytest.mark.parametrize("seconds", ["", "x", "-", "9" * 30, "9" * 5_000, "1e9", "nan"])
def test_a_time_that_is_none_is_refused_though_it_is_signed(seconds: str) -> None:
    key = b64decode(OLD.removeprefix("whsec_"))
    signature = b64encode(new(key, f"{ID}.{seconds}.".encode() + BODY, sha256).digest()).decode()
    headers = {"webhook-id": ID, "webhook-timestamp": seconds, "webhook-signature": f"v1,{signature}"}
    with pytest.raises(ForgedWebhook, match="ago"):
        verify([OLD], headers, BODY, now=AT)


def test_a_signature_of_another_version_does_not_count() -> None:
    headers = signed(OLD)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1,", "v1a,")
    with pytest.raises(ForgedWebhook):
        verify([OLD], headers, BODY, now=AT)


def test_signatures_beyond_the_eighth_are_not_looked_at() -> None:
    headers = signed(OLD)
    right = headers["webhook-signature"]
    assert verify([OLD], headers | {"webhook-signature": "v1,x " * 7 + right}, BODY, now=AT) == ID
    with pytest.raises(ForgedWebhook):
        verify([OLD], headers | {"webhook-signature": "v1,x " * 8 + right}, BODY, now=AT)


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "not base64 at all!", "비밀"])
def test_a_secret_that_is_short_or_no_base64_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        sign([secret], id=ID, at=AT, body=BODY)
    assert "c2hvcnQ" not in str(caught.value)
    assert "not base64 at all!" not in str(caught.value)


def test_a_webhook_without_an_id_is_refused_though_it_is_signed() -> None:
    headers = sign([OLD], id="", at=AT, body=BODY)
    with pytest.raises(ForgedWebhook):
        verify([OLD], headers, BODY, now=AT)
