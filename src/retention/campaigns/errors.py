"""What is wrong with campaigns. All of them are of the host's making, so they are raised when a campaign is built."""

from retention.errors import ConfigurationError


class CampaignError(ConfigurationError):
    """A campaign that cannot run: a step that is not there, a way that never ends, an arm of no weight.

    ``step`` is the step that is wrong, None of the campaign as a whole; ``nearest`` the name that was probably meant.
    """

    code = "campaign"

    def __init__(
        self, campaign: str, problem: str, *, step: str | None = None, nearest: str | None = None, hint: str = ""
    ) -> None:
        self.campaign = campaign
        self.step = step
        self.nearest = nearest
        place = f"campaign {campaign!r}" if step is None else f"campaign {campaign!r}, step {step!r}"
        super().__init__(f"{place}: {problem}", hint=hint)
