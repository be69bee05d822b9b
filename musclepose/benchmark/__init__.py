"""What `python -m musclepose.bench` measures."""
