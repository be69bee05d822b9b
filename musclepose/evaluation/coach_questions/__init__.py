"""Natural questions with true answers: `seen.tsv` was looked at while the grammar was built, `held_out.tsv` not."""
