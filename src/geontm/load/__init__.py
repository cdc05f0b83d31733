"""Files in, checked tables and layers out: the only stage that reads."""
