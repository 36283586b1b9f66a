"""The machine: clock, processes, files, sockets. Differences between platforms live here and nowhere else."""
