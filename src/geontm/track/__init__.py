"""Programmes over time (later work; the room is declared so that its contract holds from the start)."""
