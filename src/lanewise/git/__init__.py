"""Git: reads and acts on repositories through the git command, by one door."""
