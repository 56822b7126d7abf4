"""Messages in and out, over carriers."""
