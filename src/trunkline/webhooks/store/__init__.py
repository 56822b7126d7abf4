"""All SQL of webhooks: the tables, the queue's side of them, the log's side."""
