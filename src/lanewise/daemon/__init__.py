"""The daemon: serves hook calls fast, and looks after what nobody asks for. Nobody depends on it."""
