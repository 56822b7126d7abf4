"""Tables of registrations; nested values are JSON."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, Table, Text

from trunkline.runtime.db import metadata

PROFILES, BRANDS = "profiles", "brands"
CAMPAIGNS, LINKS, VERIFICATIONS = "campaigns", "campaign_numbers", "tollfree_verifications"

profiles = Table(
    "profiles",
    metadata,
    Column("profile_uuid", Text, primary_key=True),
    Column("main_auth_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False),
    Column("profile_type", Text, nullable=False),
    Column("primary_profile", Text, nullable=False),
    Column("profile_alias", Text, nullable=False),
    Column("customer_type", Text, nullable=False),
    Column("entity_type", Text, nullable=False),
    Column("vertical", Text, nullable=False),
    Column("company", Text, nullable=False),
    Column("created_at", Float(53), nullable=False),
)
brands = Table(
    "brands",
    metadata,
    Column("brand_id", Text, primary_key=True),
    Column("main_auth_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False),
    Column("brand_alias", Text, nullable=False),
    Column("brand_type", Text, nullable=False),
    Column("profile_uuid", Text, nullable=False, unique=True),  # one brand each
    Column("company", Text, nullable=False),  # as it was submitted
    Column("secondary_vetting", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("vetting_status", Text, nullable=False),
    Column("vetting_score", Integer, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("due_at", Float(53), index=True),  # when the registry is asked; NULL: nothing is awaited
    Column("created_at", Float(53), nullable=False),
)
campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign_id", Text, primary_key=True),
    Column("main_auth_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False),
    Column("brand_id", Text, nullable=False, index=True),
    Column("campaign_alias", Text, nullable=False),
    Column("vertical", Text, nullable=False),
    Column("usecase", Text, nullable=False),
    Column("sub_usecases", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("reseller_id", Text, nullable=False),
    Column("texts", Text, nullable=False),
    Column("attributes", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("per_minute", Integer, nullable=False),
    Column("tier", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("due_at", Float(53), index=True),
    Column("created_at", Float(53), nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
)
links = Table(
    "campaign_numbers",
    metadata,
    Column("number", Text, primary_key=True),
    Column("campaign_id", Text, nullable=False, index=True),
    Column("main_auth_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("due_at", Float(53), index=True),
    Column("created_at", Float(53), nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
)
verifications = Table(
    "tollfree_verifications",
    metadata,
    Column("uuid", Text, primary_key=True),
    Column("main_auth_id", Text, nullable=False, index=True),
    Column("account_id", Text, nullable=False),
    Column("number", Text, nullable=False, index=True),
    Column("profile_uuid", Text, nullable=False),
    Column("usecase", Text, nullable=False),  # sorted: what a list is filtered by
    Column("details", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("callback", Text, nullable=False),
    Column("due_at", Float(53), index=True),
    Column("created_at", Float(53), nullable=False),
    Column("modified_at", Float(53), nullable=False),
    Column("revision", BigInteger, nullable=False, index=True),
)
