"""Faults in the gate: in consents, hours, caps, what refuses, what defers, what is sealed."""

from tests.mutation.fault import Fault

_GATE = "tests/permission/test_gate.py"
_LASTING = "tests/permission/test_lasting.py"
_KOREA = "tests/permission/test_korea.py"
_ELSEWHERE = "tests/permission/test_elsewhere.py"
_CONSENTS = "tests/permission/test_consents.py"
_CAPS = "tests/permission/test_caps.py"
_QUIET = "tests/permission/test_quiet.py"
_SUPPRESSION = "tests/permission/test_suppression.py"


def _gate(name: str, file: str, before: str, after: str, *tests: str) -> Fault:
    return Fault(name, f"permission/{file}", before, after, tests)


CONSENT = (
    _gate(
        "a withdrawal at the instant is too late",
        "consents.py",
        "utc(line.at) <= utc(refusal.at)",
        "utc(line.at) < utc(refusal.at)",
        _CONSENTS,
    ),
    _gate(
        "a withdrawn topic comes back with the medium",
        "consents.py",
        ' or (refusal.scope == "topic" and line.topic != topic)',
        "",
        _CONSENTS,
    ),
    _gate(
        "marketing withdrawn leaves the night",
        "consents.py",
        'if refusal.purpose not in ("marketing", purpose):',
        "if refusal.purpose != purpose:",
        _CONSENTS,
    ),
    _gate("a confirmation is never too late", "consents.py", "<= waited < CONFIRMED_WITHIN", "<= waited", _CONSENTS),
    _gate(
        "what waits for confirmation counts",
        "consents.py",
        'return self.state in ("given", "confirmed")',
        'return self.state in ("given", "confirmed", "pending")',
        _GATE,
    ),
    _gate(
        "a trade beats a withdrawal",
        "checks/consent.py",
        "if case.marketing.refusal is not None:",
        "if case.marketing.refusal is not None and not case.person.trades:",
        _KOREA,
    ),
    _gate(
        "a trade ends with its last day's beginning",
        "checks/consent.py",
        "min(midnight(day + timedelta(days=1), zone)",
        "min(midnight(day, zone)",
        _KOREA,
    ),
    _gate(
        "what no rule speaks of is allowed",
        "checks/consent.py",
        "    if any(medium in rule.media for rule in case.rules(OptOut)):\n",
        "    if any(medium in rule.media for rule in case.rules(OptOut)) or not case.rules(OptIn):\n",
        _GATE,
    ),
)

HOURS = (
    _gate(
        "marketing consent lifts the night",
        "checks/hours.py",
        "case.night.holds",
        "case.marketing.holds",
        _KOREA,
    ),
    _gate(
        "an unknown state has the country's hours",
        "checks/hours.py",
        "[rule for rule in rules if not rule.regions])",
        "[rule for rule in rules if rule.regions][:1])",
        _ELSEWHERE,
    ),
    _gate(
        "an unknown zone is the first one",
        "where.py",
        "return tuple(zone for zone in map(zone_of, names) if zone is not None)",
        "return tuple(zone for zone in map(zone_of, names) if zone is not None)[:1]",
        _ELSEWHERE,
    ),
    _gate(
        "a platform's hours are a matter of consent",
        "checks/hours.py",
        "if window is None or case.draft.kind not in window.kinds:",
        "if window is None or case.draft.kind not in window.kinds or case.night.holds:",
        _GATE,
    ),
    _gate(
        "the clocks go back and it stays open",
        "quiet.py",
        "begins <= wall < ends and resolve(begins, zone)",
        "resolve(begins, zone)",
        _QUIET,
    ),
    _gate(
        "an hour that comes twice opens twice", "quiet.py", " <= instant < resolve(ends, zone)", " <= instant", _QUIET
    ),
)

REST = (
    _gate("one zone speaks for all", "quiet.py", "later = max((", "later = min((", _QUIET),
    _gate(
        "the first reason is told alone",
        "gate.py",
        "return Refused(_told(case, tuple(waited) + stops))",
        "return Refused(_told(case, stops[:1]))",
        _GATE,
    ),
    _gate(
        "what is not known yet counts",
        "gate.py",
        'if utc(each.at) <= now or each.act == "withdrawn"',
        "if True",
        _GATE,
    ),
    _gate("what waits is asked only once", "gate.py", "    while waits := ", "    if waits := ", _GATE),
    _gate("it is deferred past its expiry", "gate.py", "if until >= case.before:", "if until > case.before:", _GATE),
    _gate(
        "what may go now may go later",
        "gate.py",
        "if verdict is None and lasting:",
        "if verdict is None and False:",
        _LASTING,
    ),
    _gate("tomorrow's rules are today's", "gate.py", "if later.on == case.on and not", "if not", _LASTING),
    _gate("the last instant is too late", "checks/basics.py", "if case.at >= utc(", "if case.at > utc(", _GATE),
    _gate("a day is over when it begins", "caps.py", "timedelta(days=count)", "timedelta(days=count - 1)", _CAPS),
    _gate("one place too many", "caps.py", "if len(ends) < cap.limit else", "if len(ends) <= cap.limit else", _CAPS),
    _gate("the latest place decides", "caps.py", "ends[len(ends) - cap.limit]", "ends[-1]", _CAPS),
    _gate(
        "a retry waits for itself", "checks/often.py", "each.key is None or each.key != case.draft.key", "True", _CAPS
    ),
    _gate(
        "orders go to addresses that bounce",
        "suppression.py",
        '"hard bounce": _EVERYTHING',
        '"hard bounce": _ADVERTISING',
        _SUPPRESSION,
    ),
    _gate(
        "Kakao is two media",
        "suppression.py",
        "each.medium.consent == medium.consent",
        "each.medium is medium",
        _SUPPRESSION,
    ),
    _gate(
        "the letter's way out is in every mail",
        "gate.py",
        'return content.automatic_headers("auto-generated")',
        "return content.one_click_headers(MessageKind.MARKETING, draft.unsubscribe)",
        _GATE,
    ),
    _gate("a repeated consent is confirmed a day late", "duties.py", " - timedelta(days=1)", "", _KOREA),
)

SENDING = (*CONSENT, *HOURS, *REST)
