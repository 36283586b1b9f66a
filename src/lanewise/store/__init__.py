"""Where rows and events are kept; stores decide nothing."""
