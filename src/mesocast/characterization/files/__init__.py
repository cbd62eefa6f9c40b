"""Files of images and tables."""
