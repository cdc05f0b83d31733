"""The start page of a result folder."""
