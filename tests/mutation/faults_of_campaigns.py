"""Faults in campaigns: in when, in who, in what is sent twice, and in what is measured."""

from tests.mutation.fault import Fault

_TESTS = (
    "tests/campaigns/test_steps.py",
    "tests/campaigns/test_entries.py",
    "tests/campaigns/test_own.py",
    "tests/campaigns/test_versions.py",
    "tests/campaigns/test_schedule.py",
    "tests/campaigns/test_checks.py",
    "tests/campaigns/test_wire.py",
    "tests/property/test_campaigns.py",
)
_MEASURED = ("tests/campaigns/measuring",)


def _campaigns(name: str, file: str, before: str, after: str) -> Fault:
    return Fault(name, f"campaigns/{file}", before, after, _MEASURED if file.startswith("measuring") else _TESTS)


DECIDED = (
    _campaigns("a wait that is over goes on", "decide.py", "due <= utc(now):", "due < utc(now):"),
    _campaigns("a late step is decided as of now", "walking.py", "to, run.until)", "to, case.now)"),
    _campaigns(
        "a birthday comes twice to who moves", "decide.py", "found <= shift(", "found < run.news and found <= shift("
    ),
    _campaigns("nobody learns of the trigger", "decide.py", "    _tell(case, campaign, versions, runs, trigger)\n", ""),
    _campaigns("facts are no way in", "decide.py", "return not isinstance(entry, Happens)", "return True"),
    _campaigns(
        "who is under way learns of nothing", "decide.py", " or any(each.heeds(now) for each in state.runs)", ""
    ),
    _campaigns("who bought meanwhile is reminded", "case.py", "if late else (at,)", "if False else (at,)"),
    _campaigns(
        "the goal is not asked", "case.py", "if campaign.goal is not None and", "if False and campaign.goal and"
    ),
    _campaigns("leave is not asked", "case.py", "if campaign.leave is not None and", "if False and campaign.leave and"),
    _campaigns("a later version's runs are ended", "versions.py", " or run.version > campaign.version:", ":"),
    _campaigns("a version that is gone goes on", "versions.py", "if own is None:", "if False and own is None:"),
    _campaigns("jumps are forgotten by a migration", "versions.py", "step=step, jumps=jumps)", "step=step, jumps={})"),
)

WALKED = (
    _campaigns("a step that comes again has the same key", "walking.py", "laps=run.laps + back", "laps=run.laps"),
    _campaigns("one jump too many", "walking.py", "if jumped >= step.at_most:", "if jumped > step.at_most:"),
    _campaigns("what came before the wait ends it", "walking.py", "happened <= run.since or", "False or"),
    _campaigns("any cart will do", "case.py", "said is None or str(said) == run.subject", "True"),
    _campaigns("what was done to any cart is asked of", "case.py", " and self.is_of(campaign, run, fact))", ")"),
    _campaigns("what was before the run is of it", "case.py", "fact.at >= began and", "True and"),
    _campaigns("a run begins when it is told of", "case.py", "segments) or run.began_at", "segments) and run.began_at"),
    _campaigns(
        "of its entry is of all",
        "case.py",
        "own = (fact for fact in self.profile.facts() if name_of(fact) == run.fact)",
        "own = self.profile.facts()",
    ),
    _campaigns(
        "a time-out is what was waited for",
        "walking.py",
        "place, otherwise)\n        case Wait()",
        "place)\n        case Wait()",
    ),
    _campaigns("the time that it is now is over", "walking.py", "if each >= at)", "if each > at)"),
    _campaigns("any day of the week", "walking.py", " if day.weekday() in step.weekdays)", ")"),
    _campaigns("the same key in every run", "carrying.py", "str(run.number), ", ""),
    _campaigns("the same key for every subject", "carrying.py", "run.subject, str", "str"),
    _campaigns("the last arm takes less", "arms.py", "if place < end)", "if place <= end - 1 or end == 1)"),
)

ENTERED = (
    _campaigns("the same fact begins twice", "entering.py", "news <= last.news:", "news < last.news:"),
    _campaigns(
        "a refused fact is let in later",
        "entering.py",
        "            runs[subject] = evolve(last, news=max(news, last.news or news))\n",
        "",
    ),
    _campaigns("never means once more", "entering.py", 'case "never":', 'case "never" if last.number > 1:'),
    _campaigns("a pause is over too late", "entering.py", "at < case.later(since", "at <= case.later(since"),
    _campaigns(
        "a pause since the exit is since the entry", "entering.py", "since = last.ended_at", "since = last.began_at"
    ),
    _campaigns("two runs at once", "entering.py", "if last.ended is None or last.ended_at is None:", "if False:"),
    _campaigns("nobody is held out", "entering.py", "if is_held_out(", "if False and is_held_out("),
    _campaigns(
        "an order told of again happens again",
        "asking.py",
        "return next((at for at in instants if",
        "return max((at for at in instants if",
    ),
    _campaigns("the event is asked of everything", "asking.py", "(fact,), schema", "profile.facts(), schema"),
    _campaigns(
        "the first birthday is the birth", "schedule.py", "max(present - 1, day.year + 1)", "max(present - 1, day.year)"
    ),
    _campaigns("occurrences come twice", "schedule.py", "if utc(after) < at <=", "if utc(after) <= at <="),
)

CHECKED = (
    _campaigns("any ring will do", "checking.py", "    if ring:\n", "    if ring and not ring:\n"),
    _campaigns("lost steps stay", "checking.py", "if len(reached) < len(steps):", "if not reached:"),
    _campaigns(
        "a wait until a time delays", "flow.py", "case Wait() | WaitFor():", "case Wait() | WaitFor() | WaitUntil():"
    ),
    _campaigns("a flood of occurrences", "recurrence.py", ".total_seconds() < 60", ".total_seconds() < 0"),
)

KEPT = (
    _campaigns("laps are not kept", "wire.py", '"laps": run.laps or None', '"laps": None'),
    _campaigns("the window's end is outside", "measuring/results.py", "<= window.timedelta", "< window.timedelta"),
    _campaigns("the first message gets it all", "measuring/results.py", "[before - 1]", "[0]"),
    _campaigns("the interval is Wald's", "measuring/intervals.py", "middle = rate + z * z / (2 * of)", "middle = rate"),
    _campaigns(
        "bounds change places",
        "measuring/intervals.py",
        "(other - other_low) ** 2)\n    return",
        "(other_high - other) ** 2)\n    return",
    ),
    _campaigns("too small is more", "measuring/lift.py", "if enough and low > 0:", "if low > 0:"),
)

CAMPAIGNS = (*DECIDED, *WALKED, *ENTERED, *CHECKED, *KEPT)
