"""The commands of the Portal, one file a subject."""
