"""A small shop on FastAPI, with the engine inside: facts in from its routes, e-mail out by SMTP, in one SQLite file.

uvicorn shop:app --reload        (DATABASE_URL, SMTP_HOST, SMTP_PORT, SECRET say where and who)
"""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.headerregistry import Address
from zoneinfo import ZoneInfo

from fastapi import FastAPI, HTTPException
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, PositiveInt
from sqlalchemy import create_engine

from retention import Customer, Order, Segment, days, won
from retention.campaigns import Campaign, Enters, Happens, Send, SinceEntry, Wait
from retention.channels.smtp import SmtpChannel, SmtpServer
from retention.engine import ForgedToken, Retention, Tokens
from retention.permission import Consent, Medium, MessageKind, Policy, Sender
from retention.rules import orders
from retention.storage.sql import SqlShopStore, migrate
from retention.templates import Template, Templates

SEOUL = ZoneInfo("Asia/Seoul")
log = logging.getLogger(__name__)

DORMANT = Segment("dormant", orders.placed_at.last().older_than(days(90)))

RECEIPT = Campaign(
    "receipt",
    kind=MessageKind.TRANSACTIONAL,
    entry=Happens(event=orders.any(), each="id"),
    steps=(Send("receipt", template="receipt", channels=("email",), expires=days(1)),),
)
WIN_BACK = Campaign(
    "win-back",
    kind=MessageKind.MARKETING,
    entry=Enters(segment="dormant"),
    steps=(
        Send("hello", template="miss-you", channels=("email",), expires=days(3)),
        Wait("two weeks", days(14)),
        Send("again", template="miss-you", channels=("email",), expires=days(3)),
    ),
    goal=SinceEntry(orders.any()),
    again="after exit",
    pause=days(180),
)
TEXTS = Templates(
    [
        Template(
            "receipt", Medium.EMAIL, "{{ customer.name | default: 'Hello' }}, we have your order.", subject="Your order"
        ),
        Template(
            "miss-you", Medium.EMAIL, "{{ customer.name | default: 'Hello' }}, we miss you.", subject="It has been long"
        ),
    ]
)


def put_together(settings: Mapping[str, str]) -> Retention:
    """The engine of this shop."""
    database = create_engine(settings.get("DATABASE_URL", "sqlite:///shop.db"))
    with database.begin() as connection:
        migrate(connection)
    secret = settings["SECRET"].encode()
    host = settings.get("SHOP_URL", "https://shop.example")
    mail = SmtpChannel(
        SmtpServer(
            host=settings.get("SMTP_HOST", "127.0.0.1"),
            port=int(settings.get("SMTP_PORT", "25")),
            security="none",  # a server on this machine; "starttls" and a Login for any other
        ),
        sender=Address("Haneul", addr_spec="shop@shop.example"),
        clock=lambda: datetime.now(UTC),
        secret=secret,
    )
    return Retention(
        SqlShopStore(database),
        zone=SEOUL,
        segments=[DORMANT],
        campaigns=[RECEIPT, WIN_BACK],
        channels=[mail],
        templates=TEXTS,
        policy=Policy(sender=Sender(name="Haneul", contact="help@shop.example", refusal="080-555-0100"), country="KR"),
        secret=secret,
        tokens=Tokens(url=f"{host}/stop/", secrets={"1": secret}),
    )


class SignUp(BaseModel):
    id: str
    name: str | None = None
    email: str
    marketing: bool = False


class Checkout(BaseModel):
    id: str
    customer: str
    total: PositiveInt


def create_app(retention: Retention, *, every: float | None = 5) -> FastAPI:
    """The shop's routes. ``every`` so many seconds time passes and the outbox is sent; never if None."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        worker = asyncio.create_task(work()) if every else None
        yield
        if worker is not None:
            worker.cancel()

    async def work() -> None:
        while True:
            for go_on in (retention.wake, retention.deliver):
                try:
                    while await asyncio.to_thread(go_on):
                        pass
                except Exception:  # what failed is tried again
                    log.exception("the engine's %s failed", go_on.__name__)
            await asyncio.sleep(every or 5)

    app = FastAPI(lifespan=lifespan)

    @app.post("/customers", status_code=201)
    def sign_up(given: SignUp) -> None:
        now = datetime.now(UTC)
        retention.handle(Customer(given.id, name=given.name, email=given.email, joined_at=now), now=now)
        if given.marketing:
            agreed = Consent(
                medium="email",
                act="given",
                at=now,
                source="sign-up",
                method="checkbox",
                wording="Haneul may write to me about offers.",
                wording_version="2026-01",
            )
            retention.consent(given.id, agreed, now=now)

    @app.post("/orders", status_code=201)
    def order(given: Checkout) -> list[str]:
        now = datetime.now(UTC)
        handled = retention.handle(given.customer, Order(given.id, now, total=won(given.total)), now=now)
        return [segment for segment, direction, _ in handled.changes if direction == "entered"]

    @app.get("/customers/{id}")
    def customer(id: str) -> dict[str, object]:
        asked = retention.ask(id)
        if asked is None:
            raise HTTPException(404)
        return {"segments": asked.segments, "messages": [each.status for each in asked.messages]}

    @app.get("/stop/{token}", response_class=HTMLResponse)
    def ask_to_stop(token: str) -> str:
        """A mail scanner follows links: a GET never unsubscribes."""
        return '<form method="post"><button>Stop these mails</button></form>'

    @app.post("/stop/{token}")
    def stop(token: str) -> str:
        try:
            retention.unsubscribe(token)
        except ForgedToken:
            raise HTTPException(404) from None
        return "You will get no more of these mails."

    @app.delete("/customers/{id}", status_code=204)
    def erase(id: str) -> None:
        if not retention.erase(id):
            raise HTTPException(404)

    return app


if "SECRET" in os.environ:
    app = create_app(put_together(os.environ))
