"""Works by year and commune (later work; the room is declared so that its contract holds from the start)."""
