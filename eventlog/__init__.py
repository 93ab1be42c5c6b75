"""How events are kept and followed."""
