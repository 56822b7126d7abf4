"""What is registered, and where each registration stands."""

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a company is."""

    street: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who answers for it."""

    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    email: str = ""
    title: str = ""
    seniority: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """What a profile says of a company; a brand keeps what it was registered with."""

    entity_type: str = ""
    company_name: str = ""
    vertical: str = ""
    ein: str = ""
    ein_issuing_country: str = ""
    address: Address = field(default_factory=Address)
    authorized_contact: Contact = field(default_factory=Contact)
    stock_symbol: str = ""
    stock_exchange: str = ""
    website: str = ""
    alt_business_id: str = ""
    alt_business_id_type: str = ""
    business_contact_email: str = ""
    doing_business_as: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A company that an account registers; `account_id` is the main account or a subaccount."""

    profile_uuid: str
    main_auth_id: str
    account_id: str
    profile_type: str
    primary_profile: str
    profile_alias: str
    customer_type: str
    company: Company
    created_at: float

    @property
    def subaccount_id(self) -> str:
        return "" if self.account_id == self.main_auth_id else self.account_id


class Progress(StrEnum):
    """Where a brand, or a number's link, stands."""

    PROCESSING = "PROCESSING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"


class CampaignState(StrEnum):
    """Where a campaign stands."""

    PROCESSING = "PROCESSING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    EXPIRED = "EXPIRED"


class TollfreeState(StrEnum):
    """Where a toll-free verification stands."""

    SUBMITTED = "SUBMITTED"
    PROCESSING = "PROCESSING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    UPDATE_REQUIRED = "UPDATE_REQUIRED"


# PLIVO toll-free verification: what may be done when
TOLLFREE_UPDATABLE = frozenset({TollfreeState.SUBMITTED, TollfreeState.UPDATE_REQUIRED})
TOLLFREE_OPEN = TOLLFREE_UPDATABLE | {TollfreeState.PROCESSING}

# PLIVO 10DLC: campaigns are corrected when they failed, and while the registry has them
CAMPAIGN_UPDATABLE = frozenset({CampaignState.FAILED, CampaignState.PROCESSING})


class Action(StrEnum):
    """What was last asked for a number of a campaign."""

    LINK = "link"
    UNLINK = "unlink"


@dataclass(frozen=True, slots=True)
class Callback:
    """Who is told; `url` is "" if nobody."""

    url: str = ""
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand:
    """A company at the registry; while it is decided, `due_at` is when the registry is asked."""

    brand_id: str
    main_auth_id: str
    account_id: str
    brand_alias: str
    brand_type: str
    profile_uuid: str
    company: Company
    secondary_vetting: bool
    state: Progress
    vetting_status: str = ""
    vetting_score: int = 0
    reason_code: str = ""
    reason: str = ""
    callback: Callback = field(default_factory=Callback)
    due_at: float | None
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTexts:
    """What a campaign says it sends and answers; keywords are comma-separated."""

    description: str = ""
    sample1: str = ""
    sample2: str = ""
    sample3: str = ""
    sample4: str = ""
    sample5: str = ""
    message_flow: str = ""
    help_message: str = ""
    help_keywords: str = ""
    optin_message: str = ""
    optin_keywords: str = ""
    optout_message: str = ""
    optout_keywords: str = ""
    terms_and_conditions_link: str = ""
    privacy_policy_link: str = ""

    @property
    def samples(self) -> tuple[str, ...]:
        every = (self.sample1, self.sample2, self.sample3, self.sample4, self.sample5)
        return tuple(sample for sample in every if sample)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attributes:
    """What a campaign says of its content."""

    embedded_link: bool = False
    embedded_phone: bool = False
    age_gated: bool = False
    direct_lending: bool = False
    subscriber_optin: bool = True
    subscriber_optout: bool = True
    subscriber_help: bool = True
    affiliate_marketing: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """What a brand sends. `per_minute` is its throughput, `tier` its rank at T-Mobile."""

    campaign_id: str
    main_auth_id: str
    account_id: str
    brand_id: str
    campaign_alias: str
    vertical: str
    usecase: str
    sub_usecases: str = ""
    source: str = "plivo"
    reseller_id: str = ""
    texts: CampaignTexts
    attributes: Attributes
    state: CampaignState
    per_minute: int = 0
    tier: str = ""
    reason_code: str = ""
    reason: str = ""
    callback: Callback = field(default_factory=Callback)
    due_at: float | None
    created_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A number of a campaign; a number has at most one campaign."""

    number: str
    campaign_id: str
    main_auth_id: str
    account_id: str
    action: Action = Action.LINK
    state: Progress = Progress.PROCESSING
    callback: Callback = field(default_factory=Callback)
    due_at: float | None
    created_at: float

    @property
    def is_registered(self) -> bool:
        """Whether the networks know the number as the campaign's: until an unlinking is through."""
        return self.action is Action.UNLINK or self.state is Progress.COMPLETED


@dataclass(frozen=True, slots=True, kw_only=True)
class TollfreeDetails:
    """What a verification request says."""

    usecase: str = ""
    usecase_summary: str = ""
    message_sample: str = ""
    optin_image_url: str = ""
    optin_type: str = ""
    volume: str = ""
    additional_information: str = ""
    extra_data: str = ""
    terms_and_conditions_link: str = ""
    privacy_policy_link: str = ""
    optin_message: str = ""
    help_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """A request to verify a toll-free number."""

    uuid: str
    main_auth_id: str
    account_id: str
    number: str
    profile_uuid: str
    details: TollfreeDetails
    state: TollfreeState
    reason: str = ""
    callback: Callback = field(default_factory=Callback)
    due_at: float | None
    created_at: float
    modified_at: float
