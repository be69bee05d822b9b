"""What a person gets from an Analysis: the overlay video, the plots and the files."""
