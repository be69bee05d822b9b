"""From an Analysis to what may be said about the movement. No language model takes part."""
