"""Video to keypoints: a detector behind one small interface, and the following of people through a clip."""
