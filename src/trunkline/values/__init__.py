"""Small immutable types for every layer: ids, phone numbers, money, pages, the error root."""
