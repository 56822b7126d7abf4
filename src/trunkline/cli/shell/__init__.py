"""What commands share: loading on first use, tables and JSON, progress, completion, database."""
