"""US sender registration: profiles, 10DLC brands, campaigns and their numbers, toll-free checks.

Tables: `profiles`, `brands`, `campaigns`, `campaign_numbers`, `tollfree_verifications`. What is
submitted waits in its row until `due_at`, when `registrar` asks the registry (a port; `simulated`
is the one that ships) and stores the verdict with its callback. `directory` is the copy in memory
that `enforce` judges each message by.
"""
