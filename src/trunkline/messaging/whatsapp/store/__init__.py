"""All SQL of WhatsApp: conversations, the carrier's ids, statuses that came too early."""
