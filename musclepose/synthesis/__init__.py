"""Makes motion and pictures of it: exercises, cameras, detector noise, augmentation."""
