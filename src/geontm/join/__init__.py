"""Names and codes to one row per commune; nothing dropped, nothing guessed."""
