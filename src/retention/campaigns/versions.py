"""Which campaign a run goes on with: the version it began with, or a newer one that takes it over."""

from collections.abc import Mapping

from attrs import evolve

from retention.campaigns.campaign import Campaign, Migration
from retention.campaigns.case import Case
from retention.campaigns.flow import place_of
from retention.campaigns.state import Run
from retention.spans import utc


def campaign_of(campaign: Campaign, versions: Mapping[int, Campaign], run: Run) -> Campaign | None:
    """The campaign of the run's own version; None if nobody has it."""
    return campaign if run.version == campaign.version else versions.get(run.version)


def settled(case: Case, campaign: Campaign, versions: Mapping[int, Campaign], run: Run) -> Run:
    """The run, taken over by the newest version if that says so; ended if its own version is gone.

    A run of a later version than this process knows is left alone: another process has that one.
    """
    if run.ended is not None or run.version > campaign.version:
        return run
    migration = next((each for each in campaign.migrates if each.version == run.version), None)
    if migration is not None:
        return _migrated(case, campaign, migration, run)
    own = campaign_of(campaign, versions, run)
    if own is None:
        return case.end(run, "version gone", utc(case.now), f"nobody has version {run.version} any more")
    if place_of(own.steps, run.step) is None:
        words = f"version {run.version} has no such step: it was changed without a new version"
        return case.end(run, "version gone", utc(case.now), words)
    return run


def _migrated(case: Case, campaign: Campaign, migration: Migration, run: Run) -> Run:
    step = migration.steps.get(run.step)
    if step is None:
        words = f"version {campaign.version} has no step for it"
        return case.end(run, "migrated away", utc(case.now), words)
    case.note("migrated", f"from version {run.version} to {campaign.version}, step {step!r}", run)
    jumps = {migration.steps[each]: count for each, count in run.jumps.items() if each in migration.steps}
    return evolve(run, version=campaign.version, step=step, jumps=jumps)
