"""The FastAPI shop, with real mails to a real server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from fastapi.testclient import TestClient

from tests.channels.smtp_server import SmtpStand
from tests.examples.loading import load
from tests.examples.mailbox import mailbox  # noqa: F401 - a fixture

SECRET = "0123456789abcdef" * 4


def test_a_customer_signs_up_orders_goes_away_is_written_to_and_ends_it(mailbox: SmtpStand, tmp_path: Path) -> None:  # noqa: F811
    shop = load("fastapi-shop/shop.py")
    settings = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.db'}",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(mailbox.port),
        "SECRET": SECRET,
        "SHOP_URL": "https://shop.example",
    }
    retention = shop.put_together(settings)
    with TestClient(shop.create_app(retention, every=None)) as client:
        signed = {"id": "mina", "name": "Mina", "email": "mina@example.com", "marketing": True}
        assert client.post("/customers", json=signed).status_code == 201
        assert client.post("/orders", json={"id": "o-1", "customer": "mina", "total": 50_000}).status_code == 201
        assert retention.deliver() == {"sent": 1}
        later = datetime.now(UTC) + timedelta(days=91)
        retention.wake(later)
        assert retention.deliver(later) == {"sent": 1}
        receipt, missed = (each.mail for each in mailbox.taken)
        assert receipt["Subject"] == "Your order"
        assert receipt["List-Unsubscribe"] is None
        assert missed["Subject"] == "(광고)It has been long"
        assert missed["To"] == "mina@example.com"
        path = missed["List-Unsubscribe"].strip("<>").removeprefix("https://shop.example")
        assert "button" in client.get(path).text
        assert client.get("/customers/mina").json() == {
            "segments": [],
            "messages": ["sent", "sent"],
        }
        assert client.post(path).status_code == 200
        assert client.post("/stop/forged").status_code == 404
        retention.wake(later + timedelta(days=14))
        assert retention.deliver(later + timedelta(days=14)) == {}
        assert client.delete("/customers/mina").status_code == 204
        assert client.get("/customers/mina").status_code == 404


def test_the_shop_is_small() -> None:
    source = Path(__file__).parents[2] / "examples" / "fastapi-shop" / "shop.py"
    assert len(source.read_text(encoding="utf-8").splitlines()) < 200
