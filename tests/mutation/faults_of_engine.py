"""Faults in the engine: in what is handled, when time passes, what is sent again, what is believed."""

from tests.mutation.fault import Fault

_HANDLING = "tests/engine/test_handling.py"
_SENDING = "tests/engine/test_sending.py"
_TROUBLE = "tests/engine/test_trouble.py"
_PARTS = "tests/engine/test_parts.py"


def _shell(name: str, file: str, before: str, after: str, *tests: str) -> Fault:
    return Fault(name, f"shell/{file}", before, after, tests)


ENGINE = (
    _shell(
        "time passes only for what is over",
        "living.py",
        "due <= until:\n            self._at(due)",
        "due < until:\n            self._at(due)",
        _HANDLING,
    ),
    _shell("a stranger's run holds everybody up", "living.py", "if run.version <= newest[key]", "if True", _HANDLING),
    _shell(
        "an order's delivery is never news",
        "living.py",
        "any(since <= each <= until for each in instants)",
        "any(since < each < until for each in instants)",
        _HANDLING,
    ),
    _shell(
        "a new definition is never judged", "handling.py", "shopper = self._defined(work, shopper)", "pass", _HANDLING
    ),
    _shell(
        "the host's record takes campaigns' tags",
        "handling.py",
        "customer = known.customer if given is None else kept_tags(given, known.tagged)",
        "customer = known.customer if given is None else given",
        _TROUBLE,
    ),
    _shell("points of campaigns never expire", "handling.py", "now, effect.expires_at)", "now, None)", _PARTS),
    _shell(
        "what is allowed now is allowed in a minute",
        "claiming.py",
        "return verdict if isinstance(soon, Allowed) else soon",
        "return verdict",
        _SENDING,
    ),
    _shell(
        "who has bought is reminded", "claiming.py", 'run.ended in ("goal", "left")', 'run.ended in ("left",)', _TROUBLE
    ),
    _shell(
        "one bad message stops all",
        "claiming.py",
        "        except Exception as problem:  # the host's functions",
        "        except ZeroDivisionError as problem:  # the host's functions",
        _TROUBLE,
    ),
    _shell(
        "the old address is written to",
        "planning.py",
        "return parcel.draft is not None and now != parcel.draft.address",
        "return False",
        _TROUBLE,
    ),
    _shell(
        "no channel falls back",
        "planning.py",
        "ids |= dict.fromkeys(self.shop.channels[id].capabilities.fallback)",
        "pass",
        _TROUBLE,
    ),
    _shell(
        "what may have gone out goes by another channel",
        "outcomes.py",
        "if parcel.doubtful:  # an earlier",
        "if False:  # an earlier",
        _SENDING,
        _PARTS,
        _TROUBLE,
    ),
    _shell("delays do not double", "outcomes.py", "FIRST_DELAY * (1 << min(tries - 1, 16))", "FIRST_DELAY", _PARTS),
    _shell(
        "delays have no end",
        "outcomes.py",
        "min(LONGEST_DELAY, FIRST_DELAY * (1 << min(tries - 1, 16)))",
        "FIRST_DELAY * (1 << min(tries - 1, 16))",
        _PARTS,
    ),
    _shell("hooks are called for ever", "outcomes.py", ">= HOOKS_GIVE_UP", "> 100 * HOOKS_GIVE_UP", _PARTS),
    _shell(
        "a message outlives its time", "outcomes.py", "if due >= utc(parcel.effect.expires_at):", "if False:", _SENDING
    ),
    _shell("any answer is believed", "delivering.py", " and is_name(answer.provider_id)", "", _TROUBLE),
    _shell(
        "a query that raises stops the round",
        "delivering.py",
        "except Exception as problem:  # it may have gone out, and this is no answer",
        "except ZeroDivisionError as problem:  # it may have gone out, and this is no answer",
        _TROUBLE,
    ),
    _shell(
        "an unsubscription of a provider is not heeded",
        "receiving.py",
        'if receipt.status == "unsubscribed"',
        'if receipt.status == "never"',
        _TROUBLE,
    ),
    _shell(
        "the address of today is suppressed",
        "receiving.py",
        "parcel.draft.address, country",
        "'nobody@example.com', country",
        _TROUBLE,
        _SENDING,
    ),
    _shell("the first secret signs", "tokens.py", "name = [*self.secrets][-1]", "name = [*self.secrets][0]", _PARTS),
    _shell(
        "a signature is not looked at",
        "tokens.py",
        "secret is None or not compare_digest(_signature(secret, signed), signature)",
        "secret is None",
        _SENDING,
        _PARTS,
    ),
    _shell("a token may be spelt otherwise", "tokens.py", "if _packed(found) != given:", "if False:", _PARTS),
    _shell(
        "one success closes no breaker",
        "gauge.py",
        "return evolve(state, failures=0, open_until=None)",
        "return state",
        _PARTS,
    ),
    _shell("a bucket has no bottom", "gauge.py", "tokens=tokens - taken", "tokens=tokens", _PARTS, _SENDING),
    _shell("everything is asked about every fact", "shop.py", "if not reads.isdisjoint(changed)", "", _PARTS),
    _shell(
        "every missed occurrence is made up for",
        "audiences.py",
        "occurrence = due[-1] if",
        "occurrence = due[0] if",
        _TROUBLE,
    ),
    _shell(
        "one customer stops time",
        "waking.py",
        "        except StoreBusy:\n            raise\n        except Exception as problem:",
        "        except StoreBusy as problem:",
        _TROUBLE,
    ),
)
