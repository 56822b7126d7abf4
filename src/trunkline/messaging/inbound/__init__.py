"""Messages to the platform: what arrived, and how it is laid out."""
