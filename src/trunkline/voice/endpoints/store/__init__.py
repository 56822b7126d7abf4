"""All SQL of endpoints and of their registrations."""
