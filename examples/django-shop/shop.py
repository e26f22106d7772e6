"""A small shop on Django, with the engine called from its views, in transactions of its own.

python shop.py migrate                 its own tables, and the engine's beside them, in one SQLite file
python shop.py runserver               the shop
python shop.py work                    lets time pass and sends the outbox, until it is stopped
"""

import logging
import os
import signal
import sys
from datetime import UTC, datetime
from email.headerregistry import Address
from functools import cache
from pathlib import Path
from threading import Event
from typing import Any
from zoneinfo import ZoneInfo

import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.management.base import BaseCommand
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from sqlalchemy import create_engine

from retention import Customer, Order, Segment, days, won
from retention.campaigns import Campaign, Enters, Happens, Send
from retention.channels.smtp import SmtpChannel, SmtpServer
from retention.engine import ForgedToken, Retention, Tokens
from retention.permission import Consent, Medium, MessageKind, Policy, Sender
from retention.rules import orders
from retention.storage.sql import SqlShopStore, migrate
from retention.templates import Template, Templates

log = logging.getLogger(__name__)
FILE = Path(os.environ.get("SHOP_FILE", "shop.sqlite3")).absolute()

if not settings.configured:
    settings.configure(
        DEBUG=False,
        SECRET_KEY=os.environ["SECRET"],
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        MIDDLEWARE=[],
        INSTALLED_APPS=[],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FILE}},
        USE_TZ=True,
    )
    django.setup()

VIP = Segment("vip", orders.total.sum() >= won(500_000))

CAMPAIGNS = (
    Campaign(
        "thanks",
        kind=MessageKind.TRANSACTIONAL,
        entry=Happens(event=orders.any(), each="id"),
        steps=(Send("thanks", template="thanks", channels=("email",), expires=days(1)),),
    ),
    Campaign(
        "vip",
        kind=MessageKind.MARKETING,
        entry=Enters(segment="vip"),
        steps=(Send("welcome", template="vip", channels=("email",), expires=days(3)),),
    ),
)
TEXTS = Templates(
    [
        Template("thanks", Medium.EMAIL, "Thank you for your order.", subject="Your order"),
        Template("vip", Medium.EMAIL, "{{ customer.name | default: 'Hello' }}, you are a VIP now.", subject="VIP"),
    ]
)


@cache
def engine() -> Retention:
    """The engine of this process."""
    secret = settings.SECRET_KEY.encode()
    mail = SmtpChannel(
        SmtpServer(
            host=os.environ.get("SMTP_HOST", "127.0.0.1"), port=int(os.environ.get("SMTP_PORT", "25")), security="none"
        ),
        sender=Address("Haneul", addr_spec="shop@shop.example"),
        clock=lambda: datetime.now(UTC),
        secret=secret,
    )
    return Retention(
        SqlShopStore(create_engine(f"sqlite:///{FILE}")),
        zone=ZoneInfo("Asia/Seoul"),
        segments=[VIP],
        campaigns=CAMPAIGNS,
        channels=[mail],
        templates=TEXTS,
        policy=Policy(sender=Sender(name="Haneul", contact="help@shop.example"), country="KR"),
        secret=secret,
        tokens=Tokens(url="https://shop.example/stop/", secrets={"1": secret}),
    )


# Views. ---------------------------------------------------------------------------------------------------------------


@csrf_exempt
@require_POST
def sign_up(request: HttpRequest) -> HttpResponse:
    now, given = datetime.now(UTC), request.POST
    engine().handle(Customer(given["id"], name=given.get("name"), email=given["email"], joined_at=now), now=now)
    if given.get("marketing") == "on":
        agreed = Consent(medium="email", act="given", at=now, source="sign-up", method="checkbox", wording=WORDING)
        engine().consent(given["id"], agreed, now=now)
    return HttpResponse(status=201)


WORDING = "Haneul may write to me about offers."


@csrf_exempt
@require_POST
def buy(request: HttpRequest) -> HttpResponse:
    now, given = datetime.now(UTC), request.POST
    handled = engine().handle(given["customer"], Order(given["id"], now, total=won(int(given["total"]))), now=now)
    return JsonResponse({"entered": [key for key, way, _ in handled.changes if way == "entered"]}, status=201)


def customer(request: HttpRequest, id: str) -> HttpResponse:
    asked = engine().ask(id)
    if asked is None:
        raise Http404
    why = {key: str(asked.explain(key)) for key in asked.segments}
    return JsonResponse({"segments": why, "messages": [each.status for each in asked.messages]})


@csrf_exempt
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """A GET never unsubscribes: mail scanners follow links."""
    if request.method == "GET":
        return HttpResponse('<form method="post"><button>Stop these mails</button></form>')
    try:
        engine().unsubscribe(token)
    except ForgedToken:
        raise Http404 from None
    return HttpResponse("You will get no more of these mails.")


urlpatterns = [
    path("customers", sign_up),
    path("customers/<str:id>", customer),
    path("orders", buy),
    path("stop/<str:token>", stop),
]


# Commands. ------------------------------------------------------------------------------------------------------------


class Work(BaseCommand):
    """Lets time pass and sends what is due."""

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = Event()
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        while not stopping.is_set():
            for go_on in (engine().wake, engine().deliver):
                try:
                    while go_on() and not stopping.is_set():
                        pass
                except Exception:  # what failed is tried again
                    log.exception("the engine's %s failed", go_on.__name__)
            stopping.wait(5)


def main(arguments: list[str]) -> None:
    match arguments[1:]:
        case ["work"]:
            Work().handle()
        case ["migrate"]:
            execute_from_command_line(arguments)
            with create_engine(f"sqlite:///{FILE}").begin() as connection:
                migrate(connection)
        case _:
            execute_from_command_line(arguments)


if __name__ == "__main__":
    main(sys.argv)
