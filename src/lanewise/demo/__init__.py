"""A scripted model and the ways to start a real client against it: no network but loopback, no key, no model."""
