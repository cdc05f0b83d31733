"""``python -m geontm``."""
