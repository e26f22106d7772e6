"""The Django shop, with real mails to a real server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.channels.smtp_server import SmtpStand
from tests.examples.loading import load
from tests.examples.mailbox import mailbox  # noqa: F401 - a fixture
from tests.project.source import ROOT


def test_a_customer_becomes_a_vip_is_told_and_ends_it(
    mailbox: SmtpStand,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET", "0123456789abcdef" * 4)
    monkeypatch.setenv("SHOP_FILE", str(tmp_path / "shop.sqlite3"))
    monkeypatch.setenv("SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("SMTP_PORT", str(mailbox.port))
    shop = load("django-shop/shop.py")
    shop.main(["shop.py", "migrate"])
    from django.test import Client

    client = Client()
    signed = {"id": "mina", "name": "Mina", "email": "mina@example.com", "marketing": "on"}
    assert client.post("/customers", signed).status_code == 201
    bought = client.post("/orders", {"id": "o-1", "customer": "mina", "total": "600000"})
    assert bought.json() == {"entered": ["vip"]}
    assert "600,000" in client.get("/customers/mina").json()["segments"]["vip"]
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert shop.engine().deliver(later) == {"sent": 2}
    vip, thanks = sorted((each.mail for each in mailbox.taken), key=lambda each: each["Subject"])
    assert (vip["Subject"], thanks["Subject"]) == ("(광고)VIP", "Your order")
    path = vip["List-Unsubscribe"].strip("<>").removeprefix("https://shop.example")
    assert b"button" in client.get(path).content
    assert client.post(path).status_code == 200
    assert client.post("/stop/forged").status_code == 404
    asked = shop.engine().ask("mina")
    assert [each.act for each in asked.consents] == ["given", "withdrawn"]


def test_the_shop_is_small() -> None:
    source = ROOT / "examples" / "django-shop" / "shop.py"
    assert len(source.read_text(encoding="utf-8").splitlines()) < 200
