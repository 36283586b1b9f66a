"""What lanewise does: view, decide, save, perform."""
