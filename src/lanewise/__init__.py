"""Lanewise keeps coding agents that work at once on one git repository from overwriting each other."""

VERSION = "0.1.0"
