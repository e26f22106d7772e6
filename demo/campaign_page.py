"""Prints what became of the campaign: who was written to, one mail, and what it changed."""

from demo.campaign import AWAY, LAUNCH, WEEKS, Outcome
from retention.campaigns.measuring import Estimate
from retention.cli.screen import Column, Screen


def show(screen: Screen, found: Outcome) -> bool:
    """The report; False unless the server was handed every mail that is said to be sent, each once."""
    screen.heading("A campaign that wins back", f"{LAUNCH:%d %B %Y}, to households that are {AWAY.name}")
    screen.note(
        "Addresses and refusals are generated: one household in ten wants no mails. The mails went to an SMTP "
        "server of this machine and to nobody; what the households bought afterwards is the study's own."
    )
    screen.line()
    sent = found.statuses["sent"]
    screen.table(
        (Column("", "right", "bold"), Column("")),
        [
            (f"{found.households:,}", "households were known at the launch"),
            (f"{found.audience:,}", f"of them were {AWAY.name} and came in"),
            (f"{found.held_out:,}", "of those were held out, to compare"),
            (f"{found.refused.total():,}", f"messages were refused by the gate: {', '.join(found.refused)}"),
            (f"{sent:,}", "mails were sent"),
            (f"{len(found.mails):,}", "mails the server was handed"),
        ],
    )
    _mail(screen, found)
    _lift(screen, found)
    keys = {each["Message-ID"] for each in found.mails}
    return sent == len(found.mails) == len(keys) > 0


def _mail(screen: Screen, found: Outcome) -> None:
    mail = found.mails[0]
    screen.heading("One of the mails", "as the server got it")
    for name in ("From", "To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post"):
        value = str(mail[name])
        screen.line(f"{name}: {value if len(value) < 80 else value[:60] + '…>'}", "dim")
    body = mail.get_body(("plain",))
    assert body is not None, "every mail has a plain part"
    screen.line()
    for line in body.get_content().splitlines():
        screen.line(line if len(line) < 80 else line[:70] + "…")


def _lift(screen: Screen, found: Outcome) -> None:
    """Shares of those who bought within the weeks, and what can be said of the difference."""
    groups = found.lift
    screen.heading("What it changed", f"bought within {WEEKS} weeks; the mails reached nobody, so: nothing")
    rows = [
        ("written to", groups.heads, groups.converted),
        ("held out", groups.held_out, groups.held_out_converted),
    ]
    screen.table(
        (Column("", style="bold"), Column("households", "right"), Column("bought", "right"), Column("share", "right")),
        [(name, f"{of:,}", f"{hits:,}", f"{hits / of:.1%}" if of else "") for name, of, hits in rows],
    )
    screen.line()
    screen.note(_said(groups.rate))


def _said(estimate: Estimate) -> str:
    if estimate.difference is None or estimate.low is None or estimate.high is None:
        return "The groups are too small to compare."
    between = f"the true difference lies between {estimate.low:+.1%} and {estimate.high:+.1%}"
    least = "" if estimate.detectable is None else f"; groups of this size would show {estimate.detectable:.1%} or more"
    return f"{estimate.difference:+.1%}: {estimate.answer}. With 95 % confidence {between}{least}."
