"""Training of bridge and adapter: clips with texts, facts, questions, and the runs."""
