"""What lanewise decides: values to values, with no clock, no file, no process."""
