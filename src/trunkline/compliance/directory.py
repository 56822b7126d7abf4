"""Every registration in memory, for the messages that go out and come in."""

from collections.abc import Sequence

from trunkline.compliance.model import Campaign, CampaignState, Link, TollfreeState, Verification
from trunkline.compliance.store import campaigns, links, tollfree
from trunkline.compliance.store.tables import CAMPAIGNS, LINKS, VERIFICATIONS
from trunkline.runtime.changes import Follower
from trunkline.runtime.db import Database


class Directory:
    """Synchronous answers about registrations; as fresh as the last `refresh`."""

    def __init__(self) -> None:
        self._campaigns: dict[str, Campaign] = {}
        self._links: dict[str, Link] = {}
        self._verified: dict[str, Verification] = {}  # approved, by uuid
        self._verified_numbers: dict[str, str] = {}  # to the main account
        self._campaign_follower = Follower(CAMPAIGNS, campaigns.changed_since)
        self._link_follower = Follower(LINKS, links.changed_since)
        self._tollfree_follower = Follower(VERIFICATIONS, tollfree.changed_since)

    async def refresh(self, db: Database) -> None:
        """Take over what was committed since the last time."""
        await self._campaign_follower.pull(db, self.take_campaigns, self._campaigns)
        await self._link_follower.pull(db, self.take_links, self._links)
        await self._tollfree_follower.pull(db, self.take_verifications, self._verified)

    def campaign_of(self, number: str) -> Campaign | None:
        """Return the campaign that a number is registered for, whether it is active or not."""
        link = self._links.get(number)
        if link is None or not link.is_registered:
            return None
        return self._campaigns.get(link.campaign_id)

    def group_of(self, number: str) -> str:
        """Return what a STOP to a number is for besides itself: its campaign, or ""."""
        campaign = self.campaign_of(number)
        return "" if campaign is None else campaign.campaign_id

    def active_campaign(self, number: str, main_auth_id: str) -> Campaign | None:
        """Return the active campaign of an account's number."""
        link = self._links.get(number)
        if link is None or not link.is_registered or link.main_auth_id != main_auth_id:
            return None
        campaign = self._campaigns.get(link.campaign_id)
        if campaign is None or campaign.state is not CampaignState.ACTIVE:
            return None
        return campaign

    def is_verified(self, number: str, main_auth_id: str) -> bool:
        """Tell whether an account's toll-free number is verified."""
        return self._verified_numbers.get(number) == main_auth_id

    def numbers_of(self, campaign_id: str) -> list[str]:
        """Return the numbers that are registered for a campaign."""
        return [
            link.number
            for link in self._links.values()
            if link.campaign_id == campaign_id and link.is_registered
        ]

    def take_campaigns(self, removed: Sequence[str], changed: Sequence[Campaign]) -> None:
        """Take over what changed."""
        for campaign_id in removed:
            self._campaigns.pop(campaign_id, None)
        for campaign in changed:
            self._campaigns[campaign.campaign_id] = campaign

    def take_links(self, removed: Sequence[str], changed: Sequence[Link]) -> None:
        """Take over what changed."""
        for number in removed:
            self._links.pop(number, None)
        for link in changed:
            self._links[link.number] = link

    def take_verifications(self, removed: Sequence[str], changed: Sequence[Verification]) -> None:
        """Take over what changed."""
        for uuid in removed:
            self._verified.pop(uuid, None)
        for one in changed:
            if one.state is TollfreeState.APPROVED:
                self._verified[one.uuid] = one
            else:
                self._verified.pop(one.uuid, None)
        if removed or changed:
            self._verified_numbers = {
                one.number: one.main_auth_id for one in self._verified.values()
            }
