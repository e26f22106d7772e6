"""Faults in the engine: in what is handled, when time passes, what is sent again, what is believed."""

from tests.mutation.fault import Fault

_OUT_OF_STEP = "tests/engine/test_out_of_step.py"
_HOSTILE = "tests/engine/test_hostile_answers.py"
_HANDLING = "tests/engine/test_handling.py"
_SENDING = "tests/engine/test_sending.py"
_TROUBLE = "tests/engine/test_trouble.py"
_PARTS = "tests/engine/test_parts.py"
_NOTICES = "tests/engine/test_notices.py"
_ANSWERS = "tests/engine/test_answers.py"
_CONFIRMING = "tests/engine/test_confirming.py"
_RESULTS = "tests/engine/test_results.py"
_SILENCING = "tests/engine/test_silencing.py"
_CLEARING = "tests/engine/test_clearing.py"
_READING = "tests/property/test_reading.py"
_STORE = "tests/storage/shop/test_sql_shop.py"


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
        "a new definition is never judged",
        "handling.py",
        "shopper, before = self._defined(work, shopper)",
        "pass",
        _HANDLING,
    ),
    _shell(
        "what may not go again is let go",
        "redriving.py",
        'work.reopen([each for each in anew if each.status == "waiting"]))',
        "work.reopen(anew))",
        _OUT_OF_STEP,
    ),
    _shell(
        "new definitions forget what had just become known",
        "living.py",
        "        self.pass_time(now)\n        self.undefined",
        "        self.undefined",
        _OUT_OF_STEP,
    ),
    _shell(
        "what a query found has no early receipts",
        "delivering.py",
        "self._heard(done)\n        return done\n\n    def _queried",
        "pass\n        return done\n\n    def _queried",
        _OUT_OF_STEP,
    ),
    _shell(
        "an address is suppressed in one spelling",
        "shop.py",
        "forms.add(channel.validate_address(address))",
        "pass",
        _HOSTILE,
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
        "lasting=FRESH",
        "lasting=FRESH * 0",
        _SENDING,
    ),
    _shell(
        "the gate's answer is good for as long as the lease",
        "delivering.py",
        "if self._took(asked_at) > min(FRESH, self.lease):",
        "if self._took(asked_at) > self.lease:",
        "tests/engine/test_a_year.py",
    ),
    _shell(
        "a channel is handed more than it takes at once",
        "delivering.py",
        "size = min(several[0].channel.capabilities.batch, MOST_AT_ONCE)",
        "size = MOST_AT_ONCE",
        _SENDING,
    ),
    _shell(
        "who takes much is handed more than the gate's answer is good for",
        "delivering.py",
        "size = min(several[0].channel.capabilities.batch, MOST_AT_ONCE)",
        "size = several[0].channel.capabilities.batch",
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
        'if receipt.status == "unsubscribed" and parcel.medium',
        'if receipt.status == "never" and parcel.medium',
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
        "secret is None or not compare_digest(_signature(secret, does, signed), signature)",
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
    _shell(
        "a notice that was refused is forgotten",
        "owing.py",
        "return parcel is not None and parcel.status in _WENT | _UNDER_WAY",
        "return parcel is not None",
        _NOTICES,
    ),
    _shell(
        "a notice that went out goes again",
        "owing.py",
        "return parcel is not None and parcel.status in _WENT | _UNDER_WAY",
        "return parcel is not None and parcel.status in _UNDER_WAY",
        _NOTICES,
    ),
    _shell(
        "who begins to tell owes nothing",
        "shop.py",
        "defined = [{**self.digests}, dates, sorted(self.collections), *([told] if told else [])]",
        "defined = [{**self.digests}, dates, sorted(self.collections)]",
        _NOTICES,
    ),
    _shell(
        "a consent is confirmed again once and never more",
        "owing.py",
        "return owed.message.expires_at if owed.recurs else None",
        "return None",
        _NOTICES,
    ),
    _shell(
        "everybody is asked again at once",
        "owing.py",
        "[each for each in found if each.opens_at <= utc(now)]",
        "found",
        _NOTICES,
    ),
    _shell(
        "a STOP again is confirmed again",
        "proof.py",
        "return bool(made) and not any(utc(each.at) > max(made) and _is_ended_by(line, each) for each in lines)",
        "return False",
        _ANSWERS,
    ),
    _shell(
        "a YES by one medium is a consent to another",
        "answering.py",
        "[each for each in waiting if each.medium == medium]",
        "waiting",
        _ANSWERS,
    ),
    _shell("a STOP is confirmed a day later", "answering.py", "timedelta(minutes=5)", "timedelta(days=1)", _ANSWERS),
    _shell(
        "a token that ends marketing confirms a consent",
        "tokens.py",
        "return new(secret, does + signed.encode(), sha256).digest()",
        "return new(secret, signed.encode(), sha256).digest()",
        _CONFIRMING,
    ),
    _shell(
        "a token that confirms never lapses",
        "confirming.py",
        "and utc(line.at) < utc(asked.at) + CONFIRMED_WITHIN",
        "",
        _CONFIRMING,
    ),
    _shell("a confirmation undoes a withdrawal", "confirming.py", "and after.line == line ", "", _CONFIRMING),
    _shell(
        "a text asks about a consent to mail",
        "confirming.py",
        "if shop.channel(each).capabilities.medium.consent == line.medium]",
        "]",
        _CONFIRMING,
    ),
    _shell("nobody is told of an audience", "waking.py", "for each in page or ():", "for each in ():", _TROUBLE),
    Fault(
        "workers wait for whom another has in hand",
        "storage/shop/sql/statements.py",
        "ORDER BY next_due, customer LIMIT :most {skipping}",
        "ORDER BY next_due, customer LIMIT :most",
        (f"{_STORE}::test_no_worker_waits_for_whom_another_has_in_hand",),
    ),
    _shell(
        "a receipt takes another campaign's orders",
        "measured.py",
        "if each.kind is MessageKind.MARKETING and not key.startswith(own):",
        "if not key.startswith(own):",
        _RESULTS,
    ),
    _shell(
        "arms of other weights are the same arms",
        "measured.py",
        "known = row.customer != _ANOTHER and version in alike",
        "known = row.customer != _ANOTHER",
        _RESULTS,
    ),
    _shell(
        "what was given back is revenue", "measured.py", "if utc(each.at) <= now], Money", "if False], Money", _RESULTS
    ),
    _shell("what caps count is cleared", "clearing.py", "if before > latest:", "if False:", _CLEARING),
    _shell(
        "what a customer's own limit counts is cleared",
        "clearing.py",
        "parcel.sent_at >= remembered(shop, [shopper], now)",
        "parcel.sent_at > now",
        _CLEARING,
    ),
    _shell("a notice is told twice", "clearing.py", "return utc(expires_at) <= before", "return True", _CLEARING),
    _shell(
        "a click is of the account alone",
        "silencing.py",
        "    if claim.topic is None:\n",
        "    if False:\n",
        _SILENCING,
    ),
    _shell(
        "what a provider was told is of the account alone",
        "receiving.py",
        'receipt.status == "unsubscribed" and parcel.draft.topic is None',
        "False",
        _SILENCING,
    ),
    Fault(
        "who agreed before is written to again",
        "permission/checks/case.py",
        "if utc(each.at) > instant]",
        "]",
        (_SILENCING,),
    ),
    _shell(
        "one whom the store refuses holds everybody up",
        "waking.py",
        "        except Exception:  # it comes again with whoever it is of\n",
        "        except CustomerFailed:\n",
        _TROUBLE,
    ),
    _shell(
        "who is due is stored one by one",
        "handling.py",
        "work.keep([life.shopper for life, _ in lived])",
        "[work.keep([life.shopper]) for life, _ in lived]",
        "tests/engine/test_sql_engine.py::test_waking_takes_as_many_statements_for_many_as_for_one",
    ),
    _shell(
        "a goal that comes with time waits for a fact that somebody asks about",
        "handling.py",
        "return any(run.ended is None for state in states for run in state.runs)",
        "return False",
        _HANDLING,
    ),
    _shell(
        "what campaigns alone ask about is not read",
        "shop.py",
        "asked = frozenset().union(*self.reads.values(), *map(_asks, self.campaigns)) - {ABOUT}",
        "asked = frozenset().union(*self.reads.values()) - {ABOUT}",
        _READING,
    ),
    _shell(
        "amounts that nobody asks about may be in another currency",
        "shop.py",
        "for each in asked | priced)",
        "for each in asked)",
        _HANDLING,
    ),
    Fault(
        "a fact that was there before is told of again",
        "storage/shop/sql/customers.py",
        "            found |= {name: fact for name, fact in self._named(customer, left).items() if name in left}\n",
        "            pass\n",
        (_STORE,),
    ),
    Fault(
        "facts of other collections are taken for all there are",
        "storage/shop/sql/customers.py",
        "return self.collections is None or (collections is not None and collections <= self.collections)",
        "return True",
        ("tests/storage/shop/test_contract.py",),
    ),
    _shell(
        "nobody hears that who is due cannot be found",
        "waking.py",
        "            if not page.ids:  # nobody's: who is due cannot even be found\n                raise\n",
        "",
        "tests/engine/test_sql_engine.py::test_waking_says_so_when_it_cannot_find_who_is_due",
    ),
    _shell(
        "a customer who cannot be read stops the round",
        "claiming.py",
        "        return _known_one_by_one(work, shop, ids, now)\n",
        "        raise\n",
        "tests/engine/test_sql_engine.py::test_a_customer_who_cannot_be_read_gets_nothing_and_others_do",
    ),
    _shell(
        "a message that cannot be read is told of for ever",
        "delivering.py",
        "self.attempts(partial(_put_off, keys=problem.keys, until=put_off_until(problem.__cause__, now)))",
        "raise",
        "tests/engine/test_sql_engine.py::test_a_message_that_cannot_be_read_stops_no_other_and_is_told_of",
    ),
    _shell(
        "what nobody asks about may be anything",
        "handling.py",
        "        self._check(given or Customer(id), facts)\n",
        "",
        _HANDLING,
    ),
    _shell(
        "what is asked about since today has no future",
        "living.py",
        "        self.know_until(now)\n        self._judged([",
        "        self._judged([",
        _HANDLING,
    ),
    _shell(
        "who asks about more looks at nobody",
        "shop.py",
        "dates, sorted(self.collections), *",
        "dates, *",
        _HANDLING,
    ),
    _shell(
        "a newer version's messages expire while an older one cannot read them",
        "claiming.py",
        "            found.settled.append(_unread(parcel, problem, now))\n",
        "            found.settled.append(_failed(parcel, problem, now))\n",
        "tests/engine/test_sql_engine.py::test_what_a_newer_version_wrote_is_left_to_it_and_does_not_expire",
    ),
)
