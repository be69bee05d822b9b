"""What stands behind the page: checked inputs, the running job, HTML fragments and the look."""
